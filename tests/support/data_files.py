# SPDX-License-Identifier: BSD-3-Clause
"""Where real data are: in the folder that DRIFTWOOD_DATA names, in one of their kind there, or beside the
sources."""
import os
import pathlib

import pytest

SOURCE = pathlib.Path(os.environ["DRIFTWOOD_SOURCE"])


def beside(kind):
    return SOURCE.parent / "shared" / "data" / kind


def find(name, kind):
    """A file of data, or None."""
    given = pathlib.Path(os.environ.get("DRIFTWOOD_DATA", "/nonexistent"))
    folders = (given, given / kind, beside(kind))
    return next((folder / name for folder in folders if (folder / name).exists()), None)


def data_file(name, kind):
    """The same; the test is skipped where it is nowhere."""
    return find(name, kind) or pytest.skip(f"{name} is neither in {beside(kind)} nor in DRIFTWOOD_DATA")
