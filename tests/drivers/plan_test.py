# SPDX-License-Identifier: BSD-3-Clause
"""What `--plan` predicts against what real runs leave: results, checkpoints and memory, within 5 %.

Predictions of time are compared by benchmarks/plan_accuracy.py: here other tests may be running.
"""
import os
import re

import h5py
import pytest

from drivers import SOURCE, run

CLOSE = pytest.approx(1, abs=0.05)

TIMES = [step / 1000 for step in range(1, 41)] + [1.0]

# Decks that take a second or two on one core, and make something else large each.
ENSEMBLES = {
    "exact quantiles": f"""
[model]
name = "geometric_brownian_motion"
[time]
scheme = "milstein"
end = 1.0
steps = 1000
[ensemble]
paths = 196_608
wave_blocks = 12
[observe]
times = {TIMES}
quantiles = [0.05, 0.5, 0.95]
payoffs = {{ call = {{ kind = "call", strike = 100.0 }} }}
save_paths = 1000
""",
    "times, histograms and saved paths": """
[model]
name = "ornstein_uhlenbeck"
[time]
end = 1.0
steps = 1000
[ensemble]
paths = 262_144
wave_blocks = 2
[observe]
every = 0.004
histogram = { bins = 500 }
save_paths = 4096
""",
    "binned quantiles of many components, antithetic paths": """
[model]
name = "geometric_brownian_motion"
drift = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08]
volatility = [0.1, 0.2, 0.3, 0.4, 0.1, 0.2, 0.3, 0.4]
initial = [100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0]
[time]
end = 1.0
steps = 200
[ensemble]
paths = 245_760
wave_blocks = 1
antithetic = true
[observe]
every = 0.01
covariance = true
quantiles = [0.25, 0.5, 0.75]
quantile_memory = 1.0
""",
}

CHAINS = {
    "stored draws": """
[target]
name = "expression"
state = ["x", "y"]
log_density = "-(x^4)/4 - 0.5*(y - x^2)^2"
[sampler]
name = "hmc"
step_size = 0.1
leapfrogs = 16
[chains]
count = 4096
warmup = 10
steps = 1000
draws = { chains = 512, thin = 1 }
[diagnostics]
memory = 8.0
""",
    "step sizes and scales that adapt": """
[target]
name = "gaussian"
dimension = 20
condition = 100.0
[sampler]
name = "hmc"
precondition = "dense"
[chains]
count = 16384
warmup = 200
steps = 400
superchains = 128
[diagnostics]
memory = 16.0
""",
    "replicas whose ladder adapts": """
[target]
name = "gaussian"
dimension = 8
condition = 10.0
[sampler]
name = "hmc"
leapfrogs = 8
[chains]
count = 512
warmup = 200
steps = 2000
thin = 4
draws = { thin = 4, chains = 256 }
initial = { kind = "normal", sd = 3.0 }
[tempering]
temperatures = 16
swap_every = 2
[diagnostics]
memory = 8.0
""",
    "companions for the bias": """
[target]
name = "gaussian"
dimension = 20
condition = 10.0
[sampler]
name = "srk_ld"
step_size = 0.05
[chains]
count = 16384
warmup = 20
steps = 300
thin = 4
draws = { thin = 20, chains = 512 }
[diagnostics]
memory = 8.0
bias = true
""",
}
GRADIENTS = {
    "many derivatives at many times": """
[model]
name = "heston"
[time]
scheme = "euler_maruyama"
end = 1.0
steps = 50
[ensemble]
paths = 102_400
antithetic = true
[observe]
every = 0.1
formulas = { call = "max(price - 100, 0)", put = "max(100 - price, 0)" }
""",
    "steps that adapt": """
[model]
name = "geometric_brownian_motion"
[time]
scheme = "reversible_heun"
end = 1.0
tolerance = 1e-2
[ensemble]
paths = 524_288
wave_blocks = 16
[gradient]
mode = "reversible_heun"
""",
    "a network": """
[model]
name = "neural"
dim = 4
[time]
scheme = "reversible_heun"
end = 1.0
steps = 20
[ensemble]
paths = 262_144
wave_blocks = 16
[gradient]
mode = "reversible_heun"
""",
}
DECKS = {
    **{f"sde_gradient: {name}": deck for name, deck in GRADIENTS.items()},
    **{f"sde_ensemble: {name}": deck for name, deck in ENSEMBLES.items()},
    **{f"langevin_chains: {name}": deck for name, deck in CHAINS.items()},
}


def plan(folder, *options, ranks=1, driver="sde_ensemble"):
    """What is predicted, in base units; the deck is deck.toml."""
    ended = run(driver, "deck.toml", "--output", "out.h5", "--plan", "--ranks", ranks,
                *options, folder=folder)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    rows = re.findall(r"^(\S.*?) {2,}\S.*? {2,}([-+.e\d]+) (?:byte|s|J) {2,}", ended.stdout, re.M)
    return {quantity: float(value) for quantity, value in rows}


