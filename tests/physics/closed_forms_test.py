# SPDX-License-Identifier: BSD-3-Clause
"""sde_ensemble against closed forms.

Statistical tests allow 5 standard errors (a false alarm of 6e-7 each) and have fixed seeds. Where a
scheme is exact nothing else is allowed; the Heston prices also allow the discretisation error that the
decks state.
"""
import numpy as np
import pytest

from drivers import SOURCE, results
from driftwood_post.closed_forms import black_scholes_call

SIGMAS = 5.0


def assert_mean(found, at, expected, sigmas=SIGMAS, component=0):
    error = abs(found["moments/mean"][at, component] - expected)
    assert error <= sigmas * found["moments/standard_error"][at, component]


def assert_variance(found, at, expected, paths, component=0):
    # The standard error of a sample variance is var sqrt((kurtosis - 1) / n).
    kurtosis = found["moments/kurtosis"][at, component]
    error = abs(found["moments/variance"][at, component] - expected)
    assert error <= SIGMAS * expected * np.sqrt((kurtosis - 1) / paths)


OU = """
[model]
name = "ornstein_uhlenbeck"
rate = 1.5
mean = 0.3
sigma = 0.8
initial = {{ x = 2.0 }}
[time]
scheme = "{scheme}"
end = 2.0
steps = {steps}
[ensemble]
paths = 400_000
precision = "{precision}"
[observe]
times = [0.0, 0.5, 2.0]
quantiles = [0.1, 0.5, 0.9]
"""


@pytest.mark.parametrize("precision", ["double", "single"])
def test_exact_ornstein_uhlenbeck_has_its_law(precision, tmp_path):
    deck = OU.format(scheme="exact", steps=4, precision=precision)
    found = results("sde_ensemble", deck, tmp_path)
    for at, t in enumerate(found["time"]):
        mean = 0.3 + 1.7 * np.exp(-1.5 * t)
        variance = 0.64 * -np.expm1(-3 * t) / 3
        if t == 0:
            assert found["moments/mean"][at, 0] == 2
            assert found["moments/variance"][at, 0] == 0
            continue
        assert_mean(found, at, mean)
        assert_variance(found, at, variance, 400_000)
        for q, z in enumerate((-1.2815515655446004, 0.0, 1.2815515655446004)):
            p = found["quantiles/probability"][q]
            sd = np.sqrt(variance)
            density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) / sd
            error = np.sqrt(p * (1 - p) / 400_000) / density
            assert abs(found["quantiles/value"][at, q, 0] - (mean + sd * z)) <= SIGMAS * error


def test_euler_maruyama_on_ornstein_uhlenbeck_has_the_law_of_its_recursion(tmp_path):
    # x' = x + r (m - x) h + s dW is a Gaussian recursion whose moments are known exactly.
    deck = OU.format(scheme="euler_maruyama", steps=40, precision="double")
    found = results("sde_ensemble", deck, tmp_path)
    h, q = 0.05, 1 - 1.5 * 0.05
    for at, n in ((1, 10), (2, 40)):
        assert_mean(found, at, 0.3 + 1.7 * q**n)
        assert_variance(found, at, 0.64 * h * (1 - q ** (2 * n)) / (1 - q**2), 400_000)


GBM = """
[model]
name = "geometric_brownian_motion"
initial = [100.0]
drift = [0.05]
volatility = [0.2]
[time]
scheme = "exact"
end = 1.0
steps = 2
[ensemble]
paths = 1_000_000
precision = "{precision}"
[observe]
payoffs.call = {{ kind = "call", strike = 100.0, discount_rate = 0.05 }}
payoffs.put = {{ kind = "put", strike = 100.0, discount_rate = 0.05 }}
payoffs.forward = {{ kind = "forward", strike = 100.0, discount_rate = 0.05 }}
payoffs.digital = {{ kind = "digital_call", strike = 100.0, discount_rate = 0.05 }}
"""


@pytest.mark.parametrize("precision", ["double", "single"])
def test_black_scholes_prices(precision, tmp_path):
    found = results("sde_ensemble", GBM.format(precision=precision), tmp_path)
    call = 10.450583572185565
    assert call == pytest.approx(black_scholes_call(100, 100, 0.05, 0.2, 1.0), abs=1e-9)
    forward = 100 - 100 * np.exp(-0.05)
    digital = np.exp(-0.05) * 0.5596176923702425  # N(d2), d2 = 0.15
    expected = {"call": call, "put": call - forward, "forward": forward, "digital": digital}
    for name, price in expected.items():
        mean = found[f"formulas/{name}/mean"][-1]
        assert abs(mean - price) <= SIGMAS * found[f"formulas/{name}/standard_error"][-1], name
    parity = found["formulas/call/mean"] - found["formulas/put/mean"]
    assert parity == pytest.approx(found["formulas/forward/mean"], abs=1e-9)
    # the running estimate ends in the final one
    assert found["formulas/call/running/mean"][-1] == found["formulas/call/mean"][-1]
    assert found["formulas/call/running/paths"][-1] == 1_000_000


