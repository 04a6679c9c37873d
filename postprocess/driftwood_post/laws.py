# SPDX-License-Identifier: BSD-3-Clause
"""From a deck to the known laws of components and first passages and the known values of payoffs.

Whatever a deck leaves out or spells otherwise has no known law: nothing is then drawn, and nothing
fails.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from driftwood_post import closed_forms as cf
from driftwood_post.arrays import Array
from driftwood_post.constants import constant
from driftwood_post.results import Deck

Table = Mapping[str, Any]
OverTime = Callable[[Array], Array]
Density = Callable[[float, Array], Array | None]


@dataclasses.dataclass(frozen=True)
class Law:
    """What is known of one component: moments over time (T) -> (T), its density at (time, x), and
    the density it settles to, at x. `name` says which law, for legends."""

    name: str
    mean: OverTime | None = None
    variance: OverTime | None = None
    density: Density | None = None
    stationary: Callable[[Array], Array] | None = None


@dataclasses.dataclass(frozen=True)
class Reference:
    """The known value of a formula or payoff by time, and where it comes from."""

    source: str
    value: Callable[[float], float | None]


@dataclasses.dataclass(frozen=True)
class PassageLaw:
    """The law of a first passage time: its distribution function and density over time (T) -> (T),
    and the mean of the time to it, or to the end if that is earlier, by the end."""

    name: str
    cdf: OverTime
    density: OverTime
    mean_wait: Callable[[float], float]


@dataclasses.dataclass(frozen=True)
class Known:
    """All that is known of a deck: by component, by formula and by event."""

    components: Mapping[str, Law] = dataclasses.field(default_factory=dict)
    formulas: Mapping[str, Reference] = dataclasses.field(default_factory=dict)
    passages: Mapping[str, PassageLaw] = dataclasses.field(default_factory=dict)


def known(deck: Deck, components: Sequence[str], formulas: Iterable[str]) -> Known:
    """What is known of these components and formulas, and of the deck's events."""
    events = deck.table("events")
    passages = {
        name: law for name in events if (law := passage_law(deck, name, components)) is not None
    }
    references = {
        name: reference
        for name in formulas
        if (reference := payoff_reference(deck, name)) is not None
    }
    for name, law in passages.items():
        if events[name].get("policy") != "reset":  # where all passages count, not the first alone
            references[name] = _at_a_time(law.name, law.cdf)
        references[f"{name}_time"] = Reference(law.name, law.mean_wait)
    return Known(component_laws(deck, components), references, passages)


def _at_a_time(source: str, over_time: OverTime) -> Reference:
    return Reference(source, lambda time: float(over_time(np.asarray(time))))


def component_laws(deck: Deck, components: Sequence[str]) -> Mapping[str, Law]:
    """The law of each component that has a known one."""
    model = deck.table("model")
    if deck.table("jumps"):
        return _merton_laws(deck, components)
    make = _LAWS.get(str(model.get("name")))
    if make is None or _is_acted_on(deck):
        return {}
    laws = {}
    for index, name in enumerate(components):
        try:
            laws[name] = make(model, index, name)
        except _NOT_KNOWN:
            continue
    return laws


def payoff_reference(deck: Deck, formula: str) -> Reference | None:
    """The known value of the payoff `formula` of the deck, None where there is none."""
    model = deck.table("model")
    payoffs = deck.table("observe").get("payoffs", {})
    jumps = deck.table("jumps")
    make = _PAYOFFS.get(str(model.get("name")))
    try:
        if make is None and not jumps or _is_acted_on(deck):
            return None
        if formula in jumps:
            return _number_of_jumps(jumps[formula])
        if jumps:
            return _merton_payoff(_merton(deck), payoffs[formula])
        return make(model, payoffs[formula]) if make is not None else None
    except _NOT_KNOWN:
        return None


def _is_acted_on(deck: Deck) -> bool:
    """Whether the deck has events that move or stop paths, which then leave their model's law."""
    events = deck.table("events").values()
    return any(not isinstance(e, dict) or e.get("policy", "record") != "record" for e in events)


def passage_law(deck: Deck, event: str, components: Sequence[str]) -> PassageLaw | None:
    """The law of the first passage of the deck's `event`, None where there is none."""
    try:
        return _passage_law(deck, event, components)
    except _NOT_KNOWN:
        return None


_NOT_KNOWN = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a finite number")
    return float(value)


def _entry(table: Table, key: str, index: int) -> float:
    """A number that holds for all components, or the entry of a list of them."""
    value = table[key]
    return _number(value[index] if isinstance(value, list) else value)


