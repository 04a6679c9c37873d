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


def test_passages_match_known_values() -> None:
    # Without drift, P = 2 P(N > b / (s sqrt t)).
    driftless = cf.passage_cdf(np.array([0.0, 1.0, 4.0]), 1, 0, 1)
    assert driftless == pytest.approx([0, 0.31731050786291415, 0.6170750774519738])
    # In the end, all pass where the drift is to the level, else exp(2 drift b / s^2) of them.
    assert cf.passage_cdf(np.array([1e6]), 1, 0.5, 1) == pytest.approx([1])
    assert cf.passage_cdf(np.array([1e6]), 2, -0.3, 1.5) == pytest.approx([math.exp(-1.2 / 2.25)])
    # Scales of time and space.
    scaled = cf.passage_cdf(np.array([3.0, 9.0]), 10, 0.5 * 10 / 3, 10 / math.sqrt(3))
    assert scaled == pytest.approx(cf.passage_cdf(np.array([1.0, 3.0]), 1, 0.5, 1))
    assert cf.passage_mean_wait(1e4, 1, 0.5, 1) == pytest.approx(2)  # b / drift


@pytest.mark.parametrize(
    ("distance", "drift", "sd"),
    [(1, 0.5, 1), (1, -0.5, 1), (0.1, 0, 1), (3, 2, 0.4), (10, 1e3, 0.5), (40, 13, 1), (6, -2, 1)],
)
def test_passage_times_have_their_density(distance: float, drift: float, sd: float) -> None:
    # About the most likely times, where they are few, else from near 0.
    centre = distance / abs(drift) if drift else 1.0
    width = 12 * sd * math.sqrt(centre) / abs(drift) if drift else 1.0
    time = np.linspace(max(centre - width, 1e-9), centre + width, 400_001)
    cdf = cf.passage_cdf(time, distance, drift, sd)
    density = cf.passage_density(time, distance, drift, sd)
    assert (density >= 0).all() and (np.diff(cdf) >= -1e-15).all() and cdf[-1] <= 1
    assert np.trapz(density, time) == pytest.approx(cdf[-1] - cdf[0], rel=1e-6)
    waiting = np.trapz(1 - cdf, time) + time[0] - cdf[0] * time[0]
    assert cf.passage_mean_wait(time[-1], distance, drift, sd) == pytest.approx(waiting, rel=1e-6)


def test_passages_are_right_where_their_factors_are_not_numbers() -> None:
    # exp(2 drift b / s^2) overflows; half and a little have passed by b / drift.
    for drift in (1e3, 1e6, 1e12):
        (half,) = cf.passage_cdf(np.array([10 / drift]), 10, drift, 0.5)
        z = 2 * math.sqrt(10 * drift) / 0.5
        assert half == pytest.approx(0.5 + 1 / (z * math.sqrt(2 * math.pi)), rel=1e-6)
    assert (cf.passage_cdf(np.array([1e-300, 1.0, 1e300]), 10, -1e6, 0.5) == 0).all()
    # Where one form takes over from the other.
    time = np.linspace(0.0435, 0.0445, 1001)  # 1 / sqrt(t) + 0.5 sqrt(t) is about 5 there
    step = np.diff(cf.passage_cdf(time, 1, 1, 1))
    density = cf.passage_density((time[1:] + time[:-1]) / 2, 1, 1, 1)
    assert step == pytest.approx(density * (time[1] - time[0]), rel=1e-6)


def test_a_series_that_does_not_converge_is_refused() -> None:
    assert cf.cos_series(lambda u: np.ones_like(u) + 0j, -1.0, 1.0) is None
    assert cf.cos_series(lambda u: np.full(u.shape, np.nan) + 0j, -1.0, 1.0) is None
