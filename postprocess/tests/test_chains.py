# SPDX-License-Identifier: BSD-3-Clause
"""Results of langevin_chains: read, judged, drawn and compared, as a user does it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

import driftwood_post
from driftwood_post import chain_comparison, chain_progress, chain_reference, chain_statistics, layout
from driftwood_post.chains import ChainResults, concerns, open_chains

import sample_chains
from sample_chains import SCRIPT
from test_script import PNG, Page

MEANS = [1.0, -2.0, 0.5]
DECK = """
format = 1
[run]
output = "chains.h5"
[target]
name = "gaussian"
mean = [1.0, -2.0]
sd = [1.0, 3.0]
[sampler]
name = "mala"
precondition = "diagonal"
[chains]
count = 512
warmup = 300
steps = 400
seed = 7
draws = { thin = 1, chains = 100 }
"""


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """langevin_chains.py with these arguments, by its own first line."""
    return subprocess.run(
        [SCRIPT, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )


def report(folder: Path, stem: str) -> Page:
    """A report, parsed."""
    return Page((folder / f"{stem}.report.html").read_text(encoding="utf-8"))


def drive(folder: Path, deck: str, *options: str) -> Path:
    """The results of the built driver, chains.h5 in `folder`."""
    binaries = os.environ.get("DRIFTWOOD_BIN")
    if not binaries:
        pytest.skip("DRIFTWOOD_BIN, the folder of the built drivers, is not set")
    driver = Path(binaries).resolve() / "langevin_chains"
    if not driver.exists():
        pytest.skip(f"there is no {driver}")
    (folder / "deck.toml").write_text(deck, encoding="utf-8")
    command = [driver, "deck.toml", "--quiet", *options]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return folder / "chains.h5"


@pytest.fixture(scope="module")
def draws() -> np.ndarray:
    """Chains (C, D, N) around MEANS."""
    return sample_chains.chains(MEANS)


@pytest.fixture(scope="module")
def file(draws: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with stored draws; read it only."""
    return sample_chains.write(tmp_path_factory.mktemp("chains") / "c.h5", draws)


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that the driver wrote."""
    return drive(tmp_path_factory.mktemp("driven"), DECK)


# ---------------------------------------------------------------- reading


def test_names_of_layout_are_those_of_the_drivers() -> None:
    header = Path(__file__).parents[2] / "src" / "io" / "layout.hpp"
    if not header.exists():
        pytest.skip("the sources are not beside postprocess/")
    text = header.read_text(encoding="utf-8")
    names = [layout.SUMMARY_NAME, layout.POSTERIOR, layout.SAMPLE_STATS, layout.LOG_DENSITY]
    for name in (*names, layout.ACCEPTANCE_RATE, f"{layout.SAMPLER}/step_size"):
        assert f'"{name}"' in text, name
    assert f"format_version = {layout.FORMAT_VERSION};" in text


def test_a_file_is_read(file: Path, draws: np.ndarray) -> None:
    results = driftwood_post.open_chains(file)
    assert results.names == ("a", "b[0]", "b[1]")
    assert results.sampler == "mala" and results.sampling.step_size == 0.5
    assert results.gradients_per_chain == 600 and results.time == 300
    assert results.draws is not None
    assert (results.draws.chains, results.draws.draws) == draws.shape[:2]
    assert (results.draws.of("b[1]") == draws[:, :, 2]).all()
    assert (results.draws.of("lp") == -0.5 * (draws**2).sum(axis=2)).all()
    assert results.bias == {}


def broken(tmp_path: Path, draws: np.ndarray, change: object) -> str:
    """What reading says of a file in which something was changed."""
    path = sample_chains.write(tmp_path / "broken.h5", draws)
    with h5py.File(path, "r+") as file:
        change(file)  # type: ignore[operator]
    with pytest.raises(driftwood_post.ReadError) as raised:
        open_chains(path)
    done = run(path, "--output-dir", tmp_path / "out")
    assert done.returncode == 1 and str(raised.value) in done.stderr
    return str(raised.value)


def test_what_is_not_a_whole_result_is_refused(tmp_path: Path, draws: np.ndarray) -> None:
    def version(file: h5py.File) -> None:
        file.attrs["format_version"] = 2

    def length(file: h5py.File) -> None:
        del file["summary/rhat"]
        file["summary/rhat"] = np.ones(7)

    def no_summary(file: h5py.File) -> None:
        del file["summary"]

    def no_mcse(file: h5py.File) -> None:
        del file["summary/mcse"]

    def no_vector(file: h5py.File) -> None:
        del file["posterior/b"]

    def short_vector(file: h5py.File) -> None:
        del file["posterior/b"]
        file["posterior/b"] = draws[:, :-1, 1:]

    assert "format_version 2 is unknown" in broken(tmp_path, draws, version)
    assert "it has no /summary" in broken(tmp_path, draws, no_summary)
    assert "/summary lacks 'mcse'" in broken(tmp_path, draws, no_mcse)
    assert "/summary/rhat has shape (7,)" in broken(tmp_path, draws, length)
    assert "/posterior lacks 'b'" in broken(tmp_path, draws, no_vector)
    assert "/posterior/b has shape" in broken(tmp_path, draws, short_vector)


def test_files_of_other_drivers_are_refused(results_folder: Path, tmp_path: Path) -> None:
    done = run(results_folder / "ou.h5", "--output-dir", tmp_path)
    assert done.returncode == 1
    assert "not a result of langevin_chains (it is one of sde_ensemble)" in done.stderr
    assert "no such file" in run(tmp_path / "none.h5").stderr


# ---------------------------------------------------------------- statistics of stored draws


def test_autocorrelation_of_a_known_process() -> None:
    draws = sample_chains.chains([0.0], chains=64, draws=2000, rho=0.7)[:, :, 0]
    found = chain_statistics.autocorrelation(draws)
    assert found[:6] == pytest.approx(0.7 ** np.arange(6), abs=0.02)
    assert chain_statistics.autocorrelation_time(draws) == pytest.approx(1.7 / 0.3, rel=0.06)
    assert np.isnan(chain_statistics.autocorrelation(np.ones((3, 10)))).all()


def test_effective_draws_of_published_numbers() -> None:
    """The chains of the tests of stats/convergence, of which ess_mean of whole chains is near that
    of their halves, 749."""
    state = np.arange(12345, 12349)
    x = np.zeros(4)
    rows = []
    for _ in range(1100):
        total = np.zeros(4)
        for _ in range(12):
            state = state * 16807 % (2**31 - 1)
            total += state / (2**31 - 1)
        x = 0.7 * x + total - 6
        rows.append(x)
    draws = np.array(rows[100:]).T
    assert draws[0, :2] == pytest.approx([1.36826518, 1.97823648])
    ess = draws.size / chain_statistics.autocorrelation_time(draws)
    assert ess == pytest.approx(749, rel=0.05)


def test_ranks_of_equal_draws_are_shared() -> None:
    assert (chain_statistics.ranks(np.array([[3.0, 1.0], [3.0, 5.0]])) * 4).tolist() == [
        [1.5, 0],
        [1.5, 3],
    ]
    counts = chain_statistics.rank_counts(np.arange(40.0).reshape(2, 20), 4)
    assert counts.tolist() == [[10, 10, 0, 0], [0, 0, 10, 10]]


# ---------------------------------------------------------------- verdicts


def judged(tmp_path: Path, draws: np.ndarray, **options: object) -> tuple[ChainResults, Page, str]:
    """Results with something wrong, and their report."""
    path = sample_chains.write(tmp_path / "v.h5", draws, **options)  # type: ignore[arg-type]
    done = run(path, "--output-dir", tmp_path, "--dpi", "40")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "v.report.html").read_text(encoding="utf-8")
    return open_chains(path), Page(text), text


def test_good_chains_are_said_to_be_good(tmp_path: Path, draws: np.ndarray) -> None:
    results, page, text = judged(tmp_path, draws)
    assert concerns(results) == []
    assert "No sign of trouble: chains agree" in text and 'class="warning"' not in text
    assert ["rhat", "1.001"] == [page.rows[0][9], page.rows[1][9]]


def test_what_is_wrong_is_said(tmp_path: Path, draws: np.ndarray) -> None:
    few = draws[:2, :120]
    results, _, text = judged(
        tmp_path, few, rhat=[1.0, 1.2, 1.05], divergences=3, lost=1, stuck=7, stored=False
    )
    found = concerns(results)
    assert found[0] == "1 chains are not finite and do not count"
    assert found.pop(1).startswith("7 chains did not move, as all steps that count were refused")
    assert found[1].startswith("the chains have not mixed: R-hat of 'b[0]' is 1.200, above 1.01;")
    assert re.match(r"there are only \d+ effective draws of the bulk of '", found[2])
    assert "effective draws of the tails of" in found[3] and "below 400" in found[3]
    assert found[4].startswith("3 steps diverged: the step size is too large somewhere")
    assert text.count('class="warning"') == 6


def test_what_cannot_be_judged_is_the_worst(tmp_path: Path, draws: np.ndarray) -> None:
    results, _, _ = judged(tmp_path, draws, rhat=[1.3, float("nan"), 1.0])
    assert concerns(results)[0] == "'b[0]' cannot be judged: its draws are all equal or too few"
    assert results.worst_first()[:2] == [1, 0]


def test_without_draws_it_says_how_to_store_them(tmp_path: Path, draws: np.ndarray) -> None:
    path = sample_chains.write(tmp_path / "n.h5", draws, stored=False)
    done = run(path, "--dpi", "40")
    assert done.returncode == 0
    assert "[chains] draws = { thin = 1, chains = 64 }" in done.stderr
    assert {p.name for p in tmp_path.glob("n.*.png")} == {"n.intervals.png", "n.diagnostics.png"}
    assert "No draws are stored" in (tmp_path / "n.report.html").read_text(encoding="utf-8")


# ---------------------------------------------------------------- figures and reports of one run


def test_one_file_gives_figures_and_a_report(file: Path, tmp_path: Path) -> None:
    done = run(file, "--output-dir", tmp_path, "--dpi", "50")
    assert done.returncode == 0 and done.stderr == ""
    names = {"c.report.html", "c.intervals.png", "c.diagnostics.png", "c.autocorrelation.png"}
    for parameter in ("a", "b[0]", "b[1]"):
        names |= {f"c.trace.{parameter}.png", f"c.marginal.{parameter}.png"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert set(done.stdout.split()) == {str(tmp_path / name) for name in names}
    assert all(path.read_bytes()[:8] == PNG for path in tmp_path.glob("*.png"))
    text = (tmp_path / "c.report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open_tags == [] and len(page.references) == len(names) - 1
    assert not re.search(r"https?://|url\(|@import", text)
    assert ["sampler", "mala"] in page.rows and ["version", "0.1.0"] in page.rows
    assert "mean = [1.0, -2.0, 0.5]" in text


def test_only_the_named_parameters(file: Path, tmp_path: Path) -> None:
    done = run(file, "--output-dir", tmp_path, "--dpi", "40", "--parameters", "b[1],a")
    assert done.returncode == 0
    assert not list(tmp_path.glob("*b[[]0]*")) and len(list(tmp_path.glob("*.trace.*"))) == 2
    assert [row[0] for row in report(tmp_path, "c").rows if row[0].startswith(("a", "b"))] == [
        "a",
        "b[1]",
    ]
    done = run(file, "--parameters", "c")
    assert done.returncode == 2 and "no parameter 'c'; there are: a, b[0], b[1]" in done.stderr
    assert run(file, "--dpi", "1").returncode == 2


def test_many_parameters_are_drawn_by_their_worst(tmp_path: Path) -> None:
    many = sample_chains.chains([0.0] * 40, chains=4, draws=100)
    path = sample_chains.write(tmp_path / "m.h5", many, rhat=[1.0] * 30 + [1.5] + [1.0] * 9)
    assert run(path, "--dpi", "40", "--format", "pdf").returncode == 0
    traces = {p.name for p in tmp_path.glob("m.trace.*.pdf")}
    assert len(traces) == 6 and "m.trace.b[29].pdf" in traces
    text = (tmp_path / "m.report.html").read_text(encoding="utf-8")
    assert "10 more are in the file" in text


def test_z_scores_against_a_reference(file: Path, tmp_path: Path) -> None:
    known = {"a": {"mean": 1.0, "sd": 1.0}, "b": {"mean": [-2.0, 5.0], "mcse": [0.01, 0.02]}}
    (tmp_path / "ref.json").write_text(json.dumps(known), encoding="utf-8")
    done = run(file, "--reference", tmp_path / "ref.json", "--output-dir", tmp_path, "--dpi", "40")
    assert done.returncode == 0, done.stderr
    rows = [row for row in report(tmp_path, "c").rows if row[0] == "b[1]" and len(row) == 5]
    s = open_chains(file).summary
    z = (s.mean[2] - 5) / np.hypot(s.mcse[2], 0.02)
    assert [row[3] for row in rows] == [f"{z:+.2f}"]
    assert "beyond 3: 1." in (tmp_path / "c.report.html").read_text(encoding="utf-8")


def test_a_result_file_is_a_reference(file: Path, tmp_path: Path) -> None:
    done = run(file, "--reference", file, "--output-dir", tmp_path, "--dpi", "40")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "c.report.html").read_text(encoding="utf-8")
    assert "and the density of c.h5" in text and "+0.00" in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1]", "not a reference"),
        ("{", "not JSON"),
        ('{"a": {"sd": 1}}', "'a' has no mean"),
        ('{"a": {"mean": 1, "sd": -1}}', "sd of 'a' is -1"),
        ('{"a": {"mean": 1, "var": 1}}', "unknown 'var'"),
        ('{"a": {"mean": [1, 2], "sd": [1]}}', "'sd' of 'a' is not a list as long"),
    ],
)
def test_references_that_are_none(file: Path, tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "ref.json"
    path.write_text(content, encoding="utf-8")
    done = run(file, "--reference", path, "--output-dir", tmp_path)
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr


# ---------------------------------------------------------------- several runs


def sweep(folder: Path, order: int, sampler: str) -> list[Path]:
    """Runs whose means and variances have a bias h^order, and hardly any noise."""
    base = sample_chains.chains(MEANS, seed=4)
    base = (base - base.mean(axis=(0, 1))) / base.std(axis=(0, 1))
    files = []
    for h in (0.8, 0.4, 0.2, 0.1):
        draws = np.array(MEANS) + h**order + base * np.sqrt(1 + h**order)
        path = folder / f"{sampler}_{h}.h5"
        files.append(sample_chains.write(path, draws, sampler=sampler, step=h,
                                         gradients=round(600 / h)))  # fmt: skip
        with h5py.File(path, "r+") as file:
            for name in ("mcse", "ess_bulk", "ess_tail"):
                values = file[f"summary/{name}"][()]
                file[f"summary/{name}"][...] = values * (1e-6 if name == "mcse" else 1e12)
    return files


def test_slopes_of_several_runs(tmp_path: Path) -> None:
    files = sweep(tmp_path, 1, "ula") + sweep(tmp_path, 2, "lm")
    known = {"a": {"mean": 1.0, "sd": 1.0}, "b": {"mean": MEANS[1:], "sd": [1.0, 1.0]}}
    (tmp_path / "ref.json").write_text(json.dumps(known), encoding="utf-8")
    reference = chain_reference.open_reference(tmp_path / "ref.json")
    runs = [open_chains(path) for path in files]
    compared = chain_comparison.compare(runs, reference)
    errors = compared.errors["mean"]
    steps = np.array([run.sampling.step_size for run in runs])
    for sampler, order in (("ula", 1), ("lm", 2)):
        mine = compared.of(sampler)
        assert steps[mine].tolist() == [0.1, 0.2, 0.4, 0.8]
        assert errors.error[mine] == pytest.approx(steps[mine] ** order, rel=1e-3)
        every = np.ones(4, dtype=bool)
        slope = chain_comparison.slope(steps[mine], errors.error[mine], every)
        assert slope == pytest.approx(order, abs=1e-2)
    out = tmp_path / "out"
    done = run(*files, "--reference", tmp_path / "ref.json", "--output-dir", out, "--dpi", "50")
    assert done.returncode == 0, done.stderr
    kinds = [f"{k}.{x}.png" for k in ("mean", "second_moment") for x in ("gradients", "step_size")]
    assert {p.name for p in out.glob("*.png")} == {f"comparison.{kind}" for kind in kinds}
    rows = report(out, "comparison").rows
    assert [row[3] for row in rows if row[:2] == ["ula_0.1.h5", "ula"]] == ["6\u2009000"]


def test_without_a_reference_the_smallest_steps_are_one(tmp_path: Path) -> None:
    runs = [open_chains(path) for path in sweep(tmp_path, 1, "ula")]
    compared = chain_comparison.compare(runs, None)
    assert len(compared.runs) == 3 and "ula_0.1.h5" in compared.reference.source
    assert compared.errors["mean"].error[-1] == pytest.approx(0.1 / np.sqrt(1.1), rel=1e-2)


def test_extrapolated_values_are_preferred(tmp_path: Path) -> None:
    files = sweep(tmp_path, 1, "ula")
    sample_chains.write_bias(files[-1], MEANS)
    runs = [open_chains(path) for path in files]
    assert runs[-1].bias["mean"].extrapolated.tolist() == MEANS
    compared = chain_comparison.compare(runs, None)
    assert len(compared.runs) == 4 and "extrapolated" in compared.reference.source
    assert compared.errors["mean"].error == pytest.approx([0.8, 0.4, 0.2, 0.1], rel=1e-2)
    assert run(files[-1], "--output-dir", tmp_path, "--dpi", "40").returncode == 0
    text = (tmp_path / "ula_0.1.report.html").read_text(encoding="utf-8")
    assert "extrapolated to steps of size 0" in text


def test_noise_is_told_from_errors(tmp_path: Path) -> None:
    files = [
        sample_chains.write(tmp_path / f"{h}.h5", sample_chains.chains(MEANS, seed=n), step=h)
        for n, h in enumerate((0.4, 0.2, 0.1))
    ]
    reference = chain_reference.ChainReference(
        "exact", {"a": chain_reference.Known(1.0, 1.0), "b[0]": chain_reference.Known(-2.0, 1.0)}
    )
    compared = chain_comparison.compare([open_chains(path) for path in files], reference)
    assert not compared.errors["mean"].clear.any()
    assert not compared.errors["second_moment"].clear.any()
    # The standard error of a second moment of normal draws.
    noise = compared.errors["second_moment"].standard_error
    assert noise == pytest.approx(np.sqrt(2 * (1.25 / 0.75) / (16 * 400)), rel=0.5)


def approaching(folder: Path, name: str, limit: float) -> Path:
    """Normal chains whose means go from 4 above theirs to `limit` above."""
    draws = sample_chains.chains(MEANS, chains=4000, draws=30, rho=0.0, seed=3)
    draws += (limit + 4 * 0.6 ** np.arange(30))[None, :, None]
    return sample_chains.write(folder / f"{name}.h5", draws, sampler=name)


def test_errors_over_steps(tmp_path: Path) -> None:
    files = [approaching(tmp_path, name, limit) for name, limit in (("ula", 0.3), ("lm", 0.0))]
    exact = sample_chains.chains(MEANS, chains=4000, draws=20, rho=0.0, seed=4)
    sample_chains.write(tmp_path / "exact.h5", exact)
    reference = chain_reference.open_reference(tmp_path / "exact.h5")
    ula, lm = chain_progress.follow([open_chains(f) for f in files], reference)
    assert (ula.label, lm.label) == ("ula", "lm")
    # After 200 steps of warm-up, one draw of two is stored, as the deck says.
    assert ula.steps[[0, -1]].tolist() == [202, 260]
    assert ula.gradients[-1] / ula.gradients[0] == pytest.approx(260 / 202)
    at = (ula.steps - 202) // 2
    above = 0.3 + 4 * 0.6**at
    # 4000 chains: standard errors are 0.016 of a mean, and sqrt(2 + 4 above^2) of that of a square.
    assert ula.errors["mean"].error == pytest.approx(above, abs=0.07)
    assert ula.errors["second_moment"].error == pytest.approx(above**2, abs=0.6)
    # A shift of all three numbers by s is one of s sqrt(3), of which a direction sees a third in square.
    assert ula.errors["distance"].error == pytest.approx(above, rel=0.35)
    assert lm.errors["mean"].error[-1] < 4 * lm.floor["mean"]
    assert lm.floor["mean"] == pytest.approx(4000**-0.5, rel=0.1)
    assert lm.errors["distance"].error[-1] < 2 * lm.floor["distance"] < 0.1
    out = tmp_path / "out"
    done = run(*files, "--over-steps", "--reference", tmp_path / "exact.h5", "--output-dir", out,
               "--dpi", "50")  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = {
        f"comparison.{kind}.over_{x}.png"
        for kind in ("mean", "second_moment", "distance")
        for x in ("steps", "gradients")
    }
    assert {path.name for path in out.glob("*")} == expected


def test_distances_of_one_number_are_exact(tmp_path: Path) -> None:
    # W2 of normal laws: the difference of the standard deviations.
    exact = sample_chains.chains([0.0], chains=20_000, draws=10, rho=0.0, seed=5)
    wide = 1.5 * sample_chains.chains([0.0], chains=20_000, draws=4, rho=0.0, seed=6)
    sample_chains.write(tmp_path / "exact.h5", exact)
    sample_chains.write(tmp_path / "wide.h5", wide)
    reference = chain_reference.open_reference(tmp_path / "exact.h5")
    (found,) = chain_progress.follow([open_chains(tmp_path / "wide.h5")], reference)
    assert found.errors["distance"].error == pytest.approx(0.5, abs=0.03)


def test_errors_over_steps_need_draws_of_many_chains(file: Path, tmp_path: Path) -> None:
    done = run(file, "--over-steps", "--reference", file, "--output-dir", tmp_path)
    assert done.returncode == 1
    assert "too few to follow errors over the steps; run the deck with [chains] warmup = 0" in (
        done.stderr
    )
    done = run(file, "--over-steps", "--output-dir", tmp_path)
    assert done.returncode == 2 and "--over-steps: needs a --reference" in done.stderr


def test_runs_on_different_targets_are_not_compared(file: Path, tmp_path: Path) -> None:
    other = sample_chains.write(tmp_path / "o.h5", sample_chains.chains([0.0, 0.0]))
    done = run(file, other, "--output-dir", tmp_path)
    assert done.returncode == 1 and "has other parameters than" in done.stderr


# ---------------------------------------------------------------- files of the driver


def test_a_run_of_the_driver(driven: Path, tmp_path: Path) -> None:
    results = open_chains(driven)
    assert results.names == ("x[0]", "x[1]") and concerns(results) == []
    assert (np.abs(results.summary.mean - [1, -2]) < 5 * results.summary.mcse).all()
    assert results.draws is not None and results.draws.of("x[1]").shape == (100, 400)
    assert results.chains == 512
    # Steps, tries that look for their size, and what frees chains that do not move at first.
    assert 700 < results.gradients_per_chain < 850
    done = run(driven, "--output-dir", tmp_path, "--dpi", "50")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "chains.trace.x[0].png").exists()
    page = report(tmp_path, "chains")
    assert ["sampler", "mala"] in page.rows


def test_its_stored_draws_have_its_standard_errors(driven: Path) -> None:
    results = open_chains(driven)
    assert results.draws is not None
    for i, name in enumerate(results.names):
        stored = chain_statistics.standard_error(results.draws.of(name))
        # Of 100 of 512 chains.
        assert stored * np.sqrt(100 / 512) == pytest.approx(results.summary.mcse[i], rel=0.15)


def test_its_verdict_is_the_terminals(tmp_path: Path) -> None:
    deck = DECK.replace("steps = 400", "steps = 40").replace("count = 512", "count = 100")
    path = drive(tmp_path, deck.replace('name = "mala"', 'name = "ula"\nstep_size = 0.01'))
    ended = subprocess.run(
        [Path(os.environ["DRIFTWOOD_BIN"]).resolve() / "langevin_chains", "deck.toml"],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    said = [line[2:] for line in (ended.stdout + ended.stderr).splitlines() if line[:2] == "! "]
    assert said and said == concerns(open_chains(path))


@pytest.mark.parametrize("source", ["sample", "driver"])
def test_xarray_opens_the_groups_as_inference_data(
    source: str, file: Path, request: pytest.FixtureRequest
) -> None:
    xarray = pytest.importorskip("xarray", reason="python3-xarray is not installed")
    pytest.importorskip("h5netcdf", reason="python3-h5netcdf is not installed")
    path = file if source == "sample" else request.getfixturevalue("driven")
    with xarray.open_dataset(path, group="posterior", engine="h5netcdf") as posterior:
        assert set(posterior.coords) >= {"chain", "draw"}
        for name, variable in posterior.data_vars.items():
            assert variable.dims[:2] == ("chain", "draw"), name
            assert variable.dims[2:] in ((), (f"{name}_dim_0",))
    with xarray.open_dataset(path, group="sample_stats", engine="h5netcdf") as stats:
        assert stats["lp"].dims == ("chain", "draw") == stats["acceptance_rate"].dims
        assert stats["lp"].shape == tuple(posterior.sizes[d] for d in ("chain", "draw"))


def test_arviz_reads_it(driven: Path) -> None:
    arviz = pytest.importorskip("arviz", reason="ArviZ is not installed; Debian 12 has no package")
    data = arviz.from_netcdf(driven, engine="h5netcdf")
    assert {"posterior", "sample_stats"} <= set(data.groups())
    results = open_chains(driven)
    summary = arviz.summary(data, round_to="none")
    error = np.hypot(summary["mcse_mean"].to_numpy(), results.summary.mcse)
    assert (np.abs(summary["mean"].to_numpy() - results.summary.mean) < 5 * error).all()


def test_a_failed_run_is_drawn_when_asked_for(tmp_path: Path, draws: np.ndarray) -> None:
    path = sample_chains.write(tmp_path / "f.h5", draws, lost=15)
    with h5py.File(path, "r+") as file:
        for name in ("mean", "sd", "mcse", "rhat", "ess_bulk", "ess_tail"):
            file[f"summary/{name}"][...] = np.nan
        file["posterior/a"][1:] = np.inf
        file["posterior/b"][...] = np.nan
    path = path.rename(tmp_path / "f.h5.failed")
    refused = run(path)
    assert refused.returncode == 1 and "give --allow-failed" in refused.stderr
    done = run(path, "--allow-failed", "--dpi", "40")
    assert done.returncode == 0 and done.stderr == ""
    text = (tmp_path / "f.report.html").read_text(encoding="utf-8")
    assert "This run failed: more chains became non-finite" in text
    assert (tmp_path / "f.trace.a.png").exists() and not list(tmp_path.glob("f.trace.b*"))
