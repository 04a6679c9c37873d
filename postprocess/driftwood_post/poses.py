# SPDX-License-Identifier: BSD-3-Clause
"""Reads what pose_search found, and says what of it is proven.

Shapes: P problems, T correspondences of all of them, N of one, K looks at searches, L leaves. A point
X is seen in the direction R (X - C), R being a rotation and C the camera's centre.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from driftwood_post import layout
from driftwood_post.arrays import Array
from driftwood_post.origin import Origin, origin_of
from driftwood_post.pose_boxes import Boxes, boxes_of, tile_all
from driftwood_post.read import ReadError, need, opened, run_values, text

OPTIMAL, GAP, SURROGATE, LIMIT = "optimal", "gap", "surrogate", "time_limit"

# A pose is right where it is as near to the truth.
RIGHT_DEGREES = 1.0
RIGHT_CENTRE = 0.01  # of the median distance of the points

# Numbers of rules of certificates, as in `src/pose/search/rule.hpp`.
RULES = ("nothing", "degrees", "cores", "camera centres")


@dataclasses.dataclass(frozen=True)
class Poses:
    """One pose of each problem, not a number where there is none: `rotation` (P, 3, 3), `centre`
    (P, 3) and, where they are counted, its inliers (P)."""

    rotation: Array
    centre: Array
    consensus: Array


@dataclasses.dataclass(frozen=True)
class Truth:
    """What is known, not a number where nothing is: of the refined pose its errors, in degrees and in
    median distances of the points, each (P)."""

    rotation_error: Array
    centre_error: Array

    @property
    def is_known(self) -> Array:
        """Of which problems (P)."""
        return np.isfinite(self.rotation_error)

    @property
    def is_met(self) -> Array:
        """Which poses are right (P)."""
        return (self.rotation_error <= RIGHT_DEGREES) & (self.centre_error <= RIGHT_CENTRE)


@dataclasses.dataclass(frozen=True)
class Effort:
    """What each search took (P): `h_index`, `core` and `nested` are boxes bounded that way, `cells`
    those of camera centres."""

    nodes: Array
    critical_nodes: Array
    seconds: Array
    seed_seconds: Array
    block: Array
    h_index: Array
    core: Array
    nested: Array
    cells: Array
    steals: Array
    nodes_moved: Array
    idle: Array
    imbalance: Array


@dataclasses.dataclass(frozen=True)
class Trace:
    """Looks at one search (K): when, most inliers found, the bound above, boxes bounded, boxes open."""

    seconds: Array
    consensus: Array
    upper_bound: Array
    nodes: Array
    open: Array


@dataclasses.dataclass(frozen=True)
class Matches:
    """The correspondences of one problem: `point` and `bearing` (N, 3), `threshold` [rad] (N),
    `pixel` (N, 2), right and down from the camera's axis, not a number where it is not known;
    `is_right` 1, 0, or -1 where it is not known, and `is_inlier` of the pose, each (N)."""

    point: Array
    bearing: Array
    threshold: Array
    pixel: Array
    is_right: Array
    is_inlier: Array

    @property
    def has_truth(self) -> bool:
        return bool((self.is_right >= 0).all())

    @property
    def recall(self) -> float:
        """Which share of the right matches are inliers; not a number where that is not known."""
        right = int((self.is_right == 1).sum())
        return float((self.is_inlier & (self.is_right == 1)).sum() / right) if right else np.nan

    @property
    def precision(self) -> float:
        """Which share of the inliers are right matches; likewise."""
        taken = int(self.is_inlier.sum())
        known = self.has_truth and taken > 0
        return float((self.is_inlier & (self.is_right == 1)).sum() / taken) if known else np.nan


@dataclasses.dataclass(frozen=True)
class Leaves:
    """Boxes of rotations that one search did not branch (L): inliers that no pose in them exceeds, and
    the number of the rule that says so."""

    keys: Array
    bound: Array
    rule: Array

    @property
    def boxes(self) -> Boxes:
        return boxes_of(self.keys)

    @property
    def tile_all(self) -> bool:
        return tile_all(self.keys)


@dataclasses.dataclass(frozen=True)
class PoseResults(Origin):
    """One result file of pose_search. Arrays are of problems (P); `best` is the pose that is counted
    and proven, `refined` least squares over its inliers with `rms` [rad] and `covariance` (P, 6, 6),
    `second` another pose that explains nearly as many, with 0 inliers where there is none."""

    names: Sequence[str]
    status: Sequence[str]
    count: Array
    best: Poses
    refined: Poses
    second: Poses
    upper_bound: Array
    allowed_gap: Array
    rms: Array
    covariance: Array
    truth: Truth
    effort: Effort
    checksum: Array
    matches: Sequence[Matches]
    traces: Sequence[Trace]
    leaves: Sequence[Leaves]

    @property
    def problems(self) -> int:
        return len(self.names)

    @property
    def gap(self) -> Array:
        """How many more inliers a pose may have (P)."""
        return self.upper_bound - self.best.consensus

    @property
    def is_proven(self) -> Array:
        """Whether no pose has more inliers than it and what was allowed (P)."""
        proves = np.array([status != SURROGATE for status in self.status], dtype=bool)
        return proves & (self.gap <= self.allowed_gap)

    @property
    def has_second(self) -> Array:
        return np.asarray(self.second.consensus > 0)

    @property
    def is_determined(self) -> Array:
        """Whether the inliers leave one pose alone (P)."""
        return np.asarray(np.isfinite(self.covariance).all(axis=(1, 2)))

    @property
    def recall(self) -> Array:
        return np.array([matches.recall for matches in self.matches])

    @property
    def precision(self) -> Array:
        return np.array([matches.precision for matches in self.matches])

    @property
    def mode(self) -> str:
        return str(self.deck.table("search").get("mode", "certified"))

    def number_of(self, name: str) -> int | None:
        """Of the problem with this name, or with this number; None where there is none."""
        if name in self.names:
            return self.names.index(name)
        return int(name) if name.isdecimal() and int(name) < self.problems else None

    def by_doubt(self) -> list[int]:
        """Numbers of problems: first those of which least is proven, then those that took longest."""
        gap = np.maximum(self.gap - self.allowed_gap, 0) / np.maximum(self.best.consensus, 1)
        keys = zip(self.is_proven, -gap, -self.effort.seconds, range(self.problems), strict=True)
        return [number for *_, number in sorted(keys)]


def open_poses(path: Path | str) -> PoseResults:
    """Reads the file; raises ReadError for one that is not a whole result of pose_search."""
    path = Path(path)
    with opened(path) as file:
        for group in (layout.POSE, layout.SEARCH, layout.CORRESPONDENCES, layout.CERTIFICATE):
            if group not in file:
                driver = run_values(file).get("driver")
                other = driver and driver != "pose_search"
                why = f"it is one of {driver}" if other else f"it has no /{group}"
                raise ReadError(f"{path}: not a result of pose_search ({why})")
        return _read(file, path)


def _read(file: h5py.File, path: Path) -> PoseResults:
    pose = file[layout.POSE]
    names = [text(name) for name in need(pose, "problem")]
    count = np.asarray(need(pose, "correspondences"))
    upper_bound = np.asarray(need(pose, "upper_bound"))
    refined, search = pose[layout.REFINED], file[layout.SEARCH]
    results = PoseResults(
        **origin_of(file, path),
        names=names,
        status=[text(status) for status in need(pose, "status")],
        count=count,
        best=_poses(pose),
        refined=_poses(refined),
        second=_poses(pose[layout.SECOND]),
        upper_bound=upper_bound,
        allowed_gap=np.asarray(need(pose, "allowed_gap")),
        rms=np.asarray(need(refined, "rms")),
        covariance=np.asarray(need(refined, "covariance")),
        truth=Truth(*(np.asarray(need(file[layout.TRUTH], f"{of}_error")) for of in ("rotation", "centre"))),
        effort=_effort(search),
        checksum=np.asarray(need(file[layout.CERTIFICATE], "checksum")),
        matches=_matches(file, count),
        traces=_traces(file[layout.TRACE], len(names)),
        leaves=_leaves(file[layout.CERTIFICATE], len(names)),
    )
    _check(results)
    return results


def _poses(group: h5py.Group) -> Poses:
    return Poses(*(np.asarray(need(group, name)) for name in ("rotation", "centre", "consensus")))


def _effort(group: h5py.Group) -> Effort:
    inner = {"h_index", "core", "nested"}
    names = [field.name for field in dataclasses.fields(Effort)]
    where = {name: f"{layout.BOUNDED_BY}/{name}" if name in inner else name for name in names}
    return Effort(**{name: np.asarray(need(group, where[name])) for name in names})


def _parts(of: Array, problems: int) -> list[Array]:
    """Which rows are of each problem."""
    order = np.argsort(of, kind="stable")
    ends = np.searchsorted(of[order], np.arange(problems + 1))
    return [order[ends[p] : ends[p + 1]] for p in range(problems)]


def _matches(file: h5py.File, count: Array) -> list[Matches]:
    group = file[layout.CORRESPONDENCES]
    names = ("point", "bearing", "threshold", "pixel", "is_right")
    columns = [np.asarray(need(group, name)) for name in names]
    inliers = np.asarray(need(file[layout.POSE], "inliers")) != 0
    parts = _parts(np.asarray(need(group, "problem")), count.size)
    if [part.size for part in parts] != count.tolist() or inliers.shape[1] < count.max(initial=0):
        raise ReadError(f"{file.filename}: /pose and /correspondences differ; the file is damaged")
    return [
        Matches(*(column[part] for column in columns), inliers[p, : part.size])
        for p, part in enumerate(parts)
    ]


def _traces(group: h5py.Group, problems: int) -> list[Trace]:
    columns = [np.asarray(need(group, field.name)) for field in dataclasses.fields(Trace)]
    parts = _parts(np.asarray(need(group, "problem")), problems)
    return [Trace(*(column[part] for column in columns)) for part in parts]


def _leaves(group: h5py.Group, problems: int) -> list[Leaves]:
    columns = [np.asarray(need(group, name)) for name in ("key", "bound", "rule")]
    parts = _parts(np.asarray(need(group, "problem")), problems)
    return [Leaves(*(column[part] for column in columns)) for part in parts]


def _check(results: PoseResults) -> None:
    """That arrays of problems have one entry for each."""
    of = [*vars(results.effort).values(), results.upper_bound, results.best.consensus]
    of += [results.checksum, results.truth.rotation_error, results.rms]
    if any(values.shape != (results.problems,) for values in of):
        raise ReadError(f"{results.path}: results are not of {results.problems} problems; the file is damaged")
