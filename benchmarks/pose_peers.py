#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Poses by OpenCV, PoseLib and OpenGV beside pose_search, on the same correspondences and thresholds.

    benchmarks/pose_peers.py [FILE.h5 ...] [--scenes std structured] [--outliers 0.5 0.7 0.9]
        [--problems 20] [--points 500] [--seed 1] [--only WORD] [--time-limit 60]
        [--bin build/release/bin] [--json FILE] [--each FILE]

Files hold X (N, 3), f (N, 3) or uv (N, 2) with K (3, 3), eps [radian], and for errors gt/R and gt/C,
where f is parallel to R (X - C); or they are results of pose_search, whose problems are taken. Without
files, problems are drawn: `structured` with two points that agree on a second pose for three that agree
on the true one, `decoy` with nine of ten, which are ten times as sharp. One core, one thread.

A pose is right within 1 degree and 1 % of the median distance. `most` is the share of problems in
which no other explains more, all counted here by the angle eps. What pose_search explains is that of
its certified pose, its errors are of the refined one. --each writes what each other peer made of each
problem of a result file, for postprocess/pose_search.py FILE.h5 --peers. Peers that are not there are left out, with the
reason. They need: apt install python3-opencv libopengv-dev g++; pip install poselib
"""
import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMPI_ALLOW_RUN_AS_ROOT"] = os.environ["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
# All on the same core, whatever threads their libraries start.
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

# pylint: disable=wrong-import-position
import argparse
import dataclasses
import importlib
import json
import pathlib
import subprocess
import tempfile
import time

import h5py
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
OWN = "Driftwood"
ITERATIONS = 100_000  # of those that are told how many
# Focal length, image size and depths of a drawn camera, and what is drawn.
CAMERAS = {
    "std": (800, (640, 480), (4, 8)),
    "wide": (320, (640, 480), (4, 8)),
    "planar": (800, (640, 480), (4, 8)),
    "structured": (800, (640, 480), (4, 8)),
    "decoy": (800, (640, 480), (4, 8)),
}
# Points that agree on a second pose, for one that agrees on the true one, and their noise [pixel].
SECOND = {"structured": (40 / 60, 1.0), "decoy": (0.9, 0.1)}


class Absent(Exception):
    """Why a peer is left out."""


@dataclasses.dataclass
class Problem:
    """`pixels` are those of an image of focal length `focal`, centred on the axis."""

    file: pathlib.Path
    points: np.ndarray
    bearings: np.ndarray
    pixels: np.ndarray
    focal: float
    eps: np.ndarray
    truth: tuple | None  # R, C
    name: str = ""  # in a result file

    @property
    def radius(self):
        """The threshold in pixels: twice its tangent at half the angle, as the drivers have it."""
        return float(2 * self.focal * np.tan(np.median(self.eps) / 2))

    def explained(self, pose):
        """How many of the correspondences."""
        seen = (self.points - pose[1]) @ pose[0].T
        across = np.linalg.norm(np.cross(self.bearings, seen), axis=1)
        angle = np.arctan2(across, np.sum(self.bearings * seen, axis=1))
        return angle <= self.eps

    def errors(self, pose):
        """Degrees, and the distance over the median one of what the truth explains."""
        rotation, centre = self.truth
        turn = pose[0] @ rotation.T
        axis = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
        degrees = np.degrees(np.arctan2(np.linalg.norm(axis), np.trace(turn) - 1))
        distances = np.linalg.norm(self.points - centre, axis=1)[self.explained(self.truth)]
        return float(degrees), float(np.linalg.norm(pose[1] - centre) / np.median(distances))


def problem_of(file, points, bearings, eps, truth, focal=1000.0):
    """In a frame whose z axis points ahead; peers see only what is ahead."""
    bearings = bearings / np.linalg.norm(bearings, axis=1, keepdims=True)
    if np.median(bearings[:, 2]) < 0:
        turn = np.diag([1.0, -1.0, -1.0])
        bearings = bearings @ turn
        truth = truth and (turn @ truth[0], truth[1])
    ahead = bearings[:, 2] > 1e-3
    points, bearings, eps = points[ahead], bearings[ahead], eps[ahead]
    return Problem(file, points, bearings, focal * bearings[:, :2] / bearings[:, 2:], focal, eps, truth)


def read(file, folder):
    """The problems of a file, each also as a file of its own."""
    with h5py.File(file) as data:
        if "correspondences" in data:
            return read_results(data, folder)
        points = data["X"][()]
        if "uv" in data:
            calibration = data["K"][()]
            ones = np.ones((len(points), 1))
            bearings = np.hstack([data["uv"][()], ones]) @ np.linalg.inv(calibration).T
            focal = float(calibration[0, 0])
        else:
            bearings, focal = data["f"][()], 1000.0
        eps = np.broadcast_to(np.ravel(data["eps"][()]), len(points)).astype(float)
        truth = (data["gt/R"][()], data["gt/C"][()]) if "gt/R" in data else None
    return [problem_of(file, points, bearings, eps, truth, focal)]


def read_results(data, folder):
    """Those that a run of pose_search was given, with the poses that it compares with as truth."""
    out = []
    members = data["correspondences/problem"][()]
    for k in range(len(data["pose/consensus"])):
        mine = members == k
        points, bearings, eps = (
            data[f"correspondences/{name}"][()][mine] for name in ("point", "bearing", "threshold")
        )
        truth = None
        if "truth" in data and np.isfinite(data["truth/centre"][k]).all():
            truth = data["truth/rotation"][k], data["truth/centre"][k]
        problem = problem_of(folder / f"taken{k}.h5", points, bearings, eps, truth)
        with h5py.File(problem.file, "w") as file:
            file["X"], file["f"], file["eps"] = problem.points, problem.bearings, problem.eps
        problem.name = data["pose/problem"].asstr()[k]
        out.append(problem)
    return out


def drawn_pose(random):
    w, x, y, z = (q := random.standard_normal(4)) / np.linalg.norm(q)
    rotation = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.array(rotation), random.uniform(-1, 1, 3)


def draw(file, scene, outliers, count, random):
    """Writes a problem of the kind that `kind = "synthetic"` of pose_search has."""
    focal, size, depths = CAMERAS[scene]
    size = np.array(size)
    truth, second = drawn_pose(random), drawn_pose(random)
    pixels = size * random.uniform(-0.5, 0.5, (count, 2))
    rays = np.hstack([pixels / focal, np.ones((count, 1))])
    depth = random.uniform(*depths, count)
    if scene == "planar":
        normal = np.array([0.4, 0.3, 1])
        depth = np.mean(depths) / (rays @ normal)
    wrong = random.permutation(count)[: round(outliers * count)]
    share, noise = SECOND.get(scene, (0, 0))
    structured = wrong[: round((count - len(wrong)) * share)]
    points = (depth[:, None] * rays) @ truth[0] + truth[1]
    points[structured] = (depth[:, None] * rays)[structured] @ second[0] + second[1]
    moved = np.clip(random.standard_normal((count, 2)), -3, 3)
    moved[structured] *= noise
    pixels = pixels + moved
    unmatched = np.setdiff1d(wrong, structured)
    pixels[unmatched] = size * random.uniform(-0.5, 0.5, (len(unmatched), 2))
    with h5py.File(file, "w") as out:
        out["X"], out["uv"], out["K"] = points, pixels, np.diag([focal, focal, 1.0])
        out["eps"] = 2 * np.arctan(3 * np.sqrt(2) / (2 * focal))
        out["gt/R"], out["gt/C"] = truth
        out["gt/inlier"] = (~np.isin(np.arange(count), wrong)).astype(np.uint8)


class OpenCv:
    """`solvePnPRansac`; with settings of its own, or as it is by default but for the threshold."""

    def __init__(self, method=None):
        try:
            self._cv2 = importlib.import_module("cv2")
        except ImportError as reason:
            raise Absent(str(reason)) from reason
        self._cv2.setNumThreads(1)
        self._keys = {}
        if method == "USAC_MAGSAC":
            parameters = self._cv2.UsacParams()
            parameters.sampler = self._cv2.SAMPLING_UNIFORM
            parameters.score = self._cv2.SCORE_METHOD_MAGSAC
            parameters.loMethod = self._cv2.LOCAL_OPTIM_SIGMA
            parameters.loIterations, parameters.loSampleSize = 10, 14
            parameters.maxIterations, parameters.confidence = ITERATIONS, 0.9999
            self._parameters = parameters
        elif method:
            self._keys = {
                "flags": getattr(self._cv2, f"SOLVEPNP_{method}"),
                "iterationsCount": ITERATIONS,
                "confidence": 0.9999,
            }
        self._magsac = method == "USAC_MAGSAC"
        self.version = self._cv2.__version__

    def __call__(self, problem):
        calibration = np.diag([problem.focal, problem.focal, 1.0])
        began = time.perf_counter()
        try:
            if self._magsac:
                self._parameters.threshold = problem.radius
                found, _, turn, shift, _ = self._cv2.solvePnPRansac(
                    problem.points, problem.pixels, calibration, None, params=self._parameters
                )
            else:
                found, turn, shift, _ = self._cv2.solvePnPRansac(
                    problem.points, problem.pixels, calibration, None,
                    reprojectionError=problem.radius, **self._keys)  # fmt: skip
        except self._cv2.error:
            found = False
        seconds = time.perf_counter() - began
        if not found:
            return None, seconds
        rotation = self._cv2.Rodrigues(turn)[0]
        return (rotation, -rotation.T @ shift.ravel()), seconds


class PoseLib:
    """`estimate_absolute_pose`, by default up to 100000 iterations, as here; it ends with a refinement."""

    def __init__(self):
        try:
            self._poselib = importlib.import_module("poselib")
        except ImportError as reason:
            raise Absent(str(reason)) from reason
        self.version = self._poselib.__version__

    def __call__(self, problem):
        camera = {"model": "SIMPLE_PINHOLE", "width": 2, "height": 2, "params": [problem.focal, 0, 0]}
        options = {"max_reproj_error": problem.radius, "max_iterations": ITERATIONS}
        began = time.perf_counter()
        pose, _ = self._poselib.estimate_absolute_pose(
            problem.pixels, problem.points, camera, options, {}
        )
        seconds = time.perf_counter() - began
        return (pose.R, -pose.R.T @ pose.t), seconds


class OpenGv:
    """RANSAC over Kneip's P3P and a nonlinear refinement, by a small program."""

    def __init__(self, folder):
        self._program = folder / "opengv_ransac"
        command = ["g++", "-O3", "-std=c++17", "-w", "-I/usr/include/eigen3",
                   str(HERE / "pose_peers_opengv.cpp"), "-lopengv", "-o", str(self._program)]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except FileNotFoundError as reason:
            raise Absent("there is no g++") from reason
        except subprocess.CalledProcessError as reason:
            raise Absent(reason.stderr.strip().split("\n")[0]) from reason
        self.version = "of this system"

    def __call__(self, problem):
        head = np.array([len(problem.points), np.median(problem.eps), ITERATIONS], dtype=float)
        rows = np.hstack([problem.points, problem.bearings])
        began = time.perf_counter()
        ended = subprocess.run([self._program], input=head.tobytes() + rows.tobytes(),
                               capture_output=True, check=False)  # fmt: skip
        if ended.returncode != 0:
            return None, time.perf_counter() - began
        numbers = np.array(ended.stdout.split(), dtype=float)
        return (numbers[:9].reshape(3, 3), numbers[9:12]), numbers[12]


