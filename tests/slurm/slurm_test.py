# SPDX-License-Identifier: BSD-3-Clause
"""Job scripts under a real SLURM: whatever happens to a job, its results have the bits of a run
that nothing happened to.

All tests share one throw-away cluster of two nodes, by scripts/local-slurm. The job that takes
long, because it waits for its limit of time, runs beside the other tests.
"""
import contextlib
import dataclasses
import os
import pathlib
import re
import resource
import shlex
import signal
import subprocess
import tempfile
import time

import pytest

from drivers import SOURCE, assert_same_bits, read, run

LOCAL_SLURM = SOURCE / "scripts" / "local-slurm"
JOB_SCRIPTS = SOURCE / "jobscripts"
PATIENCE = 240  # seconds that anything may take; nothing waits for longer than it must
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
STEPS = 4000
DECK = """
[run]
checkpoint = {{ every = "0.5 s", margin = "{margin} s" }}
[model]
name = "heston"
initial = {{ price = 100.0, variance = 0.0175 }}
[time]
scheme = "euler_maruyama"
end = 1.0
steps = {steps}
[ensemble]
paths = {paths}
seed = 3
[observe]
times = [0.5, 1.0]
covariance = true
quantiles = [0.05, 0.5]
histogram = {{ bins = 20 }}
payoffs = {{ call = {{ kind = "call", strike = 100.0 }} }}
save_paths = 4
"""


def wait_for(what, limit=PATIENCE):
    """Polls until `what()` is true, and returns it."""
    last = time.monotonic() + limit
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < last, f"waited {limit} s in vain for {what.__doc__ or what}"
        time.sleep(0.1)


@dataclasses.dataclass
class Job:
    cluster: "Cluster"
    name: str  # as SLURM calls it: 12, or 12_3 of an array
    folder: pathlib.Path

    @property
    def fields(self):
        """All that SLURM knows of it."""
        said = self.cluster.call("scontrol", "show", "job", "--oneliner", self.name)
        return dict(re.findall(r"(\S+?)=(\S*)", said))

    @property
    def log(self):
        file = pathlib.Path(self.fields["StdOut"])
        return file.read_text() if file.exists() else ""

    def has_left(self, pattern):
        """Waits for a file: of its run's status, or a checkpoint."""
        wait_for(lambda: list(self.folder.glob(pattern)) or self.has_ended())
        assert not self.has_ended(), self.log

    def has_started(self, output):
        self.has_left(f"{output}.status.json")

    def has_saved(self, output):
        self.has_left(f"{output}.ckpt.?")

    def has_ended(self):
        return self.fields["JobState"] in ENDED

    def end(self):
        """Waits for the end of its last life; its state and exit code."""
        wait_for(self.has_ended)
        return self.fields["JobState"], int(self.fields["ExitCode"].split(":")[0])

    def went_on(self):
        """Whether a life of it began where an earlier one, or another job, had stopped."""
        return "continuing from" in self.log

    def lives(self):
        return 1 + int(self.fields["Restarts"])


@dataclasses.dataclass
class Cluster:
    environment: dict = dataclasses.field(repr=False)

    def call(self, *command, folder=None, **more):
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            env=self.environment | more,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def submit(self, folder, *command, **more):
        """sbatch, with further variables for the job's environment."""
        said = self.call("sbatch", "--parsable", *command, folder=folder, **more)
        return Job(self, said.strip(), folder)

    def ensemble(self, folder, *arguments, options=(), driver="sde_ensemble", **more):
        """A job of a driver's script; `options` are sbatch's."""
        script = JOB_SCRIPTS / f"{driver}.sbatch"
        return self.submit(folder, "--time=10", *options, script, *arguments, **more)

    def nodes(self):
        return set(self.call("sinfo", "--noheader", "--Node", "--format=%N").split())

    def plots_of(self, folder):
        """The jobs that draw results there, ended ones too."""
        said = self.call("scontrol", "show", "job", "--oneliner").splitlines()
        found = [line for line in said if ".plot " in line and f"WorkDir={folder} " in line]
        return [Job(self, re.search(r"JobId=(\S+)", line)[1], folder) for line in found]