def _initial(model: Table, index: int, name: str) -> tuple[float, float]:
    """Mean and variance of a component's initial value: a number, or a normal law."""
    value = model["initial"]
    if isinstance(value, list):
        value = value[index]
    elif isinstance(value, dict) and "kind" not in value:
        value = value[name]
    if isinstance(value, dict):
        if value["kind"] != "normal":
            raise ValueError("only normal initial laws have a closed form here")
        return _number(value["mean"]), _number(value["sd"]) ** 2
    return _number(value), 0.0


def _fixed_initial(model: Table, index: int, name: str) -> float:
    mean, variance = _initial(model, index, name)
    if variance != 0:
        raise ValueError("the initial value is random")
    return mean


# ---------------------------------------------------------------- laws by model


def _gbm_law(model: Table, index: int, name: str) -> Law:
    initial = _fixed_initial(model, index, name)
    drift, volatility = _entry(model, "drift", index), _entry(model, "volatility", index)

    def density(time: float, x: Array) -> Array | None:
        if not (time > 0 and initial > 0 and volatility > 0):
            return None
        return cf.gbm_density(x, time, initial, drift, volatility)

    return Law(
        "lognormal",
        lambda t: cf.gbm_mean(t, initial, drift),
        lambda t: cf.gbm_variance(t, initial, drift, volatility),
        density,
    )


def _ou_law(model: Table, index: int, name: str) -> Law:
    initial, initial_variance = _initial(model, index, name)
    rate, mean, sigma = (_entry(model, key, index) for key in ("rate", "mean", "sigma"))

    def variance(time: Array) -> Array:
        return cf.ou_variance(time, rate, sigma, initial_variance)

    def density(time: float, x: Array) -> Array | None:
        sd = math.sqrt(float(variance(np.asarray(time))))
        centre = float(cf.ou_mean(np.asarray(time), initial, rate, mean))
        return cf.normal_density(x, centre, sd) if sd > 0 else None

    return Law("normal", lambda t: cf.ou_mean(t, initial, rate, mean), variance, density)


def _double_well_law(model: Table, index: int, _: str) -> Law:
    a, b, sigma = (_entry(model, key, index) for key in ("a", "b", "sigma"))
    if b <= 0 or sigma <= 0:
        raise ValueError("no stationary law")
    return Law("stationary", stationary=lambda x: cf.double_well_stationary_density(x, a, b, sigma))


def _heston(model: Table) -> cf.Heston:
    initial = model["initial"]
    price, variance = initial if isinstance(initial, list) else (initial[k] for k in _HESTON_STATE)
    kappa, theta, sigma, rho = (_number(model[k]) for k in ("kappa", "theta", "sigma", "rho"))
    price, variance = _number(price), _number(variance)
    if min(kappa, theta, price) <= 0 or variance < 0 or sigma < _LEAST_SIGMA or abs(rho) >= 1:
        raise ValueError("degenerate")
    return cf.Heston(_number(model.get("rate", 0.0)), kappa, theta, sigma, rho, price, variance)


_HESTON_STATE = ("price", "variance")
_LEAST_SIGMA = 1e-4  # below, the characteristic function loses more than half its digits


def _heston_law(model: Table, index: int, _: str) -> Law:
    m = _heston(model)
    if index == 1:
        return Law(
            "non-central chi-squared",
            lambda t: cf.cir_mean(t, m.variance, m.kappa, m.theta),
            lambda t: cf.cir_variance(t, m.variance, m.kappa, m.theta, m.sigma),
            lambda t, x: (
                cf.cir_density(x, t, m.variance, m.kappa, m.theta, m.sigma) if t > 0 else None
            ),
        )
    return Law(
        "Fourier inversion",
        lambda t: cf.gbm_mean(t, m.price, m.rate),
        None,
        lambda t, x: cf.heston_price_density(m, t, x) if t > 0 else None,
    )


_LAWS: Mapping[str, Callable[[Table, int, str], Law]] = {
    "geometric_brownian_motion": _gbm_law,
    "ornstein_uhlenbeck": _ou_law,
    "double_well": _double_well_law,
    "heston": _heston_law,
}


# ---------------------------------------------------------------- European payoffs


@dataclasses.dataclass(frozen=True)
class _Underlying:
    """Known expectations of a price at time t > 0, none discounted, for a level > 0."""

    source: str
    spot: float
    mean: Callable[[float], float]
    call: Callable[[float, float], float | None] | None = None  # E[max(U - level, 0)]
    tail: Callable[[float, float], float | None] | None = None  # P(U > level)


