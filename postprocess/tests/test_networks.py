# SPDX-License-Identifier: BSD-3-Clause
"""Results of networks by natgrad_sweep: read and drawn, as a user does it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from driftwood_post import networks
from driftwood_post.read import ReadError

SCRIPT = Path(__file__).resolve().parent.parent / "natgrad_sweep.py"
DECK = """
[network]
mode = "{mode}"
samples = 30
unlabelled = [60, 150]
tests = 100
noise = [4.0, 0.0]
preconditioner = ["population:1", "gd", "sample:1", "population_mix:0.5", "population_mix:0.1"]
replicas = 6
[network.inputs]
kind = "gaussian"
rows = 300
scale = 3.0
[network.student]
hidden = [12]
"""


@pytest.fixture(scope="module", params=["linearised", "train"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the built driver; read them only."""
    binaries = os.environ.get("DRIFTWOOD_BIN")
    if not binaries:
        pytest.skip("DRIFTWOOD_BIN, the folder of the built drivers, is not set")
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "deck.toml").write_text(DECK.format(mode=request.param), encoding="utf-8")
    driver = Path(binaries).resolve() / "natgrad_sweep"
    more = ["--set", "network.training.tolerance=0.1"] if request.param == "train" else []
    command = [driver, "deck.toml", "--quiet", "--output", "n.h5", *more]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return folder / "n.h5"


def test_settings_become_lines(file: Path) -> None:
    found = networks.open_networks(file)
    assert found.levels == [0.0, 4.0]
    assert found.replicas == 6
    assert found.plain.label == "gd"
    assert [line.label for line in found.lines][:2] == ["population:1 +60", "population:1 +150"]
    for line in found.lines:
        assert list(found.noise[line.points]) == [0.0, 4.0]
        plain = found.risks[:, found.plain.points]
        mean = (found.risks[:, line.points] - plain).mean(axis=0)
        assert np.allclose(found.difference[line.points], mean, rtol=1e-9, atol=1e-15)
    weights = found.weights(150)
    assert [weight for weight, _ in weights] == [0.0, 0.1, 0.5]
    assert weights[0][1].label == "gd"
    assert (found.curves is None) == ("linearised" in str(file))


def test_figures_and_report(file: Path, tmp_path: Path) -> None:
    ended = subprocess.run(
        [SCRIPT, file, "--output-dir", tmp_path, "--dpi", "40"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    written = {Path(line).name for line in ended.stdout.split()}
    trained = networks.open_networks(file).curves is not None
    expected = {"n.report.html", "n.risk.png", "n.difference.png", "n.mixtures.png"}
    assert written == expected | ({"n.curves.png"} if trained else set())
    page = (tmp_path / "n.report.html").read_text(encoding="utf-8")
    assert page.count("<img") == len(written) - 1
    for words in ("What noise does", "population:1 +150", "excludes 0"):
        assert words in page


def test_other_results_are_refused(tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "x.h5", "w") as other:
        other.attrs["format_version"] = 1
    with pytest.raises(ReadError):
        networks.open_networks(tmp_path / "x.h5")
