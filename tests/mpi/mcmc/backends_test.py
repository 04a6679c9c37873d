# SPDX-License-Identifier: BSD-3-Clause
"""The results of langevin_chains are the same, bit for bit, by another build's backend and by any
number of its threads."""
import pytest

from backends import assert_threads_change_nothing, needs_other

pytestmark = needs_other

ADAPTED = """
[target]
name = "gaussian"
mean = [1.0, -2.0, 0.0]
sd = [1.0, 4.0, 0.5]
[sampler]
name = "{sampler}"
precondition = "diagonal"
[chains]
count = 300
warmup = 300
steps = 400
draws = {{ thin = 5, chains = 100 }}
"""

DECKS = {
    "mala": ADAPTED.format(sampler="mala"),
    "hmc": ADAPTED.format(sampler="hmc"),
    "mclmc": ADAPTED.format(sampler="mclmc"),
    "dense": ADAPTED.format(sampler="mala").replace("diagonal", "dense"),
    "tempering": ADAPTED.format(sampler="mala") + "[tempering]\ntemperatures = 5\n",
    "stretch": """
[target]
name = "rosenbrock"
[sampler]
name = "stretch"
[chains]
count = 320
warmup = 100
steps = 400
""",
    "diffusion": """
[target]
name = "ito_diffusion"
dimension = 3
[sampler]
name = "srk_id"
levy = "wiktorsson"
step_size = 0.3
[chains]
count = 200
warmup = 100
steps = 200
""",
    "formula": """
[target]
name = "expression"
state = ["x", "s"]
bounds = { s = [0, inf] }
log_density = "-x^2 + 2*log(s) - 3*s"
[sampler]
name = "srk_ld"
step_size = 0.02
[chains]
count = 200
warmup = 100
steps = 200
[diagnostics]
bias = true
""",
}


@pytest.mark.parametrize("name", DECKS)
def test_threads_of_another_backend_do_not_change_a_bit(name, tmp_path, monkeypatch):
    assert_threads_change_nothing("langevin_chains", DECKS[name], tmp_path, monkeypatch)
