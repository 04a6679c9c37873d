# SPDX-License-Identifier: BSD-3-Clause
"""Events and running values of sde_ensemble against closed forms: EV-1 and EV-2 of the specification.

For a Brownian motion with constant coefficients the bridge between two steps is exact, so that nothing but
sampling error is allowed, at any step. Means allow 5 standard errors (a false alarm of 6e-7 each), the
Kolmogorov-Smirnov tests p >= 1e-3, as the specification says; seeds are fixed.
"""
import math

import numpy as np
import pytest

from drivers import assert_same_bits, results
from passage import ks_p_value, normal_cdf, passage_cdf

SIGMAS = 5.0
PATHS = 100_000


def deck(
    drift, diffusion, observed, *, x=0.0, end=4.0, steps=256, scheme="euler_maruyama", precision="double",
    seed=1,
):  # fmt: skip
    return f"""
[model]
name = "expression"
state = ["x"]
noise = ["w"]
initial = {{ x = {x} }}
drift = {{ x = "{drift}" }}
diffusion = {{ x = {{ w = "{diffusion}" }} }}
[time]
scheme = "{scheme}"
end = {end}
steps = {steps}
[ensemble]
paths = {PATHS}
precision = "{precision}"
seed = {seed}
{observed}
"""


def run(folder, *arguments, **options):
    return results("sde_ensemble", deck(*arguments, **options), folder)


def assert_mean(found, name, expected, at=-1):
    error = abs(found[f"formulas/{name}/mean"][at] - expected)
    assert error <= SIGMAS * found[f"formulas/{name}/standard_error"][at], (name, expected, error)


BARRIER = "[events.barrier]\nlevel = 1.0\nbins = 256\n"


@pytest.mark.parametrize("steps", [1, 7, 256])
@pytest.mark.parametrize("precision", ["double", "single"])
def test_ev1_first_passage_times_are_inverse_gaussian(steps, precision, tmp_path):
    found = run(tmp_path, "0.5", "1", BARRIER, steps=steps, precision=precision)
    assert ks_p_value(found, "barrier", lambda t: passage_cdf(t, 1.0, 0.5), PATHS) >= 1e-3
    never = found["first_passage/barrier/never"]
    assert found["first_passage/barrier/count"].sum() + never == PATHS


def test_ev1_without_the_bridge_passages_are_missed(tmp_path):
    found = run(tmp_path, "0.5", "1", BARRIER + "bridge = false\n", steps=256)
    # At h = 1/64 the barrier seems 0.5826 sqrt(h) higher: Broadie, Glasserman and Kou (1997).
    shifted = 1.0 + 0.5826 / 8
    assert ks_p_value(found, "barrier", lambda t: passage_cdf(t, 1.0, 0.5), PATHS) < 1e-12
    passed = PATHS - found["first_passage/barrier/never"]
    expected = passage_cdf(4.0, shifted, 0.5)
    assert abs(passed / PATHS - expected) < 0.01
    assert expected < passage_cdf(4.0, 1.0, 0.5) - 0.01


def test_ev2_probability_to_pass_before_the_end(tmp_path):
    events = """
[events.up]
level = 1.5
[events.down]
level = -1.0
direction = "down"
[observe]
times = [1.0, 4.0]
"""
    found = run(tmp_path, "0.2", "1", events, steps=64)
    for at, t in enumerate([1.0, 4.0]):
        assert_mean(found, "up", passage_cdf(t, 1.5, 0.2), at)
        assert_mean(found, "down", passage_cdf(t, 1.0, -0.2), at)


def test_waiting_times_end_at_the_time_of_the_result(tmp_path):
    found = run(tmp_path, "0", "1", BARRIER, steps=32)
    t = np.linspace(0, 4, 4001)
    survival = [1 - passage_cdf(s, 1.0) for s in t]
    assert_mean(found, "barrier_time", np.trapz(survival, t))


