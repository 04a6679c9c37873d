# SPDX-License-Identifier: BSD-3-Clause
"""A run that is stopped and continued, however often and on however many ranks, has the bits of one
that is left alone; and what the program says when it cannot continue.

Runs are stopped by their own time limit, by signals and by a STOP file; how far they are by then
does not matter.
"""
import itertools
import os
import pathlib
import resource
import signal
import subprocess
import time

import h5py
import pytest

from drivers import BIN, MPIEXEC, assert_same_bits, read, run, without_its_results

STOPPED = 75
MOST_JOBS = 200

TIME = """
[time]
scheme = "{scheme}"
end = 1.0
steps = {steps}
"""
HESTON = """
[model]
name = "heston"
initial = { price = 100.0, variance = 0.0175 }
"""
OSCILLATOR = """
[model]
name = "expression"
state = ["x", "v"]
noise = ["w"]
parameters = { k = { kind = "uniform", low = 3.0, high = 5.0 } }
initial = { x = { kind = "normal", mean = 1.0, sd = 0.1 }, v = 0.0 }
drift = { x = "v", v = "-k*x - 0.3*v" }
diffusion = { v = { w = 0.4 } }
"""
WELL = """
[model]
name = "double_well"
"""

# Each has something else for a checkpoint. Their time is up at the first look at a clock, so that how
# many jobs they take depends on their steps and waves, not on the machine.
DECKS = {
    "everything of a plain ensemble": HESTON
    + TIME.format(scheme="heun", steps=200)
    + """
[ensemble]
paths = 201_234
[observe]
times = [0.0, 0.1, 0.5, 1.0]
covariance = true
quantiles = [0.05, 0.5]
histogram = { bins = 30 }
payoffs = { call = { kind = "call", strike = 100.0 } }
formulas = { square = "variance^2" }
save_paths = 20_000
""",
    "one long wave, binned quantiles, single precision": HESTON
    + TIME.format(scheme="euler_maruyama", steps=4002)
    + """
[ensemble]
paths = 8192
precision = "single"
[observe]
every = 0.5
quantiles = [0.25, 0.75]
quantile_memory = 0.01
""",
    "a scheme that carries a state": OSCILLATOR
    + TIME.format(scheme="reversible_heun", steps=2001)
    + """
[ensemble]
paths = 20_000
antithetic = true
[observe]
every = 1.0
save_paths = 3
""",
    "events and running values": OSCILLATOR
    + TIME.format(scheme="euler_maruyama", steps=400)
    + """
[ensemble]
paths = 30_000
[events.low]
component = "x"
level = 0.3
direction = "down"
[observe]
every = 0.25
formulas = { low_squared = "low^2" }
[observe.running.highest]
kind = "maximum"
component = "v"
""",
    "steps that adapt": WELL
    + """
[time]
scheme = "sosra"
end = 1.0
tolerance = 1e-4
[ensemble]
paths = 20_000
[observe]
times = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0]
histogram = { bins = 20 }
""",
    "jumps": """
[model]
name = "geometric_brownian_motion"
initial = [100.0]
[jumps.crash]
rate = 2.5
marks = { z = { kind = "normal", mean = -0.1, sd = 0.15 } }
change = { price = "price*(exp(z) - 1)" }
"""
    + TIME.format(scheme="sriw1", steps=250)
    + """
[ensemble]
paths = 60_000
[observe]
every = 0.5
""",
    "a stop by the standard error": HESTON
    + TIME.format(scheme="heun", steps=100)
    + """
[ensemble]
paths = 10_000_000
stop = { standard_error = 0.02 }
[observe]
payoffs = { call = { kind = "call", strike = 100.0 } }
""",
    "a multilevel estimate": """
[task]
kind = "multilevel"
accuracy = 0.1
pilot = 600
[model]
name = "geometric_brownian_motion"
drift = [0.05]
volatility = [0.2]
initial = [100.0]
"""
    + TIME.format(scheme="milstein", steps=4)
    + """
[observe]
payoffs = { call = { kind = "call", strike = 100.0, discount_rate = 0.05 } }
""",
}
ORDERS = """
[model]
name = "geometric_brownian_motion"
[order]
end = 1.0
coarsest = 8
levels = 5
paths = 60_000
"""


