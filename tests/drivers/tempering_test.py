# SPDX-License-Identifier: BSD-3-Clause
"""Parallel tempering in langevin_chains: that it carries chains across what one temperature does not,
what it says of the evidence, and that nothing of it depends on ranks or on how often it is stopped."""
import math

import numpy as np
import pytest

from drivers import SOURCE, assert_same_bits, in_jobs, results, run

GAUSSIAN = """
[target]
name = "gaussian"
mean = [1.0, -2.0, 0.0]
sd = [1.0, 3.0, 0.5]
[sampler]
name = "mala"
precondition = "diagonal"
[chains]
count = 70
warmup = 300
steps = 500
seed = 3
initial = { kind = "normal", mean = 0.0, sd = 4.0 }
draws = { thin = 5, chains = 50 }
[tempering]
temperatures = 5
"""

# A restricted parameter, a ladder that stays, idle chains (64 = 9 x 7 + 1), an odd period of swaps.
BOUNDED = """
[target]
name = "expression"
state = ["x", "s"]
parameters = { b = 0.5 }
bounds = { s = [0, inf] }
log_density = "-b*x^2 + 2*log(s) - 3*s"
[sampler]
name = "mala"
step_size = 0.3
[chains]
count = 40
warmup = 300
steps = 600
thin = 2
initial = { kind = "normal", mean = 0.0, sd = 2.0 }
[tempering]
beta = [1, 0.6, 0.4, 0.2, 0.1, 0.05, 0]
swap_every = 3
adapt = false
"""

RANKS = [2, 3, 4]

DECKS = {
    "adapted": GAUSSIAN,
    "given": BOUNDED,
    "hamiltonian": GAUSSIAN.replace('"mala"', '"hmc"'),
    "by energy": GAUSSIAN.replace('"mala"', '"mclmc"'),
    "until enough": GAUSSIAN.replace(
        "draws = { thin = 5, chains = 50 }", "stop = { ess = 30_000, max_steps = 5000 }"
    ),
}


@pytest.mark.parametrize("name", DECKS)
def test_same_bits_on_any_ranks(name, tmp_path):
    alone = results("langevin_chains", DECKS[name], tmp_path)
    for ranks in RANKS:
        assert_same_bits(alone, results("langevin_chains", DECKS[name], tmp_path, ranks=ranks))


@pytest.mark.parametrize("name", DECKS)
def test_same_bits_in_many_jobs(name, tmp_path):
    whole = results("langevin_chains", DECKS[name], tmp_path)
    (tmp_path / "out.h5").unlink()
    jobs, found = in_jobs("langevin_chains", tmp_path, [1, 3, 2, 4])
    assert jobs > 1
    assert_same_bits(whole, found)


def test_two_modes_keep_their_weights(tmp_path):
    deck = (SOURCE / "inputs/langevin_chains/tempering.toml").read_text(encoding="utf-8")
    found = results("langevin_chains", deck, tmp_path)
    weight = np.mean(found["posterior/x"] > 5.0)
    assert abs(weight - 0.7) < 0.02
    assert found["summary/rhat"][0] < 1.01
    assert abs(found["summary/mean"][0] - 7.0) < 4.5 * found["summary/mcse"][0]
    error = found["tempering/log_evidence"] - 0.5 * math.log(2 * math.pi)
    assert abs(error) < 4.5 * found["tempering/log_evidence_standard_error"]
    # Half of the best rate that theory allows of this ladder, at least.
    best = found["tempering/rounds"] * 64 / (2 + 2 * found["tempering/barrier"])
    assert best / 2 < found["tempering/round_trips"] < 1.1 * best
    # At one temperature chains stay in the mode where they began.
    plain = results("langevin_chains", deck.split("\n[tempering]")[0], tmp_path)
    assert plain["summary/rhat"][0] > 1.5
    assert not any(name.startswith("tempering/") for name in plain)


