# SPDX-License-Identifier: BSD-3-Clause
"""Results of pose_search: read, judged and drawn, as a user does it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import h5py
import matplotlib.image
import numpy as np
import pytest
import sample_poses
from driftwood_post import pose_boxes, pose_image, pose_peers, pose_plots, pose_sweep, pose_words, poses
from driftwood_post.read import ReadError

HEADER = Path(__file__).parents[2] / "src" / "io" / "pose_layout.hpp"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """pose_search.py with these arguments, by its own first line."""
    return subprocess.run(
        [sample_poses.SCRIPT, *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def is_drawn(path: Path) -> bool:
    """Whether a picture shows anything."""
    pixels = matplotlib.image.imread(path)
    return min(pixels.shape[:2]) > 50 and 0.005 < float((pixels[..., :3].min(axis=2) < 0.9).mean()) < 0.9


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_poses.write(tmp_path_factory.mktemp("poses") / "p.h5")


# ---------------------------------------------------------------- reading


def test_samples_have_the_names_of_the_driver(file: Path) -> None:
    if not HEADER.exists():
        pytest.skip("src/io/pose_layout.hpp is not here")
    named = set(re.findall(r'string_view \w+ =\s*"([\w/]+)"', HEADER.read_text(encoding="utf-8")))
    found: set[str] = set()
    with h5py.File(file) as raw:
        raw.visititems(lambda name, item: found.add(name) if isinstance(item, h5py.Dataset) else None)
    assert {name for name in found if not name.startswith("run/")} == named


def test_problems_are_told_apart(file: Path) -> None:
    results = poses.open_poses(file)
    assert results.names == ["camera 0", "camera 1", "camera 2", "camera 3"]
    for p, matches in enumerate(results.matches):
        drawn = sample_poses.problem(p)
        assert (matches.bearing == drawn.bearing).all() and (matches.point == drawn.point).all()
        assert (matches.is_inlier == drawn.is_right).all()
        assert matches.recall == matches.precision == 1
    assert results.is_proven.all() and results.is_determined.all() and not results.has_second.any()
    assert list(results.gap) == [1] * 4
    assert [trace.nodes[-1] for trace in results.traces] == [500] * 4
    assert results.number_of("camera 2") == results.number_of("2") == 2
    assert results.number_of("camera 9") is None and results.number_of("9") is None


def test_recall_and_precision_count_matches() -> None:
    right = np.array([1, 1, 1, 1, 0, 0])
    taken = np.array([1, 1, 1, 0, 1, 0]) == 1
    nothing = np.zeros((6, 3))
    matches = poses.Matches(nothing, nothing, nothing[:, 0], nothing[:, :2], right, taken)
    assert matches.recall == 0.75 and matches.precision == 0.75
    assert [int(kind.chosen.sum()) for kind in pose_plots.kinds(matches)] == [1, 3, 1, 1]
    unknown = poses.Matches(nothing, nothing, nothing[:, 0], nothing[:, :2], 0 * right - 1, taken)
    assert np.isnan(unknown.recall) and np.isnan(unknown.precision)
    assert [kind.label for kind in pose_plots.kinds(unknown)] == ["outlier", "inlier"]


def test_what_is_least_proven_comes_first(tmp_path: Path) -> None:
    status = ["optimal", "gap", "time_limit", "surrogate"]
    path = sample_poses.write(tmp_path / "s.h5", status=status, gap=5, allowed=1)
    with h5py.File(path, "r+") as raw:
        raw["pose/upper_bound"][0] = raw["pose/consensus"][0]
        raw["pose/upper_bound"][1] = raw["pose/consensus"][1] + 1
    results = poses.open_poses(path)
    assert list(results.is_proven) == [True, True, False, False]
    assert results.by_doubt() == [3, 2, 1, 0]
    proofs, doubts = pose_words.proofs(results), pose_words.doubts(results)
    assert "Of 1 of 4 problems it is proven that no pose has more inliers than the one found." in proofs
    assert any("more than at most 1 inlier, or" in text for text in proofs)
    assert any("nothing is proven" in text for text in doubts)
    assert any("time or boxes were up" in text and "30 inliers found, and at most 35" in text for text in doubts)


def test_doubts_are_said(tmp_path: Path) -> None:
    path = sample_poses.write(tmp_path / "d.h5", second=28, error=0.4)
    with h5py.File(path, "r+") as raw:
        raw["pose/refined/covariance"][1] = np.inf
        raw["pose/refined/consensus"][2] = 29
    results = poses.open_poses(path)
    doubts = " ".join(pose_words.doubts(results))
    assert "at most 1 inlier fewer (camera 2)" in pose_words.refinement(results)
    for words in ("Another pose explains nearly as many", "has 28 inliers beside 30",
                  "leave more than one pose: camera 1.",
                  "Of 2 of 4 problems the refined pose is more than 1 degree", "1.6 degrees (camera 3)"):  # fmt: skip
        assert words in doubts
    fine = poses.open_poses(sample_poses.write(tmp_path / "fine.h5"))
    assert pose_words.doubts(fine) == [] and pose_words.refinement(fine) == ""
    assert pose_words.matches(fine).endswith("and no wrong one is.")


# ---------------------------------------------------------------- boxes


def test_boxes_that_tile_have_all_rotations() -> None:
    for branched in (1, 2, 6, 18):
        keys = np.array(sample_poses.tiling(branched), dtype=np.uint64)
        assert pose_boxes.tile_all(keys)
        assert pose_boxes.tile_all(keys[::-1])
        assert pose_boxes.boxes_of(keys).share.sum() == pytest.approx(1, abs=2e-4)


def test_holes_and_overlaps_are_found() -> None:
    keys = sample_poses.tiling(3)
    for wrong in (keys[1:], keys[:-1], [*keys, keys[4]], [*keys[:-1], sample_poses.key(3, 4, 0)],
                  [], [*keys[:-1], 1 << 61], [*keys[:-1], sample_poses.key(3, 3, 1 << 9)]):  # fmt: skip
        assert not pose_boxes.tile_all(np.array(wrong, dtype=np.uint64))


def test_shares_are_those_of_uniform_rotations() -> None:
    """Of 200 000 uniform quaternions; false alarms of 10 shares at 5 standard errors: 6e-6."""
    random = np.random.default_rng(5)
    q = random.standard_normal((200_000, 4))
    chart = np.abs(q).argmax(axis=1)
    x = np.array([np.delete(row, c) / row[c] for row, c in zip(q, chart, strict=True)])
    for level in (1, 2):
        cells = np.clip(((x + 1) / 2 * 2**level).astype(int), 0, 2**level - 1)
        for path in (0, 3, 6, 7, (8**level) - 1):
            box = pose_boxes.boxes_of(np.array([sample_poses.key(2, level, path)], dtype=np.uint64))
            assert box.chart[0] == 2 and box.level[0] == level
            inside = ((cells == box.place[0]).all(axis=1) & (chart == 2)).mean()
            share = float(box.share[0])
            assert abs(inside - share) < 5 * np.sqrt(share / q.shape[0])


def test_leaves_are_counted_by_level_and_rule(file: Path) -> None:
    results = poses.open_poses(file)
    keys, bound, rule = (getattr(results.leaves[0], name) for name in ("keys", "bound", "rule"))
    levels = pose_plots.leaf_levels(results.leaves[0], enough=int(bound.max()))
    assert levels.number.sum() == keys.size and levels.number[:, -1].sum() == 0
    assert list(levels.number[1:, 1:4].sum(axis=0)) == [int((rule == r).sum()) for r in (1, 2, 3)]
    assert levels.number[1].sum() == 28 and levels.number[2].sum() == 32
    open_ = pose_plots.leaf_levels(results.leaves[0], enough=int(bound.min()))
    assert open_.number[:, -1].sum() == int((bound > bound.min()).sum()) > 0


def test_a_damaged_certificate_is_said(file: Path, tmp_path: Path) -> None:
    assert pose_words.certificate(poses.open_poses(file))[1] == []
    path = sample_poses.write(tmp_path / "c.h5")
    with h5py.File(path, "r+") as raw:
        raw["certificate/key"][0] = raw["certificate/key"][1]
        raw["certificate/bound"][-1] = 50
    bad = pose_words.certificate(poses.open_poses(path))[1]
    assert any("do not tile all rotations: camera 0." in text for text in bad)
    assert any("more inliers than the upper bound: camera 3." in text for text in bad)


# ---------------------------------------------------------------- images


def test_expected_pixels_are_through_the_lens(file: Path) -> None:
    results = poses.open_poses(file)
    for p, matches in enumerate(results.matches):
        where = pose_image.picture_of(matches, results.best.rotation[p], results.best.centre[p])
        assert where.units == "pixel" and (where.seen == matches.pixel).all()
        flat = pose_image.flat((matches.point - results.best.centre[p]) @ results.best.rotation[p].T)
        known = sample_poses.FOCAL * flat * (1 + sample_poses.K1 * (flat**2).sum(axis=1))[:, None]
        assert np.allclose(where.expected, known, atol=1e-6)
        off = np.hypot(*(where.expected - where.seen).T)
        assert off[matches.is_inlier].max() < 3 < off[~matches.is_inlier].min()


def test_bearings_without_pixels_are_drawn(tmp_path: Path) -> None:
    results = poses.open_poses(sample_poses.write(tmp_path / "b.h5", pixels=False))
    matches = results.matches[0]
    where = pose_image.picture_of(matches, results.best.rotation[0], results.best.centre[0])
    assert where.units == "focal length"
    assert np.allclose(where.seen, matches.bearing[:, :2] / matches.bearing[:, 2:])
    behind = poses.Matches(**{**vars(matches), "bearing": -matches.bearing})
    where = pose_image.picture_of(behind, results.best.rotation[0], results.best.centre[0])
    assert where.units == "degree"
    cosine = np.cos(np.deg2rad(np.hypot(*where.seen.T)))
    assert np.allclose(cosine, -matches.bearing[:, 2])


# ---------------------------------------------------------------- several files, other programs


def test_slopes_and_intervals_are_right() -> None:
    x = np.array([250.0, 500, 1000, 2000])
    fit = pose_sweep.slope(x, 3 * x**1.5)
    assert fit is not None and fit.exponent == pytest.approx(1.5) and fit.standard_error < 1e-7
    assert pose_sweep.slope(x[:2], x[:2]) is None
    low, high = pose_sweep.wilson(8, 10)  # R: binom::binom.wilson(8, 10)
    assert (low, high) == (pytest.approx(0.4901625, abs=1e-6), pytest.approx(0.9433178, abs=1e-6))
    assert pose_sweep.wilson(5, 5)[1] == 1


def test_files_become_lines(tmp_path: Path) -> None:
    runs = [
        poses.open_poses(
            sample_poses.write(
                tmp_path / f"{n}_{gap}.h5", points=n, nodes=4 * n, seconds=n / 100, relative=gap
            )
        )
        for n in (120, 60, 240)
        for gap in (0.02, 0.0)
    ]
    of = pose_sweep.sweep(runs)
    assert of.over == "points" and [line.label for line in of.lines] == ["gap 2 %", "gap 0 %"]
    for line in of.lines:
        assert list(line.x) == [60, 120, 240]
        assert list(line.met) == list(line.known) == list(line.problems) == [4, 4, 4]
        fit = pose_sweep.slope(line.x, line.seconds.median)
        assert fit is not None and fit.exponent == pytest.approx(1)
    with pytest.raises(ReadError, match="do not differ in their outliers"):
        pose_sweep.sweep(runs, "outliers")
    shares = [
        poses.open_poses(sample_poses.write(tmp_path / f"o{k}.h5", outliers=k / 10))
        for k in (8, 2, 5)
    ]
    assert list(pose_sweep.sweep(shares).lines[0].x) == [0.2, 0.5, 0.8]


def test_sweeps_are_drawn(tmp_path: Path) -> None:
    files = [
        sample_poses.write(tmp_path / f"{n}.h5", points=n, error=n / 100) for n in (60, 120, 240)
    ]
    done = run(*files, "--over", "points", "--output-dir", tmp_path / "f", "--dpi", "60")
    assert done.returncode == 0, done.stderr
    names = [Path(line).name for line in done.stdout.splitlines()]
    assert names == [
        "comparison.report.html", "comparison.nodes.png", "comparison.seconds.png", "comparison.success.png",
    ]  # fmt: skip
    assert all(is_drawn(tmp_path / "f" / name) for name in names[1:])
    page = (tmp_path / "f" / names[0]).read_text(encoding="utf-8")
    for words in ("seconds grow like N to the", "60.h5", "240.h5", "1 of 4"):
        assert words in page


PEERS = [
    {"peer": "fast", "problem": "camera 0", "seconds": 0.001, "rotation_error_deg": 0.1,
     "centre_error_relative": 0.001, "inliers": 29, "success": True},
    {"peer": "fast", "problem": "camera 2", "seconds": 0.002, "rotation_error_deg": 40.0,
     "centre_error_relative": 0.5, "inliers": 5},
    {"peer": "odd", "problem": "camera 1", "inliers": 60, "success": False},
]  # fmt: skip


def test_peers_are_compared(file: Path, tmp_path: Path) -> None:
    (tmp_path / "peers.json").write_text(json.dumps(PEERS), encoding="utf-8")
    names = ("peer", "problem", *pose_peers.NUMBERS, "success")
    lines = [",".join(str(row.get(name, "")) for name in names) for row in PEERS]
    (tmp_path / "peers.csv").write_text("\n".join([",".join(names), *lines]), encoding="utf-8")
    results = poses.open_poses(file)
    for kind in ("json", "csv"):
        own, fast, odd = pose_peers.open_peers(tmp_path / f"peers.{kind}", results)
        assert own.name == "pose_search" and own.success_rate == 1
        assert list(fast.problem) == [0, 2] and list(fast.success) == [1, 0]
        assert np.isnan(odd.seconds).all() and odd.success_rate == 0
        assert list(pose_peers.beyond_bound(odd, results)) == [1]
        assert not pose_peers.beyond_bound(fast, results).size
    done = run(file, "--peers", tmp_path / "peers.json", "--output-dir", tmp_path, "--dpi", "60")
    assert done.returncode == 0, done.stderr
    assert is_drawn(tmp_path / "p.peers.png")
    page = (tmp_path / "p.report.html").read_text(encoding="utf-8")
    assert "odd says to have more inliers of camera 1 than the bound 31" in page


def test_other_peers_are_refused(file: Path, tmp_path: Path) -> None:
    results = poses.open_poses(file)
    for content, why in (
        ("{", "neither JSON nor CSV"),
        ("{}", "not a list"),
        ('[{"peer": "a"}]', "no 'problem'"),
        ('[{"peer": "a", "problem": "camera 8"}]', "no problem 'camera 8'"),
        ('[{"peer": "a", "problem": "camera 0", "seconds": "soon"}]', "no number as 'seconds'"),
    ):
        (tmp_path / "x.json").write_text(content, encoding="utf-8")
        with pytest.raises(ReadError, match=why):
            pose_peers.open_peers(tmp_path / "x.json", results)
    with pytest.raises(ReadError, match="cannot be read"):
        pose_peers.open_peers(tmp_path / "none.json", results)


# ---------------------------------------------------------------- the script


def test_everything_is_drawn_and_reported(file: Path, tmp_path: Path) -> None:
    done = run(file, "--problem", "camera 1", "--output-dir", tmp_path / "new", "--dpi", "60")
    assert done.returncode == 0, done.stderr
    written = [Path(line) for line in done.stdout.splitlines()]
    assert [path.name for path in written] == [
        "p.report.html", "p.bounds.png", "p.effort.png", "p.errors.png", "p.recall.png",
        "p.matches.camera_1.png", "p.trace.camera_1.png", "p.leaves.png", "p.leaves.camera_1.png",
    ]  # fmt: skip
    assert all(is_drawn(path) for path in written[1:])
    page = written[0].read_text(encoding="utf-8")
    assert page.count("<img") == len(written) - 1
    for words in ("What is proven", "pose_verify p.h5", "tile all rotations", "camera 3", "kind = &quot;synthetic"):
        assert words in page
    assert "http" not in page


def test_photographs_lie_under_matches(file: Path, tmp_path: Path) -> None:
    photograph = np.zeros((480, 640, 3))
    photograph[:240] = 1
    matplotlib.image.imsave(tmp_path / "photo.png", photograph)
    look = ("--output-dir", tmp_path, "--dpi", "60")
    done = run(file, "--problem", "0", "--image", tmp_path / "photo.png", *look)
    assert done.returncode == 0, done.stderr
    pixels = matplotlib.image.imread(tmp_path / "p.matches.camera_0.png")[..., :3]
    middle = pixels[:, pixels.shape[1] * 6 // 10].mean(axis=1)
    half = middle.size // 2
    assert np.median(middle[:half]) > 0.9 > np.median(middle[half:]) + 0.3
    for arguments, code, why in (
        (("--image", tmp_path / "photo.png"), 2, "name the one problem"),
        (("--problem", "0", "--image", tmp_path / "none.png"), 1, "no such file"),
        (("--problem", "0", "--image", sample_poses.SCRIPT), 1, "no image that can be read"),
        (("--problem", "camera 7"), 2, "no problem 'camera 7'; there are: camera 0,"),
        (("--over", "points"), 2, "needs several FILEs"),
    ):
        done = run(file, *arguments, *look)
        assert done.returncode == code and why in done.stderr, done.stderr


def test_files_with_little_are_drawn(tmp_path: Path) -> None:
    """One problem of which nothing is known but the matches, without boxes or looks."""
    path = sample_poses.write(
        tmp_path / "one.h5", problems=1, known=False, pixels=False, status=["surrogate"]
    )
    with h5py.File(path, "r+") as raw:
        for group in ("certificate", "trace"):
            for name, item in list(raw[group].items()):
                if name not in ("order", "checksum"):
                    dtype = item.dtype
                    del raw[group][name]
                    raw[group][name] = np.zeros(0, dtype)
    done = run(path, "--dpi", "60")
    assert done.returncode == 0, done.stderr
    assert [Path(line).name for line in done.stdout.splitlines()] == ["one.report.html", "one.matches.camera_0.png"]
    page = (tmp_path / "one.report.html").read_text(encoding="utf-8")
    assert "nothing is proven" in page and "holds no certificate" in page


def test_other_files_are_refused(file: Path, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other.attrs["format_version"] = 1
        other["run/driver"] = "sde_ensemble"
    with pytest.raises(ReadError, match="it is one of sde_ensemble"):
        poses.open_poses(tmp_path / "other.h5")
    newer = tmp_path / "newer.h5"
    newer.write_bytes(file.read_bytes())
    with h5py.File(newer, "r+") as raw:
        raw.attrs["format_version"] = 2
    with pytest.raises(ReadError, match="format_version 2 is unknown"):
        poses.open_poses(newer)
    torn = tmp_path / "torn.h5"
    torn.write_bytes(file.read_bytes())
    with h5py.File(torn, "r+") as raw:
        count = raw["pose/correspondences"][()]
        raw["pose/correspondences"][0] = count[0] + 1
    with pytest.raises(ReadError, match="the file is damaged"):
        poses.open_poses(torn)
    with h5py.File(torn, "r+") as raw:
        raw["pose/correspondences"][...] = count
        del raw["search/nodes"]
    with pytest.raises(ReadError, match="lacks 'nodes'"):
        poses.open_poses(torn)
    done = run(tmp_path / "none.h5")
    assert done.returncode == 1 and "no such file" in done.stderr
    done = run(file, file)
    assert done.returncode == 1 and "do not differ" in done.stderr


# ---------------------------------------------------------------- the driver


DRAWN = """
[correspondences]
kind = "synthetic"
problems = 3
points = {points}
outliers = {outliers}
seed = 4
[search]
gap = {{ relative = 0.02 }}
{more}
"""


def search(folder: Path, name: str, points: int, outliers: float, more: str = "") -> Path:
    """Results of the built driver."""
    binaries = os.environ.get("DRIFTWOOD_BIN")
    driver = Path(binaries or "").resolve() / "pose_search"
    if not binaries or not driver.exists():
        pytest.skip("DRIFTWOOD_BIN, the folder of the built drivers, is not set, or lacks pose_search")
    deck = DRAWN.format(points=points, outliers=outliers, more=more)
    (folder / f"{name}.toml").write_text(deck, encoding="utf-8")
    command = [driver, f"{name}.toml", "--quiet", "--output", f"{name}.h5"]
    subprocess.run(command, cwd=folder, check=True, timeout=60, capture_output=True)
    return folder / f"{name}.h5"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return search(tmp_path_factory.mktemp("found"), "found", 120, 0.5)


def test_results_of_the_driver_are_what_they_say(found: Path) -> None:
    results = poses.open_poses(found)
    assert results.problems == 3 and results.is_proven.all() and results.truth.is_met.all()
    for p, matches in enumerate(results.matches):
        seen = (matches.point - results.best.centre[p]) @ results.best.rotation[p].T
        cosine = (seen * matches.bearing).sum(axis=1) / np.linalg.norm(seen, axis=1)
        assert ((np.arccos(np.clip(cosine, -1, 1)) <= matches.threshold) == matches.is_inlier).all()
        assert matches.is_inlier.sum() == results.best.consensus[p]
        where = pose_image.picture_of(matches, results.best.rotation[p], results.best.centre[p])
        off = np.hypot(*(where.expected - where.seen).T)[matches.is_inlier]
        # Three standard deviations of a pixel along both axes, with what a slanted view adds.
        assert 0.1 < np.median(off) < 3 and off.max() < 3 * np.sqrt(2) * 1.3
        leaves = results.leaves[p]
        assert leaves.tile_all and leaves.bound.max() <= results.upper_bound[p]
        assert leaves.boxes.share.sum() == pytest.approx(1, abs=1e-3)
        trace = pose_plots.followed(results, p)
        assert (np.diff(trace.seconds) >= 0).all() and (np.diff(trace.upper_bound) <= 0).all()
        assert (np.diff(trace.consensus) >= 0).all()
    assert pose_words.certificate(results)[1] == []


def test_results_of_the_driver_are_drawn(found: Path, tmp_path: Path) -> None:
    done = run(found, "--problem", "1", "--output-dir", tmp_path, "--dpi", "60")
    assert done.returncode == 0, done.stderr
    written = [Path(line) for line in done.stdout.splitlines()]
    kinds = {path.name.split(".")[1] for path in written}
    assert kinds == {"report", "matches", "trace", "leaves", "bounds", "effort", "errors", "recall"}
    assert all(is_drawn(path) for path in written[1:])


def test_searches_that_are_cut_short_say_so(tmp_path: Path) -> None:
    path = search(tmp_path, "cut", 300, 0.8, "max_nodes = 300")
    results = poses.open_poses(path)
    assert set(results.status) == {"time_limit"} and not results.is_proven.any()
    assert pose_words.proofs(results) == []
    assert "Of all 3 problems time or boxes were up" in pose_words.doubts(results)[0]
    levels = pose_plots.leaf_levels(results.leaves[0], int(results.best.consensus[0] + results.allowed_gap[0]))
    assert levels.number[:, -1].sum() > 0 and results.leaves[0].tile_all


def test_surrogates_prove_nothing(tmp_path: Path) -> None:
    path = search(tmp_path, "paper", 100, 0.3, 'mode = "paper"')
    results = poses.open_poses(path)
    assert set(results.status) == {"surrogate"} and not results.is_proven.any()
    assert pose_words.proofs(results) == [] and results.mode == "paper"
    assert pose_plots.followed(results, 0) is results.traces[0]
    done = run(path, "--problem", "0", "--dpi", "60")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "paper.report.html").read_text(encoding="utf-8")
    assert "the most consistent pairs found" in page and "holds no certificate" in page


def test_runs_of_the_driver_are_compared(tmp_path: Path) -> None:
    files = [search(tmp_path, f"o{k}", 150, k / 10) for k in (2, 6)]
    done = run(*files, "--dpi", "60")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "comparison.report.html").read_text(encoding="utf-8")
    assert "from 20 % to 60 % outliers the median search takes" in page
