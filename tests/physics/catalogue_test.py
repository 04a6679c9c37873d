# SPDX-License-Identifier: BSD-3-Clause
"""The models of sde_ensemble against closed forms, exact recursions and conservation laws.

Means, variances and products of a scheme often obey a recursion that is known exactly; then no
discretisation error is allowed. Statistical tests allow 5 standard errors (a false alarm of 6e-7
each) and have fixed seeds; what else is allowed is said where it is.
"""
import math

import numpy as np
import pytest

import drivers

SIGMAS = 5.0

def simulate(folder, model, keys, end, steps, paths, scheme="euler_maruyama", observe=""):
    return drivers.simulate(
        folder, model, keys, scheme=scheme, end=end, steps=steps, paths=paths,
        ensemble="seed = 11", observe="covariance = true\n" + observe,
    )  # fmt: skip


def assert_mean(found, expected, component=0, at=-1, allowed=0.0):
    error = abs(found["moments/mean"][at, component] - expected)
    assert error <= SIGMAS * found["moments/standard_error"][at, component] + allowed


def assert_variance(found, expected, paths, component=0, at=-1, allowed=0.0):
    kurtosis = found["moments/kurtosis"][at, component]
    error = abs(found["moments/variance"][at, component] - expected)
    assert error <= SIGMAS * expected * np.sqrt((kurtosis - 1) / paths) + allowed


def assert_covariance(found, expected, paths, i, j, excess=0.0):
    """The variance of a product of nearly normal deviations is c_ii c_jj + c_ij^2 (1 + excess)."""
    spread = (expected[i, i] * expected[j, j] + expected[i, j] ** 2) * (1 + excess)
    error = abs(found["covariance/value"][-1, i, j] - expected[i, j])
    assert error <= SIGMAS * np.sqrt(spread / paths)


def test_cox_ingersoll_ross_has_the_moments_of_its_recursion(tmp_path):
    # Far enough from 0 that no path of the shape 2 rate mean / sigma^2 = 32 is ever truncated.
    rate, mean, sigma, steps, paths = 0.8, 0.05, 0.05, 100, 200_000
    keys = f"rate = {rate}\nmean = {mean}\nsigma = {sigma}\ninitial.x = 0.04"
    found = simulate(tmp_path, "cox_ingersoll_ross", keys, 5.0, steps, paths)
    h, m, v = 5.0 / steps, 0.04, 0.0
    for _ in range(steps):
        v = (1 - rate * h) ** 2 * v + sigma**2 * h * m
        m += rate * (mean - m) * h
    assert_mean(found, m)
    assert_variance(found, v, paths)
    # and those are within the discretisation error of the exact ones
    decay = math.exp(-rate * 5)
    assert m == pytest.approx(mean + (0.04 - mean) * decay, rel=1e-3)
    exact = 0.04 * sigma**2 / rate * (decay - decay**2)
    exact += mean * sigma**2 / (2 * rate) * (1 - decay) ** 2
    assert v == pytest.approx(exact, rel=0.03)


def test_cox_ingersoll_ross_survives_zero(tmp_path):
    # Feller's condition is violated badly; truncation keeps paths finite and the mean near its own.
    keys = "rate = 0.5\nmean = 0.04\nsigma = 1.0\ninitial.x = 0.04"
    found = simulate(tmp_path, "cox_ingersoll_ross", keys, 2.0, 800, 100_000)
    assert_mean(found, 0.04, allowed=0.01)


@pytest.mark.parametrize(("mean", "sigma"), [(0.05, 0.05), (0.04, 1.0), (0.3, 0.2)])
def test_cox_ingersoll_ross_is_sampled_from_its_law(mean, sigma, tmp_path):
    # Non-central chi-squared with 4 rate mean / sigma^2 degrees of freedom: far above 1, below, and
    # near 10; in one step and in eight.
    rate, start, end, paths = 0.5, 0.06, 2.0, 200_000
    decay = math.exp(-rate * end)
    expected = mean + (start - mean) * decay
    variance = start * sigma**2 / rate * (decay - decay**2)
    variance += mean * sigma**2 / (2 * rate) * (1 - decay) ** 2
    # third cumulant: 8 c^3 (d + 3 lambda)
    c = sigma**2 * (1 - decay) / (4 * rate)
    third = 8 * c**3 * (4 * rate * mean / sigma**2 + 3 * start * decay / c)
    keys = f"rate = {rate}\nmean = {mean}\nsigma = {sigma}\ninitial.x = {start}"
    for steps in (1, 8):
        (tmp_path / f"{steps}").mkdir()
        found = simulate(
            tmp_path / f"{steps}",
            "cox_ingersoll_ross",
            keys,
            end,
            steps,
            paths,
            "exact",
            f"save_paths = {paths}",
        )
        assert_mean(found, expected)
        assert_variance(found, variance, paths)
        cubes = (found["paths/value"][:, -1, 0] - expected) ** 3
        assert (found["paths/value"] >= 0).all()
        assert abs(cubes.mean() - third) <= SIGMAS * cubes.std() / math.sqrt(paths)


