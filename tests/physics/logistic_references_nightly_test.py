# SPDX-License-Identifier: BSD-3-Clause
"""Acceptance line L9: Bayesian logistic regression on five public data sets.

Means must be within 4 standard errors of the references, both errors together, and standard deviations
within 5 %. Of 86 means a right program misses one in 1 of 180 choices of the seed, which is fixed.

The references were computed without this program, by 256 chains of preconditioned HMC in numpy from
the mode, to standard errors of at most 0.0015 standard deviations (section 5.1 of the specification of
langevin_chains): features standardised with divisor n unless raw, the intercept first, prior N(0, 1) of
all coefficients but N(0, 100) of the intercept of Pima raw. Files are looked for in the folder that DRIFTWOOD_DATA names, and where
Debian's packages liblinear-tools and python3-sklearn put them.
"""
import os
import pathlib

import numpy as np
import pytest

from drivers import SOURCE, results

FOLDERS = [
    pathlib.Path(os.environ.get("DRIFTWOOD_DATA", "/nonexistent")),
    SOURCE.parent / "shared" / "data" / "tabular",
    pathlib.Path("/usr/share/doc/liblinear-tools/examples"),
    pathlib.Path("/usr/lib/python3/dist-packages/sklearn/datasets/data"),
]
REFERENCE_ERROR = 0.0015  # standard deviations

DECK = """
[target]
name = "logistic"
data = "{data}"
{keys}
[sampler]
name = "hmc"
precondition = "diagonal"
[chains]
count = 256
seed = 9
warmup = 600
steps = 600
initial = {{ kind = "normal", mean = 0.0, sd = {start} }}
"""

PIMA = 'positive = "Yes"\ndrop = ["rownames"]'
ROWS = {
    "heart": (
        "heart_scale",
        "",
        [-.2573, -.1396, .7151, .6956, .4400, .3699, -.2753, .3166, -.4960, .4046, .4306, .2661,
         1.1051, .7005],
        [.1979, .2297, .2444, .2047, .2031, .2097, .2017, .1966, .2409, .2021, .2553, .2349, .2457,
         .2063],
    ),
    "pima": (
        "Pima.tr.csv",
        PIMA,
        [-.9358, .3427, 1.0189, -.0497, .0178, .4834, .5516, .4597],
        [.1956, .2147, .2114, .2087, .2519, .2511, .2001, .2371],
    ),
    "pima_raw": (
        "Pima.tr.csv",
        PIMA + "\nstandardise = false\nprior_sd = [10, 1]",
        [-9.6068, .099708, .033084, -.0071755, .00088578, .084063, 1.3070, .042101],
        [1.7316, .0653, .0068, .0186, .0226, .0431, .5464, .0224],
    ),
    "breast_cancer": (
        "breast_cancer.csv",
        "skip = 1",
        [.2057, -.4710, -.4731, -.4594, -.5509, -.2401, .5831, -.9600, -1.0687, .1065, .4498, -1.4365,
         .3217, -.7829, -1.1801, -.4348, .7295, .3162, -.3314, .2998, .8189, -1.1300, -1.4931, -.9106,
         -1.1191, -.7216, -.0226, -.9863, -1.0340, -1.0525, -.5315],
        [.4094, .8944, .5509, .9009, .9117, .6190, .7927, .8227, .8282, .5097, .6770, .7887, .5003,
         .7880, .9240, .4637, .6635, .6203, .6718, .5279, .6982, .9178, .6428, .9211, .9350, .6159,
         .7767, .7615, .7910, .5515, .7092],
    ),
    "german": (
        "german.data-numeric",
        'positive = "2"',
        [-1.2031, -.7349, .4188, -.4141, .1267, -.3646, -.1788, -.1529, .0129, .1808, -.1105, -.2243,
         .1224, .0289, -.1362, -.2923, .2783, -.2994, .3039, .2707, .1226, -.0630, -.0926, -.0254,
         -.0228],
        [.0915, .0897, .1042, .0948, .1080, .0950, .0918, .0816, .0912, .1048, .0976, .0784, .0948,
         .0856, .0946, .1184, .0827, .1037, .1205, .1106, .1381, .1434, .0904, .1276, .1252],
    ),
}  # fmt: skip


def found_file(name):
    for folder in FOLDERS:
        if (folder / name).exists():
            return folder / name
    return pytest.skip(f"{name} is not in {', '.join(map(str, FOLDERS[1:]))}, nor in DRIFTWOOD_DATA")


@pytest.mark.parametrize("row", ROWS)
def test_moments_are_those_of_the_references(row, tmp_path):
    name, keys, *expected = ROWS[row]
    mean, sd = map(np.array, expected)
    # Raw columns are of order 100: chains start where all of them say little.
    start = 0.001 if "standardise = false" in keys else 0.1
    deck = DECK.format(data=found_file(name), keys=keys, start=start)
    found = results("langevin_chains", deck, tmp_path)
    assert found["summary/mean"].shape == mean.shape
    error = np.hypot(found["summary/mcse"], REFERENCE_ERROR * sd)
    z = (found["summary/mean"] - mean) / error
    wider = found["summary/sd"] / sd - 1
    print(
        f"\n{row}: means off by up to {np.abs(z).max():.2f} standard errors (root mean square"
        f" {np.sqrt(np.mean(z**2)):.2f}), sd by {np.abs(wider).max():.1%}; R-hat"
        f" {found['summary/rhat'].max():.4f}, {found['summary/ess_bulk'].min():.0f} effective draws"
    )
    assert np.all(found["summary/rhat"] < 1.02)
    assert np.all(found["summary/mcse"] < 0.01 * sd)
    assert np.all(np.abs(z) < 4), z
    assert np.all(np.abs(wider) < 0.05), wider