def launch(driver, folder, *options, ranks=1, **more):
    return run(driver, "deck.toml", "--output", "out.h5", "--quiet", *options, ranks=ranks,
               folder=folder, **more)


def undisturbed(driver, deck, folder):
    (folder / "deck.toml").write_text(deck, encoding="utf-8")
    ended = launch(driver, folder)
    assert ended.returncode == 0, ended.stderr
    found = read(folder / "out.h5")
    (folder / "out.h5").unlink()
    return found


def left_beside(folder):
    """What is not to be there once results are."""
    return [f for f in folder.glob("out.h5.*") if f.name != "out.h5.status.json"]


def in_jobs(driver, folder, ranks, *options):
    """Jobs of a run, each of which stops soon, on these numbers of ranks in turn."""
    jobs = 0
    for size in itertools.islice(itertools.cycle(ranks), MOST_JOBS):
        ended = launch(driver, folder, "--resume", "--set", "run.time_limit=0.01", "--set",
                       "run.checkpoint.margin=0", *options, ranks=size)
        jobs += 1
        if ended.returncode == 0:
            break
        assert ended.returncode == STOPPED, ended.stderr
        assert not (folder / "out.h5").exists()
    assert not left_beside(folder)
    return jobs, read(folder / "out.h5")


@pytest.mark.parametrize("name", DECKS)
def test_same_bits_in_many_jobs(name, tmp_path):
    whole = undisturbed("sde_ensemble", DECKS[name], tmp_path)
    jobs, found = in_jobs("sde_ensemble", tmp_path, [1, 3, 2, 4])
    assert jobs > 2
    assert found["run/jobs"] == jobs
    assert_same_bits(whole, found)


def test_same_bits_of_measured_orders(tmp_path):
    whole = undisturbed("sde_order", ORDERS, tmp_path)
    jobs, found = in_jobs("sde_order", tmp_path, [2, 1, 3])
    assert jobs > 2
    assert_same_bits(whole, found)


LONG = DECKS["one long wave, binned quantiles, single precision"].replace("4002", "2_000_002")


def start(folder, *options, ranks=2):
    command = [MPIEXEC, "-n", str(ranks), str(BIN / "sde_ensemble"), "deck.toml", "--output",
               "out.h5", *options]  # fmt: skip
    return subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("how", ["SIGUSR1", "STOP", "out.h5.STOP"])
def test_stops_when_asked(how, tmp_path):
    (tmp_path / "deck.toml").write_text(LONG, encoding="utf-8")
    job = start(tmp_path, "--set", "run.checkpoint.every=0.1")
    wait_for((tmp_path / "out.h5.ckpt.a").exists)
    if how == "SIGUSR1":
        job.send_signal(signal.SIGUSR1)
    else:
        (tmp_path / how).touch()
    said, complaints = job.communicate(timeout=30)
    assert job.returncode == STOPPED, complaints
    assert said.startswith("stopped  ")
    assert "--resume continues" in said
    assert not (tmp_path / "out.h5").exists()


def test_a_signal_to_a_run_without_mpirun(tmp_path):
    (tmp_path / "deck.toml").write_text(LONG, encoding="utf-8")
    command = [str(BIN / "sde_ensemble"), "deck.toml", "--output", "out.h5", "--set",
               "run.checkpoint.every=0.1"]  # fmt: skip
    for sent in [signal.SIGTERM, signal.SIGINT]:
        for file in tmp_path.glob("out.h5.ckpt.*"):
            file.unlink()
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as job:
            wait_for((tmp_path / "out.h5.ckpt.a").exists)
            job.send_signal(sent)
            said = job.communicate(timeout=30)[0].decode()
        assert job.returncode == STOPPED
        assert signal.Signals(sent).name in said


def stop_once(folder, deck, *options):
    (folder / "deck.toml").write_text(deck, encoding="utf-8")
    ended = launch("sde_ensemble", folder, "--set", "run.time_limit=0.1", "--set",
                   "run.checkpoint.margin=0", *options, ranks=2)  # fmt: skip
    assert ended.returncode == STOPPED, ended.stderr


PLAIN = DECKS["everything of a plain ensemble"]


