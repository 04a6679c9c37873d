# SPDX-License-Identifier: BSD-3-Clause
"""Networks on data (N10 of the specification): digits linearised, where signs are asserted, and pictures
of clothes, on which networks are trained and the trend is reported.

Data are looked for in the folder that DRIFTWOOD_DATA names, and where Debian's packages python3-sklearn
and dataset-fashion-mnist put them."""
import os
import pathlib

import numpy as np
import pytest

from drivers import SOURCE, results

FOLDER = SOURCE / "inputs" / "natgrad_sweep"


def data(name, place):
    for folder in (os.environ.get("DRIFTWOOD_DATA", "/nonexistent"), place):
        if (pathlib.Path(folder) / name).exists():
            return pathlib.Path(folder) / name
    return pytest.skip(f"{name} is neither in {place} nor in DRIFTWOOD_DATA")


def at(found, preconditioner, noise):
    names = np.array([name.decode().rstrip("\0") for name in found["network/preconditioner"]])
    return np.flatnonzero((names == preconditioner) & (found["network/noise"] == noise))


def test_digits(tmp_path):
    """Of 100 replicas: |mean| > 3 standard errors for population:1, positive without noise, negative at 3.
    The means are some 6 and 30 standard errors from 0, so that a false alarm takes 3 of them."""
    file = data("digits.csv.gz", "/usr/lib/python3/dist-packages/sklearn/datasets/data")
    deck = (FOLDER / "digits_linearised.toml").read_text(encoding="utf-8")
    found = results(
        "natgrad_sweep", deck, tmp_path, "--set", f"network.inputs.file={file}", ranks=2
    )
    mean, error = found["network/difference/mean"], found["network/difference/standard_error"]
    risk = found["network/risk/value"]
    (clean,), (noisy,) = at(found, "population:1", 0.0), at(found, "population:1", 3.0)
    assert mean[clean] > 3 * error[clean]
    assert mean[noisy] < -3 * error[noisy]
    best = []
    for noise in (0.0, 0.3, 1.0, 3.0):
        (gd,), (sample,) = at(found, "gd", noise), at(found, "sample:1", noise)
        assert np.allclose(risk[:, sample], risk[:, gd], rtol=1e-8)
        dampings = (10, 3, 1, 0.3, 0.1)
        means = [found["network/risk/mean"][at(found, f"population:{r:g}", noise)[0]] for r in dampings]
        best.append(dampings[int(np.argmin(means))])
    assert best == sorted(best, reverse=True) and best[-1] < best[0]  # more noise, less damping


def test_clothes(tmp_path):
    """Reported: a network that is trained is not a linear one."""
    file = data("train-images-idx3-ubyte.gz", "/usr/share/datasets/fashion-mnist")
    deck = (FOLDER / "fashion_network.toml").read_text(encoding="utf-8")
    options = ["--set", f"network.inputs.file={file}", "--set", "network.replicas=4"]
    found = results("natgrad_sweep", deck, tmp_path, *options, ranks=2)
    assert np.all(found["network/training/loss"] <= 0.01)
    mean, half = found["network/difference/mean"], found["network/difference/half_width"]
    for name in ("sample:10", "population:10"):
        for noise in (0.0, 1.0, 3.0):
            for p in at(found, name, noise):
                more = found["network/unlabelled"][p]
                print(
                    f"{name}, {more} more, noise {noise:g}: {mean[p]:+.4f} +- {half[p]:.4f} against gd"
                )
