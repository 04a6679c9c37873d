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

DIFFUSION = """
[target]
name = "ito_diffusion"
dimension = 3
gamma = 1.5
[sampler]
name = "srk_id"
levy = "wiktorsson"
step_size = 0.3
[chains]
count = 200
warmup = 100
steps = 200
initial = { kind = "normal", mean = 0.0, sd = 1.5 }
[diagnostics]
bias = true
"""

BATCHES = """
[target]
name = "logistic"
data = "rows.csv"
intercept = true
[sampler]
name = "sgld"
step_size = 0.002
batch = 20
[chains]
count = 200
warmup = 100
steps = 300
seed = 6
draws = { thin = 10, chains = 70 }
"""


def write_rows(folder, rows=300):
    """Rows of two normal numbers and an answer, for a logistic regression."""
    random = np.random.default_rng(4)
    x = random.normal(size=(rows, 2))
    yes = random.random(rows) < 1 / (1 + np.exp(-x[:, 0] + 0.5 * x[:, 1]))
    lines = [f"{a:.6f},{b:.6f},{int(c)}" for (a, b), c in zip(x, yes)]
    (folder / "rows.csv").write_text("a,b,y\n" + "\n".join(lines) + "\n", encoding="utf-8")


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
    "diffusion": DIFFUSION,
    "batches": BATCHES,
    "batches, scales and biases": BATCHES.replace(
        "batch = 20", 'batch = 20\nreplacement = true\nprecondition = "diagonal"'
    )
    + "[diagnostics]\nbias = true\n",
    "batches, decreasing steps": BATCHES.replace(
        "batch = 20",
        'batch = 20\ncontrol_variate = false\nschedule = "decreasing"\noffset = 50',
    ),
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
    "discrepancies": GAUSSIAN
    + """[diagnostics]
memory = 1.0
ksd = {}
w2 = { points = 100, repeats = 3, kinds = ["exact", "sliced", "sinkhorn", "normal"] }
""",
    "superchains with energies": GAUSSIAN.replace('"mala"', '"hmc"').replace(
        "steps = 500", "steps = 100\nsuperchains = 3"
    ),
}


@pytest.mark.parametrize("name", DECKS)
def test_same_bits_on_any_ranks(name, tmp_path):
    write_rows(tmp_path)
    alone = results("langevin_chains", DECKS[name], tmp_path)
    for ranks in RANKS:
        assert_same_bits(alone, results("langevin_chains", DECKS[name], tmp_path, ranks=ranks))


@pytest.mark.parametrize("name", DECKS)
def test_same_bits_in_many_jobs(name, tmp_path):
    write_rows(tmp_path)
    deck = DECKS[name]
    if name == "some chains judged":
        deck = deck.replace("steps = 500", "steps = 20_000")
    whole = results("langevin_chains", deck, tmp_path)
    (tmp_path / "out.h5").unlink()
    jobs, found = in_jobs("langevin_chains", tmp_path, [1, 3, 2, 4])
    assert jobs > 1
    assert_same_bits(whole, found)


def test_batches_count_as_parts_of_gradients(tmp_path):
    write_rows(tmp_path)
    found = results("langevin_chains", BATCHES, tmp_path)
    assert found["run/gradients"] == round(200 * 401 * 20 / 300)
    deck = BATCHES + "[diagnostics]\nbias = true\n"
    found = results("langevin_chains", deck, tmp_path)
    assert found["run/gradients"] == round(200 * (401 + 201) * 20 / 300)


def test_correlations_cost_nothing(tmp_path):
    """Scales alone leave a condition of 2000: trajectories have sqrt(2000) times as many steps."""
    long = ["--set", "chains.steps=4000"]  # warm-ups differ
    by_scales = [*long, "--set", "sampler.precondition=diagonal"]
    dense = results("langevin_chains", CORRELATED, tmp_path, *long)
    diagonal = results("langevin_chains", CORRELATED, tmp_path, *by_scales)
    round_target = results(
        "langevin_chains", CORRELATED.replace("0.999", "0.0"), tmp_path, *by_scales
    )
    for found in [dense, diagonal, round_target]:
        within(found, [0.0, 0.0, 0.1])  # s ~ Gamma(2, 20)

    def price(found):
        return found["run/gradients"] / found["summary/ess_bulk"][:2].min()

    # Effective draws have an error of a percent, and warm-ups are a part of the price.
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