def test_paths_stop_at_the_first_of_two_levels(tmp_path):
    events = """
[events.up]
level = 2.0
policy = "stop"
[events.down]
level = -1.0
direction = "down"
policy = "stop"
[observe.formulas]
lifetime = "min(up_time, down_time)"
both = "up*down"
square = "x^2"
"""
    found = run(tmp_path, "0", "1", events, end=40.0, steps=2560)
    # Gambler's ruin: P(up first) = a / (a + b), E tau = a b, and X stays at the level.
    assert_mean(found, "up", 1 / 3)
    assert_mean(found, "down", 2 / 3)
    assert_mean(found, "lifetime", 2.0)
    assert_mean(found, "square", (4 + 2 * 1) / 3)
    assert found["formulas/both/mean"][-1] == 0


def test_absorbed_component_stays_while_others_go_on(tmp_path):
    text = """
[model]
name = "expression"
state = ["x", "y"]
noise = ["w", "v"]
initial = { x = 0.0, y = 0.0 }
drift = { x = "0", y = "0" }
diffusion = { x = { w = "1" }, y = { v = "1" } }
[time]
end = 1.0
steps = 16
[ensemble]
paths = 100_000
[events.wall]
component = "x"
level = 1.0
policy = "absorb"
[observe.formulas]
at_wall = "step(x - 1)"
beyond = "max(x - 1, 0)"
y_squared = "y^2"
"""
    found = results("sde_ensemble", text, tmp_path)
    assert_mean(found, "at_wall", passage_cdf(1.0, 1.0))
    assert found["formulas/beyond/mean"][-1] == 0
    assert_mean(found, "y_squared", 1.0)
    error = abs(found["moments/mean"][-1, 0])  # stopped or not, it is a martingale
    assert error <= SIGMAS * found["moments/standard_error"][-1, 0]


@pytest.mark.parametrize("steps", [1, 16])
def test_reflected_brownian_motion(steps, tmp_path):
    events = '[events.wall]\nlevel = 0.0\npolicy = "reflect"\n[observe.formulas]\nsquare = "x^2"\n'
    found = run(tmp_path, "0", "1", events, end=2.0, steps=steps)
    assert abs(found["moments/mean"][-1, 0] + math.sqrt(4 / math.pi)) <= (
        SIGMAS * found["moments/standard_error"][-1, 0]
    )
    assert_mean(found, "square", 2.0)
    assert found["quantiles/value"].max() <= 0 if "quantiles/value" in found else True


def test_resets_are_passages_of_the_free_path(tmp_path):
    events = '[events.spike]\nlevel = 1.0\npolicy = "reset"\nto = 0.0\n'
    found = run(tmp_path, "1.0", "0.7", events, end=3.0, steps=1024)
    # What a path loses by n resets is n levels: the n-th comes where the free path first passes n.
    s = 0.7
    expected = sum(passage_cdf(3.0, n / s, 1.0 / s) for n in range(1, 40))
    assert_mean(found, "spike", expected)
    mean = 3.0 - expected
    error = abs(found["moments/mean"][-1, 0] - mean)
    assert error <= SIGMAS * found["moments/standard_error"][-1, 0]


@pytest.mark.parametrize("steps", [1, 64])
def test_running_extremes_of_brownian_motion(steps, tmp_path):
    observed = """
[observe.running.top]
kind = "maximum"
[observe.running.bottom]
kind = "minimum"
[observe.formulas]
top_squared = "top^2"
drawdown = "top - x"
"""
    found = run(tmp_path, "0", "1", observed, end=2.0, steps=steps)
    mean = math.sqrt(4 / math.pi)  # max W ~ |W_t|
    assert_mean(found, "top", mean)
    assert_mean(found, "bottom", -mean)
    assert_mean(found, "top_squared", 2.0)
    assert_mean(found, "drawdown", mean)


