# SPDX-License-Identifier: BSD-3-Clause
"""Results of natgrad_sweep: read, judged and drawn, as a user does it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest
from driftwood_post import sweep
from driftwood_post.read import ReadError

SCRIPT = Path(__file__).resolve().parent.parent / "natgrad_sweep.py"
DECK = """
[problem]
spectrum = { kind = "geometric", ratio = 100 }
alignment = [0, -1]
gamma = [1.5, 2, 3]
n = 60
noise = [0.0, 0.3, 0.6]
[estimator]
preconditioner = ["gd", "ngd", "pow:0", "pow:0.5", "pow:1"]
time = ["inf", 0.5, 2.0, 5.0]
[ensemble]
replicas = 12
"""


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """natgrad_sweep.py with these arguments, by its own first line."""
    return subprocess.run(
        [SCRIPT, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the built driver; read them only."""
    binaries = os.environ.get("DRIFTWOOD_BIN")
    if not binaries:
        pytest.skip("DRIFTWOOD_BIN, the folder of the built drivers, is not set")
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "deck.toml").write_text(DECK, encoding="utf-8")
    driver = Path(binaries).resolve() / "natgrad_sweep"
    command = [driver, "deck.toml", "--quiet", "--output", "s.h5"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return folder / "s.h5"


def test_results_are_a_grid(file: Path) -> None:
    results = sweep.open_sweep(file)
    assert results.theory["risk"].shape == (2, 3, 5, 1, 4, 3)
    assert results.preconditioners == ["gd", "ngd", "pow:0", "pow:0.5", "pow:1"]
    assert list(results.features) == [90, 120, 180]
    assert results.replicas == 12
    names = results.preconditioners
    for kind in (results.theory["bias"], results.ensemble["bias"].mean):
        for same in (("gd", "pow:0"), ("ngd", "pow:1")):
            a, b = (kind[:, :, names.index(name)] for name in same)
            assert np.allclose(a, b, rtol=1e-9)
    with h5py.File(file) as raw:
        noise = raw["point/noise"][()]
        at = (noise == 0.6) & (raw["point/alignment"][()] == -1) & (raw["point/gamma"][()] == 2)
        at &= (raw["point/time"][()] == 2.0) & (raw["point/preconditioner"].asstr()[()] == "ngd")
        assert raw["theory/risk"][at] == results.theory["risk"][1, 1, 1, 0, 2, 2]


def test_crossings_are_where_risks_are_equal(file: Path) -> None:
    results = sweep.open_sweep(file)
    assert results.plain == (0, 0)
    for gamma, expected in enumerate((0.2022, 0.3284)):  # d of 90 and 120 instead of 400
        assert results.crossing(0, gamma) == pytest.approx(expected, abs=2e-3)
    assert results.crossing(1, 1) == 0.0


def test_alignments_of_files_have_their_names(tmp_path: Path) -> None:
    """And a crossing from the other side is said as that."""
    binaries = os.environ.get("DRIFTWOOD_BIN")
    if not binaries:
        pytest.skip("DRIFTWOOD_BIN, the folder of the built drivers, is not set")
    deck = DECK.split("[ensemble]")[0].replace("[0, -1]", '["a.txt", 0, "b&.txt"]')
    deck = deck.replace("[1.5, 2, 3]", "[0.5]").replace('time = ["inf", 0.5, 2.0, 5.0]', "ridge = [0.01]")
    x = 100 ** (-(np.arange(30) + 0.5) / 30)
    for name, r in (("a.txt", -1), ("b&.txt", 0)):
        np.savetxt(tmp_path / name, x**r)
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    driver = Path(binaries).resolve() / "natgrad_sweep"
    command = [driver, "deck.toml", "--quiet", "--output", "f.h5"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    results = sweep.open_sweep(tmp_path / "f.h5")
    assert results.axes["alignment"] == ["a.txt", 0.0, "b&.txt"]
    assert results.alignments == ["a.txt", "0", "b&.txt"]
    assert np.allclose(results.theory["bias"][1], results.theory["bias"][2])
    assert not np.allclose(results.theory["bias"][0], results.theory["bias"][1])
    found = results.price_and_gain(1, 0)
    assert found is not None and found[0] < 0 and found[1] < 0
    assert results.crossing(1, 0) == np.inf
    done = run(tmp_path / "f.h5", "--dpi", "50")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "f.noise.alignment_a.txt.gamma_0.5.png").exists()
    page = (tmp_path / "f.report.html").read_text(encoding="utf-8")
    assert f"natural gradient below a noise of {found[0] / found[1]:.4f}" in page
    assert "b&amp;.txt" in page and "b&amp;amp;" not in page


def test_everything_is_drawn_and_reported(file: Path, tmp_path: Path) -> None:
    done = run(file, "--output-dir", tmp_path / "new", "--dpi", "50")
    assert done.returncode == 0, done.stderr
    made = sorted(path.name for path in (tmp_path / "new").iterdir())
    kinds = ("interpolation", "time")
    expected = [
        f"s.{kind}.alignment_{r}.gamma_{g}.png"
        for kind in kinds
        for r in ("-1", "0")
        for g in ("1.5", "2", "3")
    ]
    assert made == sorted(["s.agreement.png", "s.phases.png", "s.report.html", *expected])
    assert [Path(line).name for line in done.stdout.splitlines()][0] == "s.report.html"
    page = (tmp_path / "new" / "s.report.html").read_text(encoding="utf-8")
    for part in ("natural gradient above a noise of", "The least risk", "spectrum = {", "replicas"):
        assert part in page
    assert "http" not in page.replace("http-equiv", "")


def test_noise_is_drawn_where_there_are_few_times(file: Path, tmp_path: Path) -> None:
    folder = file.parent
    deck = DECK.replace(', 0.5, 2.0, 5.0]', "]").split("[ensemble]")[0]
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    driver = Path(os.environ["DRIFTWOOD_BIN"]).resolve() / "natgrad_sweep"
    command = [driver, "deck.toml", "--quiet", "--output", "t.h5"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    assert folder != tmp_path
    done = run(tmp_path / "t.h5", "--format", "pdf")
    assert done.returncode == 0, done.stderr
    names = {path.name for path in tmp_path.iterdir()}
    assert "t.noise.alignment_0.gamma_2.pdf" in names
    assert not any("agreement" in name for name in names)
    assert "Theory alone" in (tmp_path / "t.report.html").read_text(encoding="utf-8")


def test_other_files_are_refused(file: Path, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other.attrs["format_version"] = 1
        other["run/driver"] = "sde_ensemble"
    with pytest.raises(ReadError, match="it is one of sde_ensemble"):
        sweep.open_sweep(tmp_path / "other.h5")
    done = run(tmp_path / "none.h5")
    assert done.returncode == 1
    assert "no such file" in done.stderr
