# SPDX-License-Identifier: BSD-3-Clause
"""The models of posteriordb: means and standard deviations of all parameters are those of the
reference draws, 10^4 for each model.

Data and archives are looked for in the folder that DRIFTWOOD_DATA names, and beside the sources.
"""
import sys

import numpy as np
import pytest

from data_files import data_file
from drivers import SOURCE, results

sys.path.insert(0, str(SOURCE / "scripts"))
from posteriordb_reference import reference  # noqa: E402

DECK = """
[target]
name = "posteriordb"
model = "{model}"
data = "{data}"
[sampler]
name = "{sampler}"
precondition = "{precondition}"
[chains]
count = 256
warmup = {warmup}
steps = {steps}
thin = {thin}
initial = {{ kind = "normal", mean = 0.0, sd = 0.1 }}
"""

# Coefficients of regressions on raw data are correlated up to 0.999: trajectories pass along them,
# small steps take the correlations from the warm-up.
HMC = {"sampler": "hmc", "precondition": "diagonal", "warmup": 1000, "steps": 2000, "thin": 2}
MALA = {"sampler": "mala", "precondition": "dense", "warmup": 3000, "steps": 10_000, "thin": 10}
MODELS = [
    "arK-arK",
    "earnings-logearn_height",
    "eight_schools-eight_schools_noncentered",
    "garch-garch11",
    "gp_pois_regr-gp_regr",
    "hudson_lynx_hare-lotka_volterra",
    "kidiq-kidscore_interaction",
    "kidiq-kidscore_momiq",
    "low_dim_gauss_mix-low_dim_gauss_mix",
    "mesquite-logmesquite_logvolume",
    "nes1980-nes",
    "sblrc-blr",
    "sblri-blr",
]


@pytest.mark.parametrize("how", [HMC, MALA], ids=["hmc", "mala"])
@pytest.mark.parametrize("model", MODELS)
def test_moments_are_those_of_the_reference_draws(model, how, tmp_path):
    data = data_file(f"{model.split('-')[0]}.data.json", "posteriordb")
    archive = data_file(f"{model}.draws.json.zip", "posteriordb")
    expected = reference(archive)
    found = results(
        "langevin_chains", DECK.format(model=model, data=data, **how), tmp_path
    )
    names = [name.decode() for name in found["summary/name"]]
    assert sorted(names) == sorted(expected)
    mean, sd = (np.array([expected[name][key] for name in names]) for key in ["mean", "sd"])
    draws = expected[names[0]]["draws"]
    error = np.sqrt(found["summary/mcse"] ** 2 + sd**2 / draws)
    z = (found["summary/mean"] - mean) / error
    wider = found["summary/sd"] / sd - 1
    worst = np.argmax(np.abs(z))
    print(
        f"{model}: {names[worst]} is off by {z[worst]:+.2f} standard errors, sd by"
        f" {np.abs(wider).max():.1%}, R-hat {found['summary/rhat'].max():.4f},"
        f" {found['summary/ess_bulk'].min():.0f} effective draws"
    )
    assert np.all(found["summary/rhat"] < 1.01)
    assert found["sampler/stuck_chains"] == 0
    assert np.all(np.abs(z) < 4), dict(zip(names, z))
    assert np.all(np.abs(wider) < 0.05), dict(zip(names, wider))