@pytest.mark.parametrize("sampler", ["mala", "hmc", "obabo"])
def test_chains_that_start_where_the_density_is_steep_are_freed(tmp_path, sampler):
    """Normal draws of unknown mean and sd: at a small sd a mean that is off costs hundreds of nats,
    and steps for the bulk are refused there. Exact moments by quadrature."""
    n, mean, square = 30, 5.0, 0.25  # draws, their mean and mean squared deviation
    deck = f"""
[target]
name = "expression"
state = ["mu", "sigma"]
parameters = {{ n = {n}, m = {mean}, v = {square} }}
bounds = {{ sigma = [0, "inf"] }}
log_density = "-n*log(sigma) - n*(v + (mu - m)^2)/(2*sigma^2) - sigma^2/8"
[sampler]
name = "{sampler}"
[chains]
count = 512
warmup = 300
steps = 500
"""
    found = results("langevin_chains", deck, tmp_path)
    assert found["sampler/stuck_chains"] == 0
    assert np.all(found["summary/rhat"] < 1.03)
    sigma = np.linspace(0.2, 2, 20001)
    weight = sigma ** (1 - n) * np.exp(-n * square / (2 * sigma**2) - sigma**2 / 8)
    weight /= weight.sum()
    exact = [mean, float(weight @ sigma)]
    bias = 0.01 if sampler == "obabo" else 0  # of its steps, which are of an error of 0.1 or so
    error = np.hypot(found["summary/mcse"], bias * found["summary/sd"])
    # Four parameters' means of three samplers, 4 standard errors: one false alarm in 2600 runs.
    assert np.all(np.abs(found["summary/mean"] - exact) < 4 * error)
    below = np.cumsum(weight)
    quantiles = [float(sigma[np.searchsorted(below, p)]) for p in (0.05, 0.5, 0.95)]
    found_quantiles = [found[f"summary/{name}"][1] for name in ("q5", "median", "q95")]
    assert np.allclose(found_quantiles, quantiles, rtol=0.01)


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


def test_a_simplex_has_the_law_of_dirichlet(tmp_path):
    deck = """
[target]
name = "expression"
state = ["low", "high", "a", "b", "c"]
simplex = { shares = ["a", "b", "c"] }
ordered = { levels = ["low", "high"] }
log_density = "log(a) + 2*log(b) + 3*log(c) - 0.5*(low^2 + high^2)"
[sampler]
name = "mala"
precondition = "diagonal"
[chains]
count = 1024
warmup = 300
steps = 1000
initial = { kind = "normal", mean = 0.0, sd = 0.3 }
"""
    found = results("langevin_chains", deck, tmp_path)
    share = np.array([2, 3, 4]) / 9
    level = 1 / math.sqrt(math.pi)  # the mean of the larger one of two standard normals
    within(found, [-level, level, *share])
    sd = np.sqrt([1 - level**2] * 2 + [p * (1 - p) / 10 for p in share])
    assert np.allclose(found["summary/sd"], sd, rtol=0.01)
    assert np.all(found["summary/rhat"] < 1.02)


def test_a_diffusion_has_the_second_moments_of_its_law(tmp_path):
    deck = DIFFUSION.replace("dimension = 3\ngamma = 1.5", "dimension = 2\ngamma = 0.5")
    deck = deck.replace("count = 200", "count = 4096").replace("steps = 200", "steps = 400")
    deck = deck.replace('"srk_id"\nlevy = "wiktorsson"', '"platen_w2"')
    found = results("langevin_chains", deck, tmp_path)
    within(found, [0.0, 0.0])
    # E |x|^2 = 8, and no bias of 0.03 or more; its estimates are coupled pairs of chains.
    square = found["summary/sd"] ** 2
    assert np.allclose(square, 4, atol=0.1)
    bias = found["bias/second_moment/estimate"]
    assert np.all(np.abs(bias) < 0.03 + 4.5 * found["bias/second_moment/standard_error"])
    # Steps of Euler's method of this size leave about 0.5.
    euler = results("langevin_chains", deck.replace('"platen_w2"', '"em"'), tmp_path)
    bias = euler["bias/second_moment/estimate"]
    assert np.all(bias > 0.1) and np.all(bias < 0.5)


