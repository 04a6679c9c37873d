# SPDX-License-Identifier: BSD-3-Clause
"""Comparing a driver of this build with that of a build whose backend has threads.

DRIFTWOOD_OTHER_BIN is the folder of the other build's drivers, made with a Kokkos that has a
threaded backend (preset `openmp`), for the same instruction set. Where it is not set there is
nothing to compare with.
"""
import os

import pytest

from drivers import assert_same_bits, results

OTHER = os.environ.get("DRIFTWOOD_OTHER_BIN")
needs_other = pytest.mark.skipif(
    not OTHER, reason="DRIFTWOOD_OTHER_BIN does not name the drivers of a build with threads"
)

# What tells two builds of the same sources apart.
BUILD = ("version", "commit", "dirty", "compiler", "build_flags", "mpi", "hdf5")


def assert_same_results(here, there, times=()):
    """`times` are names of datasets that two runs never have alike."""
    others = {f"run/{fact}" for fact in BUILD} | set(times)
    of_results = [{n: v for n, v in side.items() if n not in others} for side in (here, there)]
    assert_same_bits(*of_results)


def assert_threads_change_nothing(driver, deck, folder, monkeypatch, times=()):
    here = results(driver, deck, folder)
    for threads in (1, 2, 3):
        monkeypatch.setenv("OMP_NUM_THREADS", str(threads))
        there = results(driver, deck, folder, binaries=OTHER)
        assert there["run/threads"] == threads
        assert there["run/backend"] != here["run/backend"]
        assert_same_results(here, there, times)
