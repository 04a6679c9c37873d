# SPDX-License-Identifier: BSD-3-Clause
"""The results of sde_ensemble are the same, bit for bit, by another build's backend and by any
number of its threads.

DRIFTWOOD_OTHER_BIN is the folder of the other build's drivers, made with a Kokkos that has a
threaded backend (preset `openmp`), for the same instruction set. Where it is not set there is
nothing to compare with.
"""
import os

import pytest

from drivers import assert_same_bits, results
from ranks_test import DECKS

OTHER = os.environ.get("DRIFTWOOD_OTHER_BIN")
pytestmark = pytest.mark.skipif(
    not OTHER, reason="DRIFTWOOD_OTHER_BIN does not name the drivers of a build with threads"
)

# What tells two builds of the same sources apart.
BUILD = ("version", "commit", "dirty", "compiler", "build_flags", "mpi", "hdf5")


def assert_same_results(here, there):
    of_results = [
        {n: v for n, v in side.items() if n not in {f"run/{fact}" for fact in BUILD}}
        for side in (here, there)
    ]
    assert_same_bits(*of_results)


@pytest.mark.parametrize("name", DECKS)
def test_threads_of_another_backend_do_not_change_a_bit(name, tmp_path, monkeypatch):
    here = results("sde_ensemble", DECKS[name], tmp_path)
    for threads in (1, 2, 3):
        monkeypatch.setenv("OMP_NUM_THREADS", str(threads))
        there = results("sde_ensemble", DECKS[name], tmp_path, binaries=OTHER)
        assert there["run/threads"] == threads
        assert there["run/backend"] != here["run/backend"]
        assert_same_results(here, there)


def test_threads_and_ranks_together_do_not_change_a_bit(tmp_path, monkeypatch):
    here = results("sde_ensemble", DECKS["double"], tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    there = results("sde_ensemble", DECKS["double"], tmp_path, ranks=2, binaries=OTHER)
    assert_same_results(here, there)