@pytest.mark.parametrize("policy", ["stop", "absorb", "reflect", "reset"])
@pytest.mark.parametrize("steps", [1, 16])
def test_extremes_do_not_go_beyond_a_level_that_acts(policy, steps, tmp_path):
    """The smallest value is that of the free path, or the level where this is beyond it."""
    level, sigma = 0.2, 0.8
    to = "to = 1.0" if policy == "reset" else ""
    observed = f"""
[events.barrier]
level = {level}
direction = "down"
policy = "{policy}"
{to}
[observe.running.bottom]
kind = "minimum"
"""
    found = run(tmp_path, "0", str(sigma), observed, x=1.0, end=1.0, steps=steps)
    # P(min > y) = 2 Phi((1 - y) / sigma) - 1 = erf(...), integrated from the level to 1.
    z = (1 - level) / sigma
    area = sigma * (z * math.erf(z / math.sqrt(2)) - math.sqrt(2 / math.pi) * (1 - math.exp(-(z**2) / 2)))
    assert_mean(found, "bottom", level + area)


def test_time_averages_and_occupation(tmp_path):
    observed = """
[observe]
times = [0.0, 1.0, 2.0]
[observe.running.average]
kind = "time_average"
[observe.running.above]
kind = "occupation"
range = [0.0, 1e300]
[observe.formulas]
average_squared = "average^2"
above_squared = "above^2"
"""
    steps = 512
    found = run(tmp_path, "0", "1", observed, x=0.0, end=2.0, steps=steps)
    for at, t in [(1, 1.0), (2, 2.0)]:
        n = steps * t / 2
        assert_mean(found, "average", 0.0, at)
        # int W dt / t has the variance t / 3; the trapezoidal rule on n steps adds t / (6 n^2).
        assert_mean(found, "average_squared", t / 3 * (1 + 1 / (2 * n * n)), at)
        # The arcsine law has the mean 1/2 and the second moment 3/8; on n steps up to O(1/n).
        assert abs(found["formulas/above/mean"][at] - 0.5) < 0.01
        assert abs(found["formulas/above_squared/mean"][at] - 0.375) < 0.01
    assert found["formulas/average/mean"][0] == 0
    assert found["formulas/above/mean"][0] == 1


def test_down_and_out_call(tmp_path):
    text = """
[model]
name = "geometric_brownian_motion"
drift = [0.05]
volatility = [0.2]
initial = [100.0]
[time]
scheme = "milstein"
end = 1.0
steps = 200
[ensemble]
paths = 200_000
[events.out]
level = 90.0
direction = "down"
[observe.formulas]
knock_out = "exp(-0.05*t)*(1 - out)*max(price - 100, 0)"
"""
    found = results("sde_ensemble", text, tmp_path)
    # Merton (1973), Reiner and Rubinstein (1991): the call less its image in the barrier.
    s, k, b, r, v = 100.0, 100.0, 90.0, 0.05, 0.2

    def call(spot):
        d = (math.log(spot / k) + (r + v * v / 2)) / v
        return spot * normal_cdf(d) - k * math.exp(-r) * normal_cdf(d - v)

    exact = call(s) - (b / s) ** (2 * r / v**2 - 1) * call(b * b / s)
    error = abs(found["formulas/knock_out/mean"][-1] - exact)
    # The bridge has the volatility of the step's start: its weak error at h = 1/200 is below 0.01.
    assert error <= SIGMAS * found["formulas/knock_out/standard_error"][-1] + 0.01


@pytest.mark.parametrize("precision", ["double", "single"])
def test_ev3_same_bits_on_any_ranks_and_waves(precision, tmp_path):
    text = f"""
[model]
name = "heston"
[time]
end = 1.0
steps = 50
[ensemble]
paths = {3 * 4096 + 77}
precision = "{precision}"
[events.low]
component = "price"
level = 95.0
direction = "down"
[events.high]
component = "price"
level = 110.0
policy = "stop"
[events.calm]
component = "variance"
level = 0.01
direction = "down"
policy = "reflect"
[observe]
every = 0.5
[observe.running]
top = {{ kind = "maximum", component = "price" }}
average = {{ kind = "time_average", component = "price" }}
"""
    alone = results("sde_ensemble", text, tmp_path)
    assert alone["first_passage/high/count"].sum() > 0
    for ranks in [2, 3]:
        assert_same_bits(alone, results("sde_ensemble", text, tmp_path, ranks=ranks))
    waves = results("sde_ensemble", text, tmp_path, "--set", "ensemble.wave_blocks=1")
    assert_same_bits(alone, waves)