def test_trajectories_at_many_temperatures_know_the_funnel(tmp_path):
    deck = (SOURCE / "inputs/langevin_chains/funnel_tempering.toml").read_text(encoding="utf-8")
    found = results("langevin_chains", deck, tmp_path)
    # By the differences between ladders the standard error of the sd is 0.02: a right program is off by
    # 0.12 in less than 1 of 1e7 choices of the seed.
    assert abs(found["summary/sd"][0] - 3.0) < 0.12
    assert abs(found["summary/mean"][0]) < 4.5 * found["summary/mcse"][0]
    neck = np.mean(found["posterior/v"] < -6.0)
    assert abs(neck - 0.02275) < 0.0067  # 4.5 standard errors of 0.0015
    assert found["summary/rhat"][0] < 1.05
    error = found["tempering/log_evidence"] - (5 * math.log(2 * math.pi) + math.log(3.0))
    assert abs(error) < 4.5 * found["tempering/log_evidence_standard_error"]
    # At one temperature, with steps of their usual size, chains do not get into the neck, although they
    # start where it begins.
    plain = deck.split("\n[tempering]")[0].replace("sd = 25.0", "sd = 1.0")
    sampler = 'name = "hmc"\nacceptance = 0.99\njitter = 0.9'
    assert sampler in plain
    for name, steps in (("mala", 20_000), ("hmc", 4000)):
        alone = results(
            "langevin_chains",
            plain.replace(sampler, f'name = "{name}"').replace("steps = 3000", f"steps = {steps}"),
            tmp_path,
        )
        assert np.mean(alone["posterior/v"] < -6.0) < 0.002
        assert alone["summary/sd"][0] < 2.75
        assert alone["summary/rhat"][0] > 1.1


def test_evidence_and_moments_of_a_restricted_parameter(tmp_path):
    found = results("langevin_chains", BOUNDED, tmp_path)
    z = (found["summary/mean"] - [0.0, 1.0]) / found["summary/mcse"]
    assert np.all(np.abs(z) < 4.5), z
    # The integral of exp(-x^2/2) s^2 exp(-3 s).
    expected = 0.5 * math.log(2 * math.pi) + math.log(2 / 27)
    error = found["tempering/log_evidence"] - expected
    assert abs(error) < 4.5 * found["tempering/log_evidence_standard_error"]
    assert found["tempering/log_evidence_standard_error"] < 0.05


def test_replicas_are_at_all_rungs(tmp_path):
    found = results("langevin_chains", GAUSSIAN, tmp_path)
    index = found["tempering/index"]
    assert index.shape == (4, 100, 5)
    assert np.all(np.sort(index, axis=-1) == np.arange(5))
    assert np.all(np.any(index == 0, axis=1))  # each replica has been the cold one
    assert found["tempering/beta"][0] == 1 and found["tempering/beta"][-1] == 0
    assert np.ptp(found["tempering/swap_acceptance"]) < 0.1
    barrier = np.sum(1 - found["tempering/swap_acceptance"])
    assert found["tempering/barrier"] == pytest.approx(barrier, rel=1e-12)
    # Draws that are stored are the cold replicas'.
    draws = found["posterior/x"]
    density = -0.5 * np.sum(((draws - [1.0, -2.0, 0.0]) / [1.0, 3.0, 0.5]) ** 2, axis=-1)
    assert np.allclose(found["sample_stats/lp"], density, rtol=1e-11, atol=1e-11)


def test_says_where_the_thermodynamic_integral_cannot_tell(tmp_path):
    # Far down, at v = -50, the reference is 0.14 of its maximum and the funnel has no density.
    deck = (SOURCE / "inputs/langevin_chains/funnel_tempering.toml").read_text(encoding="utf-8")
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    few = [word for key in ("warmup", "steps") for word in ("--set", f"chains.{key}=200")]
    ended = run("langevin_chains", "deck.toml", *few, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "(thermodynamic integration cannot tell: hot replicas reach places" in ended.stdout
    (tmp_path / "deck.toml").write_text(GAUSSIAN, encoding="utf-8")
    assert "(by thermodynamic integration " in run(
        "langevin_chains", "deck.toml", folder=tmp_path
    ).stdout


def test_warns_of_a_bias_that_stays(tmp_path):
    deck = BOUNDED.replace('"mala"', '"ula"').replace("0.3", "0.05")
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0
    assert "its bias stays at every temperature" in ended.stderr


@pytest.mark.parametrize(
    "change, message",
    [
        ("tempering.temperatures=1", "tempering.temperatures"),
        ("tempering.temperatures=65", "tempering.temperatures"),
        ("tempering.beta=[1, 0.5]", "the ladder does not go from 1 to 0"),
        ("tempering.beta=[1, 0.5, 0.5, 0]", "the ladder does not fall here"),
        ("tempering.swap_every=20", "the ladder cannot be adapted in so few rounds"),
        ("chains.initial=0.0", "tempering needs a normal law"),
        ("sampler.name=stretch", "'stretch' cannot be tempered"),
        ("diagnostics.bias=true", "bias"),
    ],
)
def test_refuses_bad_decks(change, message, tmp_path):
    deck = GAUSSIAN.replace('precondition = "diagonal"', "").replace("count = 70", "count = 64")
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--check", "--set", change, folder=tmp_path)
    assert ended.returncode == 2
    assert message in ended.stderr
