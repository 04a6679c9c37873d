# SPDX-License-Identifier: BSD-3-Clause
"""Claims: pose_search proves what it says, whoever does the work and however often it is stopped;
pose_verify proves it again, and rejects what was changed.

Named checks: A3 certificates, A7 ranks, A10 memory, A11 kills; in full they are in
pose_acceptance_nightly_test.py. Problems are drawn from fixed seeds, so that outcomes are certain.
"""
import shutil

import h5py
import numpy as np
import pytest

from drivers import (
    SOURCE, STOPPED, assert_listed, assert_reference_is_current, in_jobs, kill_at_first_checkpoint, read, results, run,
)  # fmt: skip
from poses import assert_proven, assert_same_poses, deck, verify

DECKS = sorted((SOURCE / "inputs" / "pose_search").glob("*.toml"))


def test_reference_page_is_current():
    assert_reference_is_current("pose_search", "inputs/pose_search/REFERENCE.md")


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_decks_are_listed(path):
    assert_listed(path)


def test_no_pose_has_more_inliers(tmp_path):
    """Of twenty problems of 200, one of which has a better consensus than that of its truth."""
    found = results("pose_search", deck(problems=20), tmp_path)
    assert found["pose/status"].tolist() == [b"optimal"] * 20
    assert np.array_equal(found["pose/consensus"], found["pose/upper_bound"])
    assert np.all(found["pose/consensus"] >= 100)
    assert np.array_equal(found["pose/inliers"].sum(axis=1), found["pose/consensus"])
    assert found["pose/rotation"].shape == (20, 3, 3)
    assert found["pose/centre"].shape == (20, 3)
    assert np.all(found["truth/rotation_error"] < 0.15)  # degrees
    # Counted here, at the stored pose.
    for p in range(20):
        mine = found["correspondences/problem"] == p
        x, f = found["correspondences/point"][mine], found["correspondences/bearing"][mine]
        y = (x - found["pose/centre"][p]) @ found["pose/rotation"][p].T
        across = np.linalg.norm(np.cross(f, y), axis=1)
        angle = np.arctan2(across, np.sum(f * y, axis=1))
        inlier = angle <= found["correspondences/threshold"][mine]
        assert inlier.sum() == found["pose/consensus"][p]
    assert "20 of 20 proven" in assert_proven(tmp_path / "out.h5").stdout


def test_tiny_problems_agree_with_an_exhaustive_search(tmp_path):
    """A3, by day: certificates of 30 problems hold; for three of them every box of a level is
    searched, whose bounds no certified consensus exceeds and whose poses none falls short of."""
    for points, outliers, noise in ((6, 0.3, 1), (9, 0.5, 2), (12, 0.7, 3)):
        text = deck(problems=10, points=points, outliers=outliers, keys=f"noise = {noise}")
        found = results("pose_search", text, tmp_path)
        assert found["pose/status"].tolist() == [b"optimal"] * 10
        assert_proven(tmp_path / "out.h5")
        whole = results(
            "pose_search", text.replace("problems = 10", "problems = 1"), tmp_path,
            "--set", "search.mode=exhaustive", "--set", "search.level=3", output="all.h5",
        )  # fmt: skip
        assert whole["pose/consensus"][0] <= found["pose/consensus"][0]
        assert found["pose/consensus"][0] <= whole["pose/upper_bound"][0]
        assert whole["search/nodes"][0] == 4 * 8**3


# What a forger may do, and what becomes of it. Names of datasets, places, and new values.
def lower_a_bound(file):
    bounds = file["certificate/bound"]
    bounds[np.argmax(bounds[()])] = 0


def remove_a_leaf(file):
    for name in ("problem", "key", "bound", "rule"):
        path = f"certificate/{name}"
        kept = np.delete(file[path][()], 17)
        del file[path]
        file[path] = kept


