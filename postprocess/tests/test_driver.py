# SPDX-License-Identifier: BSD-3-Clause
"""A real run of the built driver, read and drawn. DRIFTWOOD_BIN names the folder of the drivers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import driftwood_post
from driftwood_post.laws import component_laws, known
from driftwood_post.multilevel_plots import clear_means, fitted_slope
from driftwood_post.results import Results
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


MOTIONS = """
format = 1
[run]
output = "motions.h5"
[model]
name = "expression"
state = ["x", "y"]
noise = ["a", "b"]
correlation = [[1, -0.5], [-0.5, 1]]
parameters = { m = 0.3, s = 0.8 }
initial = { x = 0.2, y = 1.0 }
drift = { x = "0.1 - m^2", y = "0.5" }
diffusion = { x = { a = "s", b = "2*s" }, y = { b = "1" } }
[time]
end = 3.0
steps = 30
[ensemble]
paths = 20_000
seed = 3
[events.low]
component = "x"
level = -1.0
direction = "down"
policy = "reset"
to = 0.0
[events.high]
component = "y"
level = 2.0
policy = "absorb"
bins = 25
[events.far]
component = "y"
level = 1000.0
[observe]
running.top = { kind = "maximum", component = "x" }
"""
RUIN = """
format = 1
[run]
output = "ruin.h5"
[model]
name = "geometric_brownian_motion"
drift = [0.05]
volatility = [0.2]
initial = [100.0]
[time]
scheme = "milstein"
end = 2.0
steps = 200
[ensemble]
paths = 20_000
antithetic = true
[events.ruin]
level = 80.0
direction = "down"
policy = "stop"
[observe]
every = 0.5
"""
LEVELS = """
format = 1
[run]
output = "levels.h5"
[task]
kind = "multilevel"
accuracy = 0.05
[model]
name = "geometric_brownian_motion"
drift = [0.05]
volatility = [0.2]
initial = [100.0]
[time]
scheme = "milstein"
end = 1.0
steps = 1
[observe]
payoffs = { call = { kind = "call", strike = 100.0, discount_rate = 0.05 } }
"""


def drive(deck: str, name: str, where: Path) -> Path:
    """The results of the driver, NAME.h5 in `where`."""
    folder = os.environ.get("DRIFTWOOD_BIN")
    if not folder:
        pytest.skip("DRIFTWOOD_BIN, the folder of the built drivers, is not set")
    driver = Path(folder) / "sde_ensemble"
    if not driver.exists():
        pytest.skip(f"there is no {driver}")
    (where / f"{name}.toml").write_text(deck)
    command = [driver.resolve(), f"{name}.toml", "--quiet"]
    subprocess.run(command, cwd=where, check=True, timeout=60)
    return where / f"{name}.h5"


def draw(file: Path, folder: Path) -> str:
    """Draws everything into `folder`; the report."""
    done = subprocess.run(
        [SCRIPT, file, "--output-dir", folder, "--dpi", "60"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return (folder / f"{file.stem}.report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ou.h5, written by the driver."""
    where = tmp_path_factory.mktemp("driver")
    drive(DECK, "ou", where)
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
    draw(run_folder / "ou.h5", tmp_path)
    assert (tmp_path / "ou.report.html").stat().st_size > 20_000
    assert len(list(tmp_path.glob("ou.fan.*.png"))) == 1


def assert_passages_follow_their_law(results: Results, event: str) -> None:
    """At every edge, and in the mean wait, within four and a half standard errors."""
    law = known(results.deck, results.components, results.formulas).passages[event]
    passage = results.first_passages[event]
    distance = abs(passage.cumulative - law.cdf(passage.time_edges))
    assert (distance <= 4.5 * passage.standard_error + 2 / passage.total).all()
    wait = results.formulas[f"{event}_time"]
    error = 4.5 * wait.standard_error[-1]
    assert wait.mean[-1] == pytest.approx(law.mean_wait(results.time[-1]), abs=error)


def test_first_passages_of_correlated_motions(tmp_path: Path) -> None:
    results = driftwood_post.open(drive(MOTIONS, "motions", tmp_path))
    assert set(results.first_passages) == {"low", "high", "far"}
    assert "top" in results.formulas
    assert results.first_passages["high"].count.size == 25
    for event in ("low", "high"):
        assert_passages_follow_their_law(results, event)
    assert results.first_passages["far"].never == 20_000
    report = draw(results.path, tmp_path / "drawn")
    assert "x down to -1.0, reset" in report
    drawn = {path.name for path in (tmp_path / "drawn").glob("motions.first_passage.*")}
    assert drawn == {"motions.first_passage.low.png", "motions.first_passage.high.png"}


def test_first_passages_of_a_price(tmp_path: Path) -> None:
    results = driftwood_post.open(drive(RUIN, "ruin", tmp_path))
    assert_passages_follow_their_law(results, "ruin")
    report = draw(results.path, tmp_path / "drawn")
    assert "standard errors of independent paths" in report
    formula = results.formulas["ruin"]
    # The standard error of antithetic pairs, and none of the laws that stopped paths have left.
    assert f"{formula.mean[-1]:.4f} ± {formula.standard_error[-1]:.4f}" in report
    assert "exact mean" not in report


def test_a_multilevel_estimate(tmp_path: Path) -> None:
    results = driftwood_post.open(drive(LEVELS, "levels", tmp_path))
    levels = results.multilevel
    assert levels is not None and levels.quantity == "call"
    call = results.formulas["call"]
    assert levels.estimate == pytest.approx(call.mean[-1])
    assert levels.standard_error == pytest.approx(call.standard_error[-1])
    assert levels.estimate == pytest.approx(10.450584, abs=4 * 0.05)
    # Milstein's scheme on one asset: the variance falls nearly fourfold per level, the mean twofold.
    clear = clear_means(levels)
    everywhere = np.ones(levels.level.shape, dtype=bool)
    assert fitted_slope(levels.level, levels.variance, everywhere)[0] == pytest.approx(-1.9, abs=0.3)
    assert fitted_slope(levels.level, abs(levels.mean), clear)[0] == pytest.approx(-1, abs=0.4)
    report = draw(results.path, tmp_path / "drawn")
    assert "share of work" in report and "where 0.05 was asked for" in report
    assert (tmp_path / "drawn" / "levels.multilevel.png").exists()


def test_a_run_that_stops_early_has_its_own_number_of_paths(tmp_path: Path) -> None:
    stop = "paths = 1_000_000\nstop = { standard_error = 0.0015 }"
    deck = DECK.replace("paths = 20000", stop).replace("quantiles = [0.05, 0.5, 0.95]\n", "")
    results = driftwood_post.open(drive(deck, "ou", tmp_path))
    paths = results.provenance["paths"]
    assert isinstance(paths, int) and 0 < paths < 1_000_000
    assert results.finite_paths is not None and (results.finite_paths == paths).all()
    report = draw(results.path, tmp_path / "drawn")
    assert f"{paths:,}".replace(",", "\u2009") + " paths" in report
