# SPDX-License-Identifier: BSD-3-Clause
"""Claims: A13 of Ladybug: all 49 cameras are found, to 0.5 degrees and 1 % of the distance of points, among
0, 50 and 80 % of observations that are exchanged, and all are proven, twice.

Cameras in the file are those before bundle adjustment; errors are against poses refined over right matches.
The file is looked for in the folder that DRIFTWOOD_DATA names, and beside the sources.
"""
import numpy as np
import pytest

from balbianello import data_file
from drivers import SOURCE, read, run
from poses import assert_proven, correspondences, is_proven
from sampled_pose import residuals

DECK = SOURCE / "inputs" / "pose_search" / "ladybug.toml"


def proven_cameras(folder, outliers, seed=1, pixels=12.0):
    """Results of all cameras, each of which is proven by the search and anew."""
    keys = {
        "correspondences.file": data_file("problem-49-7776-pre.txt"),
        "correspondences.outliers": outliers,
        "correspondences.seed": seed,
        "correspondences.threshold.pixels": pixels,
        # Ten times as long as any takes, as the machine may have other work.
        "search.time_limit": 300,
    }
    options = [word for key, value in keys.items() for word in ("--set", f"{key}={value}")]
    ended = run("pose_search", DECK, "--output", "out.h5", *options, folder=folder, limit=500)
    assert ended.returncode == 0, ended.stderr
    found = read(folder / "out.h5")
    assert len(found["pose/consensus"]) == 49
    print(f"outliers {outliers}, seed {seed}, {pixels} pixels: off by at most "
          f"{np.max(found['truth/rotation_error']):.3f} degrees and {np.max(found['truth/centre_error']):.4f}, "
          f"{np.sum(found['search/seconds']):.0f} s, {np.max(found['search/seconds']):.0f} s at most")  # fmt: skip
    assert np.all(is_proven(found))
    assert_proven(folder / "out.h5", limit=500)
    return found


def cameras_outside(found):
    return np.flatnonzero((found["truth/rotation_error"] > 0.5) | (found["truth/centre_error"] > 0.01)).tolist()


@pytest.mark.parametrize(
    ("outliers", "seed", "pixels"),
    [(0.0, 1, 12.0), (0.5, 1, 12.0), (0.8, 2, 12.0), (0.8, 3, 12.0), (0.8, 4, 12.0), (0.8, 1, 4.0)],
    ids=["none", "half", "most_seed2", "most_seed3", "most_seed4", "most_narrow"],
)
def test_a13_all_cameras_are_found(outliers, seed, pixels, tmp_path):
    found = proven_cameras(tmp_path, outliers, seed, pixels)
    assert cameras_outside(found) == []


def test_a13_a_wide_threshold_takes_wrong_matches_most_seed1(tmp_path):
    """A bar that is missed: with this draw of 80 % exchanged observations camera 19 is off by 0.57 degrees
    and 1.05 % of the distance. Its proven pose has at least as many inliers as the reference, and among them are
    wrong matches that are within 12 pixels by chance and bend the least squares. All others are found, and it is
    with a threshold of 4 pixels, above."""
    found = proven_cameras(tmp_path, 0.8)
    assert cameras_outside(found) == [19]
    assert found["truth/rotation_error"][19] < 0.6 and found["truth/centre_error"][19] < 0.011
    x, f, threshold = correspondences(found, 19)
    of_reference = residuals(found["truth/rotation"][[19]], found["truth/centre"][[19]], x, f)[0]
    assert found["pose/consensus"][19] >= np.sum(of_reference <= threshold)
    right = found["correspondences/is_right"][found["correspondences/problem"] == 19] == 1
    explained = found["pose/inliers"][19][: len(right)] == 1
    print(f"{np.sum(explained & ~right)} wrong matches among {np.sum(explained)} inliers")
    assert np.sum(explained & ~right) >= 5
