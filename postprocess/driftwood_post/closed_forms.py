# SPDX-License-Identifier: BSD-3-Clause
"""Exact and semi-analytic laws of the models that `sde_ensemble` knows, as plain numpy functions.

Times are in the deck's unit of time; rates are per that unit. Every function that takes `x` returns
an array of its shape, and every moment that takes `time` an array of the shape of `time`.

Sources: Black and Scholes, J. Polit. Econ. 81 (1973) 637; Heston, Rev. Financ. Stud. 6 (1993) 327,
with the branch of the characteristic function of Albrecher, Mayer, Schoutens and Tistaert, Wilmott
(Jan 2007) 83; Fang and Oosterlee, SIAM J. Sci. Comput. 31 (2008) 826 (the COS method); Cox,
Ingersoll and Ross, Econometrica 53 (1985) 385; Karatzas and Shreve, Brownian Motion and Stochastic
Calculus, 2nd ed. (1991), section 3.5.C (first passage); Merton, J. Financ. Econ. 3 (1976) 125.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator

import numpy as np

from driftwood_post.arrays import Array

CharacteristicFunction = Callable[[Array], Array]


# ---------------------------------------------------------------- normal and lognormal laws


def normal_density(x: Array, mean: float, sd: float) -> Array:
    """Density of N(mean, sd^2) at `x`, in 1/[x]."""
    z = (np.asarray(x, dtype=float) - mean) / sd
    return np.exp(-0.5 * z * z) / (sd * math.sqrt(2 * math.pi))


def normal_cdf(x: float) -> float:
    """Distribution function of N(0, 1)."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def lognormal_density(x: Array, log_mean: float, log_sd: float) -> Array:
    """Density of exp(N(log_mean, log_sd^2)) at `x`, in 1/[x]; zero where x <= 0."""
    x = np.asarray(x, dtype=float)
    density = np.zeros_like(x)
    inside = x > 0
    density[inside] = normal_density(np.log(x[inside]), log_mean, log_sd) / x[inside]
    return density


# ---------------------------------------------------------------- geometric Brownian motion


def gbm_mean(time: Array, initial: float, drift: float) -> Array:
    """E[X_t] for dX = drift X dt + volatility X dW."""
    return initial * np.exp(drift * np.asarray(time, dtype=float))


def gbm_variance(time: Array, initial: float, drift: float, volatility: float) -> Array:
    """Var[X_t] for dX = drift X dt + volatility X dW."""
    time = np.asarray(time, dtype=float)
    return gbm_mean(time, initial, drift) ** 2 * np.expm1(volatility**2 * time)


def gbm_density(x: Array, time: float, initial: float, drift: float, volatility: float) -> Array:
    """Lognormal density of X_t at `x`, for initial > 0 and time > 0."""
    log_mean = math.log(initial) + (drift - 0.5 * volatility**2) * time
    return lognormal_density(x, log_mean, volatility * math.sqrt(time))


def black_scholes_call(
    spot: float, strike: float, rate: float, volatility: float, time: float
) -> float:
    """exp(-rate time) E[max(X_t - strike, 0)] where X has drift `rate`; in units of the spot."""
    forward = spot * math.exp(rate * time)
    sd = volatility * math.sqrt(time)
    if sd == 0:
        return math.exp(-rate * time) * max(forward - strike, 0.0)
    d1 = math.log(forward / strike) / sd + 0.5 * sd
    undiscounted = forward * normal_cdf(d1) - strike * normal_cdf(d1 - sd)
    return math.exp(-rate * time) * undiscounted


def lognormal_tail(level: float, forward: float, log_sd: float) -> float:
    """P(X > level) for a lognormal X of mean `forward`, with level > 0."""
    if log_sd == 0:
        return float(forward > level)
    return normal_cdf(math.log(forward / level) / log_sd - 0.5 * log_sd)


# ---------------------------------------------------------------- assets with lognormal jumps


