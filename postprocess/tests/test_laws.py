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
from driftwood_post import closed_forms as cf
from driftwood_post.constants import constant
from driftwood_post.laws import component_laws, known, passage_law, payoff_reference
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


TWO = """
[model]
name = "expression"
state = ["x", "y"]
noise = ["a", "b"]
correlation = [[1, -0.5], [-0.5, 1]]
parameters = { m = 0.3, s = 0.8 }
initial = { x = 0.2, y = 1.0 }
drift = { x = "-m^2 + 0.1", y = "-y" }
diffusion = { x = { a = "s", b = "2*s" }, y = { b = "0.1*y" } }
[events.low]
component = "x"
level = -1.0
direction = "down"
"""
GBM_EVENT = sample_results.GBM + '[events.low]\nlevel = 80.0\ndirection = "down"\n'


def passed(text: str, components: tuple[str, ...], time: float = 2.0) -> float | None:
    """The known probability that the event `low` of a deck is before `time`."""
    law = passage_law(Deck(text), "low", components)
    return None if law is None else float(law.cdf(np.array([time]))[0])


def test_first_passages_are_of_the_motion_in_the_deck() -> None:
    # 0.64 (1 + 4 - 2) is the square of the noises' sum; the drift downwards is -0.01.
    expected = cf.passage_cdf(np.array([2.0]), 1.2, -0.01, math.sqrt(1.92))[0]
    assert passed(TWO, ("x", "y")) == pytest.approx(expected)
    apart = TWO.replace("correlation = [[1, -0.5], [-0.5, 1]]", "")
    expected = cf.passage_cdf(np.array([2.0]), 1.2, -0.01, math.sqrt(3.2))[0]
    assert passed(apart, ("x", "y")) == pytest.approx(expected)
    # log(100 / 80) downwards, against a drift of 0.05 - 0.02.
    expected = cf.passage_cdf(np.array([2.0]), math.log(1.25), -0.03, 0.2)[0]
    assert passed(GBM_EVENT, ("price",)) == pytest.approx(expected)
    upwards = GBM_EVENT.replace("80.0", "125.0").replace("down", "up")
    expected = cf.passage_cdf(np.array([2.0]), math.log(1.25), 0.03, 0.2)[0]
    assert passed(upwards, ("price",)) == pytest.approx(expected)


@pytest.mark.parametrize("policy", ["record", "stop", "absorb", "reflect", "reset"])
def test_what_a_policy_does_comes_after_the_first_passage(policy: str) -> None:
    text = f'{TWO}policy = "{policy}"\n'
    assert passed(text, ("x", "y")) == passed(TWO, ("x", "y"))
    references = known(Deck(text), ("x", "y"), ["low", "low_time", "high"]).formulas
    # Of the paths that are reset, all passages count.
    assert set(references) == {"low_time"} | ({"low"} if policy != "reset" else set())


def test_other_events_may_come_first() -> None:
    other = '[events.other]\nlevel = 2.0\ncomponent = "{}"\npolicy = "{}"\n'
    for component, policy, is_known in (
        ("x", "record", True),
        ("x", "absorb", False),
        ("y", "absorb", True),
        ("y", "stop", False),
    ):
        text = TWO + other.format(component, policy)
        assert (passed(text, ("x", "y")) is not None) == is_known, (component, policy)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-m^2 + 0.1", "-m^2 + 0*x"),
        ("-m^2 + 0.1", "t"),
        ("-m^2 + 0.1", "1/0"),
        ("-m^2 + 0.1", "9^9^9^9"),
        ("-m^2 + 0.1", "-" * 500 + "1"),
        ("-m^2 + 0.1", "m m"),
        ('"2*s"', '"y"'),
        ("s = 0.8", 's = { kind = "normal", mean = 0.8, sd = 0.1 }'),
        ("s = 0.8", "s = 0.0"),
        ("s = 0.8", "s = 1e-300"),
        ("x = 0.2", 'x = { kind = "normal", mean = 0.2, sd = 0.1 }'),
        ("level = -1.0", "level = 0.2"),
        ("level = -1.0", "level = 3.0"),
        ("level = -1.0", ""),
        ('"down"', '"sideways"'),
        ('component = "x"', ""),
        ('component = "x"', 'component = "z"'),
        ("[[1, -0.5], [-0.5, 1]]", "[[1]]"),
        ("[events.low]", "events.low = 3\n[other]"),
    ],
)
def test_other_motions_have_no_known_passages(old: str, new: str) -> None:
    assert old in TWO
    assert passed(TWO.replace(old, new), ("x", "y")) is None
    assert passed(GBM_EVENT.replace("80.0", "-1.0"), ("price",)) is None