def test_ginzburg_landau_reaches_its_stationary_law(tmp_path):
    # X^2 is Gamma distributed. The gap of the spectrum is above 1, so the memory of the start is
    # below e^-12; a scheme of weak order 2 leaves an error below 1e-3 at steps of 0.02.
    a, b, sigma, paths = 1.0, 2.0, 0.7, 60_000
    keys = f"a = {a}\nb = {b}\nsigma = {sigma}\ninitial.x = 0.7"
    found = simulate(tmp_path, "ginzburg_landau", keys, 12.0, 600, paths, "sriw1")
    shape, scale = a / sigma**2 - 0.5, sigma**2 / b
    mean = math.exp(math.lgamma(shape + 0.5) - math.lgamma(shape)) * math.sqrt(scale)
    assert shape * scale == pytest.approx((a - sigma**2 / 2) / b)
    assert_mean(found, mean, allowed=1e-3)
    assert_variance(found, shape * scale - mean**2, paths, allowed=1e-3)


def test_stochastic_lorenz_keeps_its_axis(tmp_path):
    # From X = Y = 0 only Z moves, as a geometric Brownian motion whose recursion is known.
    steps, paths = 200, 100_000
    keys = "sigma = 0.3\ninitial = { x = 0.0, y = 0.0, z = 5.0 }"
    found = simulate(tmp_path, "stochastic_lorenz", keys, 1.0, steps, paths)
    h, b = 1 / steps, 8 / 3
    mean = 5 * (1 - b * h) ** steps
    square = 25 * ((1 - b * h) ** 2 + 0.09 * h) ** steps
    assert (found["moments/mean"][-1, :2] == 0).all()
    assert_mean(found, mean, 2)
    assert_variance(found, square - mean**2, paths, 2)


def test_stochastic_lorenz_balances_on_its_attractor(tmp_path):
    # Stationarity of X^2 / 2 and of Z: E[X^2] (1 - sigma^2 / (2 s)) = E[X Y] = b E[Z]. Half a per
    # cent for steps of 0.005 at weak order 2.
    paths, sigma = 20_000, 0.3
    found = simulate(
        tmp_path, "stochastic_lorenz", f"sigma = {sigma}", 20.0, 4000, paths, "sriw1"
    )
    mean, covariance = found["moments/mean"][-1], found["covariance/value"][-1]
    produced = covariance[0, 1] + mean[0] * mean[1]
    lost = 8 / 3 * mean[2]
    stretched = (covariance[0, 0] + mean[0] ** 2) * (1 - sigma**2 / 20)
    kurtosis = found["moments/kurtosis"][-1, :2]
    error = 8 / 3 * found["moments/standard_error"][-1, 2]
    # both second moments have about the relative error of the variance of X
    relative = np.sqrt((kurtosis.max() - 1) / paths)
    assert abs(produced - lost) <= SIGMAS * (error + relative * produced) + 0.005 * lost
    assert abs(stretched - lost) <= SIGMAS * (error + relative * produced) + 0.005 * lost
    assert_mean(found, 0.0, 0)
    assert 20 < mean[2] < 27


def test_lotka_volterra_balances_births_and_deaths(tmp_path):
    # What predators gain prey lose: delta X + beta Y changes by alpha delta X - beta gamma Y only. A
    # step of Euler-Maruyama obeys this in the mean exactly; the noise is a martingale whose variance
    # is known.
    alpha, beta, gamma, delta, sigma = 0.55, 0.028, 0.8, 0.024, 0.1
    steps, end, paths = 200, 10.0, 100_000
    found = simulate(
        tmp_path, "lotka_volterra", "", end, steps, paths, observe="every = 0.05"
    )
    h = end / steps
    prey, predator = found["moments/mean"].T
    assert len(prey) == steps + 1
    assert found["moments/mean"][0] == pytest.approx([33.956, 5.933])
    change = delta * (prey[-1] - prey[0]) + beta * (predator[-1] - predator[0])
    balance = h * np.sum(alpha * delta * prey[:-1] - beta * gamma * predator[:-1])
    squares = found["moments/variance"] + found["moments/mean"] ** 2
    noise = h * sigma**2 * np.sum(squares[:-1] @ [delta**2, beta**2])
    assert abs(change - balance) <= SIGMAS * np.sqrt(noise / paths)
    assert np.sqrt(noise / paths) < 0.01 * abs(change)