@dataclasses.dataclass(frozen=True)
class Merton:
    """dX = drift X dt + volatility X dW + (e^z - 1) X dN, with jumps at `rate` per unit of time and
    z normal: Merton, J. Financ. Econ. 3 (1976) 125. Given the number of jumps X is lognormal."""

    initial: float
    drift: float
    volatility: float
    rate: float
    log_mean: float
    log_sd: float

    @property
    def growth(self) -> float:
        """Of the mean, per unit of time."""
        return self.drift + self.rate * math.expm1(self.log_mean + 0.5 * self.log_sd**2)

    def terms(self, time: float) -> Iterator[tuple[float, float, float]]:
        """Probability, mean of X and standard deviation of log X for 0, 1, ... jumps until `time`,
        but for numbers of jumps of probability 1e-14 together. For rate * time <= 500."""
        jumps = self.rate * time
        if jumps > 500:
            raise ValueError("too many jumps for the series")
        mean = self.initial * math.exp(self.drift * time)
        variance = self.volatility**2 * time
        weight, left, number = math.exp(-jumps), 1.0, 0
        while left > 1e-14 and number < 2000:
            yield weight, mean, math.sqrt(variance)
            left -= weight
            number += 1
            weight *= jumps / number
            mean *= math.exp(self.log_mean + 0.5 * self.log_sd**2)
            variance += self.log_sd**2


def merton_mean(time: Array, model: Merton) -> Array:
    """E[X_t]."""
    return model.initial * np.exp(model.growth * np.asarray(time, dtype=float))


def merton_variance(time: Array, model: Merton) -> Array:
    """Var[X_t]."""
    time = np.asarray(time, dtype=float)
    square = math.expm1(model.log_mean + 0.5 * model.log_sd**2)  # E[e^z - 1]
    spread = math.exp(2 * model.log_mean + model.log_sd**2) * math.expm1(model.log_sd**2)
    rate = model.volatility**2 + model.rate * (spread + square**2)
    return merton_mean(time, model) ** 2 * np.expm1(rate * time)


def merton_density(x: Array, time: float, model: Merton) -> Array:
    """Density of X_t at `x`, in 1/[x], for initial, volatility and time > 0."""
    density = np.zeros_like(np.asarray(x, dtype=float))
    for weight, mean, sd in model.terms(time):
        density = density + weight * lognormal_density(x, math.log(mean) - 0.5 * sd**2, sd)
    return density


def merton_call(model: Merton, strike: float, time: float) -> float:
    """E[max(X_t - strike, 0)], not discounted; in units of X."""
    return sum(
        weight * black_scholes_call(mean, strike, 0.0, sd, 1.0)
        for weight, mean, sd in model.terms(time)
    )


def merton_tail(model: Merton, level: float, time: float) -> float:
    """P(X_t > level) with level > 0."""
    return sum(weight * lognormal_tail(level, mean, sd) for weight, mean, sd in model.terms(time))


# ---------------------------------------------------------------- first passage of Brownian motion


def passage_cdf(time: Array, distance: float, drift: float, sd: float) -> Array:
    """P(T <= time) for the first time T that drift t + sd W_t is at `distance` > 0, with sd > 0."""
    time = np.asarray(time, dtype=float)
    probability = np.zeros_like(time)
    inside = time > 0
    t = time[inside]
    root = sd * np.sqrt(t)
    behind, ahead = (distance - drift * t) / root, (distance + drift * t) / root
    probability[inside] = _normal_tail(behind) + _reflected(behind, ahead, distance, drift, sd)
    return np.minimum(probability, 1.0)


def passage_density(time: Array, distance: float, drift: float, sd: float) -> Array:
    """Density of that T at `time`, in 1/[time]: an inverse Gaussian law, of mass below one where the
    drift is away from the level."""
    time = np.asarray(time, dtype=float)
    density = np.zeros_like(time)
    inside = time > 0
    t = time[inside]
    root = sd * np.sqrt(t)
    density[inside] = distance / t * normal_density((distance - drift * t) / root, 0, 1) / root
    return density


def passage_mean_wait(time: float, distance: float, drift: float, sd: float) -> float:
    """E[min(T, time)]: the integral of P(T > t), by Gauss's rule on intervals that double, and on
    short ones about the time when most paths pass, which a strong drift makes sharp."""
    ends = np.append(0.0, time * np.exp2(np.arange(-48.0, 1.0)))
    if drift > 0:
        most = distance / drift
        near = most + np.arange(-12.0, 13.0) * sd * math.sqrt(most) / drift
        ends = np.sort(np.append(ends, near[(near > 0) & (near < time)]))
    node, weight = np.polynomial.legendre.leggauss(16)
    half = np.diff(ends)[:, None] / 2
    waiting = 1 - passage_cdf(ends[:-1, None] + half * (1 + node), distance, drift, sd)
    return float((half * weight * waiting).sum())