class Driftwood:
    """pose_search; beside the certified pose the one refined from it, as the others refine theirs."""

    def __init__(self, binary, folder, time_limit):
        self._binary, self._folder, self._limit = binary.resolve(), folder, time_limit
        if not self._binary.exists():
            raise Absent(f"there is no {binary}")
        self.version = "this tree"

    def __call__(self, problem):
        deck = (
            f'format = 1\n[run]\noutput = "{self._folder / "ours.h5"}"\n'
            f'[correspondences]\nkind = "hdf5"\nfile = "{problem.file.resolve()}"\n'
            f"threshold = {{ radians = {float(np.median(problem.eps))!r} }}\n"
            f'[search]\ngap = {{ relative = 0.02 }}\ntime_limit = "{self._limit} s"\n'
        )
        (self._folder / "deck.toml").write_text(deck, encoding="utf-8")
        ended = subprocess.run([self._binary, "deck.toml", "--quiet"], cwd=self._folder,
                               capture_output=True, text=True, check=False)  # fmt: skip
        if ended.returncode != 0:
            raise Absent(ended.stderr.strip().split("\n")[-1])
        with h5py.File(self._folder / "ours.h5") as file:
            refined = file["pose/refined/rotation"][0], file["pose/refined/centre"][0]
            pose = file["pose/rotation"][0], file["pose/centre"][0]
            return pose, float(file["search/seconds"][0]), refined


