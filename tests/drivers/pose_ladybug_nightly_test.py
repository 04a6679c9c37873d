# SPDX-License-Identifier: BSD-3-Clause
"""Claims: A13 of Ladybug: all 49 cameras are found, to 0.5 degrees and 1 % of the distance of points, among
0, 50 and 80 % of observations that are exchanged.

Cameras in the file are those before bundle adjustment; errors are against poses refined over right matches.
The file is looked for in the folder that DRIFTWOOD_DATA names, and beside the sources.
"""
import numpy as np
import pytest

from balbianello import data_file
from drivers import SOURCE, read, run

DECK = SOURCE / "inputs" / "pose_search" / "ladybug.toml"


@pytest.mark.parametrize("outliers", [0.0, 0.5, 0.8])
def test_all_cameras_are_found(outliers, tmp_path):
    keys = {
        "correspondences.file": data_file("problem-49-7776-pre.txt"),
        "correspondences.outliers": outliers,
        # Proofs of thresholds this wide take longer than poses, and are not what is claimed here.
        "search.nested": "false",
        "search.time_limit": 2,
    }
    options = [word for key, value in keys.items() for word in ("--set", f"{key}={value}")]
    ended = run("pose_search", DECK, "--output", "out.h5", *options, folder=tmp_path, limit=500)
    assert ended.returncode == 0, ended.stderr
    found = read(tmp_path / "out.h5")
    assert len(found["pose/consensus"]) == 49
    assert np.all(found["truth/rotation_error"] <= 0.5)  # degrees
    assert np.all(found["truth/centre_error"] <= 0.01)
    assert np.all(found["pose/upper_bound"] >= found["pose/consensus"])
