# SPDX-License-Identifier: BSD-3-Clause
"""What the figure of a multilevel estimate fits."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import driftwood_post
from driftwood_post.multilevel_plots import clear_means, fitted_slope, multilevel
from driftwood_post.results import Multilevel

LEVEL = np.arange(5)
USED = np.ones(5, dtype=bool)


def test_slopes_are_fitted_from_level_one_on() -> None:
    value = 3 * 2.0 ** (-1.5 * LEVEL)
    value[0] = 1e6
    slope, intercept = fitted_slope(LEVEL, value, USED) or (0.0, 0.0)
    assert slope == pytest.approx(-1.5)
    assert intercept == pytest.approx(np.log2(3))


def test_what_is_zero_or_not_used_is_left_out() -> None:
    value = np.array([1.0, 0.5, 0.0, 0.125, 7.0])
    assert (fitted_slope(LEVEL, value, LEVEL < 4) or (0.0,))[0] == pytest.approx(-1)
    assert fitted_slope(LEVEL, value, LEVEL < 3) is None
    assert fitted_slope(LEVEL, np.zeros(5), USED) is None


def test_means_within_their_noise_are_shown_hollow(results_folder: Path) -> None:
    results = driftwood_post.open(results_folder / "multilevel.h5")
    levels = results.multilevel
    assert isinstance(levels, Multilevel)
    mean = levels.mean.copy()
    mean[3] = 2 * levels.standard_errors[3]
    noisy = dataclasses.replace(levels, mean=mean)
    assert not clear_means(noisy)[3] and clear_means(noisy)[1]
    drawing = multilevel(dataclasses.replace(results, multilevel=noisy))
    assert drawing is not None and "Hollow" in drawing.caption


def test_other_files_have_no_levels(results_folder: Path) -> None:
    assert multilevel(driftwood_post.open(results_folder / "ou.h5")) is None
