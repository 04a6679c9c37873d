# SPDX-License-Identifier: BSD-3-Clause
"""From decks to known laws: right where all is given, absent and silent where it is not."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import driftwood_post
import sample_results
from driftwood_post.laws import component_laws, payoff_reference
from driftwood_post.results import Deck


@pytest.mark.parametrize("model", ["heston", "gbm", "ou"])
def test_exact_means_agree_with_the_ensemble(results_folder: Path, model: str) -> None:
    results = driftwood_post.open(results_folder / f"{model}.h5")
    laws = component_laws(results.deck, results.components)
    assert set(laws) == set(results.components)
    assert results.moments is not None
    for index, name in enumerate(results.components):
        law = laws[name]
        assert law.mean is not None
        error = results.moments.standard_error[-1, index]
        # Five standard errors and, for the variance of Heston by Euler steps, their bias.
        bias = 2e-3 if name == "variance" else 0.0
        assert abs(results.moments.mean[-1, index] - law.mean(results.time)[-1]) < 5 * error + bias


def test_densities_integrate_to_one() -> None:
    for text, name, reach in (
        (sample_results.GBM, "price", 600),
        (sample_results.OU, "x", 6),
        (sample_results.HESTON, "price", 600),
    ):
        law = component_laws(Deck(text), [name])[name]
        x = np.linspace(-6, reach, 6001)
        assert law.density is not None
        density = law.density(1.0, x)
        assert density is not None
        assert np.trapz(density, x) == pytest.approx(1, abs=1e-4)


def test_there_is_no_density_at_time_zero() -> None:
    for text in (sample_results.GBM, sample_results.OU, sample_results.HESTON):
        for law in component_laws(Deck(text), ["x", "variance"]).values():
            assert law.density is not None and law.density(0.0, np.linspace(0, 1, 5)) is None


def test_several_components_take_their_own_entries() -> None:
    text = sample_results.GBM.replace("[0.05]", "[0.05, 0.1]").replace("[0.2]", "[0.2, 0.3]")
    text = text.replace("[100.0]", "[100.0, 50.0]")
    laws = component_laws(Deck(text), ["a", "b"])
    assert laws["b"].mean is not None
    assert laws["b"].mean(np.array([1.0]))[0] == pytest.approx(50 * math.exp(0.1))


def test_a_normal_initial_state_widens_the_ornstein_uhlenbeck_law() -> None:
    random = 'x = { kind = "normal", mean = 2.0, sd = 0.3 }'
    law = component_laws(Deck(sample_results.OU.replace("x = 2.0", random)), ["x"])["x"]
    assert law.variance is not None
    assert law.variance(np.array([0.0]))[0] == pytest.approx(0.09)


def heston_payoff(payoff: str) -> float | None:
    """The reference of one payoff on the Heston model with a rate of 3 %, at time 1."""
    model = sample_results.HESTON.replace("rate = 0.0", "rate = 0.03")
    reference = payoff_reference(Deck(f"{model}[observe]\npayoffs = {{ p = {payoff} }}"), "p")
    return None if reference is None else reference.value(1.0)


def gbm_payoff(payoff: str, model: str = sample_results.GBM) -> float | None:
    """The reference of one payoff on geometric Brownian motion, at time 1."""
    reference = payoff_reference(Deck(f"{model}[observe]\npayoffs = {{ p = {payoff} }}"), "p")
    return None if reference is None else reference.value(1.0)


def test_the_call_is_priced_from_the_deck() -> None:
    deck = Deck(sample_results.HESTON + sample_results.HESTON_OBSERVE)
    reference = payoff_reference(deck, "call")
    assert reference is not None
    assert reference.value(1.0) == pytest.approx(5.785155, abs=1e-6)
    assert reference.value(0.0) == 0
    assert payoff_reference(deck, "other") is None
    discounted = gbm_payoff('{ kind = "call", strike = 100, discount_rate = 0.05 }')
    assert discounted == pytest.approx(10.450584, abs=1e-6)


@pytest.mark.parametrize("price", [heston_payoff, gbm_payoff])
def test_payoffs_agree_with_each_other(price: Callable[[str], float]) -> None:
    values = {
        kind: price(f'{{ kind = "{kind}", strike = 95.0 }}')
        for kind in ("call", "put", "forward", "digital_call", "digital_put")
    }
    assert values["call"] - values["put"] == pytest.approx(values["forward"])
    assert values["digital_call"] + values["digital_put"] == pytest.approx(1)
    # A digital call is minus the slope of the call in the strike.
    low, high = (price(f'{{ kind = "call", strike = {95 + d} }}') for d in (-1e-3, 1e-3))
    assert values["digital_call"] == pytest.approx((low - high) / 2e-3, rel=1e-6)
    # Twice the price at twice the strike is twice the payoff.
    weights = "[2.0, 0.0]" if price is heston_payoff else "[2.0]"
    double = price(f'{{ kind = "call", strike = 190.0, weights = {weights} }}')
    assert double == pytest.approx(2 * values["call"])


def test_of_a_basket_only_the_forward_is_known() -> None:
    model = sample_results.GBM.replace("[0.05]", "[0.05, 0.1]").replace("[0.2]", "[0.2, 0.3]")
    model = model.replace("[100.0]", "[100.0, 50.0]")
    mean = (100 * math.exp(0.05) + 50 * math.exp(0.1)) / 2
    forward = gbm_payoff('{ kind = "forward", strike = 70.0 }', model)
    assert forward == pytest.approx(mean - 70)
    assert gbm_payoff('{ kind = "call", strike = 70.0 }', model) is None
    alone = gbm_payoff('{ kind = "forward", strike = 0.0, weights = [0.0, 1.0] }', model)
    assert alone == pytest.approx(50 * math.exp(0.1))


@pytest.mark.parametrize(
    "payoff",
    [
        '{ kind = "asian", strike = 100.0 }',
        '{ kind = "call" }',
        '{ kind = "call", strike = -1.0 }',
        '{ kind = "call", strike = 100.0, weights = [1.0, 1.0, 1.0] }',
        '{ kind = ["call"], strike = 100.0 }',
        "3",
    ],
)
def test_unknown_payoffs_have_no_reference(payoff: str) -> None:
    assert heston_payoff(payoff) is None
    assert gbm_payoff(payoff) is None


def test_whatever_is_missing_has_no_law() -> None:
    samples = sample_results
    for text in (samples.HESTON, samples.GBM, samples.OU, samples.DOUBLE_WELL):
        model = tomllib.loads(text)["model"]
        for key in model:
            if key == "rate" and model["name"] == "heston":
                continue  # zero by default
            lines = [line for line in text.splitlines() if not line.startswith(f"{key} ")]
            has_law = component_laws(Deck("\n".join(lines)), ["x"]) != {}
            assert has_law == (model["name"] == "double_well" and key == "initial"), key


@pytest.mark.parametrize(
    "text", ["", "not toml [", "model = 3", "[model]\nname = 3", '[model]\nname = "expression"']
)
def test_foreign_decks_have_no_law(text: str) -> None:
    assert component_laws(Deck(text), ["x"]) == {}
    assert payoff_reference(Deck(text), "call") is None


@pytest.mark.parametrize("value", ['"fast"', "true", "nan", "[]", "{}"])
def test_values_of_the_wrong_type_have_no_law(value: str) -> None:
    text = sample_results.OU.replace("rate = 1.0", f"rate = {value}")
    assert component_laws(Deck(text), ["x"]) == {}