BASKET = """
[model]
name = "geometric_brownian_motion"
initial = [100.0, 50.0, 20.0]
drift = [0.05, 0.02, 0.0]
volatility = [0.2, 0.3, 0.1]
correlation = [[1, 0.5, 0.1], [0.5, 1, -0.3], [0.1, -0.3, 1]]
assets = ["oil", "gas", "coal"]
[time]
scheme = "{scheme}"
end = 1.0
steps = {steps}
[ensemble]
paths = 500_000
[observe]
covariance = true
payoffs.basket = {{ kind = "forward", strike = 0.0 }}
"""


@pytest.mark.parametrize(("scheme", "steps"), [("exact", 1), ("euler_maruyama", 50)])
def test_basket_has_its_means_and_covariances(scheme, steps, tmp_path):
    found = results("sde_ensemble", BASKET.format(scheme=scheme, steps=steps), tmp_path)
    x0 = np.array([100.0, 50.0, 20.0])
    rate = np.array([0.05, 0.02, 0.0])
    volatility = np.array([0.2, 0.3, 0.1])
    correlation = np.array([[1, 0.5, 0.1], [0.5, 1, -0.3], [0.1, -0.3, 1]])
    per_time = np.outer(volatility, volatility) * correlation
    mean = x0 * np.exp(rate)
    covariance = np.outer(mean, mean) * np.expm1(per_time)
    if scheme == "euler_maruyama":  # E[x] and E[x_i x_j] of the scheme multiply from step to step
        h = 1 / steps
        mean = x0 * (1 + rate * h) ** steps
        growth = np.outer(1 + rate * h, 1 + rate * h) + per_time * h
        covariance = np.outer(x0, x0) * growth**steps - np.outer(mean, mean)
    assert [name.decode() for name in found["component"]] == ["oil", "gas", "coal"]
    for i in range(3):
        assert_mean(found, -1, mean[i], component=i)
        assert_variance(found, -1, covariance[i, i], 500_000, component=i)
    # The variance of a product of nearly normal deviations is c_ii c_jj + c_ij^2; 20 % more for the
    # skewness of log-normal ones.
    for i, j in ((0, 1), (0, 2), (1, 2)):
        error = np.sqrt(1.2 * (covariance[i, i] * covariance[j, j] + covariance[i, j] ** 2) / 5e5)
        assert abs(found["covariance/value"][-1, i, j] - covariance[i, j]) <= SIGMAS * error
    basket = found["formulas/basket/mean"][-1]
    assert abs(basket - mean.mean()) <= SIGMAS * found["formulas/basket/standard_error"][-1]


DOUBLE_WELL = """
[model]
name = "double_well"
a = 1.0
b = 1.0
sigma = 1.0
initial = { x = -1.0 }
[time]
end = 30.0
steps = 3000
[ensemble]
paths = 60_000
[observe]
quantiles = [0.25, 0.75]
"""


def test_double_well_reaches_its_stationary_law(tmp_path):
    # exp(-2 U / sigma^2), U = x^4/4 - x^2/2. The spectral gap is about 0.4, so the memory of the start
    # is e^-12. The bias of steps of 0.01 on the variance is below 0.01; it is allowed as 0.015.
    found = results("sde_ensemble", DOUBLE_WELL, tmp_path)
    x = np.linspace(-5, 5, 20_001)
    weight = np.exp(-2 * (x**4 / 4 - x**2 / 2))
    variance = np.trapz(x**2 * weight, x) / np.trapz(weight, x)
    assert abs(found["moments/mean"][-1, 0]) <= SIGMAS * found["moments/standard_error"][-1, 0]
    assert abs(found["moments/variance"][-1, 0] - variance) <= 0.015 * variance + SIGMAS * np.sqrt(
        variance**2 * (found["moments/kurtosis"][-1, 0] - 1) / 60_000
    )
    assert found["quantiles/value"][-1, 0, 0] == pytest.approx(
        -found["quantiles/value"][-1, 1, 0], abs=0.04
    )


@pytest.mark.parametrize(
    ("deck", "price", "discretisation"),
    [("heston.toml", 5.785155, 0.004), ("heston_10_years.toml", 22.318946, 0.02)],
)
def test_heston_decks_price_the_call_of_fang_and_oosterlee(deck, price, discretisation, tmp_path):
    text = (SOURCE / "inputs" / "sde_ensemble" / deck).read_text(encoding="utf-8")
    found = results("sde_ensemble", text, tmp_path, "--set", "ensemble.paths=400_000")
    call = found["formulas/call/mean"][-1]
    error = found["formulas/call/standard_error"][-1]
    assert abs(call - price) <= SIGMAS * error + discretisation
    # the price is a martingale
    assert_mean(found, -1, 100.0)