@dataclasses.dataclass
class Row:
    """What one peer made of the problems of one kind."""

    seconds: list
    explained: list
    errors: list  # degrees and relative distance, None where there is no truth

    def add(self, problem, pose, seconds, refined=None):
        self.seconds.append(seconds)
        self.explained.append(0 if pose is None else int(problem.explained(pose).sum()))
        if problem.truth:
            self.errors.append((180.0, np.inf) if pose is None else problem.errors(refined or pose))

    def numbers(self, best):
        """To print; `best` is the most that any peer explains of each problem."""
        out = {
            "milliseconds": 1e3 * float(np.median(self.seconds)),
            "explained": float(np.median(self.explained)),
            "most": float(np.mean([a >= b for a, b in zip(self.explained, best)])),
        }
        if self.errors:
            degrees, distance = np.array(self.errors).T
            out["right"] = float(np.mean((degrees <= 1) & (distance <= 0.01)))
            out["degrees"] = float(np.median(degrees))
            out["relative distance"] = float(np.median(distance))
        return out


def each(problems, rows):
    """What every peer but this one made of each problem that has a name."""
    out = []
    for peer, row in rows.items():
        errors = iter(row.errors)
        for k, problem in enumerate(problems):
            off = next(errors) if problem.truth else None
            if peer == OWN or not problem.name:
                continue
            entry = {"peer": peer, "problem": problem.name, "seconds": row.seconds[k],
                     "inliers": row.explained[k]}  # fmt: skip
            if off and np.isfinite(off[1]):
                entry["rotation_error_deg"], entry["centre_error_relative"] = off
            elif off:
                entry["success"] = False  # it found no pose
            out.append(entry)
    return out