def test_paths_that_events_act_on_leave_the_law_of_their_model() -> None:
    text = GBM_EVENT + '[observe]\npayoffs = { p = { kind = "call", strike = 95.0 } }\n'
    recorded = known(Deck(text), ("price",), ["p"])
    assert set(recorded.components) == {"price"} and "p" in recorded.formulas
    absorbed = text.replace("[observe]", 'policy = "absorb"\n[observe]')
    acted_on = known(Deck(absorbed), ("price",), ["p"])
    assert acted_on.components == {} and set(acted_on.formulas) == {"low", "low_time"}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("-2^2", -4.0),
        ("2^3^2", 512.0),
        ("2^-1 + 1e-3", 0.501),
        (" a*max(1, pi)/sqrt(4) ", 1.5 * math.pi),
        ("pow(a, 2) - abs(-1)", 8.0),
    ],
)
def test_constants_follow_the_grammar_of_formulas(formula: str, value: float) -> None:
    assert constant(formula, {"a": 3.0}) == pytest.approx(value)


@pytest.mark.parametrize(
    "formula",
    ["x", "", "(", "a.b", "[1][0]", "1 if a else 2", "__import__('os')", "sin()", "True", 3, None],
)
def test_what_is_no_constant_is_refused(formula: object) -> None:
    with pytest.raises(ValueError):
        constant(formula, {"a": 3.0})


MERTON = """
[model]
name = "geometric_brownian_motion"
drift = [0.117941]
volatility = [0.2]
initial = [100.0]
[jumps.crash]
rate = 0.8
marks = { z = { kind = "normal", mean = -0.1, sd = 0.15 } }
change = { price = "price * (exp(z) - 1)" }
[observe.payoffs.call]
kind = "call"
strike = 100.0
discount_rate = 0.05
[observe.payoffs.likely]
kind = "digital_call"
strike = 90.0
"""


def test_an_asset_with_lognormal_jumps_is_mertons() -> None:
    deck = Deck(MERTON)
    found = known(deck, ("price",), ["call", "likely", "crash"])
    law = found.components["price"]
    assert law.mean is not None and law.variance is not None and law.density is not None
    x = np.linspace(1e-3, 1500, 300_001)
    density = law.density(1.0, x)
    assert density is not None
    mean = float(law.mean(np.array(1.0)))
    assert np.trapz(density, x) == pytest.approx(1, abs=1e-9)
    assert np.trapz(x * density, x) == pytest.approx(mean, rel=1e-8)
    variance = np.trapz((x - mean) ** 2 * density, x)
    assert variance == pytest.approx(float(law.variance(np.array(1.0))), rel=1e-6)
    call = np.trapz(np.maximum(x - 100, 0) * density, x) * math.exp(-0.05)
    assert found.formulas["call"].value(1.0) == pytest.approx(call, rel=1e-6)
    assert found.formulas["call"].value(1.0) == pytest.approx(12.3338, abs=1e-4)
    likely = np.trapz(np.where(x > 90, density, 0), x)
    assert found.formulas["likely"].value(1.0) == pytest.approx(likely, abs=1e-4)
    assert found.formulas["crash"].value(2.5) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rate = 0.8", 'rate = "0.01*price"'),
        ("exp(z) - 1", "exp(z) - 2"),
        ('kind = "normal", mean', 'kind = "lognormal", log_mean'),
        ("[observe", "[jumps.more]\nrate = 1.0\nchange = { price = 1.0 }\n[observe"),
        ("initial = [100.0]", 'initial = [{ kind = "normal", mean = 1.0, sd = 1.0 }]'),
        ("[observe", '[events.low]\nlevel = 80.0\npolicy = "stop"\n[observe'),
    ],
)
def test_other_jumps_leave_their_models_law_for_none_that_is_known(old: str, new: str) -> None:
    text = MERTON.replace(old, new, 1)
    assert text != MERTON
    found = known(Deck(text), ("price",), ["call", "likely"])
    assert not found.components and not found.formulas and not found.passages


def test_paths_that_jump_pass_levels_by_no_known_law() -> None:
    jumps = "[jumps.kick]\nrate = 1.0\nchange = { price = 1.0 }\n"
    assert passed(GBM_EVENT + jumps, ("price",)) is None
    assert not known(Deck(GBM_EVENT + jumps), ("price",), ["low", "low_time"]).formulas
