# SPDX-License-Identifier: BSD-3-Clause
"""Claims: scripts/sift_problem.py makes of a model and its keys the matches that are known, right ones
where the camera held out sees their points.
"""
import gzip
import subprocess
import sys

import h5py
import numpy as np
import pytest

from balbianello import SCRIPT, SIZE, problem, sift_problem

# Matches and wrong ones among them [%], at ratios 0.7, 0.9 and 1: of the recipe's specification.
KNOWN = [
    [(202, 3.5), (294, 16.7), (470, 44.0)],
    [(272, 1.8), (332, 7.8), (470, 29.6)],
    [(272, 2.6), (367, 12.0), (480, 29.8)],
    [(206, 3.4), (299, 15.1), (477, 42.1)],
    [(94, 9.6), (238, 42.0), (488, 67.2)],
]


@pytest.mark.parametrize("camera", range(5))
def test_matches_of_balbianello(camera):
    for ratio, (count, wrong) in zip((0.7, 0.9, 1.0), KNOWN[camera]):
        made = problem(camera, ratio)
        assert len(made["X"]) == count
        assert 100 * (1 - made["gt/inlier"].mean()) == pytest.approx(wrong, abs=0.05)


def test_more_matches_are_of_the_same_points():
    one = problem(0, 1.0)
    three = problem(0, 1.0, 3)
    assert np.array_equal(three["point"], np.repeat(one["point"], 3))
    assert np.array_equal(three["uv"][::3], one["uv"])
    assert three["gt/inlier"].sum() >= one["gt/inlier"].sum()
    # Most points have one right key, so that most of the two that are added are wrong.
    added = np.delete(three["gt/inlier"], np.s_[::3])
    assert added.mean() < 0.1
    assert 1 - three["gt/inlier"].mean() > 0.75


def test_right_matches_agree_with_the_truth():
    for camera in range(5):
        made = problem(camera, 0.9)
        there = (made["X"] - made["gt/C"]) @ made["gt/R"].T
        there /= np.linalg.norm(there, axis=1)[:, None]
        angle = np.arcsin(np.linalg.norm(np.cross(there, made["f"]), axis=1))
        right = made["gt/inlier"] == 1
        # Three pixels with and without distortion differ by a tenth at most.
        assert np.all(angle[right] <= 1.1 * made["eps"][right])
        assert np.all((made["uv"] >= 0) & (made["uv"] <= SIZE))
        assert np.allclose(made["gt/R"] @ made["gt/R"].T, np.eye(3), atol=1e-14)


def made_model(folder):
    """Three cameras of one place, and keys of ten points with descriptors of their own."""
    rng = np.random.default_rng(5)
    points = np.column_stack([rng.uniform(-1, 1, (10, 2)), rng.uniform(-5, -4, 10)])
    camera = sift_problem.Camera(np.array([400, -0.1, 0, *np.eye(3).ravel(), 0, 0, 0]))
    pixels, is_before = camera.sees(points)
    assert is_before.all()
    lines = ["# Bundle file v0.3", "3 10"]
    for _ in range(3):
        lines += ["400 -0.1 0", "1 0 0", "0 1 0", "0 0 1", "0 0 0"]
    for point, (u, v) in zip(points, pixels):
        views = " ".join(f"{c} 0 {u!r} {v!r}" for c in range(3))
        lines += [" ".join(map(repr, map(float, point))), "0 0 0", f"3 {views}"]
    (folder / "bundle.out").write_text("\n".join(lines) + "\n", encoding="ascii")
    descriptors = rng.integers(0, 200, (10, 128))
    names = []
    for c in range(3):
        text = ["10 128"]
        for (u, v), descriptor in zip(pixels, descriptors):
            text.append(f"{120 - v - 0.5!r} {u + 160 - 0.5!r} 1 0")
            text.append(" ".join(map(str, descriptor + rng.integers(0, 3, 128))))
        names.append(folder / f"{c}.key.gz")
        names[-1].write_bytes(gzip.compress("\n".join(text).encode()))
    return points, pixels, names


def command(folder, names, *options):
    arguments = ["bundle.out", *names, "--size", "320", "240", "--output", "problem.h5", *options]
    return subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)],
        cwd=folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_the_program_writes_what_decks_read(tmp_path):
    points, pixels, names = made_model(tmp_path)
    ended = command(tmp_path, names, "--hold-out", "1", "--ratio", "0.8")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "problem.h5: 10 matches of 10 points, 0 of them wrong (0.0 %)\n"
    with h5py.File(tmp_path / "problem.h5") as file:
        assert np.allclose(file["X"], points, rtol=0, atol=0)
        assert np.allclose(file["uv"], np.column_stack([pixels[:, 0] + 160, 120 - pixels[:, 1]]), atol=1e-9)
        seen = points * [1, -1, -1]
        assert np.allclose(file["f"], seen / np.linalg.norm(seen, axis=1)[:, None], atol=1e-12)
        assert np.array_equal(file["gt/R"], np.diag([1, -1, -1]))
        assert np.all(file["gt/inlier"][()] == 1)


def test_mistakes_are_said(tmp_path):
    _, _, names = made_model(tmp_path)
    for options, said in (
        (("--hold-out", "3"), "bundle.out: there is no camera 3; they are numbered from 0 to 2"),
        (("--hold-out", "0", "--ratio", "0"), "--ratio is not in (0, 1]"),
        (("--hold-out", "0", "--matches", "0"), "--matches, --right and --size are positive"),
    ):
        ended = command(tmp_path, names, *options)
        assert ended.returncode == 2
        assert said in ended.stderr
    ended = command(tmp_path, names[:2], "--hold-out", "0")
    assert "it has 3 cameras, and there are 2 files of keys" in ended.stderr
    names[1].write_bytes(gzip.compress(b"10 128\n1 2 3"))
    ended = command(tmp_path, names, "--hold-out", "0")
    assert "1.key.gz: the first line does not say how many keys follow" in ended.stderr
    assert ended.returncode == 2
    text = (tmp_path / "bundle.out").read_text(encoding="ascii")
    (tmp_path / "bundle.out").write_text(text[: len(text) // 2], encoding="ascii")
    ended = command(tmp_path, names, "--hold-out", "0")
    assert ended.returncode == 2
    assert "bundle.out: " in ended.stderr