@contextlib.contextmanager
def throw_away_cluster(environment, *options):
    """Of its own, and ended with the block whatever happens there."""
    # Paths of sockets must be short, hence not in pytest's folder.
    with tempfile.TemporaryDirectory(prefix="dwtest.", dir="/tmp") as folder:
        command = [LOCAL_SLURM, "start", "--folder", folder, *options]
        try:
            started = subprocess.run(
                command, env=environment, text=True, capture_output=True, check=False
            )
            if started.returncode == 3:
                pytest.skip("no SLURM: " + " ".join(started.stderr.split()))
            assert started.returncode == 0, started.stderr
            told = dict(word.split("=", 1) for word in shlex.split(started.stdout)[1:])
            yield Cluster(environment | told)
        finally:
            stop = [LOCAL_SLURM, "stop", "--folder", folder]
            subprocess.run(stop, env=environment, capture_output=True, check=True)


@pytest.fixture(scope="module")
def cluster():
    clean = {n: v for n, v in os.environ.items() if not n.startswith(("SLURM_", "SBATCH_"))}
    clean.pop("DRIFTWOOD_LAUNCHER", None)
    # So that a limit of time ends the cluster, too.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    with throw_away_cluster(clean, "--nodes", "2", "--cpus", "2") as started:
        yield started
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="module")
def paths_per_second(tmp_path_factory):
    """Of DECK on one core, by the time of the processor, which others do not take away."""
    folder = tmp_path_factory.mktemp("speed")
    count = 131_072
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    reference(folder, "out.h5", count, ranks=None)
    return count / (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)


def write_deck(folder, name, paths, margin=0):
    whole_blocks = max(1, round(paths / 4096)) * 4096
    file = folder / name
    file.write_text(DECK.format(paths=whole_blocks, steps=STEPS, margin=margin))
    return file


def reference(folder, output, paths, ranks=2, deck="reference.toml"):
    """An undisturbed run without SLURM."""
    write_deck(folder, deck, paths)
    ended = run(
        "sde_ensemble", deck, "--output", output, "--quiet", ranks=ranks, folder=folder
    )
    assert ended.returncode == 0, ended.stderr
    return results(folder / output)


def results(file):
    """All datasets but those of the run itself."""
    return {name: value for name, value in read(file).items() if not name.startswith("run/")}


@pytest.fixture(scope="module")
def seconds_of_work(paths_per_second, tmp_path_factory):
    """A deck's paths for some seconds of one core, and the results of an undisturbed run."""
    folder = tmp_path_factory.mktemp("references")
    known = {}

    def work(seconds):
        if seconds not in known:
            paths = seconds * paths_per_second
            known[seconds] = paths, reference(folder, f"{seconds}.h5", paths)
        return known[seconds]

    return work


@pytest.fixture(scope="module")
def limited(cluster, paths_per_second, tmp_path_factory):
    """A job of 20 s and more that is given a minute at a time, of which it may use 12 s."""
    folder = tmp_path_factory.mktemp("limited")
    write_deck(folder, "deck.toml", 20 * paths_per_second, margin=48)
    options = ["--time=1", "--ntasks=1", "--nodelist=node2", "--signal=B:USR1@1"]
    return cluster.ensemble(folder, "deck.toml", options=options)


@pytest.fixture(autouse=True, scope="module")
def beside(limited):
    """Begins what takes long before all else."""
    return limited


@pytest.mark.parametrize("launcher", ["srun", "mpirun"])
def test_a_job_gives_the_results_of_a_run_without_slurm(cluster, launcher, tmp_path):
    expected = reference(tmp_path, "expected.h5", 20_000)
    write_deck(tmp_path, "deck.toml", 20_000)
    options = ["--nodes=2", "--ntasks=2", "--ntasks-per-node=1"]

    job = cluster.ensemble(tmp_path, "deck.toml", options=options, DRIFTWOOD_LAUNCHER=launcher)

    assert job.end() == ("COMPLETED", 0), job.log
    assert_same_bits(results(tmp_path / "deck.h5"), expected)
    assert read(tmp_path / "deck.h5")["run/ranks"] == 2
    assert "done: deck.h5" in job.log


def test_a_wrong_deck_ends_the_job_with_2_and_the_message(cluster, tmp_path):
    deck = write_deck(tmp_path, "deck.toml", 10_000)
    deck.write_text(deck.read_text().replace("steps =", "stesp ="))

    job = cluster.ensemble(tmp_path, "--plot", "deck.toml")

    assert job.end() == ("FAILED", 2)
    assert "deck.toml:10:1: error: unknown key 'time.stesp'" in job.log
    assert job.lives() == 1
    assert not cluster.plots_of(tmp_path)


