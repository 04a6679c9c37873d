# SPDX-License-Identifier: BSD-3-Clause
"""Plots of measured orders, from a file laid out as sde_order writes it."""

import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

SCRIPT = Path(__file__).parents[1] / "sde_order.py"


@pytest.fixture
def order_file(tmp_path):
    path = tmp_path / "order.h5"
    with h5py.File(path, "w") as file:
        file.attrs["format_version"] = 1
        file["scheme"] = np.array([b"heun", b"weak_euler"], dtype="S16")
        file["step"] = np.array([0.1, 0.05, 0.025])
        file["run/effective_deck"] = np.bytes_(b'[model]\nname = "arctan"\n')
        for group in ("strong", "weak/mean", "weak/second_moment"):
            error = np.array([[0.1, 0.05, 0.025], [np.nan] * 3])
            file[f"{group}/error"] = error
            file[f"{group}/standard_error"] = 0.01 * error
            for name in ("declared", "order", "order_standard_error"):
                file[f"{group}/{name}"] = np.array([1.0, np.nan])
    return path


def run(*arguments):
    return subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_draws_one_figure_per_kind_of_error(order_file, tmp_path):
    done = run(order_file, "--output-dir", tmp_path / "figures", "--dpi", "50")
    assert done.returncode == 0, done.stderr
    drawn = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert drawn == ["order.strong.png", "order.weak_mean.png", "order.weak_second_moment.png"]


def test_refuses_what_is_not_its_own(order_file, tmp_path):
    assert "no such file" in run(tmp_path / "none.h5").stderr
    with h5py.File(order_file, "a") as file:
        del file["strong"]
    done = run(order_file)
    assert done.returncode == 1
    assert "not a result of sde_order" in done.stderr
    assert run(order_file, "--dpi", "1").returncode == 2