def _normal_tail(x: Array) -> Array:
    """P(N(0, 1) > x)."""
    return np.array([normal_cdf(-value) for value in np.ravel(x)]).reshape(np.shape(x))


def _reflected(behind: Array, ahead: Array, distance: float, drift: float, sd: float) -> Array:
    """exp(2 drift distance / sd^2) P(N(0, 1) > ahead). From `_FAR` on, where the first factor may
    overflow and the second vanish, as density(behind) * tail(ahead) / density(ahead), the same."""
    far = ahead >= _FAR
    product = np.empty_like(ahead)
    log_factor = 2 * drift * distance / sd**2  # at most ahead^2 / 2
    near = ~far
    product[near] = np.exp(min(log_factor, 0.5 * _FAR**2)) * _normal_tail(ahead[near])
    ratio = ahead[far]
    for k in range(_MILLS_TERMS, 0, -1):  # Laplace's continued fraction
        ratio = ahead[far] + k / ratio
    product[far] = normal_density(behind[far], 0, 1) / ratio
    return product


_FAR = 5.0
_MILLS_TERMS = 60  # for fourteen digits from _FAR on


# ---------------------------------------------------------------- Ornstein-Uhlenbeck


def ou_mean(time: Array, initial: float, rate: float, mean: float) -> Array:
    """E[X_t] for dX = rate (mean - X) dt + sigma dW, from E[X_0] = initial."""
    return mean + (initial - mean) * np.exp(-rate * np.asarray(time, dtype=float))


def ou_variance(time: Array, rate: float, sigma: float, initial_variance: float = 0.0) -> Array:
    """Var[X_t] for dX = rate (mean - X) dt + sigma dW."""
    time = np.asarray(time, dtype=float)
    if rate == 0:
        return initial_variance + sigma**2 * time
    decay = -np.expm1(-2 * rate * time)
    return initial_variance * np.exp(-2 * rate * time) + sigma**2 * decay / (2 * rate)


# ---------------------------------------------------------------- double well


def double_well_stationary_density(x: Array, a: float, b: float, sigma: float) -> Array:
    """Stationary density exp(-2 U / sigma^2) / Z of dX = (a X - b X^3) dt + sigma dW; b > 0.

    U = -a x^2 / 2 + b x^4 / 4. Z is a trapezoidal sum over the region where the integrand is above
    1e-30 of its largest value; the rule converges geometrically there.
    """

    def exponent(y: Array) -> Array:
        return (a * y * y - 0.5 * b * y**4) / sigma**2

    peak = max(0.0, a * a / (2 * b * sigma**2))
    reach = math.sqrt((a + math.sqrt(a * a + 2 * b * sigma**2 * (peak + 70.0))) / b)
    grid = np.linspace(-reach, reach, 8001)
    normaliser = np.exp(exponent(grid) - peak).sum() * (grid[1] - grid[0])
    return np.exp(exponent(np.asarray(x, dtype=float)) - peak) / normaliser


# ---------------------------------------------------------------- square-root (CIR) variance


def cir_mean(time: Array, initial: float, kappa: float, theta: float) -> Array:
    """E[v_t] for dv = kappa (theta - v) dt + sigma sqrt(v) dW."""
    return ou_mean(time, initial, kappa, theta)


def cir_variance(time: Array, initial: float, kappa: float, theta: float, sigma: float) -> Array:
    """Var[v_t] for dv = kappa (theta - v) dt + sigma sqrt(v) dW."""
    decay = np.exp(-kappa * np.asarray(time, dtype=float))
    gone = 1 - decay
    return sigma**2 / kappa * gone * (initial * decay + 0.5 * theta * gone)