def test_lotka_volterra_prey_alone_grows_exponentially(tmp_path):
    found = simulate(
        tmp_path, "lotka_volterra", "initial = { prey = 2.0, predator = 0.0 }", 2.0, 100, 50_000
    )
    assert_mean(found, 2 * (1 + 0.55 * 0.02) ** 100)
    assert found["moments/mean"][-1, 1] == 0


def test_fitzhugh_nagumo_balances(tmp_path):
    # In the stationary law neither mean changes: E[V] + a = b E[W] and E[V] - E[V^3] / 3 - E[W] +
    # current = 0, for any step. The slowest rate is about epsilon b = 0.064: the start is forgotten to
    # e^-16.
    paths = 20_000
    found = simulate(
        tmp_path, "fitzhugh_nagumo", "current = 0.5\nsigma = 0.3", 250.0, 5000, paths
    )
    v, w = found["moments/mean"][-1]
    error_v, error_w = found["moments/standard_error"][-1]
    assert abs(v + 0.7 - 0.8 * w) <= SIGMAS * (error_v + 0.8 * error_w)
    variance, skewness = found["moments/variance"][-1, 0], found["moments/skewness"][-1, 0]
    cube = v**3 + 3 * v * variance + skewness * variance**1.5
    largest = 2.5  # |V| hardly exceeds it: the deviation of V^3 is below its cube
    error = error_v + largest**3 / 3 / np.sqrt(paths) + error_w
    assert abs(v - cube / 3 - w + 0.5) <= SIGMAS * error
    assert variance > 1  # it fires


@pytest.mark.parametrize("precision", ["double", "single"])
def test_kubo_oscillator_loses_its_phase_and_keeps_its_radius(precision, tmp_path):
    # The error at steps of 0.005 is about 1e-4 (3e-4 and 1.3e-3 at steps twice and four times as long).
    frequency, sigma, end, paths = 2.0, 0.8, 2.0, 100_000
    keys = f"frequency = {frequency}\nsigma = {sigma}"
    found = drivers.simulate(
        tmp_path, "kubo_oscillator", keys, scheme="sriw1", end=end, steps=400, paths=paths,
        ensemble=f'seed = 11\nprecision = "{precision}"',
    )  # fmt: skip
    damped = math.exp(-(sigma**2) * end / 2)
    assert_mean(found, damped * math.cos(frequency * end), 0, allowed=4e-4)
    assert_mean(found, damped * math.sin(frequency * end), 1, allowed=4e-4)
    radius = np.sum(found["moments/mean"][-1] ** 2 + found["moments/variance"][-1])
    assert radius == pytest.approx(1, abs=4e-4)


def test_levy_area_has_its_law(tmp_path):
    # The area of a Brownian path over a unit time: variance 1/4, kurtosis 5; the standard error of
    # its kurtosis is sqrt(640 / n), from the moments up to the 8th.
    paths = 200_000
    found = simulate(tmp_path, "levy_area", "", 1.0, 16, paths, "milstein")
    assert_mean(found, 0.0, 2)
    assert_variance(found, 0.25, paths, 2)
    kurtosis = found["moments/kurtosis"][-1, 2]
    assert abs(kurtosis - 5) <= SIGMAS * np.sqrt(640 / paths)
    assert_variance(found, 1.0, paths, 0)
    assert abs(found["covariance/value"][-1, 0, 2]) <= SIGMAS * np.sqrt(0.5 / paths)


def test_brusselator_exchanges_what_it_loses(tmp_path):
    # d(X + Y) = (a - X) dt on every path: noise and reactions cancel in the sum.
    found = simulate(
        tmp_path, "brusselator", "sigma = 0.3", 10.0, 1000, 200,
        observe="every = 0.01\nsave_paths = 200",
    )  # fmt: skip
    x, y = np.moveaxis(found["paths/value"], -1, 0)
    total = x + y
    assert np.ptp(x) > 1
    expected = total[:, :-1] + 0.01 * (1.0 - x[:, :-1])
    assert total[:, 1:] == pytest.approx(expected, rel=1e-13, abs=1e-13)


