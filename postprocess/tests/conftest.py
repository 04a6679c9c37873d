# SPDX-License-Identifier: BSD-3-Clause
"""Result files for the tests, written once per session, and a private matplotlib folder."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

os.environ["MPLCONFIGDIR"] = tempfile.mkdtemp(prefix="driftwood-mpl-")

HERE = Path(__file__).resolve().parent

sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import sample_results  # noqa: E402


@pytest.fixture(scope="session")
def results_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of `sample_results.write_all`; read it, do not write there."""
    folder = tmp_path_factory.mktemp("results")
    sample_results.write_all(folder, paths=4000)
    return folder
