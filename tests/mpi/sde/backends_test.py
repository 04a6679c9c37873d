# SPDX-License-Identifier: BSD-3-Clause
"""The results of sde_ensemble are the same, bit for bit, by another build's backend and by any
number of its threads."""
import pytest

from backends import OTHER, assert_same_results, assert_threads_change_nothing, needs_other
from drivers import results
from ranks_test import DECKS

pytestmark = needs_other


@pytest.mark.parametrize("name", DECKS)
def test_threads_of_another_backend_do_not_change_a_bit(name, tmp_path, monkeypatch):
    assert_threads_change_nothing("sde_ensemble", DECKS[name], tmp_path, monkeypatch)


def test_threads_and_ranks_together_do_not_change_a_bit(tmp_path, monkeypatch):
    here = results("sde_ensemble", DECKS["double"], tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    there = results("sde_ensemble", DECKS["double"], tmp_path, ranks=2, binaries=OTHER)
    assert_same_results(here, there)