# One rank, and two or four in turn.
CASES = [(name, ranks) for k, name in enumerate(DECKS) for ranks in (1, 2 + 2 * (k % 2))]


@pytest.mark.parametrize(("name", "ranks"), CASES)
def test_sizes_and_memory(name, ranks, tmp_path):
    driver = name.split(":", maxsplit=1)[0]
    (tmp_path / "deck.toml").write_text(DECKS[name], encoding="utf-8")
    predicted = plan(tmp_path, ranks=ranks, driver=driver)
    assert [file.name for file in tmp_path.iterdir()] == ["deck.toml"]

    # A folder stands where results would be written: the run fails at its end and leaves the
    # checkpoint from before it would have written them, which is the one that is predicted.
    (tmp_path / "out.h5.partial").mkdir()
    lost = run(driver, "deck.toml", "--output", "out.h5", "--quiet", "--set",
               "run.checkpoint.every=0.1", ranks=ranks, folder=tmp_path)  # fmt: skip
    assert lost.returncode == 1
    checkpoints = [file.stat().st_size for file in tmp_path.glob("out.h5.ckpt.?")]
    (tmp_path / "out.h5.partial").rmdir()
    ended = run(driver, "deck.toml", "--output", "out.h5", "--quiet", ranks=ranks,
                folder=tmp_path)  # fmt: skip
    assert ended.returncode == 0, ended.stderr

    assert (tmp_path / "out.h5").stat().st_size / predicted["results file"] == CLOSE
    written = max(checkpoints) / predicted["checkpoint file"]
    if driver == "sde_gradient":
        # The largest, before records are merged that are nearly all of it; the last has few of them.
        assert 0.2 < written < 1.05
    else:
        assert written == CLOSE
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["run/memory"][()] / predicted["memory per rank"] == CLOSE


def test_a_long_wave_is_cut(tmp_path):
    deck = ENSEMBLES["exact quantiles"].replace("steps = 1000", "steps = 100_000_000")
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    short = plan(tmp_path, "--set", "time.steps=1000", ranks=24)
    long = plan(tmp_path, ranks=24)
    for quantity in ["results file", "checkpoint file", "memory per rank"]:
        assert long[quantity] / short[quantity] == CLOSE
    assert 1e3 < long["wall time"] / short["wall time"] < 1e5


def test_more_chains_and_steps_than_a_trial_has(tmp_path):
    # The rest is scaled: sizes that are known.
    deck = CHAINS["stored draws"].replace("leapfrogs = 16", "leapfrogs = 2")
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    count = 2**32
    steps = 10_000_000
    stored = 512 * steps * 4 * 8  # two parameters, log density and acceptance
    options = ["--set", f"chains.count={count}", "--set", f"chains.steps={steps}",
               "--set", "chains.superchains=1024"]  # fmt: skip
    few = plan(tmp_path, *options, ranks=2**20, driver="langevin_chains")
    many = plan(tmp_path, *options, ranks=2**19, driver="langevin_chains")
    assert few["results file"] / stored == CLOSE
    # Of each chain at least its place, momentum and gradient, and two sums for each coordinate.
    assert few["checkpoint file"] > stored + count * 2 * 5 * 8
    assert many["checkpoint file"] / few["checkpoint file"] == CLOSE
    assert few["memory per rank"] > stored
    assert 1 < many["wall time"] / few["wall time"] < 10  # by two trials, of a loaded machine maybe


def test_a_slow_target_is_tried_on_few_chains(tmp_path):
    deck = CHAINS["step sizes and scales that adapt"].replace("dimension = 20", "dimension = 1000")
    deck = deck.replace('precondition = "dense"', "step_size = 0.01\nleapfrogs = 1024")
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    ended = run("langevin_chains", "deck.toml", "--plan", folder=tmp_path)
    assert "\ntrial    1 block of 64 chains, " in ended.stdout
    slow = plan(tmp_path, driver="langevin_chains")
    fast = plan(tmp_path, "--set", "sampler.leapfrogs=64", driver="langevin_chains")
    assert slow["checkpoint file"] / fast["checkpoint file"] == CLOSE
    assert slow["wall time"] / fast["wall time"] == pytest.approx(16, rel=0.5)


def test_a_stop_is_planned_for_its_most_steps(tmp_path):
    deck = CHAINS["step sizes and scales that adapt"].replace("steps = 400", "steps = 1500")
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    whole = plan(tmp_path, driver="langevin_chains")
    stop = ["--set", "chains.steps=100", "--set", "chains.stop={ ess = 1e4, max_steps = 1500 }"]
    stopped = plan(tmp_path, *stop, driver="langevin_chains")
    assert stopped["checkpoint file"] / whole["checkpoint file"] == CLOSE
    ended = run("langevin_chains", "deck.toml", "--plan", *stop, folder=tmp_path)
    assert "this is what 'max_steps' steps take, with 8 looks" in ended.stdout