@pytest.mark.parametrize(
    "change, message",
    [
        ("model.sigma=0.5", "'model.sigma' is 0.5, and was 0.5751"),
        ("ensemble.seed=2", "'ensemble.seed' is 2, and was 1 when 'out.h5.ckpt.b' was written"),
        ("ensemble.paths=200_000", "'ensemble.paths' is 200000, and was 201234"),
        ("ensemble.precision=single", "'ensemble.precision' is \"single\""),
        ("observe.quantiles=[0.5]", "'observe.quantiles' is [0.5], and was [0.05, 0.5]"),
        ("time.steps=600", "'time.steps' is 600, and was 200"),
    ],
)
def test_refuses_what_changes_the_meaning(change, message, tmp_path):
    stop_once(tmp_path, PLAIN)
    ended = launch("sde_ensemble", tmp_path, "--resume", "--set", change)
    assert ended.returncode == 2
    assert message in ended.stderr
    assert ended.stderr.startswith("--set ")
    assert "without --resume" in ended.stderr
    assert list(tmp_path.glob("out.h5.ckpt.*"))


def test_continues_with_more_paths(tmp_path):
    larger = PLAIN.replace("201_234", "409_600").replace("save_paths = 20_000", "save_paths = 3")
    whole = undisturbed("sde_ensemble", larger, tmp_path)
    stop_once(tmp_path, larger.replace("409_600", "204_800"))
    (tmp_path / "deck.toml").write_text(larger, encoding="utf-8")
    options = ["--resume", "--set", "ensemble.wave_blocks=3", "--set", "run.checkpoint.every=1h"]
    ended = launch("sde_ensemble", tmp_path, *options, ranks=3)
    assert ended.returncode == 0, ended.stderr
    assert_same_bits(whole, read(tmp_path / "out.h5"))


def test_says_so_where_there_is_nothing_to_continue(tmp_path):
    (tmp_path / "deck.toml").write_text(HESTON + TIME.format(scheme="milstein", steps=10))
    required = run("sde_ensemble", "deck.toml", "--set", "run.resume=require", folder=tmp_path)
    assert required.returncode == 1
    assert "there is no checkpoint of 'deck.h5'" in required.stderr
    first = run("sde_ensemble", "deck.toml", "--resume", folder=tmp_path)
    assert first.returncode == 0
    assert "starting from the beginning" in first.stderr
    before = (tmp_path / "deck.h5").stat().st_mtime_ns
    for options in [["--resume"], ["--resume", "--set", "run.overwrite=false"]]:
        again = run("sde_ensemble", "deck.toml", *options, folder=tmp_path, ranks=2)
        assert again.returncode == 0
        assert "complete: nothing to do" in again.stderr
    assert (tmp_path / "deck.h5").stat().st_mtime_ns == before
    other = run("sde_ensemble", "deck.toml", "--resume", "--set", "ensemble.seed=4", folder=tmp_path)
    assert other.returncode == 0
    assert (tmp_path / "deck.h5").stat().st_mtime_ns > before


