# SPDX-License-Identifier: BSD-3-Clause
"""Multilevel Monte Carlo: ML-1 and ML-2 of the specification, and the accuracy that it promises."""
import numpy as np
import pytest

from drivers import assert_same_bits, results
from driftwood_post.closed_forms import black_scholes_call

EXACT = 10.450584  # black_scholes_call(100, 100, 0.05, 0.2, 1)


def deck(scheme, accuracy, *, task="", seed=1, observed=""):
    return f"""
[task]
kind = "multilevel"
accuracy = {accuracy}
{task}
[model]
name = "geometric_brownian_motion"
drift = [0.05]
volatility = [0.2]
initial = [100.0]
[time]
scheme = "{scheme}"
end = 1.0
steps = 1
[ensemble]
seed = {seed}
[observe]
payoffs = {{ call = {{ kind = "call", strike = 100.0, discount_rate = 0.05 }} }}
{observed}
"""


def run(folder, *arguments, **options):
    return results("sde_ensemble", deck(*arguments, **options), folder)


def slopes(found, first=1):
    """How variance and mean fall per level, in powers of two."""
    level = found["multilevel/level"][first:]
    variance = np.polyfit(level, np.log2(found["multilevel/variance"][first:]), 1)[0]
    mean = np.polyfit(level, np.log2(abs(found["multilevel/mean"][first:])), 1)[0]
    return -variance, -mean


@pytest.mark.parametrize("scheme", ["euler_maruyama", "milstein", "sriw1"])
@pytest.mark.parametrize("accuracy", [0.05, 0.01, 0.005])
def test_ml1_european_call(scheme, accuracy, tmp_path):
    assert abs(black_scholes_call(100, 100, 0.05, 0.2, 1.0) - EXACT) < 1e-6
    found = run(tmp_path, scheme, accuracy)
    # Noise is at most accuracy / sqrt 2, and so is the bias as it is estimated.
    assert abs(found["formulas/call/mean"][-1] - EXACT) <= 3 * accuracy
    assert found["formulas/call/standard_error"][-1] <= accuracy * np.sqrt(0.5) * 1.01
    assert abs(found["multilevel/bias"]) <= accuracy * np.sqrt(0.5)
    assert found["formulas/call/mean"][-1] == pytest.approx(found["multilevel/mean"].sum(), 1e-12)


def test_ml2_variance_and_mean_fall_as_the_orders_say(tmp_path):
    # With 2^18 samples a level's variance is known to about 1 % (kurtosis near 30), the slope over
    # seven levels to 0.01.
    task = "pilot = 262_144\nmost_levels = 8"
    for scheme, beta, tolerance in [("euler_maruyama", 1.0, 0.15), ("milstein", 2.0, 0.2)]:
        # An accuracy that no level can meet makes all levels.
        found = run(tmp_path, scheme, 0.004, task=task)
        variance, _ = slopes(found, first=2)
        assert abs(variance - beta) <= tolerance, (scheme, variance)
    # Of Milstein's means the noise is small enough for a slope.
    assert slopes(found, first=2)[1] >= 0.9


def test_ml2_cost_grows_as_the_inverse_square_of_the_accuracy(tmp_path):
    scaled = []
    for accuracy in [0.05, 0.02, 0.01, 0.005, 0.002]:
        found = run(tmp_path, "milstein", accuracy, task="pilot = 128")
        cost = (found["multilevel/cost"] * found["multilevel/samples"]).sum()
        scaled.append(cost * accuracy**2)
    assert max(scaled) / min(scaled) <= 1.6, scaled


def test_errors_over_seeds_are_those_promised(tmp_path):
    # The mean square of 20 errors, over the promised one, is at most chi^2_20 / 20; 2.4 is exceeded
    # with a probability of 4e-4.
    accuracy = 0.05
    errors = [
        run(tmp_path, "milstein", accuracy, seed=s)["formulas/call/mean"][-1] - EXACT
        for s in range(20)
    ]
    assert np.mean(np.square(errors)) <= 2.4 * accuracy**2


def test_same_bits_on_any_ranks_and_waves(tmp_path):
    text = deck("sriw1", 0.02)
    alone = results("sde_ensemble", text, tmp_path)
    for ranks in [2, 3]:
        assert_same_bits(alone, results("sde_ensemble", text, tmp_path, ranks=ranks))
    waves = results("sde_ensemble", text, tmp_path, "--set", "ensemble.wave_blocks=3")
    assert_same_bits(alone, waves)


def test_single_precision_and_several_quantities(tmp_path):
    observed = '[observe.formulas]\nsquare = "price^2"\n'
    found = run(tmp_path, "milstein", 0.05, observed=observed)
    single = results(
        "sde_ensemble", deck("milstein", 0.05, observed=observed), tmp_path, "--set",
        "ensemble.precision=single",
    )  # fmt: skip
    expected = {"call": EXACT, "square": 1e4 * np.exp(0.1 + 0.04)}
    for of in (found, single):
        for name, value in expected.items():
            error = abs(of[f"formulas/{name}/mean"][-1] - value)
            # 5 standard errors and, of Milstein's finest grid, the bias.
            assert error <= 5 * of[f"formulas/{name}/standard_error"][-1] + 2e-4 * value


@pytest.mark.parametrize("areas", ["series", "conditional_gaussian"])
def test_levy_areas_of_two_steps_make_one(areas, tmp_path):
    text = f"""
[task]
kind = "multilevel"
accuracy = 0.002
pilot = 16_384
most_levels = 7
[model]
name = "linear_noncommuting"
[time]
scheme = "milstein"
levy_areas = "{areas}"
end = 1.0
steps = 4
"""
    found = results("sde_ensemble", text, tmp_path)
    variance = found["multilevel/variance"][1:]
    assert len(variance) >= 3
    # Without the areas that the halves' increments make, or with their sign wrong, it would be 1.
    falls = np.log2(variance[:-1] / variance[1:])
    assert np.all(falls > 1.8), falls