def split_a_leaf_in_seven(file):
    """One box replaced by seven of its eight parts."""
    keys = file["certificate/key"][()]
    level = (int(keys[5]) >> 54) & 31
    chart = int(keys[5]) >> 59
    path = (int(keys[5]) & ((1 << 54) - 1)) << 3
    parts = [(chart << 59) | ((level + 1) << 54) | (path + part) for part in range(7)]
    for name in ("problem", "key", "bound", "rule"):
        old = file[f"certificate/{name}"][()]
        new = np.array(parts, old.dtype) if name == "key" else np.full(7, old[5], old.dtype)
        del file[f"certificate/{name}"]
        file[f"certificate/{name}"] = np.concatenate([np.delete(old, 5), new])


def move_the_camera(file):
    file["pose/centre"][0, 0] += 0.2


def add_an_inlier(file):
    marks = file["pose/inliers"][0]
    marks[np.argmin(marks)] = 1
    file["pose/inliers"][0] = marks
    file["pose/consensus"][0] += 1


def flip_a_bit_of_a_point(file):
    point = file["correspondences/point"][3]
    point.view(np.uint64)[1] ^= np.uint64(1)
    file["correspondences/point"][3] = point


def allow_less(file):
    file["pose/upper_bound"][0] -= 1


def skew_the_rotation(file):
    file["pose/rotation"][0] *= 1 + 1e-9


def call_it_something_else(file):
    file["pose/status"][0] = b"surrogate"


FORGERIES = [
    lower_a_bound, remove_a_leaf, split_a_leaf_in_seven, move_the_camera, add_an_inlier,
    flip_a_bit_of_a_point, allow_less, skew_the_rotation, call_it_something_else,
]  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    results("pose_search", deck(points=100, search="gap = { relative = 0.02 }"), folder)
    assert_proven(folder / "out.h5")
    return folder / "out.h5"


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda f: f.__name__)
def test_forgeries_are_rejected(forgery, certificate, tmp_path):
    """A3. Even a bit, by a checksum; what it is that does not hold is tested by verify_test."""
    path = tmp_path / "forged.h5"
    shutil.copy(certificate, path)
    with h5py.File(path, "r+") as file:
        forgery(file)
    ended = verify(path)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "NOT PROVEN" in ended.stdout


def test_files_that_cannot_be_read(certificate, tmp_path):
    for content in (b"", b"no HDF5", certificate.read_bytes()[:3000]):
        (tmp_path / "bad.h5").write_bytes(content)
        ended = verify(tmp_path / "bad.h5")
        assert ended.returncode == 2
        assert "error: " in ended.stderr and not ended.stdout
    assert verify(tmp_path / "none.h5").returncode == 2
    shutil.copy(certificate, tmp_path / "less.h5")
    with h5py.File(tmp_path / "less.h5", "r+") as file:
        del file["certificate/key"]
    assert verify(tmp_path / "less.h5").returncode == 2
    assert run("pose_verify").returncode == 2
    assert run("pose_verify", "--help").returncode == 0


@pytest.mark.parametrize("termination", ["mattern", "dijkstra_safra"])
def test_ranks_prove_the_same(termination, tmp_path):
    """A7: at no gap, from the same first pose; the last problem has one that must be found."""
    text = deck(problems=3, outliers=0.7, search=f'termination = "{termination}"')
    one = results("pose_search", text, tmp_path)
    assert one["pose/status"].tolist() == [b"optimal"] * 3
    for ranks in (1, 2, 3, 4):
        path = f"{ranks}.h5"
        found = results("pose_search", text, tmp_path, ranks=ranks, output=path)
        assert_same_poses(one, found)
        assert_proven(tmp_path / path)
        # Where the first pose is the best one no search can do with less, or does more. One rank tells of
        # its first pose at once, and it is that of any.
        assert one["trace/consensus"][0] == one["pose/consensus"][0]
        assert found["search/critical_nodes"][0] == one["search/critical_nodes"][0]


def test_stopped_and_continued(tmp_path):
    whole = results(
        "pose_search", deck(problems=2, points=300, outliers=0.8, search="batch = 128"), tmp_path
    )
    (tmp_path / "out.h5").unlink()
    jobs, found = in_jobs("pose_search", tmp_path, [1, 3, 2, 4], limit=0.1)
    assert jobs > 1
    assert_same_poses(whole, found)
    assert_proven(tmp_path / "out.h5")


