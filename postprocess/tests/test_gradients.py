# SPDX-License-Identifier: BSD-3-Clause
"""Plots and reports of sde_gradient, from files laid out as it writes them."""

import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from driftwood_post import gradient_errors, gradients
from driftwood_post.read import ReadError

SCRIPT = Path(__file__).parents[1] / "sde_gradient.py"
DECK = b"""[model]
name = "heston"
kappa = 1.5
rate = 0.0
initial = { price = 100.0 }
[time]
scheme = "euler_maruyama"
"""


def names(*values):
    return np.array([value.encode() for value in values], dtype="S24")


def write_gradients(path, times):
    random = np.random.default_rng(3)
    with h5py.File(path, "w") as file:
        file.attrs["format_version"] = 1
        file["time"] = np.linspace(0, 1, times + 1)[1:]
        file["gradient/formula"] = names("call", "price")
        file["gradient/parameter"] = names("kappa", "rate", "initial.price")
        file["gradient/value"] = random.normal(size=(2, times, 3))
        file["gradient/value"].attrs["mode"] = "pathwise"
        file["gradient/standard_error"] = 0.1 * random.random((2, times, 3))
        for name in ("call", "price"):
            file[f"formulas/{name}/mean"] = random.normal(size=times)
            file[f"formulas/{name}/mean"].attrs["text"] = f"max({name} - 1, 0)"
            file[f"formulas/{name}/standard_error"] = np.full(times, 0.01)
        file["run/effective_deck"] = np.bytes_(DECK)
        file["run/deck"] = np.bytes_(DECK)
        file["run/paths"] = 1000
        file["run/finite_paths"] = 998


def write_table(path):
    steps = 4 ** np.arange(5)
    with h5py.File(path, "w") as file:
        file.attrs["format_version"] = 1
        group = file.create_group("error_table")
        group["mode"] = names("heun adjoint", "reversible_heun reversible_heun")
        group["steps"] = steps
        group["error"] = np.array([0.05 / steps, np.full(5, 3e-16)])
        group["rebuilt"] = np.array([0.01 / steps, np.full(5, 2e-15)])
        group["seconds"] = np.array([0.1 * steps, 0.2 * steps])
        group["bytes"] = np.array([np.zeros(5), np.full(5, 100)])
        file["run/effective_deck"] = np.bytes_(b'[model]\nname = "neural"\n')


def run(*arguments):
    return subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("times", "kind"), [(1, "effects"), (3, "over_time")])
def test_draws_one_figure_per_formula_and_a_report(times, kind, tmp_path):
    write_gradients(tmp_path / "g.h5", times)
    done = run(tmp_path / "g.h5", "--output-dir", tmp_path / "figures", "--dpi", "50")
    assert done.returncode == 0, done.stderr
    drawn = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert drawn == [f"g.{kind}.call.png", f"g.{kind}.price.png", "g.report.html"]
    page = (tmp_path / "figures" / "g.report.html").read_text(encoding="utf-8")
    assert "by initial.price" in page and "max(call - 1, 0)" in page
    assert "2 paths, or their derivatives, are not finite" in page


def test_reads_values_by_name(tmp_path):
    write_gradients(tmp_path / "g.h5", 2)
    results = gradients.open_gradients(tmp_path / "g.h5")
    value, error = results.of("price", "rate")
    assert np.array_equal(value, results.value[1, :, 1])
    assert np.array_equal(error, results.standard_error[1, :, 1])
    assert results.parameter_value("kappa") == 1.5
    assert results.parameter_value("initial.price") == 100
    assert results.parameter_value("other") is None
    assert results.mode == "pathwise"


def test_tables_of_errors_show_slopes(tmp_path):
    write_table(tmp_path / "t.h5")
    table = gradient_errors.open_table(tmp_path / "t.h5")
    assert table.slope(0) == pytest.approx(1)
    assert [table.is_exact(case) for case in (0, 1)] == [False, True]
    done = run(tmp_path / "t.h5", "--dpi", "50")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "t.errors.png").exists() and (tmp_path / "t.costs.png").exists()
    page = (tmp_path / "t.report.html").read_text(encoding="utf-8")
    assert "slope 1.00" in page and "exact" in page


def test_refuses_what_is_not_its_own(tmp_path):
    path = tmp_path / "g.h5"
    assert "no such file" in run(path).stderr
    write_gradients(path, 1)
    with h5py.File(path, "a") as file:
        file.attrs["format_version"] = 2
    done = run(path)
    assert done.returncode == 1 and "format_version 2 is unknown" in done.stderr
    write_gradients(path, 1)
    with h5py.File(path, "a") as file:
        del file["gradient"]
    assert "not derivatives of sde_gradient" in run(path).stderr
    write_gradients(path, 1)
    with h5py.File(path, "a") as file:
        del file["gradient/value"]
        file["gradient/value"] = np.zeros((1, 2, 3))
    with pytest.raises(ReadError, match="damaged"):
        gradients.open_gradients(path)
    assert run(path, "--dpi", "1").returncode == 2