def test_what_the_checks_cannot_see_ends_the_job_with_1(cluster, tmp_path):
    deck = '[model]\nname = "double_well"\nsigma = 3.0\ninitial = { x = 5.6 }\n'
    deck += "[time]\nend = 1.0\nsteps = 16\n[ensemble]\npaths = 5_000\n"
    (tmp_path / "deck.toml").write_text(deck)

    job = cluster.ensemble(tmp_path, "deck.toml")

    assert job.end() == ("FAILED", 1)
    assert "paths are not finite" in job.log
    assert job.lives() == 1


def test_a_preempted_job_comes_back_and_is_plotted_at_its_end(cluster, seconds_of_work, tmp_path):
    paths, expected = seconds_of_work(4)
    write_deck(tmp_path, "deck.toml", paths)
    job = cluster.ensemble(tmp_path, "deck.toml", "--plot", options=["--nodelist=node1"])
    job.has_started("deck.h5")

    cluster.call("scancel", "--batch", "--signal=USR1", job.name)

    assert job.end() == ("COMPLETED", 0), job.log
    assert job.lives() == 2
    assert job.log.count("back into the queue") == 1
    assert job.went_on()
    assert_same_bits(results(tmp_path / "deck.h5"), expected)
    assert not list(tmp_path.glob("deck.h5.ckpt*"))
    (plots,) = cluster.plots_of(tmp_path)
    assert plots.end() == ("COMPLETED", 0), plots.log
    assert plots.fields["StartTime"] >= job.fields["EndTime"]
    assert (tmp_path / "deck.report.html").exists()


def test_searches_for_poses_come_back_and_are_plotted(cluster, tmp_path):
    deck = '[run]\ncheckpoint = { every = "0.5 s", margin = "0 s" }\n'
    deck += '[correspondences]\nkind = "synthetic"\nproblems = 20\npoints = 400\noutliers = 0.85\n'
    deck += "seed = 5\n[search]\ngap = { relative = 0.02 }\n"
    (tmp_path / "deck.toml").write_text(deck)
    job = cluster.ensemble(
        tmp_path, "deck.toml", "--plot", options=["--ntasks=1"], driver="pose_search"
    )
    job.has_saved("deck.h5")

    cluster.call("scancel", "--batch", "--signal=USR1", job.name)

    assert job.end() == ("COMPLETED", 0), job.log
    assert job.lives() == 2
    assert job.went_on()
    found = read(tmp_path / "deck.h5")
    assert (found["pose/consensus"] >= 60).all()  # as many as are drawn around the truth
    assert (found["pose/upper_bound"] <= found["pose/consensus"] + found["pose/allowed_gap"]).all()
    (plots,) = cluster.plots_of(tmp_path)
    assert plots.end() == ("COMPLETED", 0), plots.log
    assert "no pose has more" in (tmp_path / "deck.report.html").read_text()


def test_a_more_urgent_job_costs_no_work(cluster, seconds_of_work, tmp_path):
    paths, expected = seconds_of_work(8)  # SLURM looks for such jobs every two seconds
    write_deck(tmp_path, "deck.toml", paths)
    job = cluster.ensemble(tmp_path, "deck.toml", options=["--nodelist=node1"])
    job.has_started("deck.h5")

    urgent = ["--partition=urgent", "--nodelist=node1", "--ntasks=2", "--wrap=true"]
    urgent = cluster.submit(tmp_path, *urgent)

    assert urgent.end() == ("COMPLETED", 0)
    assert job.end() == ("COMPLETED", 0), job.log
    assert job.lives() == 2
    assert job.went_on()
    assert_same_bits(results(tmp_path / "deck.h5"), expected)


def test_the_loss_of_a_node_costs_what_came_after_the_last_checkpoint(
    cluster, seconds_of_work, tmp_path
):
    paths, expected = seconds_of_work(4)
    write_deck(tmp_path, "deck.toml", paths)
    options = ["--nodelist=node1", "--ntasks=1"]
    job = cluster.ensemble(tmp_path, "deck.toml", options=options)
    job.has_saved("deck.h5")

    cluster.call("scontrol", "update", "nodename=node1", "state=down", "reason=test")
    try:
        wait_for(lambda: job.lives() == 2)
        cluster.call("scontrol", "update", f"jobid={job.name}", "reqnodelist=node2")

        assert job.end() == ("COMPLETED", 0), job.log
    finally:
        cluster.call("scontrol", "update", "nodename=node1", "state=idle")
    assert job.fields["BatchHost"] == "node2"
    assert job.went_on()
    assert job.log.count("done: deck.h5") == 1
    assert_same_bits(results(tmp_path / "deck.h5"), expected)


