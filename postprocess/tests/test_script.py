# SPDX-License-Identifier: BSD-3-Clause
"""The command itself, run as a user runs it."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import h5py
import numpy as np
import pytest

import driftwood_post

from sample_results import SCRIPT

PNG = b"\x89PNG\r\n\x1a\n"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """sde_ensemble.py with these arguments, by its own first line."""
    return subprocess.run(
        [SCRIPT, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )


class Page(HTMLParser):
    """Collects what a page refers to, its table rows and whether its tags balance."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.references: list[str] = []
        self.rows: list[list[str]] = []
        self.open_tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [value or "" for key, value in attrs if key in ("src", "href")]
        if tag not in ("meta", "img"):
            self.open_tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open_tags and self.open_tags[-1] in ("td", "th"):
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def heston(
    results_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder with everything drawn from heston.h5, and how the command ended."""
    folder = tmp_path_factory.mktemp("heston")
    done = run(results_folder / "heston.h5", "--output-dir", folder, "--dpi", "80")
    assert done.returncode == 0, done.stderr
    return folder, done


def test_heston_gives_every_figure_and_a_report(
    heston: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = heston
    names = {"heston.report.html", "heston.convergence.call.png"}
    for component in ("price", "variance"):
        names |= {f"heston.fan.{component}.png", f"heston.marginal.{component}.png"}
    assert {path.name for path in folder.iterdir()} == names
    assert set(done.stdout.split()) == {str(folder / name) for name in names}
    assert all(path.read_bytes()[:8] == PNG for path in folder.glob("*.png"))


def test_the_report_stands_alone_and_holds_the_numbers(
    results_folder: Path, heston: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    text = (heston[0] / "heston.report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open_tags == []
    assert len(page.references) == 5
    assert all(source.startswith("data:image/png;base64,") for source in page.references)
    assert not re.search(r"https?://|url\(|@import", text)
    call = next(row for row in page.rows if row[0] == "call")
    with h5py.File(results_folder / "heston.h5") as file:
        mean = file["formulas/call/mean"][-1]
        error = file["formulas/call/standard_error"][-1]
    assert call[1] == f"{mean:.2f} ± {error:.2f}"
    assert call[3].startswith("5.78515")
    assert float(call[4]) == pytest.approx((mean - 5.785155) / error, abs=0.006)
    assert ["version", "0.1.0"] in page.rows
    assert ["commit", "0123abc and changes beyond it"] in page.rows
    assert "kappa = 1.5768" in text


def test_pdf_next_to_the_results(results_folder: Path, tmp_path: Path) -> None:
    shutil.copy(results_folder / "double_well.h5", tmp_path / "well.h5")
    done = run(tmp_path / "well.h5", "--format", "pdf")
    assert done.returncode == 0, done.stderr
    drawn = sorted(path.name for path in tmp_path.glob("*.pdf"))
    assert drawn == ["well.fan.x.pdf", "well.marginal.x.pdf", "well.standard_error.pdf"]
    assert all(path.read_bytes()[:5] == b"%PDF-" for path in tmp_path.glob("*.pdf"))


def test_only_the_named_component(results_folder: Path, tmp_path: Path) -> None:
    heston = results_folder / "heston.h5"
    done = run(heston, "--output-dir", tmp_path, "--component", "price", "--dpi", "50")
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.glob("*variance*"))


def write_sparse(path: Path, times: int) -> None:
    """The least a result holds: moments of an unknown model, with a hostile deck and name."""
    with h5py.File(path, "w") as file:
        file.attrs["format_version"] = 1
        file["time"] = np.arange(1.0, times + 1)
        file["component"] = np.array([b"x"])
        for name in ("mean", "variance", "standard_error"):
            file[f"moments/{name}"] = np.full((times, 1), 0.0 if name == "mean" else 1.0)
        file["run/deck"] = "# <script>alert(1)</script> & more"
        file["run/note"] = "<b>bold</b>"


@pytest.mark.parametrize("times", [1, 3])
def test_a_sparse_file_gives_what_it_can(tmp_path: Path, times: int) -> None:
    write_sparse(tmp_path / "s.h5", times)
    done = run(tmp_path / "s.h5", "--dpi", "50")
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*.png"))) == (0 if times == 1 else 2)
    text = (tmp_path / "s.report.html").read_text(encoding="utf-8")
    assert "<script>" not in text and "<b>bold" not in text
    assert Page(text).open_tags == []


def test_formulas_without_running_estimates_are_drawn_over_time(
    results_folder: Path, tmp_path: Path
) -> None:
    shutil.copy(results_folder / "heston.h5", tmp_path / "h.h5")
    with h5py.File(tmp_path / "h.h5", "r+") as file:
        del file["formulas/call/running"]
        file["formulas/call/mean"][:] = 0  # nor has a zero a relative error
    done = run(tmp_path / "h.h5", "--dpi", "50", "--component", "price")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "h.convergence.call.png").exists()


def test_a_failed_run_is_shown_only_on_demand_and_says_so(
    results_folder: Path, tmp_path: Path
) -> None:
    failed = tmp_path / "ou.h5.failed"
    shutil.copy(results_folder / "ou.h5", failed)
    assert run(failed).returncode == 1
    assert run(failed, "--allow-failed", "--dpi", "50").returncode == 0
    assert "This run failed" in (tmp_path / "ou.report.html").read_text(encoding="utf-8")


def test_lost_paths_are_reported(results_folder: Path, tmp_path: Path) -> None:
    shutil.copy(results_folder / "ou.h5", tmp_path / "ou.h5")
    with h5py.File(tmp_path / "ou.h5", "r+") as file:
        file["run/finite_paths"][-1] -= 3
    assert run(tmp_path / "ou.h5", "--dpi", "50").returncode == 0
    text = (tmp_path / "ou.report.html").read_text(encoding="utf-8")
    assert "3 paths became non-finite" in text


def test_values_that_are_not_finite_are_left_out(results_folder: Path, tmp_path: Path) -> None:
    shutil.copy(results_folder / "heston.h5", tmp_path / "h.h5")
    with h5py.File(tmp_path / "h.h5", "r+") as file:
        for name in ("moments/mean", "moments/variance", "moments/standard_error"):
            file[name][10:] = np.nan
        file["quantiles/value"][10:] = np.nan
        file["histogram/price/count"][:] = 0
        file["formulas/call/mean"][10:] = np.nan
        file["formulas/call/running/mean"][:] = np.nan
    done = run(tmp_path / "h.h5", "--dpi", "50", "--component", "price")
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    assert not (tmp_path / "h.marginal.price.png").exists()


def test_errors_are_one_line_and_have_codes(results_folder: Path, tmp_path: Path) -> None:
    ou = results_folder / "ou.h5"
    for arguments, code in (
        ((tmp_path / "none.h5",), 1),
        ((ou, "--output-dir", ou / "none"), 1),
        ((ou, "--component", "y", "--output-dir", tmp_path), 2),
        ((ou, "--dpi", "0"), 2),
        ((ou, "--format", "gif"), 2),
        ((), 2),
    ):
        done = run(*arguments)
        assert done.returncode == code, (arguments, done.stderr)
        assert "Traceback" not in done.stderr and "error: " in done.stderr
        assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_for_figures_is_made(results_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert run(results_folder / "ou.h5", "--output-dir", folder, "--dpi", "50").returncode == 0
    assert (folder / "ou.report.html").exists()


def test_a_python_without_the_modules_gives_one_line(results_folder: Path) -> None:
    # -S: without site-packages, as another Python on the path may lack Debian's modules
    done = subprocess.run(
        ["/usr/bin/python3", "-S", SCRIPT, results_folder / "ou.h5"],
        capture_output=True, text=True, timeout=120, check=False, env={}
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert re.fullmatch(r"sde_ensemble.py: error: .* cannot import \w+ .*\n", done.stderr)


def test_a_histogram_that_misses_the_paths_is_reported(
    results_folder: Path, tmp_path: Path
) -> None:
    shutil.copy(results_folder / "ou.h5", tmp_path / "ou.h5")
    with h5py.File(tmp_path / "ou.h5", "r+") as file:
        counts = file["histogram/x/count"]
        file["histogram/x/above"][:] += counts[:].sum(axis=1)
        counts[:] = 0
    assert run(tmp_path / "ou.h5", "--dpi", "50").returncode == 0
    text = (tmp_path / "ou.report.html").read_text(encoding="utf-8")
    assert "The histogram of x misses 100 % of the paths at the last time" in text


def test_exact_means_come_with_their_z(results_folder: Path, tmp_path: Path) -> None:
    assert run(results_folder / "ou.h5", "--output-dir", tmp_path, "--dpi", "50").returncode == 0
    page = Page((tmp_path / "ou.report.html").read_text(encoding="utf-8"))
    header = next(row for row in page.rows if "exact mean" in row)
    row = next(row for row in page.rows if row[0] == "x" and len(row) == len(header))
    with h5py.File(results_folder / "ou.h5") as file:
        mean, error = file["moments/mean"][-1, 0], file["moments/standard_error"][-1, 0]
    z = (mean - float(row[header.index("exact mean")])) / error
    assert float(row[header.index("z")]) == pytest.approx(z, abs=0.02)


def test_first_passages_are_drawn_and_compared(results_folder: Path, tmp_path: Path) -> None:
    source = results_folder / "brownian.h5"
    done = run(source, "--output-dir", tmp_path, "--dpi", "60")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "brownian.first_passage.barrier.png").read_bytes()[:8] == PNG
    text = (tmp_path / "brownian.report.html").read_text(encoding="utf-8")
    page = Page(text)
    results = driftwood_post.open(source)
    passage = results.first_passages["barrier"]
    row = next(r for r in page.rows if r[0] == "barrier" and r[1] == "x up to 1.0, record")
    probability, error = passage.cumulative[-1], passage.standard_error[-1]
    assert row[2] == "4"
    assert row[3] == f"{probability:.4f} ± {error:.4f}"
    # 1 - Phi(-1/2) + e (1 - Phi(3/2))
    assert float(row[4]) == pytest.approx(0.87306326, abs=1e-6)
    assert float(row[5]) == pytest.approx((probability - 0.87306326) / error, abs=0.02)
    assert abs(float(row[5])) < 4 and abs(float(row[8])) < 4
    wait = results.formulas["barrier_time"]
    assert row[6] == f"{wait.mean[-1]:.3f} ± {wait.standard_error[-1]:.3f}"
    assert "the inverse Gaussian law" in text


def test_first_passages_of_no_known_law_are_drawn(results_folder: Path, tmp_path: Path) -> None:
    shutil.copy(results_folder / "brownian.h5", tmp_path / "b.h5")
    with h5py.File(tmp_path / "b.h5", "r+") as file:
        for name in ("run/deck", "run/effective_deck", "formulas/barrier_time"):
            del file[name]
    done = run(tmp_path / "b.h5", "--dpi", "50", "--component", "x")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "b.first_passage.barrier.png").exists()
    text = (tmp_path / "b.report.html").read_text(encoding="utf-8")
    assert "First passages" in text and "inverse Gaussian" not in text


def test_an_event_that_no_path_has_seen_is_not_drawn(results_folder: Path, tmp_path: Path) -> None:
    shutil.copy(results_folder / "brownian.h5", tmp_path / "b.h5")
    with h5py.File(tmp_path / "b.h5", "r+") as file:
        file["first_passage/barrier/never"][()] += file["first_passage/barrier/count"][:].sum()
        file["first_passage/barrier/count"][:] = 0
    done = run(tmp_path / "b.h5", "--dpi", "50")
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.glob("b.first_passage.*"))
    page = Page((tmp_path / "b.report.html").read_text(encoding="utf-8"))
    assert next(r for r in page.rows if r[0] == "barrier" and r[1].startswith("x up"))[3] == "0"


def test_levels_are_drawn_and_tabled(results_folder: Path, tmp_path: Path) -> None:
    source = results_folder / "multilevel.h5"
    done = run(source, "--output-dir", tmp_path, "--dpi", "60")
    assert done.returncode == 0, done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {
        "multilevel.report.html",
        "multilevel.multilevel.png",
    }
    text = (tmp_path / "multilevel.report.html").read_text(encoding="utf-8")
    page = Page(text)
    levels = driftwood_post.open(source).multilevel
    assert levels is not None
    rows = [row for row in page.rows if len(row) == 7 and row[0].isdigit()]
    assert [row[0] for row in rows] == ["0", "1", "2", "3", "4", "5"]
    assert [row[5] for row in rows] == ["1", "3", "6", "12", "24", "48"]
    assert rows[0][2] == "40\u2009100"
    for k, row in enumerate(rows):
        assert float(row[3].split()[0]) == pytest.approx(levels.mean[k], rel=0.01)
        assert float(row[4]) == pytest.approx(levels.variance[k], rel=1e-3)
        assert float(row[6].split()[0]) == pytest.approx(100 * levels.share[k], rel=0.01)
    assert f"call = {levels.estimate:.3f} ± {levels.standard_error:.3f}" in text
    assert "where 0.1 was asked for" in text


def test_help_explains_the_files() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "STEM.fan.COMPONENT" in done.stdout and "--output-dir" in done.stdout
