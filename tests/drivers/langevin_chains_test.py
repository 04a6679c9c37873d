# SPDX-License-Identifier: BSD-3-Clause
"""langevin_chains: what it draws, that nothing of it depends on ranks or on how often it is stopped,
and what it says where it cannot go on."""
import json
import math
import signal
import subprocess
import time

import numpy as np
import pytest

from drivers import BIN, MPIEXEC, STOPPED, assert_same_bits, in_jobs, read, results, run

GAUSSIAN = """
[target]
name = "gaussian"
mean = [1.0, -2.0, 0.0]
sd = [1.0, 4.0, 0.5]
[sampler]
name = "mala"
precondition = "diagonal"
[chains]
count = 300
warmup = 300
steps = 500
seed = 3
draws = { thin = 5, chains = 100 }
"""

EXPRESSION = """
[target]
name = "expression"
state = ["x", "s"]
parameters = { b = 0.5 }
bounds = { s = [0, inf] }
log_density = "-b*x^2 + 2*log(s) - 3*s"
[sampler]
name = "srk_ld"
step_size = 0.02
[chains]
count = 200
warmup = 300
steps = 400
thin = 2
"""

# Two coordinates that are correlated by 0.999, and one on a scale of its own.
CORRELATED = """
[target]
name = "expression"
state = ["x", "y", "s"]
bounds = { s = [0, inf] }
log_density = "-0.5*(x^2 - 2*0.999*x*y + y^2)/(1 - 0.999^2) + log(s) - 20*s"
[sampler]
name = "hmc"
precondition = "dense"
[chains]
count = 200
warmup = 300
steps = 400
draws = { thin = 20, chains = 70 }
"""

RANKS = [2, 3, 4]


def within(found, expected, errors=4.5):
    """Means within so many Monte Carlo standard errors; of 4.5, one false alarm in 1.5e5 numbers."""
    z = (found["summary/mean"] - np.asarray(expected)) / found["summary/mcse"]
    assert np.all(np.abs(z) < errors), z


def test_moments_of_a_gaussian(tmp_path):
    found = results("langevin_chains", GAUSSIAN, tmp_path)
    within(found, [1.0, -2.0, 0.0])
    # The relative standard error of a standard deviation is 1 / sqrt(2 ess).
    z = (found["summary/sd"] / [1.0, 4.0, 0.5] - 1) * np.sqrt(2 * found["summary/ess_bulk"])
    assert np.all(np.abs(z) < 6), z
    assert np.all(found["summary/rhat"] < 1.02)
    assert found["run/chains"] == 300
    assert [name.decode() for name in found["summary/name"]] == ["x[0]", "x[1]", "x[2]"]
    # The scales that the warm-up found, to the accuracy of its draws.
    assert np.allclose(found["sampler/scale"], [1.0, 4.0, 0.5], rtol=0.1)
    assert abs(found["sampler/acceptance"] - 0.574) < 0.1


def test_stored_draws_are_those_of_the_summary(tmp_path):
    deck = GAUSSIAN.replace("thin = 5, chains = 100", "thin = 1, chains = 300")
    found = results("langevin_chains", deck, tmp_path)
    draws = found["posterior/x"]
    assert draws.shape == (300, 500, 3)
    assert np.allclose(draws.mean((0, 1)), found["summary/mean"], rtol=1e-12, atol=1e-13)
    assert np.allclose(draws.std((0, 1), ddof=1), found["summary/sd"], rtol=1e-11)
    density = -0.5 * np.sum(((draws - [1.0, -2.0, 0.0]) / [1.0, 4.0, 0.5]) ** 2, axis=-1)
    assert np.allclose(found["sample_stats/lp"], density, rtol=1e-12, atol=1e-12)


def test_bounds_are_those_of_the_parameter(tmp_path):
    found = results("langevin_chains", EXPRESSION, tmp_path, "--set", "sampler.name=mala")
    within(found, [0.0, 1.0])  # s ~ Gamma(3, 3)
    assert np.allclose(found["summary/sd"], [1.0, 1 / math.sqrt(3)], rtol=0.05)


DECKS = {
    "adapted": GAUSSIAN,
    "formula": EXPRESSION,
    "biases": EXPRESSION + "[diagnostics]\nbias = true\n",
    "correlated": CORRELATED,
    "correlated, tempered": CORRELATED.replace("count = 200", "count = 40").replace("chains = 70", "chains = 30")
    + 'initial = { kind = "normal", sd = 2.0 }\n[tempering]\ntemperatures = 5\n',
    "correlated, biased": CORRELATED.replace('"hmc"', '"baoab"\nstep_size = 0.2').replace("0.999", "0.9")
    + "[diagnostics]\nbias = true\n",
    "steps by tries": GAUSSIAN.replace('"mala"', '"baoab"') + "[diagnostics]\nbias = true\n",
    "some chains judged": GAUSSIAN + "[diagnostics]\nmemory = 1.0\n",
    "until enough": GAUSSIAN.replace(
        "draws = { thin = 5, chains = 100 }", "stop = { ess = 100_000, max_steps = 5000 }"
    ),
}


