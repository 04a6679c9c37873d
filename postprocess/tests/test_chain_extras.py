# SPDX-License-Identifier: BSD-3-Clause
"""What runs of langevin_chains found out when they were asked to: nested R-hat, energies, distances
from the target, parallel tempering; read, judged and drawn."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

from driftwood_post import chain_tempering_plots, layout
from driftwood_post.chain_records import is_apart
from driftwood_post.chains import concerns, distance_concerns, open_chains
from driftwood_post.read import ReadError

import sample_chains
from sample_chains import SCRIPT
from test_chains import drive, report, run

DECK = """
format = 1
[run]
output = "chains.h5"
[target]
name = "gaussian"
mean = [1.0, -2.0]
[sampler]
name = "hmc"
[chains]
count = 256
warmup = 100
steps = 60
superchains = 8
draws = { thin = 1, chains = 256 }
[diagnostics]
ksd = {}
w2 = { points = 200, repeats = 3 }
"""
TEMPERED = """
format = 1
[run]
output = "chains.h5"
[target]
name = "mixture"
means = [[0.0], [8.0]]
[sampler]
name = "mala"
[chains]
count = 32
warmup = 300
steps = 400
initial = { kind = "normal", mean = 4.0, sd = 5.0 }
draws = { thin = 2, chains = 16 }
[tempering]
temperatures = 6
"""


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with energies, superchains and distances."""
    return drive(tmp_path_factory.mktemp("extras"), DECK)


