# SPDX-License-Identifier: BSD-3-Clause
"""Writes result files in the layout of `pose_search`, of cameras and matches drawn here in numpy."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from sample_results import write_strings

SCRIPT = Path(__file__).resolve().parent.parent / "pose_search.py"

Array = NDArray[Any]

FOCAL, K1 = 500.0, -0.1
THRESHOLD = 0.004  # rad
DECK = """format = 1
[correspondences]
kind = "synthetic"
problems = {problems}
points = {points}
outliers = {outliers}
[search]
mode = "certified"
gap = {{ relative = {gap} }}
"""


def key(chart: int, level: int, path: int) -> int:
    return chart << 59 | level << 54 | path


def tiling(branched: int = 2) -> list[int]:
    """Boxes that tile all rotations: of each chart, the first box of every level but the last is
    branched."""
    out = []
    for chart in range(4):
        out += [key(chart, level, part) for level in range(1, branched + 1) for part in range(1, 8)]
        out.append(key(chart, branched, 0))
    return out


@dataclasses.dataclass
class Problem:
    """One camera and its matches; `is_right` are those within a thousandth of their rays."""

    rotation: Array
    centre: Array
    point: Array
    bearing: Array
    pixel: Array
    is_right: Array


def random_rotation(random: np.random.Generator) -> Array:
    q = random.standard_normal(4)
    w, x, y, z = q / np.linalg.norm(q)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def problem(seed: int, points: int = 60, outliers: float = 0.5) -> Problem:
    random = np.random.default_rng(seed)
    rotation, centre = random_rotation(random), random.uniform(-1, 1, 3)
    flat = random.uniform(-0.4, 0.4, (points, 2))
    depth = random.uniform(4, 8, points)
    seen = np.column_stack([flat * depth[:, None], depth])
    is_right = np.arange(points) >= round(outliers * points)
    off = np.where(is_right[:, None], random.normal(0, 5e-4, flat.shape), random.uniform(0.1, 0.3, flat.shape))
    flat = flat + off
    bearing = np.column_stack([flat, np.ones(points)])
    bearing /= np.linalg.norm(bearing, axis=1)[:, None]
    pixel = FOCAL * flat * (1 + K1 * (flat**2).sum(axis=1))[:, None]
    return Problem(rotation, centre, seen @ rotation + centre, bearing, pixel, is_right)


def write(
    path: Path,
    *,
    problems: int = 4,
    points: int = 60,
    outliers: float = 0.5,
    status: list[str] | None = None,
    gap: int = 1,
    allowed: int = 1,
    error: float = 0.02,
    nodes: int = 500,
    seconds: float = 0.5,
    known: bool = True,
    pixels: bool = True,
    second: int = 0,
    relative: float = 0.02,
) -> Path:
    """A file of cameras whose right matches are the inliers."""
    drawn = [problem(seed, points, outliers) for seed in range(problems)]
    right = int(drawn[0].is_right.sum())
    each = np.arange(problems)
    nowhere = np.full((problems, 3, 3), np.nan), np.full((problems, 3), np.nan)
    rotation, centre = np.array([d.rotation for d in drawn]), np.array([d.centre for d in drawn])
    of_problem = np.repeat(each, points)
    keys = np.array(tiling(), dtype=np.uint64)
    looks = np.tile([0.1, 0.4, 0.9], problems)
    effort = {"nodes": nodes + each, "critical_nodes": nodes // 2 + each, "seconds": seconds * (1 + 0.1 * each),
              "seed_seconds": 0.01 * seconds + 0.0 * each, "block": 64 + 0 * each, "cells": 0 * each,
              "steals": 0 * each, "nodes_moved": 0 * each, "idle": 0.0 * each, "imbalance": 1.0 + 0 * each,
              "bounded_by/h_index": nodes + each, "bounded_by/core": nodes // 2 + each,
              "bounded_by/nested": 0 * each}  # fmt: skip
    data: dict[str, Array] = {
        "pose/rotation": rotation,
        "pose/centre": centre,
        "pose/consensus": np.full(problems, right),
        "pose/upper_bound": np.full(problems, right + gap),
        "pose/allowed_gap": np.full(problems, allowed),
        "pose/correspondences": np.full(problems, points),
        "pose/inliers": np.array([d.is_right for d in drawn], dtype=np.int64),
        "pose/member": np.zeros(points, dtype=np.int8),
        "pose/refined/rotation": rotation,
        "pose/refined/centre": centre,
        "pose/refined/consensus": np.full(problems, right),
        "pose/refined/rms": np.full(problems, 7e-4),
        "pose/refined/covariance": np.tile(np.eye(6) * 1e-8, (problems, 1, 1)),
        "pose/second/rotation": rotation if second else nowhere[0],
        "pose/second/centre": centre if second else nowhere[1],
        "pose/second/consensus": np.full(problems, second),
        "truth/rotation": rotation if known else nowhere[0],
        "truth/centre": centre if known else nowhere[1],
        "truth/rotation_error": error * (1.0 + each) if known else np.full(problems, np.nan),
        "truth/centre_error": 0.01 * error * (1.0 + each) if known else np.full(problems, np.nan),
        "trace/look": np.arange(looks.size),
        "trace/problem": np.repeat(each, 3),
        "trace/seconds": seconds * looks,
        "trace/consensus": np.tile([right - 1, right, right], problems),
        "trace/upper_bound": np.tile([points, right + gap + 5, right + gap], problems),
        "trace/nodes": np.tile([nodes // 4, nodes // 2, nodes], problems),
        "trace/open": np.tile([8, 4, 0], problems),
        "correspondences/row": np.arange(of_problem.size),
        "correspondences/problem": of_problem,
        "correspondences/point": np.concatenate([d.point for d in drawn]),
        "correspondences/bearing": np.concatenate([d.bearing for d in drawn]),
        "correspondences/threshold": np.full(of_problem.size, THRESHOLD),
        "correspondences/id": np.tile(np.arange(points), problems),
        "correspondences/pixel": np.concatenate([d.pixel for d in drawn]) * (1 if pixels else np.nan),
        "correspondences/is_right": np.concatenate([d.is_right for d in drawn]).astype(int)
        if known
        else np.full(of_problem.size, -1),
        "certificate/leaf": np.zeros(keys.size * problems, dtype=np.int8),
        "certificate/problem": np.repeat(each, keys.size),
        "certificate/key": np.tile(keys, problems),
        "certificate/bound": np.tile(right + np.arange(keys.size) % (gap + 1), problems),
        "certificate/rule": np.tile(1 + np.arange(keys.size) % 3, problems),
        "certificate/order": np.tile(np.arange(points), problems),
        "certificate/checksum": each.astype(np.uint64),
    } | {f"search/{name}": values for name, values in effort.items()}
    with h5py.File(path, "w") as file:
        file.attrs["format_version"] = 1
        for name, values in data.items():
            file[name] = values
        write_strings(file, "pose/problem", [f"camera {p}" for p in each])
        write_strings(file, "pose/status", status or ["gap"] * problems)
        for name in ("pose/x", "pose/y"):
            write_strings(file, name, ["x", "y", "z"])
        write_strings(file, "correspondences/image_axis", ["right", "down"])
        parameters = [f"{of}_{axis}" for of in ("omega", "c") for axis in "xyz"]
        for name in ("parameter", "other_parameter"):
            write_strings(file, f"pose/refined/{name}", parameters)
        deck = DECK.format(problems=problems, points=points, outliers=outliers, gap=relative)
        for name, text in {"driver": "pose_search", "deck": deck, "effective_deck": deck}.items():
            write_strings(file, f"run/{name}", [text])
        for name, number in {"ranks": 1, "wall_seconds": 1.5, "seed": 1, "problems": problems}.items():
            file[f"run/{name}"] = number
    return path
