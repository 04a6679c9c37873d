#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Kills runs at random moments and continues them: are the results those of a run left alone?

    scripts/kill_campaign.py [--count 100] [--seed 1] [--bin build/release/bin]

Each trial starts a run on 1 to 4 ranks that saves itself twenty times a second, and ends with SIGKILL
one rank, all ranks, or mpirun: at a random moment of its time, which may be before its first
checkpoint, or right when a checkpoint is being written. It is then continued by --resume on other
numbers of ranks, killed again with probability 1/2, and at last left to end. All datasets are compared
by ==. Trials are a function of the seed, up to the timing of the machine. Exit code 0: all were equal.
"""
import argparse
import collections
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMP_NUM_THREADS": "1",
}
MODEL = """
[model]
name = "heston"
initial = { price = 100.0, variance = 0.0175 }
[time]
scheme = "euler_maruyama"
end = 1.0
"""
DECKS = {
    "many waves": MODEL
    + """
steps = 200
[ensemble]
paths = 400_000
[observe]
every = 0.25
quantiles = [0.05, 0.5]
histogram = { bins = 30 }
payoffs = { call = { kind = "call", strike = 100.0 } }
save_paths = 5_000
""",
    "long waves": MODEL
    + """
steps = 5000
[ensemble]
paths = 16_384
[observe]
every = 0.1
quantiles = [0.25, 0.75]
""",
    "steps that adapt": """
[model]
name = "double_well"
[time]
scheme = "sosra"
end = 1.0
tolerance = 1e-4
[ensemble]
paths = 40_000
[observe]
every = 0.05
""",
    "levels": """
[task]
kind = "multilevel"
accuracy = 0.01
[model]
name = "geometric_brownian_motion"
drift = [0.05]
volatility = [0.2]
initial = [100.0]
[time]
scheme = "milstein"
end = 1.0
steps = 4
[observe]
payoffs = { call = { kind = "call", strike = 100.0, discount_rate = 0.05 } }
""",
}
LIMIT = 120  # seconds that a run may take


def command(driver, ranks, *options):
    return ["mpirun", "-n", str(ranks), str(driver), "deck.toml", "--output", "out.h5", "--quiet",
            "--set", "run.checkpoint.every=0.05", *options]  # fmt: skip


def start(driver, folder, ranks, *options):
    return subprocess.Popen(command(driver, ranks, *options), cwd=folder, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            env=os.environ | ENVIRONMENT)  # fmt: skip


def ranks_of(job):
    """Processes of the ranks that mpirun has started."""
    try:
        children = pathlib.Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text()
    except OSError:
        return []
    return [int(pid) for pid in children.split()]


def kill(job, whom, chance):
    """Ends one rank, all or mpirun; the others follow."""
    pids = ranks_of(job)
    if whom == "mpirun" or not pids:
        pids = [job.pid]
    elif whom == "one rank":
        pids = [chance.choice(pids)]
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def checkpoints(folder):
    return [f for f in folder.glob("out.h5.ckpt.?")]


def run_and_kill(driver, folder, ranks, chance, seconds, tally, *options):
    """True if the run was killed; False if it had ended before."""
    whom = chance.choice(["one rank", "all ranks", "mpirun"])
    waits_for_write = chance.random() < 0.5
    moment = chance.uniform(0.1, 0.9 * seconds)
    before = checkpoints(folder)
    job = start(driver, folder, ranks, *options)
    began = time.monotonic()
    while job.poll() is None:
        spent = time.monotonic() - began
        writing = any(folder.glob("out.h5.ckpt.?.partial"))
        if spent > moment and (writing or not waits_for_write):
            break
        time.sleep(0.0005)
    if job.poll() is not None:
        job.communicate()
        return False
    writing = any(folder.glob("out.h5.ckpt.?.partial"))
    first = not before and not checkpoints(folder)
    kill(job, whom, chance)
    job.communicate(timeout=LIMIT)
    wait_until_gone(driver)
    tally[whom] += 1
    tally["while a checkpoint was written" if writing
          else "before the first checkpoint" if first else "between two checkpoints"] += 1  # fmt: skip
    return True


def wait_until_gone(driver):
    """Ranks whose mpirun was killed end by themselves, a moment later."""
    for _ in range(2000):
        found = subprocess.run(["pgrep", "-r", "R,S,D", "-f", f"^{driver} deck.toml"], check=False,
                               stdout=subprocess.DEVNULL)  # fmt: skip
        if found.returncode != 0:
            return
        time.sleep(0.01)
    sys.exit("ranks of a killed run did not end")


def finish(driver, folder, ranks, *options):
    ended = subprocess.run(command(driver, ranks, *options), cwd=folder, text=True, check=False,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, timeout=LIMIT, env=os.environ | ENVIRONMENT)  # fmt: skip
    if ended.returncode != 0:
        sys.exit(f"a run that was to end did not: {ended.stderr}")


def main():
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--count", type=int, default=100, help="trials")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    options = parser.parse_args()
    os.environ.setdefault("DRIFTWOOD_BIN", str(options.bin))
    os.environ.setdefault("DRIFTWOOD_SOURCE", str(ROOT))
    from drivers import assert_same_bits, read  # pylint: disable=import-outside-toplevel

    driver = options.bin.resolve() / "sde_ensemble"
    chance = random.Random(options.seed)
    tally = collections.Counter()
    equal = 0
    with tempfile.TemporaryDirectory(prefix="driftwood-kill-") as scratch:
        wholes = {}
        for name, deck in DECKS.items():
            folder = pathlib.Path(scratch, name.replace(" ", "-"))
            folder.mkdir()
            (folder / "deck.toml").write_text(deck)
            began = time.monotonic()
            finish(driver, folder, 1)
            wholes[name] = (folder, read(folder / "out.h5"), time.monotonic() - began)
        trial = 0
        while trial < options.count:
            name = chance.choice(list(DECKS))
            folder, whole, seconds = wholes[name]
            (folder / "out.h5").unlink(missing_ok=True)
            kills = 0
            resume = []
            while True:
                ranks = chance.randint(1, 4)
                if not run_and_kill(driver, folder, ranks, chance, seconds, tally, *resume):
                    break
                kills += 1
                resume = ["--resume"]
                if chance.random() < 0.5:
                    break
            if kills == 0:
                continue  # it was faster
            ranks = chance.randint(1, 4)
            finish(driver, folder, ranks, "--resume")
            trial += 1
            try:
                assert_same_bits(whole, read(folder / "out.h5"))
                equal += 1
                verdict = "equal"
            except AssertionError as difference:
                verdict = f"DIFFERENT: {difference}"
            print(f"{trial:4d}  {name:18s} {kills} killed, ended on {ranks} ranks: {verdict}", flush=True)
    print()
    for what, count in sorted(tally.items()):
        print(f"{count:5d}  killed {what}" if " rank" in what or what == "mpirun" else f"{count:5d}  {what}")
    print(f"\n{equal} of {options.count} equal")
    return 0 if equal == options.count else 1


if __name__ == "__main__":
    sys.exit(main())
