# SPDX-License-Identifier: BSD-3-Clause
"""Results of natgrad_sweep with [advise]: read, judged and drawn, as a user does it."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from driftwood_post import advice
from driftwood_post.read import ReadError
from test_kernel_studies import results_of, run

DECK = """
[advise]
data = "table.csv"
standardise = false
rows = [300, 20, 5]
replicas = 6
"""


@pytest.fixture(scope="module", params=["labels", "none"])
def advised(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("advice")
    rng = np.random.default_rng(3)
    x = rng.standard_normal((300, 10)) * 0.7 ** np.arange(10)
    y = x @ (1 / 0.7 ** np.arange(10)) + rng.standard_normal(300)
    np.savetxt(folder / "table.csv", np.column_stack([x, y]), delimiter=",", fmt="%.6f")
    more = 'target = "-1"\n' if request.param == "labels" else 'drop = ["-1"]\n'
    return results_of(DECK + more, folder)


def test_reads_what_the_driver_wrote(advised: Path) -> None:
    results = advice.open_advice(advised)
    assert results.population.size == results.about["features"] == 10
    assert results.population.mean() == pytest.approx(1)
    tuned = results.answers["tuning"] == "best ridge"
    # 3 numbers of rows and 9 noises, or 3 signals and 8
    assert tuned.sum() == (27 if results.labels else 72)
    assert results.shown.sum() == (9 if results.labels else results.answers["noise"].size)


def test_draws_and_reports(advised: Path, tmp_path: Path) -> None:
    ended = run(advised, "--output-dir", tmp_path)
    assert ended.returncode == 0, ended.stderr
    report = (tmp_path / "s.report.html").read_text(encoding="utf-8")
    assert "Should I precondition?" in report and "confirmed" in report
    results = advice.open_advice(advised)
    for words in results.answers["words"][results.shown]:  # those that the terminal has
        assert words in report
    assert ("On the labels themselves" in report) == bool(results.labels)
    assert "it cannot tell" in report
    names = {path.name for path in tmp_path.glob("*.png")}
    assert "s.spectrum.png" in names
    signal = "labels" if "s.labels.png" in names else "r=1"
    assert f"s.noise.rows_20.{signal}.best_ridge.png" in names
    assert all((tmp_path / name).stat().st_size > 5000 for name in names)


def test_damage_is_told(advised: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.h5"
    damaged.write_bytes(advised.read_bytes())
    with h5py.File(damaged, "a") as file:
        del file["advice/answer/words"]
    with pytest.raises(ReadError, match="older version"):
        advice.open_advice(damaged)
    with h5py.File(damaged, "a") as file:
        del file["advice/answer"]
    with pytest.raises(ReadError, match="it has no /advice/answer"):
        advice.open_advice(damaged)
    with h5py.File(damaged, "a") as file:
        del file["advice"]
    with pytest.raises(ReadError, match="not a result of"):
        advice.open_advice(damaged)
