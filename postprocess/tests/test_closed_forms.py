# SPDX-License-Identifier: BSD-3-Clause
"""Closed forms against published numbers, against each other, and against quadrature."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from driftwood_post import closed_forms as cf

HESTON = cf.Heston(
    rate=0.0, kappa=1.5768, theta=0.0398, sigma=0.5751, rho=-0.5711, price=100.0, variance=0.0175
)


@pytest.mark.parametrize(("time", "published"), [(1.0, 5.785155), (10.0, 22.318946)])
def test_heston_call_matches_fang_and_oosterlee(time: float, published: float) -> None:
    assert cf.heston_call(HESTON, 100.0, time) == pytest.approx(published, abs=1e-6)


@pytest.mark.parametrize("strike", [60.0, 100.0, 150.0])
def test_heston_with_little_volatility_of_variance_is_black_scholes(strike: float) -> None:
    flat = cf.Heston(0.05, 2.0, 0.04, 1e-4, 0.0, 100.0, 0.04)
    expected = cf.black_scholes_call(100.0, strike, 0.05, 0.2, 1.0)
    assert cf.heston_call(flat, strike, 1.0) == pytest.approx(expected, abs=1e-6)


def test_heston_density_integrates_to_one_the_forward_and_the_call() -> None:
    model = dataclasses.replace(HESTON, rate=0.03)
    price = np.linspace(0.1, 500, 5000)
    density = cf.heston_price_density(model, 1.0, price)
    assert density is not None
    step = price[1] - price[0]
    assert density.sum() * step == pytest.approx(1, abs=1e-7)
    assert (price * density).sum() * step == pytest.approx(100 * math.exp(0.03), rel=1e-7)
    call = math.exp(-0.03) * (np.maximum(price - 90, 0) * density).sum() * step
    assert cf.heston_call(model, 90.0, 1.0) == pytest.approx(call, abs=1e-5)


@pytest.mark.parametrize("time", [0.01, 1.0, 10.0])
def test_heston_cumulants_are_the_derivatives_of_the_characteristic_function(time: float) -> None:
    model = dataclasses.replace(HESTON, rate=0.03)
    mean, variance = model.log_return_cumulants(time)
    h = 1e-3 / math.sqrt(variance)
    minus, zero, plus = np.log(model.log_return_characteristic(time)(np.array([-h, 0, h])))
    assert (plus - minus).imag / (2 * h) == pytest.approx(mean, abs=1e-5 * math.sqrt(variance))
    assert -(plus + minus - 2 * zero).real / h**2 == pytest.approx(variance, rel=1e-4)


def test_black_scholes_matches_the_textbook_value() -> None:
    assert cf.black_scholes_call(100, 100, 0.05, 0.2, 1) == pytest.approx(10.450584, abs=1e-6)


def test_gbm_moments_match_known_values_and_the_density() -> None:
    # E = 100 e^0.1; Var = E^2 (e^0.08 - 1)
    assert cf.gbm_mean(np.array([2.0]), 100, 0.05) == pytest.approx(110.51709180756477)
    assert cf.gbm_variance(np.array([2.0]), 100, 0.05, 0.2) == pytest.approx(1017.27, abs=0.01)
    x = np.linspace(0.5, 800, 80_000)
    density = cf.gbm_density(x, 2.0, 100, 0.05, 0.2)
    mean = np.trapz(x * density, x)
    assert mean == pytest.approx(110.51709180756477, rel=1e-8)
    assert np.trapz((x - mean) ** 2 * density, x) == pytest.approx(
        float(cf.gbm_variance(2.0, 100, 0.05, 0.2)), rel=1e-6
    )


def test_ou_moments_match_known_values() -> None:
    # rate 1, mean 0.5, sigma 0.5, from 2: m = 0.5 + 1.5/e; v = 0.125 (1 - e^-2)
    time = np.array([0.0, 1.0, 50.0])
    assert cf.ou_mean(time, 2, 1, 0.5) == pytest.approx([2, 1.0518191617571635, 0.5])
    assert cf.ou_variance(time, 1, 0.5) == pytest.approx([0, 0.10808308959542341, 0.125])
    # A stationary start stays; no rate at all is Brownian motion.
    assert cf.ou_variance(time, 1, 0.5, 0.125) == pytest.approx([0.125] * 3)
    assert cf.ou_variance(time, 0, 0.5) == pytest.approx([0, 0.25, 12.5])


@pytest.mark.parametrize("time", [0.01, 1.0, 10.0])
def test_cir_density_has_its_moments(time: float) -> None:
    # The density has an integrable pole at zero here: integrate over log v.
    v = np.exp(np.linspace(-40, 1, 40_001))
    density = cf.cir_density(v, time, 0.0175, 1.5768, 0.0398, 0.5751)
    mean = float(cf.cir_mean(time, 0.0175, 1.5768, 0.0398))
    variance = float(cf.cir_variance(time, 0.0175, 1.5768, 0.0398, 0.5751))
    assert np.trapz(density * v, np.log(v)) == pytest.approx(1, abs=1e-5)
    assert np.trapz(density * v * v, np.log(v)) == pytest.approx(mean, rel=1e-6)
    spread = np.trapz(density * (v - mean) ** 2 * v, np.log(v))
    assert spread == pytest.approx(variance, rel=1e-5)


def test_double_well_density_solves_the_stationary_fokker_planck_equation() -> None:
    a, b, sigma = 1.2, 0.7, 0.4
    x = np.linspace(-4, 4, 16_001)
    p = cf.double_well_stationary_density(x, a, b, sigma)
    assert np.trapz(p, x) == pytest.approx(1, abs=1e-9)
    flux = (a * x - b * x**3) * p - 0.5 * sigma**2 * np.gradient(p, x)
    assert np.abs(flux[1:-1]).max() < 1e-5 * p.max()
    # Without the cubic's well (a < 0) it is still a density.
    single = cf.double_well_stationary_density(x, -1.0, 1.0, 0.5)
    assert np.trapz(single, x) == pytest.approx(1, abs=1e-9)


def test_a_series_that_does_not_converge_is_refused() -> None:
    assert cf.cos_series(lambda u: np.ones_like(u) + 0j, -1.0, 1.0) is None
    assert cf.cos_series(lambda u: np.full(u.shape, np.nan) + 0j, -1.0, 1.0) is None
