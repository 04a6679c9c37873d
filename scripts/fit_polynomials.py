#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Prints the polynomial coefficients of src/base/math.hpp and others, lowest power first.

Each fit minimises the largest relative error of the whole function (Remez exchange in 60 digits), for
the reduced argument on which math.hpp evaluates it. The first coefficients are fixed where the function
needs them exact. Run it to regenerate or to change a degree:  scripts/fit_polynomials.py
"""
from mpmath import mp, mpf, matrix, lu_solve, log, exp, sin, cos, tan, atan, erfc, pi, sqrt

mp.dps = 60


def remez(target, weight, terms, low, high, rounds=12):
    """Coefficients p_0..p_{terms-1} minimising max |weight(z) (p(z) - target(z))| on [low, high]."""
    n = terms + 1
    nodes = [(low + high) / 2 - (high - low) / 2 * cos(pi * k / (n - 1)) for k in range(n)]
    for _ in range(rounds):
        a, b = matrix(n, n), matrix(n, 1)
        for i, z in enumerate(nodes):
            for j in range(terms):
                a[i, j] = z**j
            a[i, terms] = (-1) ** i / weight(z)
            b[i] = target(z)
        solution = lu_solve(a, b)
        p = [solution[j] for j in range(terms)]

        def error(z):
            return weight(z) * (sum(c * z**j for j, c in enumerate(p)) - target(z))

        grid = [(low + high) / 2 - (high - low) / 2 * cos(pi * k / 400) for k in range(401)]
        values = [error(z) for z in grid]
        extrema, sign = [], 0
        for z, e in zip(grid, values):  # one extremum in each run of equal signs
            s = 1 if e > 0 else -1
            if s != sign:
                extrema.append((z, e))
                sign = s
            elif abs(e) > abs(extrema[-1][1]):
                extrema[-1] = (z, e)
        if len(extrema) < n:
            break
        while len(extrema) > n:
            extrema.pop(0 if abs(extrema[0][1]) < abs(extrema[-1][1]) else -1)
        nodes = [z for z, _ in extrema]
    return p, max(abs(v) for v in values)


def show(name, fit):
    coefficients, error = fit
    print(f"{name}: relative error {mp.nstr(error, 3)}")
    for c in coefficients:
        print(f"    {float(c)!r},")


tiny = mpf(10) ** -30
half_pi = pi / 2
root = (sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)  # |s| = |m - 1| / (m + 1) for m in [1/sqrt 2, sqrt 2]


def log_tail(z):
    """(log((1 + s) / (1 - s)) / s - 2) / z as a function of z = s^2."""
    if z < mpf(10) ** -12:
        return mpf(2) / 3 + 2 * z / 5 + 2 * z**2 / 7
    s = sqrt(z)
    return (log((1 + s) / (1 - s)) / s - 2) / z


def sine(z):
    """sin(pi r / 2) / r as a function of z = r^2."""
    r = sqrt(z)
    return half_pi - half_pi**3 * z / 6 if z < mpf(10) ** -20 else sin(half_pi * r) / r


def cosine_tail(z):
    """(cos(pi r / 2) - 1) / z as a function of z = r^2."""
    r = sqrt(z)
    if z < mpf(10) ** -12:
        return -(half_pi**2) / 2 + half_pi**4 * z / 24 - half_pi**6 * z**2 / 720
    return (cos(half_pi * r) - 1) / z


def exp_tail(x):
    """(exp(x) - 1 - x) / x^2."""
    if abs(x) < mpf(10) ** -15:
        return mpf(1) / 2 + x / 6 + x * x / 24
    return (exp(x) - 1 - x) / x**2


def arctangent_tail(z):
    """(atan(x) / x - 1) / z as a function of z = x^2."""
    if z < mpf(10) ** -12:
        return -mpf(1) / 3 + z / 5 - z**2 / 7
    x = sqrt(z)
    return (atan(x) / x - 1) / z


for label, terms in (("double", 7), ("single", 3)):
    show(f"log, {label}", remez(log_tail, lambda z: z / 2, terms, tiny, root**2))
for label, terms in (("double", 7), ("single", 4)):
    show(f"sine, {label}", remez(sine, lambda z: 1 / sine(z), terms, tiny, mpf(1) / 4))
for label, terms in (("double", 7), ("single", 4)):
    show(f"cosine, {label}", remez(cosine_tail, lambda z: z / cos(half_pi * sqrt(z)), terms, tiny, mpf(1) / 4))
half_ln2 = log(mpf(2)) / 2
for label, terms in (("double", 10), ("single", 5)):  # not symmetric, so that no node falls on x = 0
    show(f"exp, {label}", remez(exp_tail, lambda x: x * x / exp(x), terms, -half_ln2 * mpf("1.02"), half_ln2))
eighth = tan(pi / 8)
for label, terms in (("double", 11), ("single", 5)):
    show(f"arctangent, {label}", remez(arctangent_tail, lambda z: z * sqrt(z) / atan(sqrt(z)), terms, tiny, eighth**2))


def scaled_erfc(w):
    """(1 + 2 u) exp(u^2) erfc(u) as a function of w = (u - 15/4) / (u + 15/4), u >= 0, which is smooth
    up to u = inf: Shepherd and Laframboise (1981), "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x"."""
    if w > 1 - tiny:
        return 2 / sqrt(pi)
    u = mpf(15) / 4 * (1 + w) / (1 - w)
    if u < 60:
        return (1 + 2 * u) * exp(u * u) * erfc(u)
    v = 1 / (2 * u * u)
    return (1 + 2 * u) / (u * sqrt(pi)) * (1 - v + 3 * v**2 - 15 * v**3 + 105 * v**4)


# src/mcmc/normal_tail.hpp
show("scaled erfc, double", remez(scaled_erfc, lambda w: 1 / scaled_erfc(w), 24, -mpf(1), mpf(1)))