@pytest.mark.parametrize("name", DECKS)
def test_same_bits_on_any_ranks(name, tmp_path):
    alone = results("langevin_chains", DECKS[name], tmp_path)
    for ranks in RANKS:
        assert_same_bits(alone, results("langevin_chains", DECKS[name], tmp_path, ranks=ranks))


@pytest.mark.parametrize("name", DECKS)
def test_same_bits_in_many_jobs(name, tmp_path):
    deck = DECKS[name]
    if name == "some chains judged":
        deck = deck.replace("steps = 500", "steps = 20_000")
    whole = results("langevin_chains", deck, tmp_path)
    (tmp_path / "out.h5").unlink()
    jobs, found = in_jobs("langevin_chains", tmp_path, [1, 3, 2, 4])
    assert jobs > 1
    assert_same_bits(whole, found)


def test_correlations_cost_nothing(tmp_path):
    """Scales alone leave a condition of 2000: trajectories have sqrt(2000) times as many steps."""
    dense = results("langevin_chains", CORRELATED, tmp_path)
    diagonal = results(
        "langevin_chains", CORRELATED, tmp_path, "--set", "sampler.precondition=diagonal"
    )
    round_target = results(
        "langevin_chains", CORRELATED.replace("0.999", "0.0"), tmp_path, "--set",
        "sampler.precondition=diagonal",
    )  # fmt: skip
    for found in [dense, diagonal, round_target]:
        within(found, [0.0, 0.0, 0.1])  # s ~ Gamma(2, 20)

    def price(found):
        return found["run/gradients"] / found["summary/ess_bulk"][:2].min()

    # Effective draws have an error of some percent, and warm-ups are part of the price.
    assert price(dense) < 1.5 * price(round_target)
    assert price(diagonal) > 5 * price(dense)
    factor = dense["sampler/factor"]
    assert np.allclose(np.linalg.norm(factor, axis=1), dense["sampler/scale"], rtol=1e-12)
    covariance = (factor @ factor.T)[:2, :2]
    assert np.allclose(covariance, [[1, 0.999], [0.999, 1]], rtol=0.1)
    assert "sampler/factor" not in diagonal


def test_tempered_and_biased_chains_keep_to_correlations(tmp_path):
    for name in ["correlated, tempered", "correlated, biased"]:
        found = results(
            "langevin_chains", DECKS[name], tmp_path, "--set", "chains.steps=2000"
        )
        assert np.all(found["summary/rhat"] < 1.02), name
        z = found["summary/mean"][:2] / found["summary/mcse"][:2]
        assert np.all(np.abs(z) < 4.5), name  # one false alarm in 1.5e5 numbers
        assert np.allclose(found["summary/sd"][:2], 1, atol=0.05), name


# Of samplers that accept every step: the step size that their energy error asks for on normal laws,
# (16 w)^(1/6) or (2 w)^(1/3) for its mean square w, and by how much variances are then too large.
UNSEEN = {
    "ula": (0.100, 0.053),
    "lm": (0.200, 0.0),
    "heun": (0.200, -0.010),
    "baoab": (0.502, 0.0),
    "obabo": (0.502, 0.067),
    "ubu": (0.502, -0.040),
    "klmc1": (0.233, 0.062),
}


@pytest.mark.parametrize("sampler", UNSEEN)
def test_step_sizes_of_samplers_that_accept_every_step(sampler, tmp_path):
    deck = f"""
[target]
name = "gaussian"
dimension = 20
[sampler]
name = "{sampler}"
[chains]
count = 1024
warmup = 400
steps = 1000
thin = 5
"""
    step, bias = UNSEEN[sampler]
    found = results("langevin_chains", deck, tmp_path)
    assert abs(found["sampler/step_size"] / step - 1) < 0.15
    # Of 20 variances the mean: its standard error is below 2e-3.
    assert abs(np.mean(found["summary/sd"] ** 2) - 1 - bias) < 0.015
    assert found["sampler/acceptance"] == 1 and found["sampler/divergences"] == 0
    ended = run("langevin_chains", "deck.toml", "--output", "again.h5", folder=tmp_path)
    assert "results have a bias that no number above shows" in ended.stdout