def test_a_cancelled_job_stays_so_and_its_work_can_be_continued(
    cluster, seconds_of_work, tmp_path
):
    paths, expected = seconds_of_work(4)
    write_deck(tmp_path, "deck.toml", paths)
    first = cluster.ensemble(tmp_path, "--plot", "deck.toml")
    first.has_saved("deck.h5")

    cluster.call("scancel", first.name)

    assert first.end()[0] == "CANCELLED"
    assert first.lives() == 1
    (plots,) = cluster.plots_of(tmp_path)
    assert plots.end()[0] == "CANCELLED"
    assert not (tmp_path / "deck.h5").exists()

    other = cluster.ensemble(tmp_path, "deck.toml", "--set", "ensemble.seed=4")

    assert other.end() == ("FAILED", 2)
    assert other.lives() == 1
    assert "'ensemble.seed' is 4, and was 3" in other.log

    second = cluster.ensemble(tmp_path, "deck.toml", options=["--ntasks=1"])

    assert second.end() == ("COMPLETED", 0), second.log
    assert second.went_on()
    assert_same_bits(results(tmp_path / "deck.h5"), expected)


def test_tasks_of_an_array_have_outputs_and_lives_of_their_own(
    cluster, seconds_of_work, tmp_path
):
    paths, expected = seconds_of_work(4)
    write_deck(tmp_path, "long.toml", paths)
    write_deck(tmp_path, "short.toml", 10_000)
    (tmp_path / "cases.txt").write_text(
        "# what each task runs\n"
        "long.toml\n"
        "\n"
        "short.toml --set ensemble.seed=%a\n"
        "long.toml --set 'observe.payoffs={ call = { kind = \"call\", strike = 100.0 } }'"
        " --output third.h5\n"
    )
    options = ["--array=1-3", "--ntasks=1", "--output=%x.%A_%a.log"]
    array = cluster.ensemble(
        tmp_path, "--cases", "cases.txt", options=options, DRIFTWOOD_LAUNCHER="mpirun"
    ).name
    one, two, three = (Job(cluster, f"{array}_{task}", tmp_path) for task in (1, 2, 3))
    one.has_started("long.1.h5")
    three.has_started("third.h5")

    # The last task has the number of the array itself; the others must not be requeued with it.
    cluster.call("scancel", "--batch", "--signal=USR1", three.name)

    for task in (one, two, three):
        assert task.end() == ("COMPLETED", 0), task.log
    assert [task.lives() for task in (one, two, three)] == [1, 1, 2]
    assert_same_bits(results(tmp_path / "long.1.h5"), expected)
    assert_same_bits(results(tmp_path / "third.h5"), expected)
    assert read(tmp_path / "short.2.h5")["run/seed"] == 2


def test_a_file_named_stop_keeps_a_job_from_coming_back(cluster, paths_per_second, tmp_path):
    write_deck(tmp_path, "deck.toml", 100 * paths_per_second)
    job = cluster.ensemble(tmp_path, "deck.toml")
    job.has_started("deck.h5")

    (tmp_path / "deck.h5.STOP").touch()

    assert job.end() == ("FAILED", 75), job.log
    assert job.lives() == 1
    assert "because of the file 'deck.h5.STOP'" in job.log
    assert list(tmp_path.glob("deck.h5.ckpt*"))


def test_a_job_outlives_its_limit_of_time(limited, seconds_of_work):
    _, expected = seconds_of_work(20)

    assert limited.end() == ("COMPLETED", 0), limited.log

    assert limited.lives() >= 2
    assert limited.went_on()
    assert "the end of the job's time" in limited.log
    assert_same_bits(results(limited.folder / "deck.h5"), expected)


def test_clusters_do_not_end_each_other(cluster):
    with throw_away_cluster(cluster.environment, "--nodes", "1") as other:
        folder = pathlib.Path(other.environment["SLURM_CONF"]).parent
        assert other.nodes() == {"node1"}

        other.call(LOCAL_SLURM, "start")  # is there already
        other.call(LOCAL_SLURM, "stop")

        assert not folder.exists()
        assert cluster.nodes() == {"node1", "node2"}