def test_a_plan_needs_no_mpi(tmp_path):
    # MPI would end at once: there is no such transport.
    (tmp_path / "deck.toml").write_text(ENSEMBLES["exact quantiles"], encoding="utf-8")
    old = os.environ.get("OMPI_MCA_pml")
    os.environ["OMPI_MCA_pml"] = "none_of_these"
    try:
        refused = run("sde_ensemble", "deck.toml", "--quiet", folder=tmp_path)
        predicted = plan(tmp_path, "--set", "ensemble.paths=4096", ranks=100_000)
    finally:
        os.environ.pop("OMPI_MCA_pml")
        if old is not None:
            os.environ["OMPI_MCA_pml"] = old
    assert refused.returncode != 0
    assert predicted["wall time"] > 0


def test_a_multilevel_estimate(tmp_path):
    deck = (SOURCE / "inputs/sde_ensemble/multilevel_call.toml").read_text(encoding="utf-8")
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    predicted = plan(tmp_path, ranks=2)
    ended = run("sde_ensemble", "deck.toml", "--output", "out.h5", "--quiet", ranks=2,
                folder=tmp_path)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "out.h5").stat().st_size / predicted["results file"] == CLOSE


def test_more_ranks_than_blocks(tmp_path):
    (tmp_path / "deck.toml").write_text(ENSEMBLES["exact quantiles"], encoding="utf-8")
    ended = run("sde_ensemble", "deck.toml", "--plan", "--ranks", "1000", folder=tmp_path)
    assert ended.returncode == 0
    assert "; without work: 952 ranks" in ended.stdout


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--ranks", "4"], "--ranks belongs to --plan"),
        (["--plan", "--ranks", "0"], "cannot plan for '0' ranks"),
        (["--plan", "--ranks", "1.5"], "cannot plan for '1.5' ranks"),
        (["--plan", "--ranks", "16777217"], "cannot plan for '16777217' ranks"),
        (["--plan", "--check"], "cannot be combined"),
        (["--plan", "--set", "time.steps=0"], "time.steps"),
        (["--plan", "--output", "nowhere/out.h5"], "there is no folder 'nowhere'"),
        (["--plan", "--", "--kokkos-nonsense"], "Kokkos does not know"),
    ],
)
def test_bad_command_lines(arguments, message, tmp_path):
    (tmp_path / "deck.toml").write_text(ENSEMBLES["exact quantiles"], encoding="utf-8")
    ended = run("sde_ensemble", "deck.toml", *arguments, folder=tmp_path)
    assert ended.returncode == 2, ended.stderr
    assert message in ended.stderr
    assert ended.stdout == ""


def test_long_gradients_are_tried_on_few_paths(tmp_path):
    deck = GRADIENTS["many derivatives at many times"]
    (tmp_path / "deck.toml").write_text(deck, encoding="utf-8")
    short = plan(tmp_path, driver="sde_gradient")
    more = ["--set", "time.steps=10_000", "--set", "gradient.mode=checkpointed"]
    ended = run("sde_gradient", "deck.toml", "--plan", *more, folder=tmp_path)
    assert re.search(r"\ntrial    (32|64|128|256|512|1.02 k) paths\n", ended.stdout), ended.stdout
    long = plan(tmp_path, *more, driver="sde_gradient")
    for quantity in ["results file", "checkpoint file"]:
        assert long[quantity] / short[quantity] == CLOSE
    assert 20 < long["wall time"] / short["wall time"] < 1000


def test_a_stop_is_planned_by_the_error_of_the_trial(tmp_path):
    (tmp_path / "deck.toml").write_text(GRADIENTS["steps that adapt"], encoding="utf-8")
    stop = ["--set", "ensemble.stop.standard_error=0.05", "--set", "ensemble.paths=100_000_000"]
    ended = run("sde_gradient", "deck.toml", "--plan", *stop, folder=tmp_path)
    said = re.search(r"reached after about ([\d.]+) ([kM]) paths", ended.stdout)
    assert said, ended.stdout + ended.stderr
    ended = run("sde_gradient", "deck.toml", "--output", "out.h5", "--quiet", *stop,
                folder=tmp_path)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    with h5py.File(tmp_path / "out.h5") as file:
        paths = file["run/paths"][()]
    expected = float(said[1]) * {"k": 1e3, "M": 1e6}[said[2]]
    assert 1 / 3 < paths / expected < 3  # rounds end at their own numbers of paths


@pytest.mark.parametrize("kind", ["fit", "error_table"])
def test_some_tasks_have_no_plan(kind, tmp_path):
    names = {"fit": "heston_calibration", "error_table": "error_table"}
    deck = SOURCE / f"inputs/sde_gradient/{names[kind]}.toml"
    ended = run("sde_gradient", deck, "--plan", folder=tmp_path)
    assert ended.returncode == 2
    assert f'there is no plan of kind = "{kind}"' in ended.stderr


def test_a_driver_without_a_plan(tmp_path):
    ended = run("sde_order", "deck.toml", "--plan", folder=tmp_path)
    assert ended.returncode == 2
    assert "sde_order cannot plan" in ended.stderr
