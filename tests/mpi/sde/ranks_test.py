# SPDX-License-Identifier: BSD-3-Clause
"""The results of sde_ensemble are the same, bit for bit, on any number of ranks and for any wave."""
import pytest

from drivers import assert_same_bits, results

HESTON = """
[model]
name = "heston"
[time]
end = 1.0
steps = 12
[ensemble]
paths = 37_000
seed = 5
precision = "{precision}"
[observe]
every = 0.25
covariance = true
quantiles = [0.0, 0.05, 0.5, 1.0]
quantile_memory = {quantile_memory}
histogram = {{ bins = 37 }}
payoffs = {{ call = {{ kind = "call", strike = 100.0 }}, low = {{ kind = "digital_put", strike = 90.0 }} }}
save_paths = 9000
"""

BASKET = """
[model]
name = "geometric_brownian_motion"
initial = [100.0, 50.0, 20.0]
drift = [0.05, 0.02, 0.0]
volatility = [0.2, 0.3, 0.1]
correlation = [[1, 0.5, 0.1], [0.5, 1, -0.3], [0.1, -0.3, 1]]
[time]
scheme = "exact"
end = 2.0
steps = 3
[ensemble]
paths = 20_001
[observe]
covariance = true
quantiles = [0.5]
"""

# The well is so steep that some paths of explicit steps escape.
ESCAPING = """
[run]
allow_nonfinite = 0.9
[model]
name = "double_well"
sigma = 3.0
initial = { x = 5.6 }
[time]
end = 1.0
steps = 16
[ensemble]
paths = 30_000
[observe]
every = 0.25
quantiles = [0.5]
histogram = { bins = 10 }
"""

RANDOM_START = """
[model]
name = "lotka_volterra"
[model.initial]
prey = { kind = "lognormal", log_mean = 3.5, log_sd = 0.1 }
predator = { kind = "uniform", low = 4.0, high = 8.0 }
[time]
end = 1.0
steps = 5
[ensemble]
paths = 30_000
[observe]
times = [0.0, 1.0]
covariance = true
quantiles = [0.5]
histogram = { bins = 20 }
save_paths = 20_000
"""

DECKS = {
    "double": HESTON.format(precision="double", quantile_memory=256),
    "single": HESTON.format(precision="single", quantile_memory=256),
    "binned": HESTON.format(precision="double", quantile_memory=0.01),
    "basket": BASKET,
    "escaping": ESCAPING,
    "random_start": RANDOM_START,
}


@pytest.mark.parametrize("name", DECKS)
def test_ranks_do_not_change_a_bit(name, tmp_path):
    alone = results("sde_ensemble", DECKS[name], tmp_path)
    for ranks in (1, 2, 3, 4):
        assert_same_bits(alone, results("sde_ensemble", DECKS[name], tmp_path, ranks=ranks))


@pytest.mark.parametrize("name", ["double", "single", "escaping", "random_start"])
def test_waves_do_not_change_a_bit(name, tmp_path):
    usual = results("sde_ensemble", DECKS[name], tmp_path)
    for blocks in (1, 3, 64):
        wave = ("--set", f"ensemble.wave_blocks={blocks}")
        assert_same_bits(usual, results("sde_ensemble", DECKS[name], tmp_path, *wave, ranks=2))


def test_a_longer_ensemble_begins_with_the_shorter_ones_paths(tmp_path):
    short = results("sde_ensemble", DECKS["double"], tmp_path)
    more = ("--set", "ensemble.paths=50_000")
    longer = results("sde_ensemble", DECKS["double"], tmp_path, *more, ranks=3)
    assert short["paths/value"].tobytes() == longer["paths/value"].tobytes()


def test_more_ranks_than_blocks(tmp_path):
    few = ("--set", "ensemble.paths=5_000", "--set", "observe.save_paths=5")
    alone = results("sde_ensemble", DECKS["double"], tmp_path, *few)
    assert_same_bits(alone, results("sde_ensemble", DECKS["double"], tmp_path, *few, ranks=4))


def test_another_seed_gives_other_paths(tmp_path):
    one = results("sde_ensemble", DECKS["double"], tmp_path)
    other = results("sde_ensemble", DECKS["double"], tmp_path, "--set", "ensemble.seed=6")
    assert (one["paths/value"][:, -1] != other["paths/value"][:, -1]).all()
