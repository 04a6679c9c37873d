# SPDX-License-Identifier: BSD-3-Clause
"""Decks of drawn camera poses, and what results of pose_search must be, for the Python tests."""
import numpy as np

from drivers import run

DECK = """
[correspondences]
kind = "synthetic"
preset = "{preset}"
problems = {problems}
points = {points}
outliers = {outliers}
seed = {seed}
{keys}
[search]
{search}
"""


def deck(preset="std", problems=1, points=200, outliers=0.5, seed=1, keys="", search=""):
    """`keys` and `search`: further lines of the tables [correspondences] and [search]."""
    return DECK.format(**locals())


def verify(path, *options, limit=120):
    return run("pose_verify", path, *options, limit=limit)


def assert_proven(path, limit=120):
    ended = verify(path, limit=limit)
    assert ended.returncode == 0, ended.stdout
    return ended


def assert_same_poses(left, right):
    for name in ("pose/consensus", "pose/upper_bound", "pose/inliers", "pose/refined/consensus"):
        assert np.array_equal(left[name], right[name]), name
    # A micro-degree; poses of least largest residual are found to less.
    for name, off in (("pose/refined/rotation", 1e-8), ("pose/rotation", 1e-6)):
        assert np.max(np.abs(left[name] - right[name])) < off, name
    assert np.allclose(left["pose/refined/centre"], right["pose/refined/centre"], rtol=0, atol=1e-7)


def correspondences(found, problem):
    """Points, bearings and thresholds of one problem of a file."""
    mine = found["correspondences/problem"] == problem
    return tuple(found[f"correspondences/{name}"][mine] for name in ("point", "bearing", "threshold"))


def is_right(found):
    """A4: which poses are off by at most 1 degree and 1 % of the median distance of points."""
    return (found["truth/rotation_error"] <= 1) & (found["truth/centre_error"] <= 0.01)


def is_proven(found):
    """Which searches ended by themselves, at a bound within their gap."""
    ended = np.isin(found["pose/status"], [b"optimal", b"gap"])
    allowed = found["pose/consensus"] + found["pose/allowed_gap"]
    return ended & (found["pose/upper_bound"] <= allowed)
