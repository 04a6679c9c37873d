# SPDX-License-Identifier: BSD-3-Clause
"""Claims: the acceptance checks of pose_search that take minutes, each test named after its check.

A3 certificates of tiny problems, A4 how often poses are right, A5 time over points, A6 time over
outliers, A7 ranks, A10 memory, A11 kills, A14 refinement. Problems are drawn from fixed seeds. tests/README.md says where
the other checks are.
"""
import math
import os
import random
import signal
import subprocess
import time

import numpy as np
import pytest

from drivers import BIN, MPIEXEC, read, results, run
from poses import (
    assert_proven, assert_same_poses, correspondences, deck, is_proven, is_right,
)  # fmt: skip
from sampled_pose import most_inliers, residuals

TWO_PERCENT = "gap = { relative = 0.02 }"
FOCAL = 800  # of the preset "std" [pixel]


def tiny_deck(number):
    """Ten problems of 6 to 12 points, 30 to 70 % of them wrong, with thresholds of 1 to 3 degrees, at
    three standard deviations along both axes."""
    threshold = math.radians(1 + number // 3 % 3)
    noise = FOCAL * math.tan(threshold) / (3 * math.sqrt(2))
    return deck(
        problems=10, points=6 + number % 7, outliers=(0.3, 0.5, 0.7)[number % 3], seed=number + 1,
        keys=f"noise = {noise}\nthreshold = {{ radians = {threshold} }}",
    )  # fmt: skip


@pytest.mark.parametrize("number", range(20))
def test_a3_no_pose_of_tiny_problems_has_more(number, tmp_path):
    """200 certificates hold, and neither an exhaustive search nor poses of all triples have more."""
    found = results("pose_search", tiny_deck(number), tmp_path)
    assert found["pose/status"].tolist() == [b"optimal"] * 10
    assert_proven(tmp_path / "out.h5")
    consensus = found["pose/consensus"]
    sampled = [most_inliers(*correspondences(found, p)) for p in range(10)]
    assert np.all(sampled <= consensus)
    reached = np.sum(sampled == consensus)
    print(f"{reached} of 10 reached by poses of triples")
    assert reached >= 5  # else the line above says little
    # Deeper levels prove more, of the first problem.
    level = {0: 5, 1: 4, 6: 4}.get(number, 3)
    for problems, level in ((10, 2), (1, level)):
        whole = results(
            "pose_search", tiny_deck(number).replace("problems = 10", f"problems = {problems}"), tmp_path,
            "--set", "search.mode=exhaustive", "--set", f"search.level={level}", output="all.h5", ranks=2,
        )  # fmt: skip
        assert np.all(whole["search/nodes"] == 4 * 8**level)
        assert np.all(whole["pose/consensus"] <= consensus[:problems])
        assert np.all(consensus[:problems] <= whole["pose/upper_bound"])
        if level == 5:  # fine enough to prove the same
            assert np.array_equal(whole["pose/upper_bound"], consensus[:problems])


def found_of_fifty(folder, outliers, search, preset="std"):
    text = deck(preset, problems=50, points=500, outliers=outliers, search=search)
    found = results("pose_search", text, folder)
    print(f"outliers {outliers}, {search.splitlines()}: {np.sum(is_right(found))} of 50 right, rotations off "
          f"by {np.median(found['truth/rotation_error']):.4f} degrees, centres by "
          f"{np.median(found['truth/centre_error']):.5f}, {np.sum(is_proven(found))} proven, "
          f"{np.max(found['search/seconds']):.2f} s at most")  # fmt: skip
    return found


@pytest.mark.parametrize("outliers", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
def test_a4_certified_poses_are_right(outliers, tmp_path):
    found = found_of_fifty(tmp_path, outliers, TWO_PERCENT)
    assert np.sum(is_right(found)) >= (49 if outliers == 0.9 else 50)
    assert np.all(is_proven(found))
    if outliers <= 0.7:
        assert_proven(tmp_path / "out.h5", limit=300)
        assert np.median(found["truth/rotation_error"]) <= 0.06  # degrees
        assert np.median(found["truth/centre_error"]) <= 0.001


@pytest.mark.parametrize("outliers", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
def test_a4_surrogate_poses_are_mostly_right(outliers, tmp_path):
    pairs = 4 if outliers == 0.8 else 1
    found = found_of_fifty(tmp_path, outliers, f'mode = "paper"\npairs = {pairs}')
    assert np.sum(is_right(found)) >= (45 if outliers == 0.8 else 49)


def test_a4_structured_outliers_are_told_from_the_camera(tmp_path):
    """40 % of what agrees on a pose agrees on another one, where RANSAC may end."""
    found = found_of_fifty(tmp_path, 0.7, TWO_PERCENT, preset="structured")
    assert np.all(is_right(found))
    assert np.all(is_proven(found))
    assert_proven(tmp_path / "out.h5", limit=300)


PAPER = pytest.param(
    'mode = "paper"',
    marks=pytest.mark.xfail(
        strict=True, reason="exponent 1.26: at gap 0 boxes grow from 8 thousand to 73 thousand"
    ),
)


@pytest.mark.parametrize("search", [TWO_PERCENT, PAPER], ids=["certified", "paper"])
def test_a5_time_is_linear_in_points(search, tmp_path):
    """Medians of five problems, 250 to 32,000 points, half of them wrong."""
    points = [250 * 2**k for k in range(8)]
    seconds, nodes = [], []
    for n in points:
        found = results("pose_search", deck(problems=5, points=n, search=search), tmp_path)
        seconds.append(np.median(found["search/seconds"]))
        nodes.append(np.median(found["search/nodes"]))
    exponent = np.polyfit(np.log(points), np.log(seconds), 1)[0]
    print(f"exponent {exponent:.3f}, seconds {np.round(seconds, 4)}, boxes {nodes}")
    assert exponent <= 1.1
    if search == TWO_PERCENT:
        assert max(nodes) <= 1.5 * min(nodes)


# Seconds that a search may take at most on 2 cores; of 95 % nothing is asked.
MOST_SECONDS = {0.1: 60, 0.3: 60, 0.5: 60, 0.7: 60, 0.8: 5, 0.9: 20, 0.95: math.inf}


@pytest.mark.parametrize("outliers", MOST_SECONDS)
def test_a6_time_over_outliers(outliers, tmp_path):
    text = deck(problems=5, points=500, outliers=outliers, search=TWO_PERCENT + "\ntime_limit = 60")
    found = results("pose_search", text, tmp_path, ranks=2)
    print(f"outliers {outliers}: {np.sum(is_proven(found))} of 5 proven in "
          f"{np.round(found['search/seconds'], 3)} s, boxes {found['search/nodes']}")  # fmt: skip
    assert np.all(found["search/seconds"] <= MOST_SECONDS[outliers])
    assert np.all(is_proven(found)) or outliers == 0.95


@pytest.mark.parametrize("termination", ["mattern", "dijkstra_safra"])
@pytest.mark.parametrize("outliers", [0.5, 0.7, 0.8])
def test_a7_ranks_prove_the_same(outliers, termination, tmp_path):
    """At no gap: the same pose to a micro-degree, and where the first pose is the best one the same
    boxes that any search must branch. Eight ranks share the cores."""
    text = deck(problems=4, outliers=outliers, search=f'termination = "{termination}"')
    runs = [results("pose_search", text, tmp_path, ranks=ranks, output=f"{ranks}.h5") for ranks in (1, 2, 4, 8)]
    one = runs[0]
    assert one["pose/status"].tolist() == [b"optimal"] * 4
    # The first pose is the same on any ranks; one rank tells of it at once.
    firsts = np.array([one["trace/consensus"][one["trace/problem"] == p][0] for p in range(4)])
    began_best = firsts == one["pose/consensus"]
    assert np.any(began_best)
    for ranks, found in zip((1, 2, 4, 8), runs):
        assert_same_poses(one, found)
        assert_proven(tmp_path / f"{ranks}.h5")
        critical = found["search/critical_nodes"]
        assert np.array_equal(critical[began_best], one["search/critical_nodes"][began_best])
        print(f"outliers {outliers}, {ranks} ranks: critical boxes {critical}, {np.sum(began_best)} of 4 from "
              "the best pose")  # fmt: skip


def test_a10_few_open_boxes_change_no_pose(tmp_path):
    text = deck(problems=2, points=300, outliers=0.9, search=TWO_PERCENT)
    whole = results("pose_search", text, tmp_path)
    found = results("pose_search", text, tmp_path, "--set", "search.frontier=1000", output="few.h5")
    opened = [np.max(of["trace/open"]) for of in (whole, found)]
    print(f"{opened[0]} and {opened[1]} open boxes at most")
    assert opened[0] > 2 * 1000  # else nothing is tested
    assert opened[1] <= 1.2 * 1000
    assert_same_poses(whole, found)
    assert_proven(tmp_path / "few.h5", limit=300)


# Memory [byte]: of an open box, and of a closed one: while it is searched, in the certificate, and in
# the columns of the file while they are written.
OPEN_BOX = 16
CLOSED_BOX = 16 + 24 + 32


def test_a10_memory_is_that_of_boxes(tmp_path):
    """A search without an end, as all matches are wrong: 100,000 open boxes at most, where it would have
    more, and no more memory than those and the certificate take, and a fifth."""
    text = deck(
        points=48, outliers=1.0, keys="threshold = { radians = 0.02 }",
        search="nested = false\nmax_nodes = 500_000",
    )  # fmt: skip
    grown = {}
    for frontier in (100_000, 4_194_304):
        options = ("--set", f"search.frontier={frontier}")
        first = results("pose_search", text, tmp_path, *options, "--set", "search.max_nodes=1000")
        found = results("pose_search", text, tmp_path, *options)
        grown[frontier] = found["run/memory"] - first["run/memory"]
        opened = np.max(found["trace/open"])
        closed = len(found["certificate/key"])
        print(f"{frontier}: {opened} open, {closed} in the certificate, {grown[frontier] / 1e6:.1f} MB more")
        if frontier == 100_000:
            assert opened <= 1.2 * frontier
            assert grown[frontier] <= 1.2 * (OPEN_BOX * frontier + CLOSED_BOX * closed)
        else:
            assert opened > 2 * 100_000  # else nothing is tested


def ranks_of(job):
    """Processes that the launcher has started."""
    with open(f"/proc/{job.pid}/task/{job.pid}/children", encoding="ascii") as file:
        return [int(pid) for pid in file.read().split()]


def start(folder, ranks):
    return subprocess.Popen(
        [MPIEXEC, "-n", str(ranks), BIN / "pose_search", "deck.toml", "--output", "out.h5", "--resume",
         "--set", "run.checkpoint.every=0.02"],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def kill(job):
    """All ranks at once; the launcher follows."""
    for pid in ranks_of(job):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    job.wait(timeout=60)


def test_a11_killed_at_any_time_and_continued(tmp_path):
    """Ten kills at random moments, each continued on another number of ranks."""
    text = deck(problems=2, points=500, outliers=0.9, search=TWO_PERCENT)
    whole = results("pose_search", text, tmp_path)
    (tmp_path / "out.h5").unlink()
    began = time.monotonic()
    assert start(tmp_path, 2).wait(timeout=300) == 0
    seconds = time.monotonic() - began
    chance = random.Random(11)
    kills = continued = 0
    while kills < 10:
        for left in tmp_path.glob("out.h5*"):
            left.unlink()
        ranks, others = chance.sample([1, 2, 3, 4], 2)
        moment = chance.uniform(0.1, 0.9) * seconds
        job = start(tmp_path, ranks)
        try:
            job.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            kill(job)
        if (tmp_path / "out.h5").exists():
            continue  # had ended before
        kills += 1
        continued += any(tmp_path.glob("out.h5.ckpt.?"))
        ended = run("pose_search", "deck.toml", "--output", "out.h5", "--resume", ranks=others, folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
        assert_same_poses(whole, read(tmp_path / "out.h5"))
        assert_proven(tmp_path / "out.h5")
    print(f"{kills} kills within {seconds:.1f} s, {continued} after a checkpoint")
    assert continued >= 5


def test_a14_refinement_says_what_it_loses(tmp_path):
    """Both poses are stored, each with its own count: the refined one has less now and then, and the
    certified one never does."""
    lost = 0
    for preset, outliers in (("std", 0.3), ("std", 0.8), ("wide", 0.6), ("planar", 0.5)):
        found = results("pose_search", deck(preset, problems=10, outliers=outliers, search=TWO_PERCENT), tmp_path)
        for p in range(10):
            x, f, threshold = correspondences(found, p)
            for name in ("pose", "pose/refined"):
                at = residuals(found[f"{name}/rotation"][[p]], found[f"{name}/centre"][[p]], x, f)[0]
                assert np.sum(at <= threshold) == found[f"{name}/consensus"][p], name
        assert np.all(found["pose/refined/consensus"] <= found["pose/consensus"])
        lost += np.sum(found["pose/refined/consensus"] < found["pose/consensus"])
    print(f"{lost} of 40 refined poses have less inliers than the certified ones")
    assert lost > 0  # else nothing is tested