@pytest.fixture(scope="module")
def tempered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with replicas."""
    return drive(tmp_path_factory.mktemp("tempered"), TEMPERED)


def test_names_are_those_of_the_driver() -> None:
    header = Path(__file__).parents[2] / "src" / "io" / "layout.hpp"
    if not header.exists():
        pytest.skip("the sources are not beside postprocess/")
    text = header.read_text(encoding="utf-8")
    for name in (f"{layout.SUMMARY}/{layout.NESTED_RHAT}", f"{layout.SAMPLER}/{layout.EBFMI}",
                 f"{layout.SAMPLER}/{layout.LOW_EBFMI_CHAINS}", layout.ENERGY,
                 f"{layout.SUMMARY}/{layout.AUTOCORRELATION_TIME}", f"{layout.KSD}/floor_sd",
                 f"{layout.W2}/marginal_floor", f"{layout.TEMPERING}/swap_acceptance"):  # fmt: skip
        assert f'"{name}"' in text, name


def test_distances_of_independent_draws_are_not_apart() -> None:
    assert not is_apart(1.4, 1.0, 0.0)  # below 1.5 floors
    assert not is_apart(2.0, 1.0, 0.4)  # the floor varies as much
    assert is_apart(2.0, 1.0, 0.2)
    assert not is_apart(float("nan"), 1.0, 0.2)


def test_a_file_without_extras_has_none(tmp_path: Path) -> None:
    path = sample_chains.write(tmp_path / "c.h5", sample_chains.chains([0.0, 1.0]))
    results = open_chains(path)
    assert results.nested_rhat is None and results.ksd is None and results.w2 is None
    assert results.tempering is None and results.sampling.ebfmi is None
    assert results.draws is not None and not results.draws.has_energy


def test_extras_of_the_driver(driven: Path, tmp_path: Path) -> None:
    results = open_chains(driven)
    assert results.draws is not None and results.nested_rhat is not None
    draws = results.draws.of("x[0]").reshape(8, 32, 60)
    means = draws.mean(2)
    within = (means.var(1, ddof=1) + draws.var(2, ddof=1).mean(1)).mean()
    expected = np.sqrt(1 + means.mean(1).var(ddof=1) / within)
    assert results.nested_rhat[0] == pytest.approx(expected, rel=1e-9)
    energy = results.draws.of("energy")
    ebfmi = (np.diff(energy, axis=1) ** 2).mean() / energy.var()
    assert results.sampling.ebfmi == pytest.approx(ebfmi, rel=1e-9)
    assert results.w2 is not None and results.w2.kind == ("exact", "sliced")
    assert results.ksd is not None and results.ksd.points >= 256
    done = run(driven, "--output-dir", tmp_path, "--dpi", "40")
    assert done.returncode == 0 and done.stderr == ""
    for name in ("energy", "distances", "marginal_distances"):
        assert (tmp_path / f"chains.{name}.png").exists()
    rows = report(tmp_path, "chains").rows
    assert [row[1] for row in rows if row[0] == "KSD"] == [f"{results.ksd.value:.4g}"]
    assert any(row[0].startswith("energy fraction") for row in rows)
    assert [len(row) for row in rows if row[0] == "x[0]"] == [12]


VERDICTS = {
    "superchains that remember": DECK.replace('"gaussian"\nmean = [1.0, -2.0]', '"double_well"\nbarrier = 8.0')
    .replace("ksd = {}\n", "").replace("w2 = { points = 200, repeats = 3 }\n", "")
    .replace("count = 256", "count = 256\ninitial = { kind = \"normal\", mean = 0.0, sd = 1.0 }"),
    "low energies": DECK.replace('"gaussian"\nmean = [1.0, -2.0]', '"funnel"\ndimension = 10')
    .replace("ksd = {}\n", "").replace("w2 = { points = 200, repeats = 3 }\n", ""),
    "distances": DECK.replace("superchains = 8\n", "")
    .replace('"hmc"', '"ula"\nstep_size = 1.0'),
}  # fmt: skip


@pytest.mark.parametrize("name", VERDICTS)
def test_verdicts_are_the_terminals(name: str, tmp_path: Path) -> None:
    path = drive(tmp_path, VERDICTS[name])
    ended = subprocess.run(
        [Path(os.environ["DRIFTWOOD_BIN"]).resolve() / "langevin_chains", "deck.toml"],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    results = open_chains(path)
    said = [line[2:] for line in (ended.stdout + ended.stderr).splitlines() if line[:2] == "! "]
    assert said == concerns(results) + distance_concerns(results)
    wanted = {"superchains that remember": "superchains have not forgotten",
              "low energies": "E-BFMI is", "distances": "the last states are not"}  # fmt: skip
    assert any(line.startswith(wanted[name]) for line in said)


def test_tempering_is_drawn(tempered: Path, tmp_path: Path) -> None:
    results = open_chains(tempered)
    t = results.tempering
    assert t is not None and t.index is not None
    assert t.barrier == pytest.approx((1 - t.swap_acceptance).sum())
    # The trapezoidal rule over rungs is what the figure's area is.
    area = -np.trapz(t.difference[::-1], t.beta[::-1])
    assert t.thermodynamic_integral == pytest.approx(area, abs=1e-9)
    # Every replica has one rung of its ladder at any time.
    assert (np.sort(t.index, axis=2) == np.arange(6)).all()
    done = run(tempered, "--output-dir", tmp_path, "--dpi", "40")
    assert done.returncode == 0 and done.stderr == ""
    for name in ("index", "rejection", "evidence"):
        assert (tmp_path / f"chains.tempering.{name}.png").exists()
    assert ["rungs", "6"] in report(tmp_path, "chains").rows


def test_tempering_without_stored_draws_has_no_index(tempered: Path, tmp_path: Path) -> None:
    copy = tmp_path / "t.h5"
    copy.write_bytes(tempered.read_bytes())
    with h5py.File(copy, "r+") as file:
        del file["tempering/index"]
        file["tempering/difference"][-1] = np.inf
    results = open_chains(copy)
    assert results.tempering is not None
    names = [made.name for made in chain_tempering_plots.drawings(results.tempering)]
    assert names == ["tempering.rejection", "tempering.evidence"]
    done = subprocess.run([SCRIPT, copy, "--dpi", "40"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == ""


def test_damaged_extras_are_refused(driven: Path, tempered: Path, tmp_path: Path) -> None:
    for source, name in ((driven, "diagnostics/w2/marginal"), (driven, "summary/nested_rhat"),
                         (tempered, "tempering/swap_acceptance")):  # fmt: skip
        copy = tmp_path / "d.h5"
        copy.write_bytes(source.read_bytes())
        with h5py.File(copy, "r+") as file:
            del file[name]
            file[name] = np.ones(17)
        with pytest.raises(ReadError, match="has shape"):
            open_chains(copy)
