# SPDX-License-Identifier: BSD-3-Clause
"""A logistic regression on raw data, whose Hessian has the condition 2.2e6: what scales with correlations
are for.

Pima.tr.csv of Rdatasets is looked for in the folder that DRIFTWOOD_DATA names, and beside the sources.
"""
import numpy as np
import pytest

import data_files
from drivers import results

DATA = data_files.find("Pima.tr.csv", "tabular")
MISSING = f"Pima.tr.csv is neither in {data_files.beside('tabular')} nor in DRIFTWOOD_DATA"

DECK = f"""
[target]
name = "logistic"
data = "{DATA}"
drop = ["rownames"]
positive = "Yes"
standardise = false
prior_sd = [10.0, 1.0]
[sampler]
name = "mala"
precondition = "dense"
[chains]
count = 512
warmup = 1500
steps = 2000
initial = {{ kind = "normal", mean = 0.0, sd = 0.01 }}
"""

# Means and standard deviations by another program: 256 chains of preconditioned HMC, whose means have
# errors of up to 0.0015 standard deviations and five digits.
MEAN = [-9.6068, 0.099708, 0.033084, -0.0071755, 0.00088578, 0.084063, 1.3070, 0.042101]
SD = [1.7316, 0.0653, 0.0068, 0.0186, 0.0226, 0.0431, 0.5464, 0.0224]


@pytest.mark.skipif(DATA is None, reason=MISSING)
@pytest.mark.parametrize("sampler", ["mala", "hmc"])
def test_moments_of_a_regression_on_raw_data(sampler, tmp_path):
    found = results("langevin_chains", DECK, tmp_path, "--set", f"sampler.name={sampler}")
    assert np.all(found["summary/rhat"] < 1.01)
    # A third of the draws of mala are worth independent ones, as on a round target.
    assert found["summary/ess_bulk"].min() > 0.15 * 512 * 2000
    error = np.sqrt(found["summary/mcse"] ** 2 + (0.0015 * np.array(SD)) ** 2)
    z = (found["summary/mean"] - MEAN) / error
    assert np.all(np.abs(z) < 4), z  # one false alarm in 2000 runs of 8 numbers
    # Standard deviations are known to three digits at the least.
    assert np.allclose(found["summary/sd"], SD, rtol=0.01), found["summary/sd"] / SD - 1


@pytest.mark.skipif(DATA is None, reason=MISSING)
def test_scales_alone_do_not_do(tmp_path):
    found = results(
        "langevin_chains", DECK, tmp_path, "--set", "sampler.precondition=diagonal"
    )
    assert found["summary/rhat"].max() > 1.2
