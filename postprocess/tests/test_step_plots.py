# SPDX-License-Identifier: BSD-3-Clause
"""The sizes of steps that adapt, from a real run to their figure."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest
from matplotlib.figure import Figure

import driftwood_post
from driftwood_post.read import ReadError
from driftwood_post.step_plots import step_sizes

DRIVER = Path(os.environ.get("DRIFTWOOD_BIN", "build/release/bin")) / "sde_ensemble"

DECK = """
[run]
output = "adaptive.h5"
[model]
name = "double_well"
initial = { x = 20.0 }
[time]
scheme = "sosra"
end = 1.0
tolerance = 1e-2
[ensemble]
paths = 256
"""


@pytest.fixture(scope="module")
def adaptive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not DRIVER.exists():
        pytest.skip(f"no driver at {DRIVER}")
    folder = tmp_path_factory.mktemp("adaptive")
    (folder / "deck.toml").write_text(DECK, encoding="utf-8")
    subprocess.run([str(DRIVER.resolve()), "deck.toml", "--quiet"], cwd=folder, check=True)
    return folder / "adaptive.h5"


def test_bars_are_the_counts(adaptive: Path) -> None:
    results = driftwood_post.open(adaptive)
    steps = results.step_sizes
    assert steps is not None
    assert steps.accepted.sum() + steps.rejected.sum() == results.provenance["path_steps"]
    drawing = step_sizes(results)
    assert drawing is not None
    assert "were rejected" in drawing.caption
    figure = Figure()
    drawing.draw(figure)
    bars = figure.axes[0].containers
    assert [bar.get_height() for bar in bars[0]] == list(steps.accepted)
    assert [bar.get_height() for bar in bars[1]] == list(steps.rejected)
    assert np.allclose([bar.get_width() for bar in bars[0]], steps.size)


def test_equal_steps_have_no_figure(results_folder: Path) -> None:
    assert step_sizes(driftwood_post.open(results_folder / "multilevel.h5")) is None


def test_counts_of_another_length_are_refused(adaptive: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.h5"
    broken.write_bytes(adaptive.read_bytes())
    with h5py.File(broken, "r+") as file:
        del file["step_sizes/rejected"]
        file["step_sizes/rejected"] = np.zeros(2, dtype=np.int64)
    with pytest.raises(ReadError, match="step_sizes/rejected"):
        driftwood_post.open(broken)
