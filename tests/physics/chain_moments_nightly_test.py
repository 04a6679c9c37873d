# SPDX-License-Identifier: BSD-3-Clause
"""Acceptance line L7: moments by mala, hmc and parallel tempering on targets whose moments are known.

Each number is a mean over chains, which are independent, of means over their draws; its standard error
is from the differences between the 256 chains. All of 114 numbers must be within 4 standard errors,
which by Student's t with 255 degrees of freedom a right program misses in 1 of 105 choices of the seed.
The seed is fixed. So that no number passes for want of precision, its standard error must be 5 % of its
scale at the most: of a mean the standard deviation, of other moments themselves.
"""
import math

import numpy as np
import pytest

from drivers import results

ERRORS = 4
RESOLVED = 0.05

DECK = """
[target]
{target}
[sampler]
name = "{sampler}"
precondition = "diagonal"
{keys}
[chains]
count = 256
seed = {seed}
warmup = {warmup}
steps = {steps}
initial = {{ kind = "normal", mean = 0.0, sd = {start} }}
draws = {{ thin = {thin}, chains = 256 }}
{tables}
"""


def mean_and_variance(x, mean, variance):
    """What the draws of a number say, what is right, and the scale of that."""
    return [(x, mean, math.sqrt(variance)), ((x - mean) ** 2, variance, variance)]


def mixture(found):
    # The target's draws are (chain, draw, coordinate).
    x, y = np.moveaxis(found["posterior/x"], -1, 0)
    return (
        mean_and_variance(x, 0.8, 1 + 4 - 0.64)
        + mean_and_variance(y, 0.4, 1 + 4 - 0.16)
        # Of x in (-2, -2, 2, 2) and y in (-2, 2, -2, 2) by weights of 1 to 4 tenths.
        + [(x * y, 0.0, 5.0)]
    )


def funnel(found):
    v, x = found["posterior/v"], found["posterior/x"]
    # Moments of x are those of a lognormal scale, whose fourth has a share of exp(9) in single draws:
    # x is taken in the unit that v says.
    unit = x * np.exp(-v / 2)[..., None]
    # Independent of v.
    across = [(unit[..., i] ** 2 * v, 0.0, 3.0) for i in (0, 8)]
    return (
        mean_and_variance(v, 0.0, 9.0)
        + mean_and_variance(unit[..., 0], 0.0, 1.0)
        + mean_and_variance(unit[..., 8], 0.0, 1.0)
        + across
    )


def double_well(second):
    """By quadrature; E x^4 = E x^2 + 1 / (4 b) by parts."""

    def moments(found):
        barrier, square = second
        x = found["posterior/x"]
        return [
            (x, 0.0, 1.0),
            (x**2, square, square),
            (x**4, square + 0.25 / barrier, square + 0.25 / barrier),
        ]

    return moments


def phi4(square, fourth, neighbour, susceptibility):
    """By the transfer matrix."""

    def moments(found):
        field = found["posterior/phi"]
        sites = field.shape[-1]
        return [
            (field[..., 0], 0.0, math.sqrt(square)),
            (np.mean(field**2, -1), square, square),
            (np.mean(field**4, -1), fourth, fourth),
            (np.mean(field * np.roll(field, 1, -1), -1), neighbour, neighbour),
            (np.sum(field, -1) ** 2 / sites, susceptibility, susceptibility),
        ]

    return moments


def rosenbrock(found):
    """With the keys left out x_0 is N(1, 10), and x_1 given x_0 is N(x_0^2, 1/10)."""
    x, y = np.moveaxis(found["posterior/x"], -1, 0)
    return (
        mean_and_variance(x, 1.0, 10.0)
        + mean_and_variance(y, 11.0, 240.1)
        + [(y - x**2, 0.0, math.sqrt(0.1)), ((y - x**2) ** 2, 0.1, 0.1)]
    )


TARGETS = {
    "mixture": (
        'name = "mixture"\nmeans = [[-2.0, -2.0], [-2.0, 2.0], [2.0, -2.0], [2.0, 2.0]]\n'
        "weights = [1.0, 2.0, 3.0, 4.0]",
        mixture,
    ),
    "funnel": ('name = "funnel"\ndimension = 10\ncentred = false', funnel),
    "double_well_1": ('name = "double_well"\nbarrier = 1.0', double_well((1.0, 0.83274549))),
    "double_well_3": ('name = "double_well"\nbarrier = 3.0', double_well((3.0, 0.88929402))),
    "double_well_5": ('name = "double_well"\nbarrier = 5.0', double_well((5.0, 0.93683394))),
    "phi4_one_phase": (
        'name = "phi4"\nsizes = [16]\nmass_squared = 1.0\nlambda = 0.5',
        phi4(0.26006993, 0.17358909, 0.06369398, 0.42877884),
    ),
    "phi4_two_phases": (
        'name = "phi4"\nsizes = [32]\nmass_squared = -1.0\nlambda = 0.25',
        phi4(0.68977722, 1.02592306, 0.35785014, 2.18047007),
    ),
    "rosenbrock": ('name = "rosenbrock"', rosenbrock),
}

TEMPERING = "[tempering]\ntemperatures = 8"

# Chains start between the wells: far out, where the potential is steeper than any parabola, mala refuses
# all its steps. Along Rosenbrock's valley a step is as small as the valley is narrow.
USUAL = {
    "mala": {"sampler": "mala", "steps": 20_000, "thin": 20},
    "hmc": {"sampler": "hmc", "steps": 4000, "thin": 4},
    "tempering": {"sampler": "mala", "steps": 10_000, "thin": 10, "start": 2.0, "tables": TEMPERING},
}
SPECIAL = {
    ("rosenbrock", "mala"): {
        "keys": "acceptance = 0.98",
        "warmup": 100_000,
        "steps": 10_000_000,
        "thin": 10_000,
    },
    ("rosenbrock", "hmc"): {"keys": "acceptance = 0.99\ntrajectory = 6.0"},
    ("rosenbrock", "tempering"): {
        "sampler": "hmc",
        "keys": "acceptance = 0.98\ntrajectory = 3.0",
        "steps": 4000,
        "thin": 4,
        "start": 10.0,
    },
}


@pytest.mark.parametrize("way", USUAL)
@pytest.mark.parametrize("target", TARGETS)
def test_moments_of_known_targets(target, way, tmp_path):
    keys, moments = TARGETS[target]
    usual = {"keys": "", "warmup": 2000, "start": 0.5, "tables": "", "seed": 7}
    deck = DECK.format(target=keys, **{**usual, **USUAL[way], **SPECIAL.get((target, way), {})})
    found = results("langevin_chains", deck, tmp_path)
    numbers = []
    for draws, right, scale in moments(found):
        of_chains = draws.mean(axis=1)
        error = of_chains.std(ddof=1) / math.sqrt(len(of_chains))
        numbers.append((of_chains.mean(), right, error, scale))
    value, right, error, scale = np.array(numbers).T
    z = (value - right) / error
    print(f"\n{target} by {way}: R-hat {found['summary/rhat'].max():.4f}, {len(z)} numbers, standard")
    print("errors off: " + " ".join(f"{each:+.2f}" for each in z))
    print("standard error / scale: " + " ".join(f"{each:.2g}" for each in error / scale))
    assert np.all(error < RESOLVED * scale), error / scale
    assert np.all(np.abs(z) < ERRORS), (value, right)