def test_brusselator_rests_where_it_is_stable(tmp_path):
    found = simulate(tmp_path, "brusselator", "a = 1.5\nb = 1.2\nsigma = 0.0", 60.0, 6000, 1)
    assert found["moments/mean"][-1] == pytest.approx([1.5, 0.8], rel=1e-9)


def lyapunov(transfer, noise, steps):
    """The covariance of x' = transfer x + noise after so many steps from a point."""
    covariance = np.zeros_like(transfer)
    for _ in range(steps):
        covariance = transfer @ covariance @ transfer.T + noise
    return covariance


def test_underdamped_langevin_has_the_covariance_of_its_recursion(tmp_path):
    stiffness, friction, temperature, steps, paths = 2.0, 0.7, 0.5, 400, 100_000
    keys = f"stiffness = {stiffness}\nfriction = {friction}\ntemperature = {temperature}"
    found = simulate(tmp_path, "underdamped_langevin", keys, 20.0, steps, paths)
    h = 20.0 / steps
    transfer = np.eye(2) + h * np.array([[0, 1], [-stiffness, -friction]])
    noise = np.diag([0, 2 * friction * temperature * h])
    covariance = lyapunov(transfer, noise, steps)
    for i, j in ((0, 0), (0, 1), (1, 1)):
        assert_covariance(found, covariance, paths, i, j)


@pytest.mark.parametrize(("stiffness", "quartic"), [(2.0, 0.0), (1.0, 1.0), (-1.0, 0.5)])
def test_underdamped_langevin_reaches_the_boltzmann_distribution(stiffness, quartic, tmp_path):
    # Half a per cent for steps of 0.02 at weak order 2; the start is forgotten to e^-10 and better.
    temperature, paths = 0.8, 40_000
    keys = (
        f"stiffness = {stiffness}\nquartic = {quartic}\ntemperature = {temperature}\n"
        "initial.velocity = { kind = \"normal\", mean = 0.0, sd = 1.0 }"
    )
    found = simulate(tmp_path, "underdamped_langevin", keys, 40.0, 2000, paths, "sriw1")
    q = np.linspace(-8, 8, 20_001)
    weight = np.exp(-(stiffness * q**2 / 2 + quartic * q**4 / 4) / temperature)
    position = np.trapz(q**2 * weight, q) / np.trapz(weight, q)
    assert_mean(found, 0.0, 0)
    assert_variance(found, position, paths, 0, allowed=0.005 * position)
    assert_variance(found, temperature, paths, 1, allowed=0.005 * temperature)


def test_stiff_linear_by_an_implicit_scheme_has_its_recursion(tmp_path):
    # Steps of 100 relaxation times. The trapezoidal rule has the exact stationary variance.
    rate, sigma, steps, paths = 1e4, 20.0, 100, 100_000
    keys = f"sigma = {sigma}\ninitial.x = 1.0"
    found = simulate(tmp_path, "stiff_linear", keys, 1.0, steps, paths, "theta_euler_maruyama")
    h, mean, variance = 1 / steps, 1.0, 0.0
    half = rate * h / 2
    for n in range(steps):
        forced = half * (math.cos(n * h) + math.cos((n + 1) * h))
        mean = ((1 - half) * mean + forced) / (1 + half)
        variance = ((1 - half) ** 2 * variance + sigma**2 * h) / (1 + half) ** 2
    assert_mean(found, mean)
    assert_variance(found, variance, paths)
    assert mean == pytest.approx(math.cos(1.0), abs=2e-3)
    assert variance == pytest.approx(sigma**2 / (2 * rate), rel=1e-3)


def test_sine_drift_without_noise_is_a_known_motion(tmp_path):
    found = simulate(tmp_path, "sine_drift", "sigma = 0.0", 2.0, 400, 1, "sriw2")
    expected = 2 * math.atan(math.tan(0.5) * math.exp(2.0))
    assert found["moments/mean"][-1, 0] == pytest.approx(expected, abs=1e-5)


def test_linear_noncommuting_has_the_moments_of_its_recursion(tmp_path):
    steps, paths = 64, 200_000
    found = simulate(tmp_path, "linear_noncommuting", "", 1.0, steps, paths)
    a = np.array([[-0.7, 0.4], [0.1, -0.5]])
    b1 = np.array([[0.5, 0.2], [-0.3, 0.1]])
    b2 = np.array([[0.1, -0.6], [0.4, 0.2]])
    h = 1 / steps
    transfer = np.eye(2) + h * a
    mean = np.array([1.0, 0.5])
    square = np.outer(mean, mean)
    for _ in range(steps):
        square = transfer @ square @ transfer.T + h * (b1 @ square @ b1.T + b2 @ square @ b2.T)
        mean = transfer @ mean
    covariance = square - np.outer(mean, mean)
    for i in range(2):
        assert_mean(found, mean[i], i)
        assert_variance(found, covariance[i, i], paths, i)
    # the tails are heavier than normal ones: half as much again
    assert_covariance(found, covariance, paths, 0, 1, excess=0.5)


