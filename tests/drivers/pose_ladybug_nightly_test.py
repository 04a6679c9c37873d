# SPDX-License-Identifier: BSD-3-Clause
"""Claims: A13 of Ladybug: all 49 cameras are found, to 0.5 degrees and 1 % of the distance of points, among
0, 50 and 80 % of observations that are exchanged, and all are proven, twice. Bars that are missed are marked.

Cameras in the file are those before bundle adjustment; errors are against poses refined over right matches.
The file is looked for in the folder that DRIFTWOOD_DATA names, and beside the sources.
"""
import numpy as np
import pytest

from data_files import data_file
from drivers import SOURCE, read, run
from poses import assert_proven, correspondences, is_proven
from sampled_pose import residuals

DECK = SOURCE / "inputs" / "pose_search" / "ladybug.toml"
# Outliers, seed, threshold [pixel].
DRAWS = {
    "none": (0.0, 1, 12),
    "half": (0.5, 1, 12),
    "most_seed1": (0.8, 1, 12),
    "most_seed2": (0.8, 2, 12),
    "most_seed3": (0.8, 3, 12),
    "most_seed4": (0.8, 4, 12),
    "most_narrow": (0.8, 1, 4),
}
# Cameras that are missed, and by what: of the inliers within 12 pixels, some are wrong by chance and bend the
# pose.
BENT = {
    "most_seed1": ([19], "camera 19 is off by 0.57 degrees and 1.05 % of the distance"),
    "most_seed2": ([19], "camera 19 is off by 0.85 degrees and 1.65 % of the distance"),
    "most_seed4": ([9, 19], "camera 9 is off by 0.86 degrees and 1.58 % of the distance, camera 19 by 0.52"),
}


@pytest.fixture(scope="module", params=DRAWS)
def cameras(request, tmp_path_factory):
    """The name of a draw, and the file of results of all cameras."""
    outliers, seed, pixels = DRAWS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    keys = {
        "correspondences.file": data_file("problem-49-7776-pre.txt", "pose"),
        "correspondences.outliers": outliers,
        "correspondences.seed": seed,
        "correspondences.threshold.pixels": pixels,
        # Far longer than any takes, as the machine may have other work.
        "search.time_limit": 300,
    }
    options = [word for key, value in keys.items() for word in ("--set", f"{key}={value}")]
    ended = run("pose_search", DECK, "--output", "out.h5", *options, folder=folder, limit=500)
    assert ended.returncode == 0, ended.stderr
    return request.param, folder / "out.h5"


def outside(found):
    return np.flatnonzero((found["truth/rotation_error"] > 0.5) | (found["truth/centre_error"] > 0.01)).tolist()


def test_a13_all_cameras_are_found(cameras, request):
    name, path = cameras
    if name in BENT:
        request.applymarker(pytest.mark.xfail(strict=True, reason=BENT[name][1]))
    found = read(path)
    print(f"{name}: off by at most {np.max(found['truth/rotation_error']):.3f} degrees and "
          f"{np.max(found['truth/centre_error']):.4f}, {np.sum(found['search/seconds']):.0f} s, "
          f"{np.max(found['search/seconds']):.0f} s at most")  # fmt: skip
    assert len(found["pose/consensus"]) == 49
    assert outside(found) == []


def test_a13_all_cameras_are_proven(cameras):
    _, path = cameras
    assert is_proven(read(path)).all()


def test_a13_all_cameras_are_proven_anew(cameras):
    _, path = cameras
    assert_proven(path, limit=500)


def test_a13_cameras_that_are_missed_have_better_poses_than_the_right_ones(cameras):
    """So that no search for most inliers finds those: a narrower threshold does."""
    name, path = cameras
    found = read(path)
    expected = BENT.get(name, ([], ""))[0]
    assert outside(found) == expected
    for camera in expected:
        of_truth = [found[f"truth/{part}"][[camera]] for part in ("rotation", "centre")]
        x, f, threshold = correspondences(found, camera)
        right = np.sum(residuals(*of_truth, x, f)[0] <= threshold)
        print(f"{name}, camera {camera}: {found['pose/consensus'][camera]} inliers, {right} of the right pose")
        assert found["pose/consensus"][camera] > right