def test_killed_and_continued(tmp_path):
    """A11, by day: once."""
    whole = results("pose_search", deck(problems=4, points=500, outliers=0.9, search="gap = { relative = 0.02 }"), tmp_path)
    (tmp_path / "out.h5").unlink()
    kill_at_first_checkpoint("pose_search", tmp_path, "--set", "run.checkpoint.every=0.02")
    ended = run("pose_search", "deck.toml", "--output", "out.h5", "--resume", ranks=3, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert_same_poses(whole, read(tmp_path / "out.h5"))
    assert_proven(tmp_path / "out.h5")


def test_other_correspondences_are_not_continued(tmp_path):
    """A file that was edited between two jobs: boxes that are closed are those of what it was."""
    drawn = results(
        "pose_search", deck(points=500, outliers=0.95, search="max_nodes = 1"), tmp_path
    )
    (tmp_path / "out.h5").unlink()
    rows = np.hstack([drawn["correspondences/point"], drawn["correspondences/bearing"]])
    np.savetxt(tmp_path / "matches.txt", rows)
    (tmp_path / "deck.toml").write_text(
        '[correspondences]\nkind = "text"\nfile = "matches.txt"\nthreshold = { radians = 0.004 }\n',
        encoding="utf-8",
    )
    job = ["pose_search", "deck.toml", "--output", "out.h5", "--resume"]
    soon = ["--set", "run.time_limit=0.01", "--set", "run.checkpoint.margin=0"]
    assert run(*job, *soon, folder=tmp_path).returncode == STOPPED
    rows[7, 0] += 1e-9
    np.savetxt(tmp_path / "matches.txt", rows)
    ended = run(*job, folder=tmp_path)
    assert ended.returncode == 2 and "others than those that were searched" in ended.stderr


def test_little_memory_for_open_boxes(tmp_path):
    """A10: the same consensus, however few boxes may be open; what is proven holds."""
    text = deck(points=300, outliers=0.85, search="gap = { relative = 0.02 }")
    whole = results("pose_search", text, tmp_path)
    found = results(
        "pose_search", text, tmp_path, "--set", "search.frontier=1000", output="small.h5"
    )
    assert np.array_equal(whole["pose/inliers"], found["pose/inliers"])
    assert found["pose/upper_bound"] <= np.floor(1.02 * found["pose/consensus"])
    assert_proven(tmp_path / "small.h5")


@pytest.mark.parametrize("limit", ['time_limit = "0.2 s"', "max_nodes = 500"])
def test_limits_leave_an_honest_bound(limit, tmp_path):
    found = results("pose_search", deck(points=500, outliers=0.95, search=limit), tmp_path)
    assert found["pose/status"].tolist() == [b"time_limit"]
    assert 25 < found["pose/upper_bound"][0] <= 500
    # The boxes hold all rotations, and none more than its bound; but that is more than was allowed.
    ended = verify(tmp_path / "out.h5")
    assert ended.returncode == 1
    assert "left open" in ended.stdout


def test_a_surrogate_proves_nothing(tmp_path):
    found = results("pose_search", deck(points=300, search='mode = "paper"'), tmp_path)
    assert found["pose/status"].tolist() == [b"surrogate"]
    assert found["pose/upper_bound"][0] == 300
    assert found["pose/consensus"][0] >= 150
    assert found["truth/rotation_error"][0] < 0.12
    ended = verify(tmp_path / "out.h5")
    assert ended.returncode == 1 and "surrogate" in ended.stdout


def test_a_second_pose_is_told_of(tmp_path):
    """Structured wrong matches, 40 to 60 against the right ones: RANSAC's trap, and here a remark."""
    (tmp_path / "deck.toml").write_text(deck("structured", points=200, outliers=0.5), encoding="utf-8")
    ended = run("pose_search", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    found = read(tmp_path / "out.h5")
    assert found["pose/consensus"][0] >= 100 and found["truth/rotation_error"][0] < 0.15
    assert 60 <= found["pose/second/consensus"][0] < 100 or "another pose" not in ended.stdout


def test_help_and_list():
    text = run("pose_search", "--help").stdout
    assert "pose_verify" in text
    listed = run("pose_search", "--list").stdout
    for word in ("synthetic", "bal", "bundler", "colmap", "certified", "paper", "exhaustive"):
        assert word in listed