MULTIVARIATE = """
rate = [[1.0, 0.5, 0.0], [-0.4, 2.0, 0.3], [0.0, 0.0, 0.4]]
mean = [1.0, 0.0, -1.0]
noise = [[0.5, 0.0], [0.2, 0.7], [0.0, 0.3]]
initial = [2.0, 1.0, { kind = "normal", mean = 0.0, sd = 0.5 }]
state = ["fast", "faster", "slow"]
"""


@pytest.mark.parametrize(("scheme", "steps"), [("exact", 1), ("exact", 7), ("euler_maruyama", 40)])
def test_multivariate_ornstein_uhlenbeck_has_its_law(scheme, steps, tmp_path):
    paths, end = 200_000, 1.4
    found = simulate(
        tmp_path, "multivariate_ornstein_uhlenbeck", MULTIVARIATE, end, steps, paths, scheme
    )
    rate = np.array([[1.0, 0.5, 0.0], [-0.4, 2.0, 0.3], [0.0, 0.0, 0.4]])
    centre = np.array([1.0, 0.0, -1.0])
    noise = np.array([[0.5, 0.0], [0.2, 0.7], [0.0, 0.3]])
    start = np.diag([0.0, 0.0, 0.25])
    if scheme == "exact":
        values, vectors = np.linalg.eig(rate)
        decay = (vectors @ np.diag(np.exp(-values * end)) @ np.linalg.inv(vectors)).real
        # A P + P A^T = B B^T for the stationary covariance P
        eye = np.eye(3)
        system = np.kron(rate, eye) + np.kron(eye, rate)
        stationary = np.linalg.solve(system, (noise @ noise.T).ravel()).reshape(3, 3)
        spread = stationary - decay @ stationary @ decay.T
    else:
        h = end / steps
        decay = np.linalg.matrix_power(np.eye(3) - h * rate, steps)
        spread = lyapunov(np.eye(3) - h * rate, noise @ noise.T * h, steps)
    mean = centre + decay @ (np.array([2.0, 1.0, 0.0]) - centre)
    covariance = spread + decay @ start @ decay.T
    assert [name.decode() for name in found["component"]] == ["fast", "faster", "slow"]
    for i in range(3):
        assert_mean(found, mean[i], i)
        for j in range(3):
            assert_covariance(found, covariance, paths, i, j)


def test_random_starts_have_their_laws_at_time_0(tmp_path):
    paths = 200_000
    keys = (
        'initial = { prey = { kind = "lognormal", log_mean = 1.0, log_sd = 0.3 }, '
        'predator = { kind = "uniform", low = 2.0, high = 5.0 } }'
    )
    found = simulate(tmp_path, "lotka_volterra", keys, 0.1, 1, paths, observe="times = [0.0]")
    mean = math.exp(1 + 0.045)
    assert_mean(found, mean, 0)
    assert_variance(found, mean**2 * math.expm1(0.09), paths, 0)
    assert_mean(found, 3.5, 1)
    assert_variance(found, 0.75, paths, 1)
    assert abs(found["covariance/value"][-1, 0, 1]) <= SIGMAS * np.sqrt(
        mean**2 * math.expm1(0.09) * 0.75 / paths
    )


ORDER = """
[model]
name = "{model}"
[order]
schemes = ["euler_maruyama", "milstein", "sriw1"]
reference = "solution"
coarsest = 32
levels = 4
paths = 10_240
"""


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("arctan", [0.5, 1.0, 1.5]),
        ("sinh_problem", [0.5, 1.0, 1.5]),
        ("kubo_oscillator", [0.5, 1.0, 1.5]),
        ("additive_time_dependent", [1.0, 1.0, 2.0]),
    ],
)
def test_schemes_converge_to_the_known_solutions(model, expected, tmp_path):
    # Against a wrong solution the errors would not fall at all. The linear additive problem is
    # solved to order 2 by a scheme of order 1.5.
    found = drivers.results("sde_order", ORDER.format(model=model), tmp_path)
    assert found["strong/order"] == pytest.approx(expected, abs=0.15)
