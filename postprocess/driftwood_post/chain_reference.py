# SPDX-License-Identifier: BSD-3-Clause
"""Means and standard deviations that results are compared with, from JSON or another result file."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path

from driftwood_post.chains import ChainResults, Draws, open_chains
from driftwood_post.read import ReadError


@dataclasses.dataclass(frozen=True)
class Known:
    """Of one parameter. `mcse` is the standard error of its mean, 0 where it is exact; `sd` is NaN
    where it is not known."""

    mean: float
    sd: float = math.nan
    mcse: float = 0.0


@dataclasses.dataclass(frozen=True)
class ChainReference:
    """What is known of parameters, by their names; `draws` where the reference has draws, too."""

    source: str
    known: Mapping[str, Known]
    draws: Draws | None = None


def open_reference(path: Path) -> ChainReference:
    """Reads `{"name": {"mean": 1.0, "sd": 2.0, "mcse": 0.01}}`, in which a vector may have lists, or a
    result file of langevin_chains; raises ReadError for anything else."""
    if path.suffix == ".json":
        return _from_json(path)
    return from_results(open_chains(path))


def from_results(results: ChainResults) -> ChainReference:
    """The findings of a run as a reference."""
    s = results.summary
    known = {
        name: Known(float(s.mean[i]), float(s.sd[i]), float(s.mcse[i]))
        for i, name in enumerate(results.names)
    }
    return ChainReference(results.path.name, known, results.draws)


def _from_json(path: Path) -> ChainReference:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReadError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ReadError(f"{path}: not JSON ({error})") from error
    if not isinstance(content, dict) or not content:
        raise ReadError(f'{path}: not a reference; write {{"x": {{"mean": 1.0, "sd": 2.0}}, ...}}')
    known: dict[str, Known] = {}
    for name, entry in content.items():
        known |= _entries(path, name, entry)
    return ChainReference(path.name, known)


def _entries(path: Path, name: str, entry: object) -> dict[str, Known]:
    """What an entry says: of a number, or of each of a vector."""
    if not isinstance(entry, dict) or "mean" not in entry:
        raise ReadError(f"{path}: '{name}' has no mean; write {{\"mean\": 1.0, \"sd\": 2.0}}")
    unknown = entry.keys() - {"mean", "sd", "mcse"}
    if unknown:
        raise ReadError(f"{path}: '{name}' has an unknown '{min(unknown)}' (mean, sd, mcse)")
    if not isinstance(entry["mean"], list):
        return {name: _known(path, name, entry)}
    count = len(entry["mean"])
    for key, values in entry.items():
        if not isinstance(values, list) or len(values) != count:
            raise ReadError(f"{path}: '{key}' of '{name}' is not a list as long as its mean's")
    return {
        f"{name}[{i}]": _known(path, name, {key: values[i] for key, values in entry.items()})
        for i in range(count)
    }


def _known(path: Path, name: str, entry: Mapping[str, object]) -> Known:
    for key, value in entry.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or (key != "mean" and value < 0):
            raise ReadError(f"{path}: {key} of '{name}' is {value}, not a possible number")
    return Known(**{key: float(value) for key, value in entry.items()})  # type: ignore[arg-type]