def cir_density(
    x: Array, time: float, initial: float, kappa: float, theta: float, sigma: float
) -> Array | None:
    """Density of v_t at `x`: a scaled non-central chi-squared law, summed as a Poisson mixture of
    gamma densities. Zero where x <= 0; infinite towards 0 where 2 kappa theta < sigma^2. None where
    the mixture would take more than 2^13 terms: the law is then all but normal."""
    x = np.asarray(x, dtype=float)
    scale = sigma**2 * -math.expm1(-kappa * time) / (2 * kappa)
    poisson_mean = initial * math.exp(-kappa * time) / scale
    width = 12 * math.sqrt(poisson_mean) + 40
    first, last = max(0, math.floor(poisson_mean - width)), math.ceil(poisson_mean + width)
    if last - first > 2**13:
        return None
    density = np.zeros_like(x)
    inside = x > 0
    log_y = np.log(x[inside] / scale)
    for j in range(first, last + 1) if poisson_mean > 0 else (0,):
        log_power = j * math.log(poisson_mean) if j > 0 else 0.0
        log_weight = log_power - math.lgamma(j + 1) - poisson_mean
        shape = 2 * kappa * theta / sigma**2 + j
        log_gamma = (shape - 1) * log_y - x[inside] / scale - math.lgamma(shape)
        density[inside] += np.exp(log_weight + log_gamma) / scale
    return density


# ---------------------------------------------------------------- Heston by the COS method


@dataclasses.dataclass(frozen=True)
class Heston:
    """dS = rate S dt + sqrt(v) S dW1, dv = kappa (theta - v) dt + sigma sqrt(v) dW2,
    d<W1, W2> = rho dt, from S_0 = price and v_0 = variance."""

    rate: float
    kappa: float
    theta: float
    sigma: float
    rho: float
    price: float
    variance: float

    def log_return_characteristic(self, time: float) -> CharacteristicFunction:
        """E[exp(i u log(S_t / S_0))] as a function of the real array u."""

        def characteristic(u: Array) -> Array:
            iu = 1j * np.asarray(u, dtype=float)
            square = self.sigma**2
            beta = self.kappa - self.rho * self.sigma * iu
            root = np.sqrt(beta * beta + square * (iu - iu * iu))
            slope = (iu * iu - iu) / (beta + root)  # (beta - root) / sigma^2 without cancellation
            g = square * slope / (beta + root)
            decay = np.exp(-root * time)
            log_term = np.log((1 - g * decay) / (1 - g))
            a = self.kappa * self.theta * (slope * time - 2 * log_term / square)
            b = slope * (1 - decay) / (1 - g * decay)
            return np.exp(iu * self.rate * time + a + b * self.variance)

        return characteristic

    def log_return_cumulants(self, time: float) -> tuple[float, float]:
        """Mean and variance of log(S_t / S_0) = rate t - I/2 + M, with I the integral of v and
        M of sqrt(v) dW1: Var = Var[I]/4 + E[I] - Cov[I, M], each from the moments of v."""
        k, v0, theta, t = self.kappa, self.variance, self.theta, time
        decay = math.exp(-k * t)
        g = -math.expm1(-k * t) / k
        excess = (v0 - theta) * (g - decay * t)
        mean_integral = theta * t + (v0 - theta) * g
        covariance = self.rho * self.sigma / k * (theta * (t - g) + excess)
        square = -math.expm1(-2 * k * t) / (2 * k) - decay * g
        bracket = 0.5 * theta * (t - g) + excess + (0.5 * theta - v0) * square
        variance_integral = 2 * self.sigma**2 / k**2 * bracket
        mean = self.rate * t - 0.5 * mean_integral
        return mean, 0.25 * variance_integral + mean_integral - covariance


@dataclasses.dataclass(frozen=True)
class CosSeries:
    """A density on [low, high] as a cosine series: `coefficient` (K), the first already halved."""

    low: float
    high: float
    coefficient: Array

    def density(self, x: Array) -> Array:
        """The density at `x`; zero outside [low, high]."""
        x = np.asarray(x, dtype=float)
        frequency = np.arange(self.coefficient.size) * math.pi / (self.high - self.low)
        value = np.zeros_like(x)
        flat, result = x.ravel(), value.ravel()
        for begin in range(0, flat.size, 256):
            part = slice(begin, begin + 256)
            result[part] = np.cos(np.outer(flat[part] - self.low, frequency)) @ self.coefficient
        return np.where((x >= self.low) & (x <= self.high), result.reshape(x.shape), 0.0)

    def tail(self, x: float) -> float:
        """The mass above `x`."""
        x = min(max(x, self.low), self.high)
        frequency = np.arange(1, self.coefficient.size) * math.pi / (self.high - self.low)
        waves = -np.sin(frequency * (x - self.low)) / frequency
        return float(self.coefficient[0] * (self.high - x) + self.coefficient[1:] @ waves)


