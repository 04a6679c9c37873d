# SPDX-License-Identifier: BSD-3-Clause
"""Claims: A13 of natural outliers: every picture of Balbianello held out, at three ratios, with one and
with three matches of each point, up to 87 % of them wrong, is told from what is wrong, proven, and proven
anew.
"""
import pytest

from drivers import read
from poses import assert_proven, is_proven
from pose_inputs_test import assert_natural_outliers_are_told


@pytest.mark.parametrize("matches", [1, 3])
@pytest.mark.parametrize("ratio", [0.7, 0.9, 1.0])
@pytest.mark.parametrize("camera", range(5))
def test_a13_natural_outliers(camera, ratio, matches, tmp_path):
    assert_natural_outliers_are_told(camera, ratio, matches, tmp_path)
    assert is_proven(read(tmp_path / "out.h5")).all()
    assert_proven(tmp_path / "out.h5", limit=300)
