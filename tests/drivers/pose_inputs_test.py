# SPDX-License-Identifier: BSD-3-Clause
"""Claims: the decks of pose_search are what they say; real problems with natural outliers are solved.

Real files are looked for in the folder that DRIFTWOOD_DATA names, and beside the sources.
"""
import pathlib

import numpy as np
import pytest

import balbianello
from data_files import data_file
from drivers import SOURCE, assert_listed, assert_reference_is_current, read, results, run

FOLDER = SOURCE / "inputs" / "pose_search"
DECKS = sorted(FOLDER.glob("*.toml"))
# Files that are not among the sources, as the decks say.
OUTSIDE = {"ladybug": "problem-49-7776-pre.txt", "bundler": "Balbianello.out"}
MADE = ("natural", "colmap")


@pytest.mark.parametrize("deck", DECKS, ids=lambda path: path.stem)
def test_decks_pass_the_check(deck):
    options = []
    if deck.stem in OUTSIDE:
        options = ["--set", f"correspondences.file={data_file(OUTSIDE[deck.stem], 'pose')}"]
    ended = run("pose_search", "--check", deck, *options, limit=60)
    if deck.stem in MADE:
        assert ended.returncode == 2
        assert "error: there is no file 'balbianello_0.h5'" in ended.stderr.replace(
            f"{FOLDER}/", ""
        ) or "sparse/0' is no folder" in ended.stderr
    else:
        assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("deck", DECKS, ids=lambda path: path.stem)
def test_decks_are_listed(deck):
    assert_listed(deck)


def test_the_reference_is_current():
    assert_reference_is_current("pose_search", "inputs/pose_search/REFERENCE.md")


def found_by(name, folder, *options):
    deck = FOLDER / f"{name}.toml"
    ended = run("pose_search", deck, "--output", "out.h5", *options, folder=folder)
    assert ended.returncode == 0, ended.stderr
    return read(pathlib.Path(folder) / "out.h5")


def test_matches_of_ones_own(tmp_path):
    found = found_by("text", tmp_path)
    assert found["pose/consensus"].tolist() == [32]
    # To a pixel of 800 at some five metres, over the root of 32 matches.
    assert np.linalg.norm(found["pose/refined/centre"][0] - [4.2, 1.7, 5.0]) < 0.02


@pytest.mark.parametrize(
    ("name", "consensus"),
    [("smoke", 60), ("structured", 150), ("planar", 150), ("candidates", 160), ("outliers", 100)],
)
def test_drawn_cameras_are_found(name, consensus, tmp_path):
    found = found_by(name, tmp_path)
    assert np.all(found["pose/consensus"] >= consensus)
    assert np.all(found["pose/consensus"] <= 1.03 * consensus)
    # No pose has more than 2 % more.
    assert np.all(found["pose/upper_bound"] <= np.floor(1.02 * found["pose/consensus"]))
    assert np.all(found["truth/rotation_error"] < 0.12)  # degrees
    problem = found["correspondences/problem"]
    is_right = found["correspondences/is_right"] == 1
    for p, explained in enumerate(found["pose/inliers"]):
        right = is_right[problem == p]
        assert np.sum(explained[: len(right)]) == found["pose/consensus"][p]
        assert np.mean(explained[: len(right)][right]) > 0.98


DECK = """format = 1
[correspondences]
kind = "hdf5"
file = "problem.h5"
threshold = { pixels = 3.0 }
[search]
gap = { relative = 0.02 }
"""


def degrees_between(a, b):
    return np.degrees(np.arccos(np.clip((np.trace(a.T @ b) - 1) / 2, -1, 1)))


def assert_natural_outliers_are_told(camera, ratio, matches, folder):
    made = balbianello.problem(camera, ratio, matches)
    balbianello.write(folder / "problem.h5", made)
    found = results("pose_search", DECK, folder)
    rotation, centre = found["pose/rotation"][0], found["pose/centre"][0]
    assert degrees_between(rotation, made["gt/R"]) <= 0.5
    there = (made["X"] - centre) @ rotation.T
    angle = np.arctan2(
        np.linalg.norm(np.cross(there, made["f"]), axis=1), np.sum(there * made["f"], axis=1)
    )
    is_inlier = angle <= made["eps"] * (1 + 1e-9)
    assert np.sum(is_inlier) == found["pose/consensus"][0]  # recounted from the file
    assert np.mean(is_inlier[made["gt/inlier"] == 1]) >= 0.95
    consensus = found["pose/consensus"][0]
    assert found["pose/upper_bound"][0] <= np.floor(1.02 * consensus)


@pytest.mark.parametrize("camera", range(5))
def test_natural_outliers(camera, tmp_path):
    """A13, the quick part: 8 to 44 % of the matches are wrong."""
    assert_natural_outliers_are_told(camera, 0.9, 1, tmp_path)
