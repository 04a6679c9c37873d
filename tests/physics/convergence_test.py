# SPDX-License-Identifier: BSD-3-Clause
"""Measured orders of Euler-Maruyama on coupled Brownian paths, through saved paths of the driver.

The error of one path against the exact solution on the same noise needs the noise on all levels; the
grid source gives each number of steps its own. So strong errors are measured against the closed form
that uses the same increments: for geometric Brownian motion the `exact` scheme on the same grid.
"""
import numpy as np

from drivers import results

DECK = """
[model]
name = "geometric_brownian_motion"
initial = [1.0]
drift = [0.6]
volatility = [0.7]
[time]
scheme = "{scheme}"
end = 1.0
steps = {steps}
[ensemble]
paths = 20_000
seed = {seed}
[observe]
save_paths = 20_000
"""
STEPS = np.array([16, 32, 64, 128, 256])


def end_states(scheme, steps, folder):
    deck = DECK.format(scheme=scheme, steps=steps, seed=20_000 + steps)
    return results("sde_ensemble", deck, folder)["paths/value"][:, -1, 0]


def slope_and_error(h, error, relative_error):
    """Least-squares slope of log error against log h, and its standard error."""
    x = np.log(h) - np.log(h).mean()
    slope = (x * np.log(error)).sum() / (x * x).sum()
    return slope, np.sqrt((x**2 * relative_error**2).sum()) / (x * x).sum()


def test_euler_maruyama_has_strong_order_one_half_on_multiplicative_noise(tmp_path):
    rms, relative = [], []
    for steps in STEPS:
        square = (
            end_states("euler_maruyama", steps, tmp_path) - end_states("exact", steps, tmp_path)
        ) ** 2
        rms.append(np.sqrt(square.mean()))
        relative.append(0.5 * square.std() / square.mean() / np.sqrt(square.size))
    slope, error = slope_and_error(1 / STEPS, np.array(rms), np.array(relative))
    print(f"strong order {slope:.3f} +- {error:.3f}, errors {rms}")
    assert abs(slope - 0.5) <= 0.1 + 4 * error
    assert error < 0.06
    # SC-4: the error at 256 steps is known from an independent program, 5.0e-2
    assert abs(rms[-1] - 0.050) <= 0.1 * 0.050 + 4 * relative[-1] * rms[-1]


def test_euler_maruyama_has_weak_order_one(tmp_path):
    # E[X] of the scheme is (1 + 0.6 h)^n exactly: its distance to e^0.6 has order 1, and the measured
    # mean of the difference to the exact scheme on the same noise agrees with it.
    for steps in STEPS:
        difference = end_states("euler_maruyama", steps, tmp_path) - end_states(
            "exact", steps, tmp_path
        )
        expected = (1 + 0.6 / steps) ** steps - np.exp(0.6)
        standard_error = difference.std(ddof=1) / np.sqrt(difference.size)
        assert abs(difference.mean() - expected) <= 5 * standard_error
