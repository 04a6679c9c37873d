# SPDX-License-Identifier: BSD-3-Clause
"""Steps that adapt to their errors, by the driver: AD-3, AD-4 and AD-6 of the specification, and what users
expect of them. AD-1 and AD-2 are in tests/unit/sde/adapt_test.cpp.

Means allow 5 standard errors (a false alarm of 6e-7 each); seeds are fixed.
"""
import math

import numpy as np
import pytest

from drivers import assert_same_bits, results, run as launch
from passage import ks_p_value, passage_cdf

SIGMAS = 5.0

# dX = a X dt + b X dW with the Brownian motion itself and the time, so that errors are seen path by path.
GROWTH = """
[model]
name = "expression"
state = ["x", "w", "s"]
noise = ["dw"]
initial = {{ x = 1.0, w = 0.0, s = 0.0 }}
drift = {{ x = "1.5*x", w = "0", s = "1" }}
diffusion = {{ x = {{ dw = "0.8*x" }}, w = {{ dw = "1" }} }}
[time]
scheme = "{scheme}"
end = 1.0
{time}
[ensemble]
paths = {paths}
seed = 11
[observe]
{observe}
[observe.formulas]
error = "(x - exp((1.5 - 0.32)*t + 0.8*w))^2"
late = "(s - t)^2"
"""


def growth(folder, *options, scheme="sriw1", time="tolerance = 1e-3", paths=4096, observe="", **more):
    text = GROWTH.format(scheme=scheme, time=time, paths=paths, observe=observe)
    return results("sde_ensemble", text, folder, *options, **more)


@pytest.mark.parametrize("scheme", ["milstein", "sriw1", "sosri", "heun"])
def test_ad3_errors_fall_with_the_tolerance(scheme, tmp_path):
    tolerances = [1e-2, 1e-3, 1e-4, 1e-5]
    errors = []
    for tolerance in tolerances:
        found = growth(tmp_path, scheme=scheme, time=f"tolerance = {tolerance}", paths=1024)
        errors.append(math.sqrt(found["formulas/error/mean"][-1]))
        assert found["step_sizes/forced"] == 0
    assert np.all(np.diff(errors) < 0), errors
    slope = np.polyfit(np.log(tolerances), np.log(errors), 1)[0]
    assert slope >= 0.5, errors


def test_ad4_euler_maruyama_is_refused_where_it_would_be_wrong(tmp_path):
    text = GROWTH.format(scheme="euler_maruyama", time="tolerance = 1e-3", paths=64, observe="")
    (tmp_path / "deck.toml").write_text(text, encoding="utf-8")
    ended = launch("sde_ensemble", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2
    assert "do not adapt" in ended.stderr and "another process" in ended.stderr
    assert "sriw1" in ended.stderr


def test_ad6_steps_land_on_the_times_of_results(tmp_path):
    times = [0.0, 0.1, 0.123456789, 1 / 3, 0.5, 0.99, 1.0]
    found = growth(tmp_path, paths=1024, observe=f"times = {times}")
    assert np.array_equal(found["time"], times)
    # s is the time that the steps add up to.
    assert np.all(found["formulas/late/mean"] < 1e-28)
    errors = np.sqrt(found["formulas/error/mean"])
    assert errors[0] == 0 and np.all(errors < 0.02)


def test_same_bits_on_any_ranks_and_waves(tmp_path):
    options = {"paths": 3 * 4096 + 77, "observe": "every = 0.25\nquantiles = [0.5]\nsave_paths = 5"}
    alone = growth(tmp_path, **options)
    for ranks in [2, 3]:
        assert_same_bits(alone, growth(tmp_path, ranks=ranks, **options))
    assert_same_bits(alone, growth(tmp_path, "--set", "ensemble.wave_blocks=1", **options))


def test_law_is_that_of_the_equation(tmp_path):
    found = growth(tmp_path, paths=65_536, time="tolerance = 1e-4")
    exact = math.exp(1.5)
    error = abs(found["moments/mean"][-1, 0] - exact)
    assert error <= SIGMAS * found["moments/standard_error"][-1, 0]
    # Of the Brownian motion the steps choose nothing.
    variance = found["moments/variance"][-1, 1]
    assert abs(variance - 1) <= SIGMAS * math.sqrt(2 / 65_536)


def test_step_sizes_are_counted(tmp_path):
    found = growth(tmp_path, paths=512)
    sizes, accepted = found["step_sizes/size"], found["step_sizes/accepted"]
    assert np.all(np.diff(np.log2(sizes)) == 1)
    # A path's steps add up to 1; each is between its bin's edges.
    assert 512 / 2 <= np.sum(accepted * sizes) <= 512
    assert found["step_sizes/rejected"].sum() > 0
    assert found["run/path_steps"] == accepted.sum() + found["step_sizes/rejected"].sum()


def test_smallest_step_is_kept_and_told(tmp_path):
    text = GROWTH.format(
        scheme="sriw1", time="tolerance = 1e-6\nsmallest_step = 0.03", paths=64, observe=""
    )
    (tmp_path / "deck.toml").write_text(text, encoding="utf-8")
    ended = launch("sde_ensemble", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0
    assert "64 x" not in ended.stderr and "smallest size were accepted" in ended.stderr


def test_first_passages_on_adaptive_steps(tmp_path):
    text = """
[model]
name = "expression"
state = ["x"]
noise = ["w"]
initial = { x = 0.0 }
drift = { x = "0.5" }
diffusion = { x = { w = "1" } }
[time]
scheme = "sosra"
end = 4.0
tolerance = 1e-3
first_step = 0.5
[ensemble]
paths = 100_000
[events.barrier]
level = 1.0
[observe.running]
top = { kind = "maximum" }
"""
    found = results("sde_ensemble", text, tmp_path)

    p = ks_p_value(found, "barrier", lambda t: passage_cdf(t, 1.0, 0.5), 100_000)
    assert p >= 1e-3


def test_antithetic_pairs_see_opposite_noise(tmp_path):
    found = growth(
        tmp_path, "--set", "ensemble.antithetic=true", paths=2048, observe="save_paths = 2"
    )
    assert found["paths/value"][0, -1, 1] == pytest.approx(-found["paths/value"][1, -1, 1], abs=1e-14)
    assert abs(found["moments/mean"][-1, 1]) < 1e-13


def test_paths_that_explode_end_the_run(tmp_path):
    text = """
[model]
name = "expression"
state = ["x"]
noise = ["w"]
initial = { x = 1.0 }
drift = { x = "x^3" }
diffusion = { x = { w = "0.1" } }
[time]
scheme = "sosra"
end = 2.0
tolerance = 1e-2
smallest_step = 1e-4
[ensemble]
paths = 64
"""
    (tmp_path / "deck.toml").write_text(text, encoding="utf-8")
    ended = launch("sde_ensemble", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 1
    assert "not finite" in ended.stderr and "at the latest t = 2" in ended.stderr


def test_stiff_start_takes_small_steps_there_only(tmp_path):
    text = """
[model]
name = "double_well"
sigma = 1.0
initial = { x = 100.0 }
[time]
scheme = "sosra"
end = 4.0
tolerance = 1e-2
[ensemble]
paths = 4096
[observe]
times = [1.0, 4.0]
"""
    found = results("sde_ensemble", text, tmp_path)
    sizes = found["step_sizes/size"][found["step_sizes/accepted"] > 0]
    assert sizes.min() < 1e-4 and sizes.max() > 0.05
    steps = found["step_sizes/accepted"].sum() / 4096
    assert steps < 1000  # equal steps of the smallest size would be more than 40,000
