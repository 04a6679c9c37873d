# SPDX-License-Identifier: BSD-3-Clause
"""sde_ensemble's `[ensemble] stop`: as many paths as a standard error takes, and no others."""
import numpy as np

from drivers import assert_same_bits, results, run

BLOCK = 4096

DECK = """
[model]
name = "geometric_brownian_motion"
[time]
scheme = "exact"
end = 1.0
steps = 1
[ensemble]
paths = {paths}
{stop}
[observe]
quantiles = [0.25, 0.5]
save_paths = 3
payoffs = {{ call = {{ kind = "call", strike = 100.0, discount_rate = 0.05 }} }}
"""


def stopping(folder, error, *options, paths=10_000_000, **more):
    deck = DECK.format(paths=paths, stop=f"stop = {{ standard_error = {error} }}")
    return results("sde_ensemble", deck, folder, *options, **more)


def test_ends_once_the_error_is_small_enough(tmp_path):
    for error in [0.1, 0.02]:
        found = stopping(tmp_path, error)
        reached = found["formulas/call/standard_error"][-1]
        assert reached <= error
        paths = found["run/paths"]
        assert paths % BLOCK == 0 and paths < 10_000_000
        # It overshoots little: the first look is after 8 blocks, later ones grow by at least a tenth.
        assert reached > 0.9 * error or paths == 8 * BLOCK


def test_paths_are_those_of_a_run_of_that_many(tmp_path):
    found = stopping(tmp_path, 0.05)
    plain = results("sde_ensemble", DECK.format(paths=found["run/paths"], stop=""), tmp_path)
    assert_same_bits(found, plain)


def test_same_bits_on_any_ranks_and_waves(tmp_path):
    alone = stopping(tmp_path, 0.03)
    for ranks in [2, 3]:
        assert_same_bits(alone, stopping(tmp_path, 0.03, ranks=ranks))
    assert_same_bits(alone, stopping(tmp_path, 0.03, "--set", "ensemble.wave_blocks=1"))


def test_says_so_where_the_paths_do_not_suffice(tmp_path):
    deck = DECK.format(paths=50_000, stop="stop = { standard_error = 1e-3 }")
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    ended = run("sde_ensemble", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0
    assert "raise 'ensemble.paths'" in ended.stderr


def test_antithetic_pairs_count_as_one(tmp_path):
    found = stopping(tmp_path, 0.02, "--set", "ensemble.antithetic=true")
    single = stopping(tmp_path, 0.02)
    assert found["formulas/call/standard_error"][-1] <= 0.02
    assert found["run/paths"] < single["run/paths"]
    assert np.isfinite(found["quantiles/value"]).all()
