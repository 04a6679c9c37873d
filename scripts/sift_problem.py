#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes a problem of pose_search whose wrong matches are natural, of a model and its SIFT keys.

    scripts/sift_problem.py bundle.out KEYS0.key.gz KEYS1.key.gz ... --size 640 427 \\
        --hold-out 0 --ratio 0.9 --output camera0.h5

One picture is held out. Each point of the model (text, as Bundler writes it) has the descriptors of its
keys in the other pictures; keys are found by where the model saw the point, as their numbers in models
need not be those in files of keys. Of the keys of the picture held out the nearest one is a match where
it is nearer than RATIO times the second; with --matches K also the K - 1 keys that come next. The file
(kind = "hdf5") has the camera's pose in the model as its truth. A match is right where its key is within
--right pixels of where that camera sees the point. The model was made with the picture that is held out:
its pose tells how robust a search is, and nothing of its accuracy.

Files of keys are as D. Lowe's program writes them, also compressed by gzip: "COUNT 128", then of each key
its row, column, scale, orientation and 128 numbers. There is one for each camera, in their order.
"""
import argparse
import gzip
import pathlib
import sys

import h5py
import numpy as np

NEAR = 1.0  # pixels between a key and where the model saw its point


class Camera:
    """Looks along -z, y upwards: P = R X + t is seen at f (1 + k1 r^2 + k2 r^4) p, p = -P_xy / P_z."""

    def __init__(self, numbers):
        self.focal, self.k1, self.k2 = numbers[:3]
        self.rotation = numbers[3:12].reshape(3, 3)
        self.shift = numbers[12:]

    def sees(self, points):
        """(pixels from the middle of the picture, y upwards; whether the points are before it)"""
        there = points @ self.rotation.T + self.shift
        p = -there[:, :2] / there[:, 2:]
        square = np.sum(p**2, axis=1)
        bent = 1 + self.k1 * square + self.k2 * square**2
        return self.focal * bent[:, None] * p, there[:, 2] < 0

    def without_distortion(self, pixels):
        """p of pixels; not a number where there is none."""
        radius = np.hypot(*pixels.T) / self.focal
        r = radius.copy()
        for _ in range(100):
            slope = 1 + 3 * self.k1 * r**2 + 5 * self.k2 * r**4
            with np.errstate(divide="ignore", invalid="ignore"):
                excess = r * (1 + self.k1 * r**2 + self.k2 * r**4) - radius
                r = np.where(slope > 0, r - excess / slope, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            return pixels / self.focal * np.where(radius > 0, r / radius, 1)[:, None]

    def pose(self):
        """(R, C) of a camera that looks along +z, y downwards."""
        rotation = np.diag([1.0, -1.0, -1.0]) @ self.rotation
        left, _, right = np.linalg.svd(rotation)  # ten digits are no rotation yet
        return left @ right, -self.rotation.T @ self.shift


def read_text(path):
    opened = gzip.open if pathlib.Path(path).suffix == ".gz" else open
    with opened(path, "rt", encoding="ascii") as file:
        return file.read()


def read_model(path):
    """(cameras, points (N, 3), [[(camera, pixel)] of each point])"""
    lines = [line for line in read_text(path).splitlines() if not line.startswith("#")]
    words = iter(" ".join(lines).split())

    def take(count):
        return np.array([float(next(words)) for _ in range(count)])

    try:
        n_cameras, n_points = take(2).astype(int)
        cameras = [Camera(take(15)) for _ in range(n_cameras)]
        points, views = [], []
        for _ in range(n_points):
            points.append(take(6)[:3])
            views.append([])
            for _ in range(int(next(words))):
                view = take(4)
                views[-1].append((int(view[0]), view[2:]))
    except StopIteration:
        raise ValueError("the file ends too soon; it may have been cut off") from None
    return cameras, np.array(points), views


def read_keys(path, size):
    """(pixels from the middle of the picture, y upwards (N, 2); descriptors (N, 128))"""
    numbers = np.array(read_text(path).split(), dtype=float)
    if len(numbers) < 2 or len(numbers) != 2 + numbers[0] * (4 + numbers[1]):
        raise ValueError("the first line does not say how many keys follow, of how many numbers")
    keys = numbers[2:].reshape(int(numbers[0]), -1)
    width, height = size
    middle = np.column_stack([keys[:, 1] + 0.5 - width / 2, height / 2 - (keys[:, 0] + 0.5)])
    return middle, keys[:, 4:]


def descriptors_of_points(views, keys, held_out):
    """(places of the points that have any, (M, 128) of them, place in the former of each)"""
    points, found = [], []
    for place, seen in enumerate(views):
        for camera, pixel in seen:
            if camera == held_out:
                continue
            distance = np.hypot(*(keys[camera][0] - pixel).T)
            if distance.min() <= NEAR:
                points.append(place)
                found.append(keys[camera][1][distance.argmin()])
    if not points:
        raise ValueError("no key is where the model saw a point: are keys in the order of cameras?")
    unique, owner = np.unique(points, return_inverse=True)
    return unique, np.array(found), owner


def matches_of(model, keys, held_out, ratio, count):
    """(places of points, places of keys of the picture held out) of each match."""
    points, descriptors, owner = descriptors_of_points(model[2], keys, held_out)
    others = keys[held_out][1]
    square = (
        np.sum(descriptors**2, axis=1)[:, None] + np.sum(others**2, axis=1) - 2 * descriptors @ others.T
    )
    nearest = np.full((len(points), len(others)), np.inf)
    np.minimum.at(nearest, owner, square)
    order = np.argsort(nearest, axis=1, kind="stable")[:, : max(count, 2)]
    distance = np.sqrt(np.maximum(np.take_along_axis(nearest, order, axis=1), 0))
    passes = distance[:, 0] <= ratio * distance[:, 1]
    return np.repeat(points[passes], count), order[passes, :count].ravel()


def widest_angle(seen, distance):
    """As src/pose/input/camera.hpp has it: the widest angle to what is so far away in the image."""
    rho = np.hypot(*seen.T)
    with np.errstate(invalid="ignore"):
        return np.where(
            distance > rho,
            np.arctan(rho) + np.arctan(distance - rho),
            np.arcsin(distance / np.sqrt(1 + rho**2)),
        )


def problem(model, keys, size, held_out, ratio=1.0, count=1, right=3.0):
    """{dataset: values} of a problem."""
    cameras, points, _ = model
    camera = cameras[held_out]
    place, key = matches_of(model, keys, held_out, ratio, count)
    pixels = keys[held_out][0][key]
    expected, is_before = camera.sees(points[place])
    p = camera.without_distortion(pixels)
    whole = np.isfinite(p).all(axis=1)
    seen = np.column_stack([p[:, 0], -p[:, 1]])
    lines = np.column_stack([seen, np.ones(len(p))])
    rotation, centre = camera.pose()
    width, height = size
    is_right = is_before & (np.hypot(*(expected - pixels).T) <= right)
    return {
        "X": points[place][whole],
        "f": (lines / np.linalg.norm(lines, axis=1)[:, None])[whole],
        "uv": np.column_stack([pixels[:, 0] + width / 2, height / 2 - pixels[:, 1]])[whole],
        "K": np.array([[camera.focal, 0, width / 2], [0, camera.focal, height / 2], [0, 0, 1]]),
        "size": np.array(size, dtype=float),
        "eps": widest_angle(seen, right / camera.focal)[whole],
        "point": place[whole],
        "gt/R": rotation,
        "gt/C": centre,
        "gt/inlier": is_right[whole].astype(np.int8),
    }


def parsed():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model")
    parser.add_argument("keys", nargs="+")
    parser.add_argument("--size", nargs=2, type=float, required=True, metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--hold-out", type=int, required=True, metavar="CAMERA")
    parser.add_argument("--ratio", type=float, default=1.0, help="1: every point is matched")
    parser.add_argument("--matches", type=int, default=1, metavar="K", help="keys of each point")
    parser.add_argument("--right", type=float, default=3.0, metavar="PIXELS")
    parser.add_argument("--output", required=True)
    arguments = parser.parse_args()
    if not 0 < arguments.ratio <= 1:
        parser.error("--ratio is not in (0, 1]")
    if arguments.matches < 1 or not arguments.right > 0 or min(arguments.size) <= 0:
        parser.error("--matches, --right and --size are positive")
    return arguments


def main():
    arguments = parsed()
    path = arguments.model
    try:
        model = read_model(path)
        if len(arguments.keys) != len(model[0]):
            raise ValueError(
                f"it has {len(model[0])} cameras, and there are {len(arguments.keys)} files of keys"
            )
        if not 0 <= arguments.hold_out < len(model[0]):
            raise ValueError(
                f"there is no camera {arguments.hold_out}; they are numbered from 0 to {len(model[0]) - 1}"
            )
        keys = []
        for path in arguments.keys:
            keys.append(read_keys(path, arguments.size))
        path = arguments.model
        made = problem(
            model,
            keys,
            arguments.size,
            arguments.hold_out,
            arguments.ratio,
            arguments.matches,
            arguments.right,
        )
        path = arguments.output
        with h5py.File(path, "w") as file:
            for name, values in made.items():
                file[name] = values
    except (OSError, ValueError) as wrong:
        print(f"error: {path}: {wrong}", file=sys.stderr)
        sys.exit(2)
    count = len(made["X"])
    wrong = count - int(made["gt/inlier"].sum())
    print(
        f"{arguments.output}: {count} matches of {len(set(made['point']))} points, {wrong} of them wrong "
        f"({100 * wrong / max(count, 1):.1f} %)"
    )


if __name__ == "__main__":
    main()