def make_peers(options, folder):
    makers = {
        "OpenCV, defaults": OpenCv,
        "OpenCV, AP3P": lambda: OpenCv("AP3P"),
        "OpenCV, MAGSAC": lambda: OpenCv("USAC_MAGSAC"),
        "PoseLib": PoseLib,
        "OpenGV, Kneip": lambda: OpenGv(folder),
        OWN: lambda: Driftwood(options.bin / "pose_search", folder, options.time_limit),
    }
    peers = {}
    for name, make in makers.items():
        if options.only not in name:
            continue
        try:
            peers[name] = make()
            print(f"{name}: {peers[name].version}")
        except Absent as reason:
            print(f"{name} is left out: {reason}")
    return peers


def problems_of(options, folder):
    """Kinds of problems and their files."""
    if options.files:
        yield from ((file.name, [file]) for file in options.files)
        return
    for scene in options.scenes:
        for outliers in options.outliers:
            random = np.random.default_rng([options.seed, list(CAMERAS).index(scene)])
            files = [folder / f"problem{k}.h5" for k in range(options.problems)]
            for file in files:
                draw(file, scene, outliers, options.points, random)
            yield f"{scene}, {outliers:.0%} outliers", files


def compare(title, problems, peers):
    """Prints a block of lines; returns their numbers, and those of each problem."""
    rows = {name: Row([], [], []) for name in peers}
    for problem in problems:
        for name in list(peers):
            try:
                rows[name].add(problem, *peers[name](problem))
            except Absent as reason:
                print(f"{name} is left out from here on: {reason}")
                del peers[name], rows[name]
    best = np.max([row.explained for row in rows.values()], axis=0)
    counts = sorted({len(problem.points) for problem in problems})
    most = f" to {counts[-1]}" if len(counts) > 1 else ""
    print(f"\n{title}: {len(problems)} problems of {counts[0]}{most} correspondences")
    print(f"{'':18}{'right':>8}{'degrees':>10}{'distance':>10}{'explained':>11}{'most':>7}{'ms':>10}")
    out = {}
    for name, row in rows.items():
        n = out[name] = row.numbers(best)
        known = (f"{n['right']:8.0%}{n['degrees']:10.3g}{n['relative distance']:10.3g}"
                 if "right" in n else f"{'-':>8}{'-':>10}{'-':>10}")  # fmt: skip
        print(f"{name:18}{known}{n['explained']:11g}{n['most']:7.0%}{n['milliseconds']:10.3g}",
              flush=True)  # fmt: skip
    return out, each(problems, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    parser.add_argument("--scenes", nargs="+", choices=CAMERAS, default=["std", "structured"])
    parser.add_argument("--outliers", nargs="+", type=float, default=[0.5, 0.7, 0.9])
    parser.add_argument("--problems", type=int, default=20)
    parser.add_argument("--points", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="peers whose name has this word")
    parser.add_argument("--time-limit", type=float, default=60, help="of a search [s]")
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--json", type=pathlib.Path, help="writes all numbers there")
    parser.add_argument("--each", type=pathlib.Path, help="writes those of each problem there")
    options = parser.parse_args()
    if options.each and len(options.files) != 1:
        parser.error("--each is for one result file")
    results, single = {}, []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        peers = make_peers(options, folder)
        if not peers:
            parser.error("no peer is there")
        for title, files in problems_of(options, folder):
            problems = [problem for file in files for problem in read(file, folder)]
            results[title], more = compare(title, problems, peers)
            single += more
    if options.each:
        options.each.write_text(json.dumps(single, indent=1) + "\n", encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