def _expected_payoff(u: _Underlying, kind: str, strike: float, time: float) -> float | None:
    """E of a payoff of `src/sde/payoff.hpp`, not discounted."""
    if kind == "forward":
        return u.mean(time) - strike
    if kind in ("call", "put"):
        call = u.call(strike, time) if u.call is not None else None
        if call is None or kind == "call":
            return call
        return call + strike - u.mean(time)
    tail = u.tail(strike, time) if u.tail is not None else None
    if tail is None or kind == "digital_call":
        return tail
    return 1 - tail


def _payoff_now(spot: float, kind: str, strike: float) -> float:
    return {
        "forward": spot - strike,
        "call": max(spot - strike, 0.0),
        "put": max(strike - spot, 0.0),
        "digital_call": float(spot > strike),
        "digital_put": float(spot < strike),
    }[kind]


def _reference(underlying: _Underlying, payoff: Table) -> Reference:
    kind, strike = payoff["kind"], _number(payoff["strike"])
    discount_rate = _number(payoff.get("discount_rate", 0.0))
    _payoff_now(underlying.spot, kind, strike)  # KeyError for a kind that is not known
    if kind != "forward" and strike <= 0:
        raise ValueError("the closed forms are for positive strikes")

    def value(time: float) -> float | None:
        try:
            if time == 0:
                return _payoff_now(underlying.spot, kind, strike)
            expected = _expected_payoff(underlying, kind, strike, time)
            return None if expected is None else math.exp(-discount_rate * time) * expected
        except ArithmeticError:
            return None

    return Reference("exact" if kind == "forward" else underlying.source, value)


def _weights(payoff: Table, default: list[float]) -> list[float]:
    """The weight of each component in the underlying."""
    given = payoff.get("weights") or default
    if len(given) != len(default):
        raise ValueError("not one weight per component")
    return [_number(weight) for weight in given]


def _gbm_payoff(model: Table, payoff: Table) -> Reference:
    prices = [_number(price) for price in model["initial"]]
    weights = _weights(payoff, [1 / len(prices)] * len(prices))
    held = [k for k, weight in enumerate(weights) if weight != 0]
    drifts = [_entry(model, "drift", k) for k in held]
    shares = [weights[k] * prices[k] for k in held]
    spot = sum(shares)

    def mean(time: float) -> float:
        return sum(s * math.exp(d * time) for s, d in zip(shares, drifts, strict=True))

    if len(held) != 1 or spot <= 0:
        return _reference(_Underlying("exact", spot, mean), payoff)
    drift, volatility = drifts[0], _entry(model, "volatility", held[0])

    def call(strike: float, time: float) -> float:
        discounted = cf.black_scholes_call(spot, strike, drift, volatility, time)
        return math.exp(drift * time) * discounted

    def tail(level: float, time: float) -> float:
        return cf.lognormal_tail(level, mean(time), volatility * math.sqrt(time))

    return _reference(_Underlying("Black and Scholes 1973", spot, mean, call, tail), payoff)


def _heston_payoff(model: Table, payoff: Table) -> Reference:
    unit = _heston(model)
    weights = _weights(payoff, [1.0, 0.0])
    if weights[0] <= 0 or weights[1] != 0:
        raise ValueError("not a payoff on the price")
    m = dataclasses.replace(unit, price=weights[0] * unit.price)

    def mean(time: float) -> float:
        return m.price * math.exp(m.rate * time)

    def call(strike: float, time: float) -> float | None:
        discounted = cf.heston_call(m, strike, time)
        return None if discounted is None else math.exp(m.rate * time) * discounted

    def tail(level: float, time: float) -> float | None:
        return cf.heston_tail(m, level, time)

    source = "Heston 1993, by the COS method of Fang and Oosterlee 2008"
    return _reference(_Underlying(source, m.price, mean, call, tail), payoff)


def _number_of_jumps(jump: Table) -> Reference:
    """Of a rate that is a number, not a formula of anything."""
    rate = jump["rate"]
    rate = float(rate) if isinstance(rate, str) else _number(rate)
    return Reference("Poisson", lambda time: rate * time)


def _merton(deck: Deck) -> cf.Merton:
    """One asset with one kind of jumps, spelled as `price*(exp(z) - 1)` with a normal z."""
    model = deck.table("model")
    (jump,) = deck.table("jumps").values()
    ((mark, law),) = jump["marks"].items()
    ((component, change),) = jump["change"].items()
    if model["name"] != "geometric_brownian_motion" or len(model["initial"]) != 1:
        raise ValueError("not one asset")
    if change.replace(" ", "") != f"{component}*(exp({mark})-1)" or law["kind"] != "normal":
        raise ValueError("not jumps by a lognormal factor")
    merton = cf.Merton(
        _fixed_initial(model, 0, component),
        _entry(model, "drift", 0),
        _entry(model, "volatility", 0),
        _number_of_jumps(jump).value(1.0) or 0.0,
        _number(law["mean"]),
        _number(law["sd"]),
    )
    if not merton.initial > 0:
        raise ValueError("no price")
    return merton


