# SPDX-License-Identifier: BSD-3-Clause
"""Reads and draws what other programs found of the problems of a result file of pose_search.

A file of peers is JSON, a list of objects, or CSV with the same names in its first line:

    [{"peer": "PoseLib", "problem": "camera 0", "seconds": 0.0021, "rotation_error_deg": 0.11,
      "centre_error_relative": 0.0013, "inliers": 441, "success": true}, ...]

`peer` and `problem`, a name of /pose/problem, are required. What a peer does not know is left out, null
or empty; `success` is then whether both errors are within the limits of poses.py. `inliers` must be
counted as pose_search does, within each match's own angle.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from driftwood_post import style
from driftwood_post.arrays import Array
from driftwood_post.drawing import Drawing
from driftwood_post.poses import RIGHT_CENTRE, RIGHT_DEGREES, PoseResults
from driftwood_post.read import ReadError

OWN = "pose_search"
NUMBERS = ("seconds", "rotation_error_deg", "centre_error_relative", "inliers")


@dataclasses.dataclass(frozen=True)
class Peer:
    """What one program found; arrays are of its problems (N), not a number where nothing is known.
    `problem` are their numbers in the result file."""

    name: str
    problem: Array
    seconds: Array
    rotation_error: Array
    centre_error: Array
    inliers: Array
    success: Array

    @property
    def success_rate(self) -> float:
        known = self.success[np.isfinite(self.success)]
        return float(known.mean()) if known.size else math.nan


def open_peers(path: Path, results: PoseResults) -> list[Peer]:
    """pose_search itself first, then the peers of the file. Raises ReadError."""
    rows = [_row(path, row, k) for k, row in enumerate(_rows(path), start=1)]
    unknown = {row["problem"] for row in rows} - set(results.names)
    if unknown:
        raise ReadError(f"{path}: {results.path.name} has no problem '{min(unknown)}'")
    names = dict.fromkeys(row["peer"] for row in rows)
    return [own(results), *(_peer(name, rows, results) for name in names)]


def own(results: PoseResults) -> Peer:
    """What pose_search found, with all that its proofs took."""
    truth = results.truth
    return Peer(
        OWN,
        np.arange(results.problems),
        results.effort.seconds,
        truth.rotation_error,
        truth.centre_error,
        results.best.consensus.astype(float),
        np.where(truth.is_known, truth.is_met, np.nan),
    )


def beyond_bound(peer: Peer, results: PoseResults) -> Array:
    """Numbers of problems of which the peer says to have more inliers than is proven to be possible."""
    proven = results.is_proven[peer.problem]
    return np.asarray(peer.problem[proven & (peer.inliers > results.upper_bound[peer.problem])])


def _rows(path: Path) -> list[Any]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file)) if path.suffix == ".csv" else json.load(file)
    except OSError as error:
        raise ReadError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, csv.Error) as error:
        raise ReadError(f"{path}: neither JSON nor CSV ({error})") from error
    if not isinstance(rows, list) or not rows:
        raise ReadError(f"{path}: not a list of what peers found")
    return rows


def _row(path: Path, row: Any, number: int) -> dict[str, Any]:
    """With numbers for what is known, and None for the rest."""
    if not isinstance(row, Mapping) or not all(row.get(name) for name in ("peer", "problem")):
        raise ReadError(f"{path}: entry {number} has no 'peer' or no 'problem'")
    out: dict[str, Any] = {name: str(row[name]) for name in ("peer", "problem")}
    for name in NUMBERS:
        value = row.get(name)
        try:
            out[name] = math.nan if value in (None, "") else float(value)
        except (TypeError, ValueError) as error:
            raise ReadError(f"{path}: entry {number} has no number as '{name}' ({value})") from error
    said = row.get("success")
    if said in (None, ""):
        errors = (out["rotation_error_deg"], out["centre_error_relative"])
        met = errors[0] <= RIGHT_DEGREES and errors[1] <= RIGHT_CENTRE
        out["success"] = math.nan if any(map(math.isnan, errors)) else float(met)
    else:
        out["success"] = float(str(said).lower() in ("true", "1", "1.0"))
    return out


def _peer(name: str, rows: Sequence[Mapping[str, Any]], results: PoseResults) -> Peer:
    mine = [row for row in rows if row["peer"] == name]
    columns = [np.array([row[key] for row in mine]) for key in (*NUMBERS, "success")]
    return Peer(name, np.array([results.names.index(row["problem"]) for row in mine]), *columns)


def drawings(peers: Sequence[Peer]) -> list[Drawing]:
    """Errors and times of all of them, those that are known."""
    shown = list(peers)[: len(style.CYCLE)]

    def draw(figure: Figure) -> None:
        panels = figure.subplots(2, 1)
        of = ("rotation_error", "seconds")
        for axes, name in zip(panels, of, strict=True):
            for k, peer in enumerate(shown):
                values = np.sort(getattr(peer, name))
                values = values[np.isfinite(values)]
                if not values.size:
                    continue
                share = 100 * np.arange(1, values.size + 1) / values.size
                axes.step(values, share, where="post", color=style.CYCLE[k], label=peer.name)
            axes.set_xscale("log")
            axes.set_ylabel("problems [%]")
        panels[0].axvline(RIGHT_DEGREES, color=style.GUIDE, linestyle="--", linewidth=0.8)
        panels[0].set_xlabel("rotation error, at most [degree]")
        panels[1].set_xlabel("seconds, at most")
        style.legend_above(panels[0])

    caption = (
        f"Shares of problems with so small an error, and solved in so short a time. Times of {OWN} are"
        " those of a proof, which the others do not give."
    )
    return [Drawing("peers", 4.0, caption, draw)]
