# SPDX-License-Identifier: BSD-3-Clause
"""A real run of the built driver, read and drawn. DRIFTWOOD_BIN names the folder of the drivers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import driftwood_post
from driftwood_post.laws import component_laws
from sample_results import SCRIPT

DECK = """
format = 1
[run]
output = "ou.h5"
[model]
name = "ornstein_uhlenbeck"
rate = 1.0
mean = 0.5
sigma = 0.5
initial = { x = 2.0 }
[time]
scheme = "euler_maruyama"
end = 2.0
steps = 200
[ensemble]
paths = 20000
seed = 7
[observe]
every = 0.2
moments = true
quantiles = [0.05, 0.5, 0.95]
save_paths = 8
"""


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ou.h5, written by the driver."""
    folder = os.environ.get("DRIFTWOOD_BIN")
    if not folder:
        pytest.skip("DRIFTWOOD_BIN, the folder of the built drivers, is not set")
    driver = Path(folder) / "sde_ensemble"
    if not driver.exists():
        pytest.skip(f"there is no {driver}")
    where = tmp_path_factory.mktemp("driver")
    (where / "ou.toml").write_text(DECK)
    subprocess.run([driver.resolve(), "ou.toml", "--quiet"], cwd=where, check=True, timeout=60)
    return where


def test_a_run_is_read_and_agrees_with_its_law(run_folder: Path) -> None:
    results = driftwood_post.open(run_folder / "ou.h5")
    assert results.time[-1] == 2.0 and results.time.size == 11
    assert results.paths is not None and results.paths.id.size == 8
    assert results.quantiles is not None and results.quantiles.probability.size == 3
    (name,) = results.components
    law = component_laws(results.deck, results.components)[name]
    assert law.mean is not None and law.variance is not None and results.moments is not None
    error = results.moments.standard_error[-1, 0]
    # Five standard errors, and a step of 0.01: the mean's bias is below 1.5 * 2 * e^-2 * 0.01 / 2.
    assert abs(results.moments.mean[-1, 0] - law.mean(results.time)[-1]) < 5 * error + 2.1e-3
    exact = law.variance(results.time)[-1]
    assert results.moments.variance[-1, 0] == pytest.approx(exact, rel=0.06)


def test_a_run_names_its_cost_and_origin(run_folder: Path) -> None:
    results = driftwood_post.open(run_folder / "ou.h5")
    assert results.provenance["paths"] == 20000
    assert "ornstein_uhlenbeck" in results.deck.given
    assert results.deck.table("ensemble")["seed"] == 7


def test_a_run_is_drawn(run_folder: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [SCRIPT, run_folder / "ou.h5", "--output-dir", tmp_path, "--dpi", "60"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ou.report.html").stat().st_size > 20_000
    assert len(list(tmp_path.glob("ou.fan.*.png"))) == 1