def test_other_samplers_move_by_the_density_of_a_diffusion(tmp_path):
    deck = DIFFUSION.replace('"srk_id"\nlevy = "wiktorsson"', '"mala"')
    deck = deck.replace("[diagnostics]\nbias = true\n", "").replace("step_size = 0.3\n", "")
    within(results("langevin_chains", deck, tmp_path), [0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    "change, message",
    [
        ("target={ name = 'gaussian' }", "'srk_id' moves chains by the target's Ito diffusion"),
        ("sampler.levy=none", "'srk_id' needs Levy areas (the noise of the target's diffusion"),
        ("target.dimension=300", "'srk_id' moves at most 256 coordinates"),
        ("tempering.temperatures=4", "'srk_id' cannot be tempered"),
        ("sampler={ name = 'em' }", "'em' needs a step size"),
    ],
)
def test_refuses_bad_diffusions(change, message, tmp_path):
    (tmp_path / "deck.toml").write_text(DIFFUSION, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--check", "--set", change, folder=tmp_path)
    assert ended.returncode == 2
    assert message in ended.stderr


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


def nested_rhat(draws, superchains):
    """Of draws (chain, draw, ...), by its definition."""
    groups = draws.reshape(superchains, -1, *draws.shape[1:])
    means = groups.mean(2)
    within = means.var(1, ddof=1) + groups.var(2, ddof=1).mean(1)
    return np.sqrt(1 + means.mean(1).var(0, ddof=1) / within.mean(0))


def test_the_bias_of_given_steps_is_told(tmp_path):
    deck = GAUSSIAN.replace('"mala"', '"ula"\nstep_size = 0.4').replace(
        'precondition = "diagonal"', ""
    ).replace("sd = [1.0, 4.0, 0.5]", "sd = [1.0, 2.0, 1.0]")
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert "of size 0.4: results have a bias that no number above shows" in ended.stdout
    ended = run("langevin_chains", "deck.toml", "--output", "bias.h5", "--set",
                "diagnostics.bias=true", folder=tmp_path)  # fmt: skip
    assert "! the size of the steps puts E x[" in ended.stdout
    assert "no number above shows" not in ended.stdout and "no sign of" not in ended.stdout


def test_superchains_start_at_one_point(tmp_path):
    # One step of next to no length: draws are where chains start.
    deck = GAUSSIAN.replace('"mala"', '"ula"\nstep_size = 1e-20').replace(
        'precondition = "diagonal"', ""
    )
    deck = deck.replace("warmup = 300\nsteps = 500", "warmup = 0\nsteps = 4\nsuperchains = 15")
    deck = deck.replace("thin = 5, chains = 100", "thin = 1, chains = 300")
    starts = results("langevin_chains", deck, tmp_path)["posterior/x"][:, 0].reshape(15, 20, 3)
    assert np.ptp(starts, axis=1).max() < 1e-8
    assert np.abs(np.diff(starts[:, 0], axis=0)).min() > 1e-4


def test_nested_rhat_is_that_of_the_draws(tmp_path):
    deck = GAUSSIAN.replace("thin = 5, chains = 100", "thin = 1, chains = 300").replace(
        "steps = 500", "steps = 20\nsuperchains = 12"
    )
    found = results("langevin_chains", deck, tmp_path)
    expected = nested_rhat(found["posterior/x"], 12)
    assert np.allclose(found["summary/nested_rhat"] - 1, expected - 1, rtol=1e-9, atol=1e-13)
    # Errors of means are not below those of the means of superchains.
    means = found["posterior/x"].reshape(12, -1, 3).mean(1)
    errors = means.std(0, ddof=1) / np.sqrt(12)
    assert np.all(found["summary/mcse"] >= errors * (1 - 1e-9))
    assert "summary/nested_rhat" not in results(
        "langevin_chains", deck.replace("superchains = 12", ""), tmp_path
    )


WELLS = """
[target]
name = "double_well"
barrier = 5.0
[sampler]
name = "mala"
step_size = 0.02
[chains]
count = 1024
warmup = 200
steps = 200
superchains = 32
"""


def test_superchains_that_remember_their_start_are_found_out(tmp_path):
    (tmp_path / "deck.toml").write_text(WELLS, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert "! superchains have not forgotten where they started" in ended.stdout
    # Chains of few steps, none of which has seen much, are right together where they forget.
    deck = WELLS.replace("barrier = 5.0", "barrier = 0.5").replace("0.02", "0.1")
    (tmp_path / "deck.toml").write_text(deck.replace("steps = 200", "steps = 30"), encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert "no sign of trouble" in ended.stdout


def test_stops_when_superchains_have_forgotten(tmp_path):
    stop = "stop = { nested_rhat = 1.001, max_steps = 5000 }"
    found = results("langevin_chains", GAUSSIAN.replace(
        "steps = 500", f"steps = 20\nsuperchains = 30\n{stop}"), tmp_path)  # fmt: skip
    assert np.all(found["summary/nested_rhat"] <= 1.001)
    assert 20 < found["run/steps"] < 5000


def test_energies_of_hamiltonian_chains(tmp_path):
    deck = GAUSSIAN.replace('"mala"', '"hmc"').replace("thin = 5, chains = 100", "chains = 300")
    found = results("langevin_chains", deck, tmp_path)
    energy = found["sample_stats/energy"]
    changes = (np.diff(energy, axis=1) ** 2).sum(1)
    spread = ((energy - energy.mean(1, keepdims=True)) ** 2).sum(1)
    ebfmi = changes.mean() / (energy.shape[1] - 1) / energy.var()
    assert np.isclose(found["sampler/ebfmi"], ebfmi, rtol=1e-10)
    assert found["sampler/low_ebfmi_chains"] == np.sum(changes / spread < 0.3)
    # Potential and kinetic energy of n = 3 coordinates: each has the mean n / 2 and variance n / 2.
    # Means of 300 chains of 500 steps, whose E-BFMI near 1 says that they are nearly independent.
    assert found["sampler/ebfmi"] > 0.5
    assert abs(energy.mean() - 3) < 5 * math.sqrt(3 / (300 * 500) * 2)
    assert "sampler/ebfmi" not in results("langevin_chains", GAUSSIAN, tmp_path)


def test_low_energy_fractions_are_explained(tmp_path):
    (tmp_path / "deck.toml").write_text(
        '[target]\nname = "funnel"\n[sampler]\nname = "hmc"\n'
        "[chains]\ncount = 128\nwarmup = 200\nsteps = 200\n",
        encoding="utf-8",
    )
    ended = run("langevin_chains", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert "! E-BFMI is 0." in ended.stdout and "below 0.3" in ended.stdout


def test_autocorrelation_times_are_those_of_effective_draws(tmp_path):
    found = results("langevin_chains", GAUSSIAN, tmp_path)
    effective = (found["summary/sd"] / found["summary/mcse"]) ** 2
    # Of all chains, which are the judged ones here.
    assert np.allclose(found["summary/autocorrelation_time"] * effective, 300 * 500, rtol=0.01)


DISTANCES = GAUSSIAN.replace("thin = 5, chains = 100", "thin = 1, chains = 300") + """
[diagnostics]
ksd = { points = 300 }
w2 = { points = 300, kinds = ["exact", "sliced", "sinkhorn", "normal"] }
"""


def kernel_stein(x, score):
    """Mean over all pairs and over the diagonal, of points (point, coordinate), by its formula."""
    x, score = x / x.std(0, ddof=1), score * x.std(0, ddof=1)
    r = x[:, None] - x
    square = (r**2).sum(2)
    q = 1 + square
    slope = ((score - score[:, None]) * r).sum(2)
    kernel = (score @ score.T - (slope - x.shape[1]) / q - 3 * square / q**2) / np.sqrt(q)
    return kernel.mean(), np.diag(kernel).sum() / len(x) ** 2


def test_ksd_is_that_of_the_last_draws(tmp_path):
    found = results("langevin_chains", DISTANCES, tmp_path)
    last = found["posterior/x"][:, -1]
    square, floor = kernel_stein(last, -(last - [1.0, -2.0, 0.0]) / np.array([1.0, 4.0, 0.5]) ** 2)
    assert np.isclose(found["diagnostics/ksd/value"] ** 2, square, rtol=1e-9)
    assert np.isclose(found["diagnostics/ksd/floor"] ** 2, floor, rtol=1e-9)
    assert found["diagnostics/ksd/points"] == 300


def test_ksd_is_in_coordinates_on_the_whole_line(tmp_path):
    deck = EXPRESSION.replace("thin = 2", "draws = { thin = 1, chains = 200 }")
    found = results("langevin_chains", deck + "[diagnostics]\nksd = {points = 200}\n", tmp_path)
    x, s = found["posterior/x"][:, -1], found["posterior/s"][:, -1]
    # With y = log s the density has another factor s.
    points, scores = np.stack([x, np.log(s)], 1), np.stack([-x, 3 - 3 * s], 1)
    assert np.isclose(found["diagnostics/ksd/value"] ** 2, kernel_stein(points, scores)[0])


def test_distances_of_draws_from_the_target_are_at_their_floor(tmp_path):
    found = results("langevin_chains", DISTANCES, tmp_path)
    at = "diagnostics/w2/"
    assert found[at + "kind"].tolist() == [b"exact", b"sliced", b"sinkhorn", b"normal"]
    # 300 independent states, and 8 sets of draws. Of 60 runs with other seeds, of a normal law in five
    # dimensions, the largest ratio was 1.25, of 'exact' 1.03.
    ratio = found[at + "value"] / found[at + "floor"]
    assert np.all(ratio < 2) and ratio[0] < 1.5
    # Marginals of normal laws are as far apart as their scales are long.
    floor = found[at + "marginal_floor"] / [1.0, 4.0, 0.5]
    assert np.all((floor > 0.05) & (floor < 0.3))
    # In units of these, all the same.
    deck = DISTANCES.replace("points = 300, k", "points = 300, standardise = true, k")
    floor = results("langevin_chains", deck, tmp_path)[at + "marginal_floor"]
    assert np.all((floor > 0.05) & (floor < 0.3))


def biased_deck(reference=""):
    """Euler's steps of size h make the standard deviation (1 - h / 2)^(-1/2)."""
    return f"""
[target]
name = "gaussian"
dimension = 2
[sampler]
name = "ula"
step_size = 1.0
[chains]
count = 2048
warmup = 100
steps = 10
[diagnostics]
ksd = {{ points = 1000 }}
w2 = {{ points = 1000, kinds = ["exact", "sliced", "normal"] {reference} }}
"""


def test_distances_see_a_bias(tmp_path):
    found = results("langevin_chains", biased_deck(), tmp_path)
    # Both laws are normal: W2 is the distance of their standard deviations, in each dimension. Its
    # standard error is of those of 1000 points and of 8 sets of these.
    known = math.sqrt(2) * (math.sqrt(2) - 1)
    assert abs(found["diagnostics/w2/value"][2] - known) < 5 * math.sqrt((2 + 1 / 8) / 2000)
    assert np.all(found["diagnostics/w2/value"] > 1.5 * found["diagnostics/w2/floor"])
    ended = run("langevin_chains", "deck.toml", "--output", "again.h5", folder=tmp_path)
    assert "! the last states are not as draws from the target: their KSD is" in ended.stdout
    assert "! the last states are not as draws of the reference: W2 (exact) is" in ended.stdout


def test_weights_of_modes_are_seen_by_w2_alone(tmp_path):
    # All chains in one of two modes. KSD is as of exact draws, as its page says.
    deck = biased_deck().replace('"gaussian"\ndimension = 2', '"mixture"\nmeans = [[-5.0], [5.0]]')
    deck = deck.replace('"ula"\nstep_size = 1.0', '"mala"').replace(
        "warmup = 100", 'warmup = 100\ninitial = { kind = "normal", mean = -5.0, sd = 1.0 }'
    )
    found = results("langevin_chains", deck, tmp_path)
    assert found["diagnostics/ksd/value"] < 1.5 * found["diagnostics/ksd/floor"]
    # Half of the mass is 10 away.
    assert abs(found["diagnostics/w2/value"][0] - math.sqrt(50)) < 1.5


def test_distances_from_draws_in_files(tmp_path):
    exact = np.random.default_rng(5).standard_normal((4000, 2))
    chains = [
        {f"x[{i + 1}]": part[:, i].tolist() for i in range(2)} for part in np.split(exact, [1000])
    ]
    (tmp_path / "draws.json").write_text(json.dumps(chains), encoding="utf-8")
    unbiased = biased_deck(', reference = "draws.json"').replace('"ula"\nstep_size = 1.0', '"mala"')
    found = results("langevin_chains", unbiased, tmp_path)
    # The floor of two sets of 1000 points of N(0, I) in two dimensions is 0.199 in the mean.
    assert abs(found["diagnostics/w2/floor"][0] - 0.199) < 0.02
    assert found["diagnostics/w2/value"][0] < 1.2 * found["diagnostics/w2/floor"][0]
    # Draws that a run has stored are a reference, too: as wrong as they are.
    stored = biased_deck().replace("steps = 10", "steps = 10\ndraws = { thin = 10, chains = 2048 }")
    results("langevin_chains", stored, tmp_path, output="biased.h5")
    same = biased_deck(', reference = "biased.h5"')
    for deck, is_apart in ((same, False), (same.replace('"ula"\nstep_size = 1.0', '"mala"'), True)):
        found = results("langevin_chains", deck, tmp_path, "--set", "chains.seed=9")
        ratio = found["diagnostics/w2/value"][0] / found["diagnostics/w2/floor"][0]
        assert (ratio > 1.5) == is_apart


@pytest.mark.parametrize(
    "change, message",
    [
        ('w2={ kinds = ["exakt"] }', "there is no distance 'exakt'"),
        ('w2={ kinds = ["exact", "exact"] }', "a distance is named twice"),
        ("w2={ points = 5000 }", "these are too many for the distances 'exact' and 'sinkhorn'"),
        ('w2={ reference = "none.h5" }', "none.h5' is not a readable HDF5 file"),
        ('w2={ reference = "none.json" }', "cannot read"),
        ('w2={ reference = "few.json" }', "there are too few draws in it"),
        ('w2={ reference = "part.json" }', "field '[0].x[2]' is missing"),
        ('w2={ reference = "uneven.json" }', "there are not as many finite draws of every parameter"),
        ("ksd={ beta = -1.0 }", "beta"),
    ],
)
def test_refuses_bad_discrepancies(change, message, tmp_path):
    files = {
        "few": {"x[1]": [1], "x[2]": [1], "x[3]": [2]},
        "part": {"x[1]": [1]},
        "uneven": {"x[1]": [1], "x[2]": [1, 2], "x[3]": [2]},
    }
    for name, chain in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps([chain]), encoding="utf-8")
    (tmp_path / "deck.toml").write_text(GAUSSIAN, encoding="utf-8")
    ended = run(
        "langevin_chains", "deck.toml", "--check", "--set", f"diagnostics.{change}", folder=tmp_path
    )
    assert ended.returncode == 2
    assert message in ended.stderr


def test_needs_draws_to_compare_with(tmp_path):
    deck = EXPRESSION + "[diagnostics]\nw2 = {}\n"
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--check", folder=tmp_path)
    assert ended.returncode == 2
    assert "there are no exact draws of this target to compare with" in ended.stderr


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
        ("chains.superchains=7", "300 chains cannot be divided into so many groups"),
        ("chains.superchains=1", "superchains"),
        ("chains.stop={ nested_rhat = 1.01, max_steps = 1000 }", "there are no superchains"),
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
        ("sampler.batch=301", "a batch has more rows than the data (there are 300 rows)"),
        ("sampler.batch=0", "sampler.batch"),
        ("sampler.schedule=linear", 'one of "constant", "decreasing"'),
        ("sampler.schedule=decreasing", "it is not said how soon steps decrease"),
        ("sampler.offset=10", "steps are constant"),
        ("tempering.temperatures=4", "'sgld' cannot be tempered"),
        ("sampler.acceptance=0.5", "'sgld' accepts every step"),
    ],
)
def test_refuses_bad_batches(change, message, tmp_path):
    write_rows(tmp_path)
    (tmp_path / "deck.toml").write_text(BATCHES, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--check", "--set", change, folder=tmp_path)
    assert ended.returncode == 2
    assert message in ended.stderr


def test_refuses_batches_of_what_has_no_rows(tmp_path):
    deck = GAUSSIAN.replace('"mala"', '"sgld"\nstep_size = 0.1\nbatch = 5')
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--check", folder=tmp_path)
    assert ended.returncode == 2
    assert "deck.toml:7:8: error: 'sgld' takes batches of rows of data" in ended.stderr


def test_refuses_to_extrapolate_decreasing_steps(tmp_path):
    write_rows(tmp_path)
    deck = DECKS["batches, decreasing steps"] + "[diagnostics]\nbias = true\n"
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--check", folder=tmp_path)
    assert ended.returncode == 2
    assert "the bias of decreasing steps cannot be estimated" in ended.stderr


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