def _merton_laws(deck: Deck, components: Sequence[str]) -> Mapping[str, Law]:
    try:
        model = _merton(deck)
        if _is_acted_on(deck):
            return {}
    except _NOT_KNOWN:
        return {}

    def density(time: float, x: Array) -> Array | None:
        if not (0 < time * model.rate <= 500 and model.volatility > 0):
            return None
        return cf.merton_density(x, time, model)

    law = Law(
        "Merton 1976",
        lambda t: cf.merton_mean(t, model),
        lambda t: cf.merton_variance(t, model),
        density,
    )
    return {components[0]: law}


def _merton_payoff(model: cf.Merton, payoff: Table) -> Reference:
    weights = _weights(payoff, [1.0])
    if weights != [1.0]:
        raise ValueError("not a payoff on the price")

    def mean(time: float) -> float:
        return model.initial * math.exp(model.growth * time)

    def call(strike: float, time: float) -> float | None:
        return cf.merton_call(model, strike, time) if time * model.rate <= 500 else None

    def tail(level: float, time: float) -> float | None:
        return cf.merton_tail(model, level, time) if time * model.rate <= 500 else None

    return _reference(_Underlying("Merton 1976", model.initial, mean, call, tail), payoff)


_PAYOFFS: Mapping[str, Callable[[Table, Table], Reference]] = {
    "geometric_brownian_motion": _gbm_payoff,
    "heston": _heston_payoff,
}


# ---------------------------------------------------------------- first passages


def event_component(event: Table, components: Sequence[str]) -> str:
    """The component that an event is about; LookupError or ValueError where it is not said."""
    name = event.get("component")
    if name is None and len(components) != 1:
        raise ValueError("it is not said which component")
    return components[components.index(name)] if name is not None else components[0]


def _passage_law(deck: Deck, name: str, components: Sequence[str]) -> PassageLaw:
    """Of a component that is, or whose logarithm is, Brownian motion with drift until it passes.
    What a policy does to a path after that is of no account, unlike what other events do to it."""
    if deck.table("jumps"):
        raise ValueError("jumps pass levels, too")
    events = deck.table("events")
    event = events[name]
    component = event_component(event, components)
    for other in events.values():
        policy = other.get("policy", "record")
        if other is event or policy == "record":
            continue
        if policy == "stop" or event_component(other, components) == component:
            raise ValueError("another event may come first")
    model = deck.table("model")
    index = components.index(component)
    motion = _MOTIONS[model["name"]](model, index, component, _number(event["level"]))
    sign = {"up": 1, "down": -1}[event.get("direction", "up")]
    law = (sign * motion.distance, sign * motion.drift, motion.sd)
    if not (law[0] > 0 and motion.sd**2 > 0 and all(math.isfinite(number) for number in law)):
        raise ValueError("not before the level, or no noise")
    return PassageLaw(
        "inverse Gaussian",
        lambda t: cf.passage_cdf(t, *law),
        lambda t: cf.passage_density(t, *law),
        lambda t: cf.passage_mean_wait(t, *law),
    )


@dataclasses.dataclass(frozen=True)
class _Motion:
    """Brownian motion with `drift` and `sd` per unit of time, `distance` below a level."""

    distance: float
    drift: float
    sd: float


def _gbm_motion(model: Table, index: int, name: str, level: float) -> _Motion:
    initial = _fixed_initial(model, index, name)
    drift, volatility = _entry(model, "drift", index), _entry(model, "volatility", index)
    return _Motion(math.log(level) - math.log(initial), drift - 0.5 * volatility**2, volatility)


def _formula_motion(model: Table, index: int, name: str, level: float) -> _Motion:
    """Of a component whose formulas name neither components nor time; so calculus is none too."""
    parameters = {
        key: float(value)
        for key, value in model.get("parameters", {}).items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    noises = model["noise"]
    row = model["diffusion"][name]
    entries = [constant(row[noise], parameters) if noise in row else 0.0 for noise in noises]
    correlation = np.asarray(model.get("correlation", np.eye(len(noises))), dtype=float)
    variance = float(np.asarray(entries) @ correlation @ np.asarray(entries))
    initial = _fixed_initial(model, index, name)
    return _Motion(level - initial, constant(model["drift"][name], parameters), math.sqrt(variance))


_MOTIONS: Mapping[str, Callable[[Table, int, str, float], _Motion]] = {
    "geometric_brownian_motion": _gbm_motion,
    "expression": _formula_motion,
}