@pytest.mark.parametrize("sampler, limit", [("ula", 2.0), ("baoab", 2.0)])
def test_one_stiff_coordinate_among_many_keeps_steps_stable(sampler, limit, tmp_path):
    """Of 400 coordinates one has a curvature of 1e4, of which a mean over all says little."""
    sd = ", ".join(["1.0"] * 399 + ["0.01"])
    mean = ", ".join(["0.0"] * 400)
    deck = f"""
[target]
name = "gaussian"
mean = [{mean}]
sd = [{sd}]
[sampler]
name = "{sampler}"
[chains]
count = 64
warmup = 200
steps = 200
initial = {{ kind = "normal", sd = 0.1 }}
"""
    found = results("langevin_chains", deck, tmp_path)
    curvature = 1e4 if sampler == "ula" else 1e2  # what limits h, of velocities its root
    assert 0.1 * limit < found["sampler/step_size"] * curvature < 0.7 * limit
    assert found["run/lost_chains"] == 0


def test_chains_that_do_not_move_are_counted(tmp_path):
    """Far out, where the density is steep, chains propose what is farther, and are refused."""
    deck = """
[target]
name = "expression"
state = ["x"]
log_density = "-0.5*x^2*exp(x^2)"
[sampler]
name = "mala"
step_size = 0.1
[chains]
count = 100
warmup = 0
steps = 200
initial = { kind = "normal", sd = 2.5 }
"""
    found = results("langevin_chains", deck, tmp_path)
    stuck = int(found["sampler/stuck_chains"])
    assert 0 < stuck < 100
    ended = run("langevin_chains", "deck.toml", "--output", "out.h5", "--set",
                "run.overwrite=true", "--set", "chains.draws={ chains = 100 }",
                folder=tmp_path)  # fmt: skip
    assert f"! {stuck} chains did not move" in ended.stdout
    draws = read(tmp_path / "out.h5")["posterior/x"]
    assert np.sum(np.all(draws == draws[:, :1], axis=1)) == stuck