def cos_series(
    characteristic: CharacteristicFunction, low: float, high: float, tolerance: float = 1e-12
) -> CosSeries | None:
    """Cosine coefficients of the density with that characteristic function.

    The number of terms doubles until the characteristic function is below `tolerance` over the last
    quarter of them; None where 2^16 terms are not enough.
    """
    for terms in (2**p for p in range(7, 17)):
        frequency = np.arange(terms) * math.pi / (high - low)
        value = characteristic(frequency)
        if not np.all(np.isfinite(value)):
            return None
        if np.max(np.abs(value[-terms // 4 :])) < tolerance:
            coefficient = 2 / (high - low) * np.real(value * np.exp(-1j * frequency * low))
            coefficient[0] *= 0.5
            return CosSeries(low, high, coefficient)
    return None


def heston_log_return_series(model: Heston, time: float, reach: float = 24.0) -> CosSeries | None:
    """COS series of the density of log(S_t / S_0) on mean +- `reach` standard deviations.

    The reach of 12 in the paper leaves 1e-6 outside for heavy tails; 24 costs twice the terms.
    """
    mean, variance = model.log_return_cumulants(time)
    if not (variance > 0 and math.isfinite(variance) and math.isfinite(mean)):
        return None
    half = reach * math.sqrt(variance)
    return cos_series(model.log_return_characteristic(time), mean - half, mean + half)


def heston_price_density(model: Heston, time: float, price: Array) -> Array | None:
    """Density of S_t at `price`, in 1/[price]; None where the series is not numerically sound.

    Sound means: converged, and nowhere below -1e-6 of its largest value.
    """
    series = heston_log_return_series(model, time)
    if series is None:
        return None
    mean, variance = model.log_return_cumulants(time)
    centre = series.density(mean + math.sqrt(variance) * np.linspace(-6, 6, 401))
    if centre.min() < -1e-6 * centre.max():
        return None
    price = np.asarray(price, dtype=float)
    density = np.zeros_like(price)
    inside = price > 0
    log_return = np.log(price[inside] / model.price)
    density[inside] = np.maximum(series.density(log_return), 0.0) / price[inside]
    return density


def _put_payoff_coefficients(low: float, high: float, strike: float, terms: int) -> Array:
    """Cosine coefficients of max(1 - e^y, 0) * strike over y = log(S / strike) in [low, high]."""
    k = np.arange(terms)
    w = k * math.pi / (high - low)
    top = min(max(0.0, low), high)
    cosine, sine = np.cos(w * (top - low)), np.sin(w * (top - low))
    exp_part = (cosine * math.exp(top) - math.exp(low) + w * sine * math.exp(top)) / (1 + w * w)
    constant = np.empty(terms)
    constant[0] = top - low
    constant[1:] = sine[1:] / w[1:]
    return strike * (constant - exp_part)


def heston_call(model: Heston, strike: float, time: float) -> float | None:
    """exp(-rate time) E[max(S_t - strike, 0)] by COS for the put and put-call parity.

    None where the series does not converge.
    """
    series = heston_log_return_series(model, time)
    if series is None:
        return None
    shift = math.log(model.price / strike)
    payoff = _put_payoff_coefficients(
        series.low + shift, series.high + shift, strike, series.coefficient.size
    )
    discount = math.exp(-model.rate * time)
    put = discount * float(series.coefficient @ payoff)
    return put + model.price - strike * discount


def heston_tail(model: Heston, level: float, time: float) -> float | None:
    """P(S_t > level) by COS; None where the series does not converge."""
    series = heston_log_return_series(model, time)
    return None if series is None else series.tail(math.log(level / model.price))
