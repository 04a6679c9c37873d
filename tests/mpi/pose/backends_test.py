# SPDX-License-Identifier: BSD-3-Clause
"""The results of pose_search are the same, bit for bit, by another build's backend and by any number
of its threads: poses, bounds, and every box of the certificate."""
import pytest

from backends import assert_threads_change_nothing, needs_other

pytestmark = needs_other

DECK = """
[correspondences]
kind = "synthetic"
problems = 2
points = {points}
outliers = {outliers}
[search]
mode = "{mode}"
"""
DECKS = {
    "blocks of 64": DECK.format(points=150, outliers=0.5, mode="certified"),
    "blocks of 256": DECK.format(points=300, outliers=0.88, mode="certified"),
    "pairs": DECK.format(points=200, outliers=0.6, mode="paper"),
    "every box": DECK.format(points=8, outliers=0.5, mode="exhaustive")
    + "level = 2\n[correspondences.threshold]\nradians = 0.03\n",
}
# How a search went over time is a dataset of its own length.
TIMES = (
    "search/seconds", "search/seed_seconds", "search/idle", "trace/look", "trace/problem",
    "trace/seconds", "trace/consensus", "trace/upper_bound", "trace/nodes", "trace/open",
)  # fmt: skip


@pytest.mark.parametrize("name", DECKS)
def test_threads_of_another_backend_do_not_change_a_bit(name, tmp_path, monkeypatch):
    assert_threads_change_nothing("pose_search", DECKS[name], tmp_path, monkeypatch, TIMES)