def test_warns_of_checkpoints_that_are_not_continued(tmp_path):
    stop_once(tmp_path, PLAIN)
    ended = run("sde_ensemble", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0
    assert "--resume continues them" in ended.stderr
    assert not list(tmp_path.glob("out.h5.ckpt.*"))


@pytest.mark.parametrize("damage", ["cut", "flip", "both"])
def test_damaged_checkpoints_are_named_and_skipped(damage, tmp_path):
    whole = undisturbed("sde_ensemble", PLAIN, tmp_path)
    stop_once(tmp_path, PLAIN)
    stop_once(tmp_path, PLAIN, "--resume")
    newest, older = sorted(tmp_path.glob("out.h5.ckpt.*"), key=os.path.getmtime, reverse=True)
    if damage == "flip":
        content = bytearray(newest.read_bytes())
        content[len(content) // 2] ^= 4
        newest.write_bytes(content)
    else:
        os.truncate(newest, newest.stat().st_size // 3)
    if damage == "both":
        older.write_bytes(b"")
    ended = run("sde_ensemble", "deck.toml", "--output", "out.h5", "--resume", folder=tmp_path,
                ranks=2)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert f"'{newest.name}'" in ended.stderr
    assert ("starting from the beginning" in ended.stderr) == (damage == "both")
    assert_same_bits(whole, read(tmp_path / "out.h5"))


def test_a_checkpoint_that_cannot_be_written_does_not_end_the_run(tmp_path):
    (tmp_path / "deck.toml").write_text(PLAIN, encoding="utf-8")
    for name in ["a", "b"]:
        (tmp_path / f"out.h5.ckpt.{name}.partial").mkdir()
    ended = run("sde_ensemble", "deck.toml", "--output", "out.h5", "--set",
                "run.checkpoint.every=0.1", folder=tmp_path, ranks=2)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "no checkpoint: cannot open 'out.h5.ckpt." in ended.stderr


def test_a_full_disk_ends_checkpoints_but_not_the_run(tmp_path):
    """Files may not grow beyond what results need, which exact quantiles in a checkpoint soon exceed."""
    deck = PLAIN.replace("save_paths = 20_000", "")
    whole = undisturbed("sde_ensemble", deck, tmp_path)
    most = 8_000_000  # less than MPI needs for its own would end it

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    ended = run("sde_ensemble", "deck.toml", "--output", "out.h5", "--set",
                "run.checkpoint.every=0.1", folder=tmp_path, ranks=2, before=limit)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "no checkpoint: cannot write 'out.h5.ckpt." in ended.stderr
    assert not left_beside(tmp_path)
    assert_same_bits(whole, read(tmp_path / "out.h5"))


def test_results_that_could_not_be_written_come_from_the_last_checkpoint(tmp_path):
    whole = undisturbed("sde_ensemble", PLAIN, tmp_path)
    assert_same_bits(whole, without_its_results("sde_ensemble", tmp_path, (2, 3)))


def test_checkpoints_that_are_no_files(tmp_path):
    (tmp_path / "deck.toml").write_text(PLAIN, encoding="utf-8")
    for name in ["a", "b"]:
        (tmp_path / f"out.h5.ckpt.{name}").mkdir()
    ended = run("sde_ensemble", "deck.toml", "--output", "out.h5", "--resume", "--set",
                "run.checkpoint.every=0.1", folder=tmp_path, ranks=2)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "cannot read 'out.h5.ckpt.a' (Is a directory): it is not used" in ended.stderr
    assert "starting from the beginning" in ended.stderr
    assert "no checkpoint: cannot write 'out.h5.ckpt." in ended.stderr


def test_a_second_job_on_one_output_ends_at_once(tmp_path):
    (tmp_path / "deck.toml").write_text(LONG, encoding="utf-8")
    first = start(tmp_path, "--set", "run.checkpoint.every=0.1")
    wait_for((tmp_path / "out.h5.ckpt.a").exists)
    second = launch("sde_ensemble", tmp_path, "--resume", ranks=2)
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=30)
    assert second.returncode == 1
    assert "another job is writing 'out.h5'" in second.stderr
    wait_for(lambda: launch("sde_ensemble", tmp_path, "--resume", "--set", "run.time_limit=0.01",
                            "--set", "run.checkpoint.margin=0").returncode == STOPPED)  # fmt: skip


def test_a_run_that_must_stop_and_cannot_be_saved_fails(tmp_path):
    (tmp_path / "deck.toml").write_text(PLAIN, encoding="utf-8")
    for name in ["a", "b"]:
        (tmp_path / f"out.h5.ckpt.{name}.partial").mkdir()
    ended = launch("sde_ensemble", tmp_path, "--set", "run.time_limit=0.1", "--set",
                   "run.checkpoint.margin=0", ranks=2)  # fmt: skip
    assert ended.returncode == 1
    assert "what it computed is lost" in ended.stderr


def test_the_record_counts_all_jobs(tmp_path):
    stop_once(tmp_path, PLAIN)
    with h5py.File(next(tmp_path.glob("out.h5.ckpt.*")), "r") as file:
        earlier = file["wall_seconds"][()]
    assert launch("sde_ensemble", tmp_path, "--resume").returncode == 0
    found = read(tmp_path / "out.h5")
    assert found["run/jobs"] == 2
    assert found["run/wall_seconds"] > earlier
    assert found["run/restore_seconds"] > 0
    assert pathlib.Path(tmp_path / "out.h5").exists()