def test_a_warm_up_stops_at_once_and_goes_on(tmp_path):
    """Within a step of the warm-up, which takes many seconds from about the fiftieth on."""
    deck = """
[target]
name = "expression"
state = ["x", "y", "u", "v"]
log_density = "-log(cosh(x - y)) - log(cosh(y - u)) - log(cosh(u - v)) - 0.01*(x^2 + y^2 + u^2 + v^2)"
[sampler]
name = "hmc"
leapfrogs = 1024
[chains]
count = 65_536
warmup = 1000
steps = 4
"""
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    command = [MPIEXEC, "-n", "2", BIN / "langevin_chains", "deck.toml", "--output", "out.h5"]
    done = []
    for more in [[], ["--resume"]]:
        with subprocess.Popen(
            [*command, *more], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as job:
            time.sleep(6)
            job.send_signal(signal.SIGUSR1)
            told = time.monotonic()
            job.communicate(timeout=60)
            assert job.returncode == STOPPED
            # Half a second at the most, and what the checkpoint and a busy machine take.
            assert time.monotonic() - told < 8
        done.append(json.loads((tmp_path / "out.h5.status.json").read_text())["done"])
    assert 0 < done[0] < done[1] < 1004 * 65_536


def test_bias_is_found_and_taken_away(tmp_path):
    # Euler's steps of size h on a normal law make its variance 1 / (1 - h / 2).
    deck = """
[target]
name = "gaussian"
[sampler]
name = "ula"
step_size = 0.1
[chains]
count = 4096
warmup = 200
steps = 2000
[diagnostics]
bias = true
"""
    found = results("langevin_chains", deck, tmp_path)
    at = "bias/second_moment/"
    assert found[at + "standard_error"][0] < 0.002
    # Of higher order than its estimate: (1 / (1 - h) - 1 / (1 - h / 2)) is the bias to first order.
    expected = 1 / (1 - 0.1) - 1 / (1 - 0.05)
    assert abs(found[at + "estimate"][0] - expected) < 4.5 * found[at + "standard_error"][0]
    error = found[at + "extrapolated_standard_error"][0]
    assert abs(found[at + "extrapolated"][0] - (2 / (1 - 0.05) - 1 / (1 - 0.1))) < 4.5 * error
    assert found["run/gradients"] == 4096 * (2201 + 1101)


def test_compares_with_a_reference(tmp_path):
    (tmp_path / "reference.json").write_text(
        '{"x[0]": {"mean": 1.0, "sd": 1.0}, "x[1]": {"mean": -2.0, "sd": 4.0, "draws": 1e4},'
        ' "x[2]": {"mean": 0.5, "sd": 0.5}}',
        encoding="utf-8",
    )
    deck = GAUSSIAN + '[diagnostics]\nreference = "reference.json"\n'
    found = results("langevin_chains", deck, tmp_path)
    error = np.hypot(found["summary/mcse"], [0, 4.0 / 100, 0])
    z = (found["summary/mean"] - [1.0, -2.0, 0.5]) / error
    assert np.allclose(found["reference/standard_errors"], z, rtol=1e-12)
    ended = run("langevin_chains", "deck.toml", "--output", "again.h5", folder=tmp_path)
    assert "! the mean of 'x[2]' is -" in ended.stdout


def test_stops_when_it_knows_enough(tmp_path):
    found = results("langevin_chains", DECKS["until enough"], tmp_path)
    assert np.all(found["summary/ess_bulk"] >= 100_000)
    assert 500 < found["run/steps"] < 5000
    # Its draws are those of a run of that many steps.
    plain = GAUSSIAN.replace("steps = 500", f"steps = {found['run/steps']}").replace(
        "draws = { thin = 5, chains = 100 }", ""
    )
    again = results("langevin_chains", plain, tmp_path)
    for name in ["summary/mean", "summary/sd", "summary/ess_bulk"]:
        assert found[name].tobytes() == again[name].tobytes()


def test_says_that_chains_have_not_mixed(tmp_path):
    (tmp_path / "deck.toml").write_text(
        '[target]\nname = "gaussian"\ncondition = 1e4\ndimension = 3\n[sampler]\nname = "mala"\n'
        "[chains]\ncount = 16\nwarmup = 100\nsteps = 100\n",
        encoding="utf-8",
    )
    ended = run("langevin_chains", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0
    assert "! the chains have not mixed: R-hat of 'x[0]'" in ended.stdout


def test_steps_beyond_stability(tmp_path):
    deck = GAUSSIAN.replace('"mala"', '"ula"\nstep_size = 3.0').replace(
        'precondition = "diagonal"', ""
    )
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 1
    assert "300 of 300 chains are not finite" in ended.stderr
    assert "use smaller steps" in ended.stderr
    assert (tmp_path / "out.h5.failed").exists()


@pytest.mark.parametrize(
    "change, message",
    [
        ("sampler.energy_variance=1e-3", "'mala' does not adapt its steps by their energy errors"),
        ("chains.warmup=10", "the step size cannot be adapted in so few steps"),
        ("chains.steps=3", "fewer than 4 draws of each chain"),
        ("chains.draws.chains=301", "there are only 300 chains"),
        ("target.sd=[1.0]", "there are 1 entries for 3 coordinates"),
        ("target.covariance=[[1.0]]", "the spread of the Gaussian is given twice"),
        ("chains.stop={ max_steps = 1000 }", "nothing says when to stop"),
        ("chains.stop={ ess = 10, max_steps = 100 }", "the first look comes later"),
        ("sampler.step_sise=0.1", "step_size"),
    ],
)
def test_refuses_bad_decks(change, message, tmp_path):
    (tmp_path / "deck.toml").write_text(GAUSSIAN, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--check", "--set", change, folder=tmp_path)
    assert ended.returncode == 2
    assert message in ended.stderr


def test_refuses_a_factor_of_too_many_coordinates(tmp_path):
    deck = GAUSSIAN.replace("mean = [1.0, -2.0, 0.0]\nsd = [1.0, 4.0, 0.5]", "dimension = 1025")
    (tmp_path / "deck.toml").write_text(deck.replace("diagonal", "dense"), encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--check", folder=tmp_path)
    assert ended.returncode == 2
    assert "the target has too many coordinates" in ended.stderr
    assert "for more than 1024" in ended.stderr


@pytest.mark.parametrize(
    "change, message",
    [
        ("target.log_density=-x^2", "it does not depend on 's'"),
        ("target.log_density=-x^2 - s - t", "the density depends on time"),
        ("target.log_density=-x^2 - s", "the parameter 'b' is not used"),
        ("target.log_density=-b*x^2 - q", "unknown name 'q'"),
        ("target.bounds.q=[0, 1]", "there is no state 'q'"),
        ("target.bounds.s=[1, 0]", "the lower end is not below the upper end"),
    ],
)
def test_refuses_bad_formulas(change, message, tmp_path):
    (tmp_path / "deck.toml").write_text(EXPRESSION, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--check", "--set", change, folder=tmp_path)
    assert ended.returncode == 2
    assert message in ended.stderr


@pytest.mark.parametrize(
    "data, message",
    [
        (None, "cannot read"),
        ("{", "eight.json:1: this is not JSON"),
        ('{"J": 2, "y": [1, 2]}', "eight.json: field 'sigma' is missing"),
        ('{"J": 2, "y": [1, 2], "sigma": [1]}', "field 'sigma' is not a list of 2 numbers"),
    ],
)
def test_refuses_bad_data_of_posteriordb(data, message, tmp_path):
    deck = """[target]
name = "posteriordb"
model = "eight_schools-eight_schools_noncentered"
data = "eight.json"
[sampler]
name = "mala"
"""
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    if data is not None:
        (tmp_path / "eight.json").write_text(data, encoding="utf-8")
    ended = run("langevin_chains", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2
    assert "deck.toml:4:8: error: " in ended.stderr
    assert message in ended.stderr
