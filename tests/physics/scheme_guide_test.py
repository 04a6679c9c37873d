# SPDX-License-Identifier: BSD-3-Clause
"""What the guide to schemes (src/sde/SCHEMES.md) says beyond orders (orders_test.py)."""
import math

import numpy as np

from drivers import simulate

def test_how_well_schemes_keep_a_conserved_quantity(tmp_path):
    def error_of_the_radius(scheme):
        found = simulate(
            tmp_path, "kubo_oscillator", scheme=scheme, end=10.0, steps=100, paths=4096,
            observe="save_paths = 4096",
        )  # fmt: skip
        radius = np.linalg.norm(found["paths/value"][:, -1, :], axis=1)
        return np.sqrt(np.mean((radius - 1) ** 2))

    well = [error_of_the_radius(s) for s in ("heun", "midpoint", "spark", "general_shark")]
    badly = [error_of_the_radius(s) for s in ("euler_maruyama", "milstein")]
    assert 0 < error_of_the_radius("slow_rk") < min(well)
    assert max(well) < 0.1 * min(badly)


def test_a_jump_costs_schemes_of_few_values_more_than_their_order_says(tmp_path):
    rate, volatility, strike = 0.05, 0.3, 1.03
    root = (rate - volatility**2 / 2 - math.log(strike)) / volatility
    exact = (1 + math.erf(root / math.sqrt(2))) / 2

    def error(scheme):
        found = simulate(
            tmp_path, "geometric_brownian_motion", scheme=scheme, end=1.0, steps=16, paths=409_600,
            keys=f"initial = [1.0]\ndrift = [{rate}]\nvolatility = [{volatility}]",
            observe=f"payoffs = {{ jump = {{ kind = 'digital_call', strike = {strike} }} }}",
        )  # fmt: skip
        return abs(found["formulas/jump/mean"][-1] - exact)

    assert error("milstein") < 0.005
    for scheme in ("platen_weak2", "ri1", "dri1", "weak_euler"):
        assert error(scheme) > 0.03, scheme


def test_the_trapezoidal_rule_keeps_the_stationary_variance_at_any_step(tmp_path):
    def variance(scheme):
        found = simulate(
            tmp_path, "ornstein_uhlenbeck", scheme=scheme, end=50.0, steps=100, paths=409_600,
            keys="rate = 10.0\nsigma = 1.0",
        )  # fmt: skip
        return found["moments/variance"][-1, 0] / (1 / 20)  # sigma^2 / (2 rate)

    five_standard_errors = 5 * math.sqrt(2 / 409_600)
    assert abs(variance("theta_euler_maruyama") - 1) < five_standard_errors
    assert variance("split_step_backward_euler") > 2
    assert variance("implicit_milstein") < 0.5


def test_implicit_schemes_damp_a_fast_start_and_the_trapezoidal_rule_does_so_slowly(tmp_path):
    def distance(scheme):
        found = simulate(
            tmp_path, "stiff_linear", scheme=scheme, end=0.1, steps=10,
            keys="rate = 1e4\ninitial = { x = 100.0 }",
        )  # fmt: skip
        return abs(found["moments/mean"][-1, 0] - math.cos(0.1))

    assert distance("split_step_backward_euler") < 0.01
    assert distance("implicit_milstein") < 0.01
    assert distance("theta_euler_maruyama") > 10


def test_reversible_heun_drifts_away_where_the_drift_attracts(tmp_path):
    found = simulate(
        tmp_path, "ornstein_uhlenbeck", scheme="reversible_heun", end=50.0, steps=500,
        keys="rate = 1.0\nsigma = 1.0",
    )  # fmt: skip
    assert found["moments/variance"][-1, 0] > 1e3
