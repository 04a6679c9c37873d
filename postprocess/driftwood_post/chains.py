# SPDX-License-Identifier: BSD-3-Clause
"""Reads what langevin_chains found, and says what it means.

Shapes: N numbers that are drawn, C stored chains, D stored draws of each.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np

from driftwood_post import layout
from driftwood_post.arrays import Array
from driftwood_post.chain_records import (
    Ksd,
    Tempering,
    W2,
    is_apart,
    read_ksd,
    read_tempering,
    read_w2,
)
from driftwood_post.read import (
    ReadError,
    attributes,
    need,
    opened,
    run_values,
    scalar_of,
    text,
)
from driftwood_post.results import Deck, Scalar

# As `concerns` in src/mcmc/chain_results.cpp.
GOOD_RHAT = 1.01
LEAST_ESS = 400
GOOD_EBFMI = 0.3


@dataclasses.dataclass(frozen=True)
class Summary:
    """What all chains together say, each (N); `q5`, `median` and `q95` are quantiles."""

    mean: Array
    sd: Array
    mcse: Array
    q5: Array
    median: Array
    q95: Array
    rhat: Array
    ess_bulk: Array
    ess_tail: Array


@dataclasses.dataclass(frozen=True)
class Sampling:
    """How chains moved: `scale` is that of the coordinates, the rest are numbers. `ebfmi`, and how
    many chains have a low one, are None of samplers without energies. `stuck_chains` are those of
    which no step was accepted."""

    step_size: float
    acceptance: float
    divergences: int
    judged_chains: int
    judged_draws: int
    scale: Array
    ebfmi: float | None = None
    low_ebfmi_chains: int | None = None
    stuck_chains: int = 0


@dataclasses.dataclass(frozen=True)
class Bias:
    """Of the step size, on one kind of mean, each (N): its `estimate` with `standard_error`, and
    the mean `extrapolated` to steps of size 0."""

    estimate: Array
    standard_error: Array
    extrapolated: Array


class Draws:
    """Stored draws, read from the file when asked for."""

    def __init__(
        self, shape: tuple[int, int], read: Callable[[str], Array], has_energy: bool = False
    ) -> None:
        self.chains, self.draws = shape
        self.has_energy = has_energy
        self._read = read

    def of(self, name: str) -> Array:
        """The draws (C, D) of one of the numbers, the log density `lp`, or `energy`."""
        return self._read(name)


@dataclasses.dataclass(frozen=True)
class ChainResults:
    """One `langevin_chains` result file. `draws` is None where none are stored, `bias` by its kind
    empty where none was estimated, and so are `nested_rhat` (N) without superchains, `ksd`, `w2` and
    `tempering` where the deck does not ask for them; `autocorrelation_time` (N) is in steps."""

    path: Path
    format_version: int
    provenance: Mapping[str, Scalar]
    deck: Deck
    names: tuple[str, ...]
    summary: Summary
    sampling: Sampling
    draws: Draws | None = None
    bias: Mapping[str, Bias] = dataclasses.field(default_factory=dict)
    nested_rhat: Array | None = None
    autocorrelation_time: Array | None = None
    ksd: Ksd | None = None
    w2: W2 | None = None
    tempering: Tempering | None = None
    units: Mapping[str, str] = dataclasses.field(default_factory=dict)
    long_names: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def sampler(self) -> str:
        """The name of the sampler."""
        return str(self.deck.table("sampler").get("name", ""))

    @property
    def chains(self) -> int:
        """Chains that count."""
        return self.count(layout.CHAIN_COUNT) - self.count(layout.LOST_CHAINS)

    @property
    def gradients_per_chain(self) -> float:
        """Gradients that each chain took, those of the warm-up included."""
        return self.count(layout.GRADIENTS) / max(self.count(layout.CHAIN_COUNT), 1)

    @property
    def time(self) -> float:
        """The time that each chain went, steps times their size, as if those of the warm-up were as
        large."""
        steps = self.count(layout.WARMUP_STEPS) + self.count(layout.STEPS)
        return steps * self.sampling.step_size

    @property
    def thin(self) -> int:
        """Of so many steps one draw is stored."""
        draws = self.deck.table("chains").get("draws", {})
        thin = draws.get("thin", 1) if isinstance(draws, dict) else 1
        return thin if isinstance(thin, int) else 1

    def count(self, name: str) -> int:
        """A whole number of /run; 0 where it is missing."""
        value = self.provenance.get(name, 0)
        return int(value) if isinstance(value, int | float) else 0

    def worst_first(self, names: Sequence[str] | None = None) -> list[int]:
        """Places of the named numbers, or of all, by how little they can be trusted: those that
        cannot be judged, then those that have not mixed, by R-hat, then by effective draws."""
        s = self.summary
        ess = np.fmin(s.ess_bulk, s.ess_tail)

        def distrust(i: int) -> tuple[bool, float, float]:
            rhat = float(s.rhat[i])
            apart = rhat if rhat > GOOD_RHAT else 0.0
            return (not math.isnan(rhat), -apart, math.inf if math.isnan(ess[i]) else float(ess[i]))

        chosen = range(len(self.names)) if names is None else [self.index(n) for n in names]
        return sorted(chosen, key=distrust)

    def index(self, name: str) -> int:
        """Place of a number; KeyError with the names there are."""
        if name not in self.names:
            raise KeyError(f"no parameter '{name}'; there are: {shortened(self.names)}")
        return self.names.index(name)


def shortened(names: Sequence[str], most: int = 12) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


# ---------------------------------------------------------------- reading


def open_chains(path: Path | str, *, allow_failed: bool = False) -> ChainResults:
    """Reads the file; raises ReadError for one that is not a whole result of langevin_chains."""
    path = Path(path)
    with opened(path, allow_failed=allow_failed) as file:
        for group in (layout.SUMMARY, layout.SAMPLER):
            if group not in file:
                raise ReadError(f"{path}: not a result of langevin_chains ({_why_not(file, group)})")
        run = run_values(file)
        names = tuple(text(name) for name in need(file[layout.SUMMARY], "name"))
        results = ChainResults(
            path=path,
            format_version=layout.FORMAT_VERSION,
            provenance={k: v for k, v in run.items() if k not in layout.DECK_KEYS},
            deck=Deck(*(str(run.get(key, "")) for key in layout.DECK_KEYS)),
            names=names,
            summary=Summary(**_fields(file[layout.SUMMARY], Summary)),
            sampling=_sampling(file[layout.SAMPLER]),
            draws=_draws(file, names),
            bias=_biases(file),
            nested_rhat=_optional(file[layout.SUMMARY], layout.NESTED_RHAT),
            autocorrelation_time=_optional(file[layout.SUMMARY], layout.AUTOCORRELATION_TIME),
            ksd=read_ksd(file),
            w2=read_w2(file, len(names)),
            tempering=read_tempering(file),
            units=attributes(file, "units"),
            long_names=attributes(file, "long_name"),
        )
    _check_shapes(results)
    return results


def _why_not(file: h5py.File, group: str) -> str:
    driver = run_values(file).get("driver")
    return f"it is one of {driver}" if driver and driver != "langevin_chains" else f"it has no /{group}"


def _fields(group: h5py.Group, kind: type) -> dict[str, Array]:
    return {field.name: need(group, field.name) for field in dataclasses.fields(kind)}


def _optional(group: h5py.Group, name: str) -> Array | None:
    return need(group, name) if name in group else None


def _sampling(group: h5py.Group) -> Sampling:
    has_energies = layout.EBFMI in group
    return Sampling(
        ebfmi=float(scalar_of(group, layout.EBFMI)) if has_energies else None,
        low_ebfmi_chains=(
            int(scalar_of(group, layout.LOW_EBFMI_CHAINS)) if has_energies else None
        ),
        stuck_chains=int(scalar_of(group, layout.STUCK_CHAINS)) if layout.STUCK_CHAINS in group else 0,
        step_size=float(scalar_of(group, "step_size")),
        acceptance=float(scalar_of(group, "acceptance")),
        divergences=int(scalar_of(group, "divergences")),
        judged_chains=int(scalar_of(group, "judged_chains")),
        judged_draws=int(scalar_of(group, "judged_draws")),
        scale=need(group, "scale"),
    )


def _biases(file: h5py.File) -> dict[str, Bias]:
    """Of the kinds that are there."""
    group = file.get(layout.BIAS, {})
    return {
        kind: Bias(**_fields(group[kind], Bias)) for kind in layout.BIASES if kind in group
    }


def _draws(file: h5py.File, names: Sequence[str]) -> Draws | None:
    if layout.POSTERIOR not in file:
        return None
    posterior = file[layout.POSTERIOR]
    shape = tuple(need(posterior, dimension).size for dimension in ("chain", "draw"))
    places = {layout.LOG_DENSITY: (f"{layout.SAMPLE_STATS}/{layout.LOG_DENSITY}", None)}
    energy = f"{layout.SAMPLE_STATS}/{layout.ENERGY}"
    if energy in file:
        places[layout.ENERGY] = (energy, None)
    for name in names:
        variable, bracket, number = name.partition("[")
        at = int(number.rstrip("]")) if bracket else None
        found = need(posterior, variable).shape
        expected = shape if at is None else (*shape, *found[2:3])
        if found != expected or (at is not None and not (len(found) == 3 and at < found[2])):
            raise ReadError(
                f"{file.filename}: /posterior/{variable} has shape {found} where /posterior/chain"
                f" and /posterior/draw need {shape}; the file is damaged"
            )
        places[name] = (f"{layout.POSTERIOR}/{variable}", at)
    path = file.filename

    def read(name: str) -> Array:
        dataset, at = places[name]
        with h5py.File(path, "r") as again:
            return np.asarray(again[dataset][...] if at is None else again[dataset][:, :, at])

    return Draws((shape[0], shape[1]), read, has_energy=energy in file)


def _check_shapes(results: ChainResults) -> None:
    parts = {f"/{layout.SUMMARY}/{k}": v for k, v in vars(results.summary).items()}
    for name in (layout.NESTED_RHAT, layout.AUTOCORRELATION_TIME):
        value = getattr(results, name)
        if value is not None:
            parts[f"/{layout.SUMMARY}/{name}"] = value
    for kind, bias in results.bias.items():
        parts |= {f"/{layout.BIAS}/{kind}/{k}": v for k, v in vars(bias).items()}
    expected = (len(results.names),)
    if not results.names:
        raise ReadError(f"{results.path}: /summary/name is empty; the file is damaged")
    for name, value in parts.items():
        if value.shape != expected:
            raise ReadError(
                f"{results.path}: {name} has shape {value.shape} where /summary/name needs"
                f" {expected}; the file is damaged"
            )


# ---------------------------------------------------------------- what it means


def concerns(results: ChainResults) -> list[str]:
    """What is wrong with the findings, in sentences; empty where nothing is."""
    out = []
    lost = results.count(layout.LOST_CHAINS)
    if lost > 0:
        out.append(f"{lost} chains are not finite and do not count")
    stuck = results.sampling.stuck_chains
    if stuck > 0:
        out.append(
            f"{stuck} {'chain' if stuck == 1 else 'chains'} did not move, as all steps that count were refused, and their place is in"
            " the results all the same; start nearer to the bulk ('chains.initial'), or take smaller"
            " steps"
        )
    rhat = results.summary.rhat
    r = _worst(rhat, largest=True)
    if math.isnan(rhat[r]):
        out.append(f"'{results.names[r]}' cannot be judged: its draws are all equal or too few")
    elif results.nested_rhat is None and rhat[r] > GOOD_RHAT:
        out.append(
            f"the chains have not mixed: R-hat of '{results.names[r]}' is {rhat[r]:.3f}, above"
            f" {GOOD_RHAT}; take more steps, a longer warm-up or another sampler"
        )
    if results.nested_rhat is not None:
        out += _nested_concerns(results, results.nested_rhat)
    for ess, what in ((results.summary.ess_bulk, "bulk"), (results.summary.ess_tail, "tails")):
        e = _worst(ess, largest=False)
        if ess[e] < LEAST_ESS:
            out.append(
                f"there are only {ess[e]:.0f} effective draws of the {what} of"
                f" '{results.names[e]}', below {LEAST_ESS}; take more steps or chains"
            )
    ebfmi = results.sampling.ebfmi
    if ebfmi is not None and ebfmi < GOOD_EBFMI:
        out.append(
            f"E-BFMI is {ebfmi:.2f}, below {GOOD_EBFMI}: the velocities that are drawn change the"
            " energy too little, so that chains come to high and low densities, the tails, too slowly;"
            " take other coordinates, such as those of a hierarchy that is not centred"
        )
    if results.sampling.divergences > 0:
        out.append(
            f"{results.sampling.divergences} steps diverged: the step size is too large somewhere,"
            " and what is there may be missing"
        )
    return out


def _nested_concerns(results: ChainResults, nested: Array) -> list[str]:
    n = _worst(nested, largest=True)
    name = results.names[n]
    if math.isnan(nested[n]):
        return [
            f"superchains cannot be judged by '{name}': its draws are all equal, or there are fewer"
            " than 2 superchains that count"
        ]
    if nested[n] <= GOOD_RHAT:
        return []
    return [
        "superchains have not forgotten where they started, or have too few draws: nested R-hat of"
        f" '{name}' is {nested[n]:.3f}, above {GOOD_RHAT}; take a longer warm-up, more steps or fewer"
        " superchains"
    ]


def distance_concerns(results: ChainResults) -> list[str]:
    """Distances of the last states that are clearly above their floors, in sentences."""
    out = []
    ksd, w2 = results.ksd, results.w2
    if ksd is not None and is_apart(ksd.value, ksd.floor, ksd.floor_sd):
        out.append(
            "the last states are not as draws from the target: their KSD is"
            f" {ksd.value / ksd.floor:.2f} times that of independent ones; they are biased, or chains"
            " have not mixed"
        )
    for k, kind in enumerate(w2.kind if w2 is not None else ()):
        assert w2 is not None
        if is_apart(w2.value[k], w2.floor[k], w2.floor_sd[k]):
            out.append(
                f"the last states are not as draws of the reference: W2 ({kind}) is"
                f" {w2.value[k] / w2.floor[k]:.2f} times the distance of two sets of these"
            )
            break
    return out


def _worst(values: Array, *, largest: bool) -> int:
    """The place of the largest or smallest value; NaN counts as worse than any number."""
    if np.isnan(values).any():
        return int(np.flatnonzero(np.isnan(values))[0])
    return int(np.argmax(values) if largest else np.argmin(values))
