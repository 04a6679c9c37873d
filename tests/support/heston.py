# SPDX-License-Identifier: BSD-3-Clause
"""Prices of European calls and puts in the Heston model by Fourier inversion, and their derivatives by
finite differences.

Heston (1993), "A closed-form solution for options with stochastic volatility", in the form of Albrecher,
Mayer, Schoutens and Tistaert (2007), "The little Heston trap", whose logarithm has no branch cuts on the
way.
"""
import dataclasses

import numpy as np

# Gauss-Legendre nodes on each of so many panels of [0, limit].
PANELS, NODES = 64, 32


@dataclasses.dataclass(frozen=True)
class Heston:
    """dS = rate S dt + sqrt(v) S dW1, dv = kappa (theta - v) dt + sigma sqrt(v) dW2, correlation rho."""

    price: float = 100.0
    variance: float = 0.04
    rate: float = 0.0
    kappa: float = 1.5
    theta: float = 0.04
    sigma: float = 0.3
    rho: float = -0.5

    def characteristic(self, u, end):
        """E exp(i u log(S_end / S_0))."""
        iu = 1j * u
        d = np.sqrt((self.rho * self.sigma * iu - self.kappa) ** 2 + self.sigma**2 * (iu + u * u))
        left = self.kappa - self.rho * self.sigma * iu - d
        g = left / (left + 2 * d)
        decay = np.exp(-d * end)
        log_part = np.log((1 - g * decay) / (1 - g))
        of_theta = self.kappa * self.theta / self.sigma**2 * (left * end - 2 * log_part)
        of_variance = self.variance / self.sigma**2 * left * (1 - decay) / (1 - g * decay)
        return np.exp(iu * self.rate * end + of_theta + of_variance)

    def call(self, strike, end, limit=200.0):
        """The discounted expectation of max(S_end - strike, 0)."""
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        edges = np.linspace(0, limit, PANELS + 1)
        half = np.diff(edges) / 2
        u = (edges[:-1] + half)[:, None] + half[:, None] * nodes
        w = half[:, None] * weights
        log_strike = np.log(strike / self.price)
        # P1 is a probability under the measure whose numeraire is the price.
        of_price = self.characteristic(u - 1j, end) / self.characteristic(np.array(-1j), end)
        first, second = (
            0.5 + np.sum(w * np.real(np.exp(-1j * u * log_strike) * f / (1j * u))) / np.pi
            for f in (of_price, self.characteristic(u, end))
        )
        return self.price * first - strike * np.exp(-self.rate * end) * second

    def put(self, strike, end, limit=200.0):
        """The discounted expectation of max(strike - S_end, 0), not by parity but on a contour of its
        own, Im u = 1/2, where the put's transform exists: Lewis (2001)."""
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        edges = np.linspace(-limit, limit, 2 * PANELS + 1)
        half = np.diff(edges) / 2
        u = (edges[:-1] + half)[:, None] + half[:, None] * nodes + 0.5j
        log_strike = np.log(strike / self.price)
        kernel = strike * np.exp(-1j * u * log_strike) / (1j * u * (1j * u - 1))
        value = np.sum(half[:, None] * weights * np.real(self.characteristic(u, end) * kernel))
        return np.exp(-self.rate * end) * value / (2 * np.pi)

    def derivative(self, name, strike, end, step=1e-3):
        """Of the call by a field, a central difference of fourth order; its error is below 1e-8."""
        value = getattr(self, name)
        h = step * max(abs(value), 0.1)

        def at(k):
            return dataclasses.replace(self, **{name: value + k * h}).call(strike, end)

        return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h)
