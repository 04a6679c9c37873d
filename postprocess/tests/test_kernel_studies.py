# SPDX-License-Identifier: BSD-3-Clause
"""Results of natgrad_sweep with [rkhs] and [kernel]: read, judged and drawn, as a user does it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest
from driftwood_post import kernel_fits, rkhs
from driftwood_post.read import ReadError

SCRIPT = Path(__file__).resolve().parent.parent / "natgrad_sweep.py"
RKHS = """
[rkhs]
source = [0.5, 0.75]
features = 60
n = [16, 64, 256]
unlabelled = [500]
designs = 8
steps = 60
"""
KERNEL = """
[kernel]
data = "table.csv"
function = { kind = "rbf" }
lambda = [1e-6, 1e-4, 1e-3, 1e-2, 1]
test = 0.3
"""


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """natgrad_sweep.py with these arguments, by its own first line."""
    return subprocess.run(
        [SCRIPT, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )


def results_of(deck: str, folder: Path) -> Path:
    """Results of the built driver."""
    binaries = os.environ.get("DRIFTWOOD_BIN")
    if not binaries:
        pytest.skip("DRIFTWOOD_BIN, the folder of the built drivers, is not set")
    (folder / "deck.toml").write_text(deck, encoding="utf-8")
    driver = Path(binaries).resolve() / "natgrad_sweep"
    command = [driver, "deck.toml", "--quiet", "--output", "s.h5"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return folder / "s.h5"


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return results_of(RKHS, tmp_path_factory.mktemp("rkhs"))


def table_in(folder: Path) -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(-2, 2, (150, 2))
    y = np.sin(x[:, 0]) * x[:, 1] + 0.1 * rng.standard_normal(150)
    np.savetxt(folder / "table.csv", np.column_stack([x, y]), delimiter=",")


@pytest.fixture(scope="module")
def fits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kernel")
    table_in(folder)
    return results_of(KERNEL, folder)


def test_steps_are_read(steps: Path) -> None:
    results = rkhs.open_rkhs(steps)
    assert results.methods == ["gd", "pgd", "pgd:500"]
    assert results.risk.shape == (2, 3, 3, 61)
    assert list(results.n) == [16, 64, 256]
    assert not results.cut.any()
    assert results.steps[0, 0, 2] > results.steps[0, 0, 0] > 0
    assert results.provenance["designs"] == 24


def test_steps_are_drawn_and_reported(steps: Path, tmp_path: Path) -> None:
    done = run(steps, "--output-dir", tmp_path / "new", "--dpi", "50")
    assert done.returncode == 0, done.stderr
    made = sorted(path.name for path in (tmp_path / "new").iterdir())
    kinds = [f"s.{k}.source_{r}.png" for k in ("steps", "least_risk", "risk") for r in ("0.5", "0.75")]
    assert made == sorted(["s.report.html", *kinds])
    page = (tmp_path / "new" / "s.report.html").read_text(encoding="utf-8")
    for part in ("6 pairs of source and n: steps are fewer in 6", "pgd:500", "log n", "source = [0.5, 0.75]"):
        assert part in page


def test_descents_that_are_cut_are_told(tmp_path: Path) -> None:
    file = results_of(RKHS.replace("steps = 60", "steps = 4"), tmp_path)
    assert rkhs.open_rkhs(file).cut.any()
    assert run(file, "--dpi", "50").returncode == 0
    page = (tmp_path / "s.report.html").read_text(encoding="utf-8")
    assert "least at the last step" in page and "of gd at least" in page and "≥" in page
    assert "the gain is in steps" not in page.lower()


def test_fits_are_read_drawn_and_reported(fits: Path, tmp_path: Path) -> None:
    results = kernel_fits.open_kernel(fits)
    assert results.targets == ["label"] and results.rows == 105
    place = results.best_place
    assert results.lam[place] == results.best and results.choosing[0] == "left out"
    assert np.argmin(results.relative(results.left_out)) == place
    done = run(fits, "--output-dir", tmp_path, "--dpi", "50")
    assert done.returncode == 0, done.stderr
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == ["s.path.png", "s.predictions.png", "s.report.html"]
    page = (tmp_path / "s.report.html").read_text(encoding="utf-8")
    assert "Left-out rows choose lambda" in page and "of what predicting the mean leaves (test" in page


def test_fits_by_iterations_are_chosen_by_cross_validation(tmp_path: Path) -> None:
    table_in(tmp_path)
    file = results_of(KERNEL.replace("test = 0.3", 'test = 0\nsolver = "cg"'), tmp_path)
    results = kernel_fits.open_kernel(file)
    assert results.choosing[0] == "cross-validated" and results.test is None
    assert run(file, "--dpi", "50").returncode == 0
    page = (tmp_path / "s.report.html").read_text(encoding="utf-8")
    assert "Cross-validated errors choose" in page and "iterations" in page
    assert not (tmp_path / "s.predictions.png").exists()


def test_files_of_other_studies_are_refused(steps: Path, fits: Path, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="not a result of"):
        rkhs.open_rkhs(fits)
    with pytest.raises(ReadError, match="not a result of"):
        kernel_fits.open_kernel(steps)
    with h5py.File(steps) as whole, h5py.File(tmp_path / "damaged.h5", "w") as other:
        other.attrs["format_version"] = whole.attrs["format_version"]
        whole.copy("rkhs", other)
        del other["rkhs/steps"]
    done = run(tmp_path / "damaged.h5")
    assert done.returncode == 1 and "damaged" in done.stderr
