#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""MALA and HMC by BlackJAX and NumPyro beside langevin_chains: one core, double precision, in turn.

    benchmarks/langevin_peers.py [--bin build/release/bin] [--rounds 5] [--data FOLDER] [--only WORD]

The same sampler with the same steps and trajectories on as many chains. Neither compilation counts nor
what Driftwood does besides (start, files): its rate is from the difference of two lengths of a run.
NumPyro has no MALA; a trajectory of one leapfrog step is one. Effective draws are those of 64 chains
after a warm-up, of the worst parameter, by ArviZ for all three. Logistic regression on `heart_scale` is
left out where neither the folder nor Debian's liblinear-tools has that file.

Needs an environment with these peers: pip install blackjax numpyro "jax[cpu]" arviz h5py
"""
import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMPI_ALLOW_RUN_AS_ROOT"] = os.environ["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
# All three on the same core, whatever threads their libraries start.
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

# pylint: disable=wrong-import-position
import argparse
import dataclasses
import pathlib
import statistics
import subprocess
import tempfile
import time
import warnings

warnings.simplefilter("ignore", FutureWarning)

import arviz
import blackjax
import h5py
import jax
import jax.numpy as jnp
import numpy as np
import numpyro
from numpyro.infer import HMC as NumpyroHmc

jax.config.update("jax_enable_x64", True)

LEAPFROGS = 8
JUDGED = 64  # chains
BRIEF = 0.5  # seconds that a measurement takes at least
DEBIAN = pathlib.Path("/usr/share/doc/liblinear-tools/examples")


@dataclasses.dataclass(frozen=True)
class Target:
    """`table` is its deck, `density` the logarithm of the density of one chain. `mala` is h; `hmc` the
    step of a trajectory. Trajectories of a measurement by Driftwood are `steps`, of effective draws
    `judged`; of mala LEAPFROGS times as many. `start` is the sd of chains at first."""

    title: str
    table: str
    density: object
    dim: int
    mala: float
    hmc: float
    chains: int = 1024
    steps: int = 2000
    judged: int = 500
    start: float = 1.0


def gradients_of(sampler):
    """A step's."""
    return {"mala": 1, "hmc": LEAPFROGS}[sampler]


def gaussian():
    precisions = 10.0 ** (np.arange(10) / 9)
    return Target(
        "Gaussian, 10 d",
        'name = "gaussian"\ndimension = 10\ncondition = 10',
        lambda x: -0.5 * jnp.sum(precisions * x * x),
        10,
        mala=0.05,
        hmc=0.2,
    )


def double_well():
    return Target(
        "double well, 2 d",
        'name = "expression"\nstate = ["x", "y"]\nlog_density = "-(x^2 - 1)^2 - (y^2 - 1)^2"',
        lambda x: -jnp.sum((x * x - 1) ** 2),
        2,
        mala=0.05,
        hmc=0.2,
    )


def log_posterior(rows, labels):
    """Of a logistic regression with the prior N(0, 1)."""

    def density(beta):
        eta = rows @ beta
        return jnp.sum(labels * eta - jnp.logaddexp(0.0, eta)) - 0.5 * jnp.sum(beta * beta)

    return density


def heart(folders):
    """The 270 rows of heart_scale, standardised, with an intercept; None where they are not there."""
    file = next((f / "heart_scale" for f in folders if (f / "heart_scale").exists()), None)
    if file is None:
        return None
    lines = [line.split() for line in file.read_text(encoding="utf-8").splitlines()]
    rows = np.zeros((len(lines), 13))
    for row, (_, *entries) in zip(rows, lines):
        for entry in entries:
            column, value = entry.split(":")
            row[int(column) - 1] = float(value)
    rows = (rows - rows.mean(0)) / rows.std(0)
    rows = np.hstack([np.ones((len(rows), 1)), rows])
    labels = np.array([float(line[0]) > 0 for line in lines], float)
    return Target(
        "logistic, heart, 270 x 14",
        f'name = "logistic"\ndata = "{file.resolve()}"',
        log_posterior(rows, labels),
        14,
        mala=0.01,
        hmc=0.08,
        steps=400,
        judged=300,
        start=0.2,
    )


def large_regression(folder, count=10_000, dim=100):
    """One whose likelihood is a product of large matrices; made data, labels by coefficients 1/10."""
    random = np.random.default_rng(1)
    rows = random.standard_normal((count, dim))
    labels = (random.random(count) < 1 / (1 + np.exp(-rows @ np.full(dim, 0.1)))).astype(float)
    file = folder / "large.h5"
    with h5py.File(file, "w") as out:
        out["x"], out["y"] = rows, labels
    return Target(
        f"logistic, {count} x {dim}",
        f'name = "logistic"\ndata = "{file}"\nintercept = false\nstandardise = false',
        log_posterior(rows, labels),
        dim,
        mala=1e-4,
        hmc=0.007,
        chains=128,
        steps=40,
        judged=100,
        start=0.02,
    )


class Peer:
    """A sampler of a library on chains of a target, by a function `step` from states and key."""

    def __init__(self, target, chains, step, state, position):
        self.chains = chains

        def advance(key, state, steps):
            return jax.lax.scan(lambda s, k: (step(k, s), None), state, jax.random.split(key, steps))[0]

        def record(key, state, steps):
            def one(state, key):
                state = step(key, state)
                return state, position(state)

            return jax.lax.scan(one, state, jax.random.split(key, steps))[1]

        self._advance = jax.jit(advance, static_argnums=2)
        self._record = jax.jit(record, static_argnums=2)
        self._state = state
        self._steps = max(2, target.steps // 40)

    def rate(self):
        """Chain-steps per second."""
        key = jax.random.key(1)

        def go():
            began = time.perf_counter()
            jax.block_until_ready(self._advance(key, self._state, self._steps))
            return time.perf_counter() - began

        go()
        once = go()
        repeats = max(1, int(BRIEF / once))
        spent = sum(go() for _ in range(repeats))
        return self.chains * self._steps * repeats / spent

    def effective(self, steps):
        """Effective draws of a chain-step, after half as many of warm-up."""
        state = self._advance(jax.random.key(2), self._state, steps // 2)
        return effective(np.swapaxes(np.asarray(self._record(jax.random.key(3), state, steps)), 0, 1))


def effective(draws):
    """Of the worst parameter, for each of the draws (chain, draw, parameter)."""
    worst = min(arviz.ess(draws[:, :, i]) for i in range(draws.shape[2]))
    return float(worst) / draws[:, :, 0].size


def start_of(target, chains):
    return target.start * jax.random.normal(jax.random.key(0), (chains, target.dim))


def by_blackjax(sampler, target, chains):
    if sampler == "mala":
        kernel = blackjax.mala(target.density, target.mala)
    else:
        kernel = blackjax.hmc(target.density, target.hmc, jnp.ones(target.dim), LEAPFROGS)
    state = jax.vmap(kernel.init)(start_of(target, chains))

    def step(key, state):
        return jax.vmap(kernel.step)(jax.random.split(key, chains), state)[0]

    return Peer(target, chains, step, state, lambda state: state.position)


def by_numpyro(sampler, target, chains):
    # One leapfrog step of size e is a step of MALA of size e^2 / 2.
    size, leapfrogs = (target.hmc, LEAPFROGS) if sampler == "hmc" else ((2 * target.mala) ** 0.5, 1)
    # A trajectory_length that is not None, as by default, would set the steps.
    kernel = NumpyroHmc(potential_fn=lambda x: -target.density(x), step_size=size,
                        num_steps=leapfrogs, trajectory_length=None, adapt_step_size=False,
                        adapt_mass_matrix=False)  # fmt: skip
    keys = jax.random.split(jax.random.key(1), chains)
    state = kernel.init(keys, 0, start_of(target, chains), (), {})

    def step(_, state):
        return kernel.sample(state, (), {})  # of all chains, as there was a key for each

    return Peer(target, chains, step, state, lambda state: state.z)


class Driftwood:
    """The same by langevin_chains."""

    def __init__(self, binary, sampler, target, folder):
        self._binary, self._target, self._folder = binary, target, folder
        keys = (
            f'name = "mala"\nstep_size = {target.mala}'
            if sampler == "mala"
            else f'name = "hmc"\nstep_size = {target.hmc}\nleapfrogs = {LEAPFROGS}\njitter = 0.0'
        )
        self._steps = target.steps * gradients_of("hmc") // gradients_of(sampler)
        self._deck = f"[target]\n{target.table}\n[sampler]\n{keys}\n"

    def _seconds(self, chains, **keys):
        initial = f'{{ kind = "normal", mean = 0.0, sd = {self._target.start} }}'
        lines = "".join(f"{name} = {value}\n" for name, value in keys.items())
        deck = f"{self._deck}[chains]\ncount = {chains}\ninitial = {initial}\n{lines}"
        (self._folder / "deck.toml").write_text(deck, encoding="utf-8")
        began = time.perf_counter()
        subprocess.run([self._binary, "deck.toml", "--quiet"], check=True, cwd=self._folder,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        return time.perf_counter() - began

    def rate(self):
        """Chain-steps per second."""
        target = self._target
        few = max(10, self._steps // 10)
        many = few + self._steps
        times = [self._seconds(target.chains, warmup=0, steps=n, thin=n // 10) for n in (few, many)]
        return target.chains * (many - few) / (times[1] - times[0])

    def effective(self, steps):
        """Effective draws of a chain-step, after half as many of warm-up."""
        self._seconds(JUDGED, warmup=steps // 2, steps=steps, draws=f"{{ chains = {JUDGED} }}")
        with h5py.File(self._folder / "deck.h5") as file:
            draws = [
                np.atleast_3d(file[f"posterior/{name}"][()])
                for name in file["posterior"]
                if file[f"posterior/{name}"].ndim > 1
            ]
        return effective(np.concatenate(draws, axis=2))


def compare(target, sampler, binary, folder, rounds):
    """Prints a line."""
    peers = [make(sampler, target, target.chains) for make in (by_blackjax, by_numpyro)]
    ours = Driftwood(binary, sampler, target, folder)
    rates = np.array([[one.rate() for one in (*peers, ours)] for _ in range(rounds)])
    steps = target.judged * gradients_of("hmc") // gradients_of(sampler)
    judged = [make(sampler, target, JUDGED) for make in (by_blackjax, by_numpyro)]
    worth = np.array([one.effective(steps) for one in (*judged, ours)])
    # To the faster of the two, within a round.
    faster = [float(statistics.median(r[2] / max(r[0], r[1]) for r in rates))]
    faster.append(float(statistics.median(r[2] / max(r[0], r[1]) for r in rates * worth)))
    rate = np.median(rates, axis=0)
    print(f"{target.title + ', ' + sampler:34}" + "".join(f"{r / 1e6:10.4g}" for r in rate)
          + f"{faster[0]:8.1f}" + "".join(f"{r:11.3g}" for r in rate * worth)
          + f"{faster[1]:8.1f}", flush=True)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=pathlib.Path, default=DEBIAN, help="folder of heart_scale")
    parser.add_argument("--only", default="", help="targets whose title has this word")
    options = parser.parse_args()
    binary = (options.bin / "langevin_chains").resolve()
    print(f"BlackJAX {blackjax.__version__}, NumPyro {numpyro.__version__}, JAX {jax.__version__};"
          f" HMC with {LEAPFROGS} leapfrogs; medians of {options.rounds} rounds")  # fmt: skip
    peers = f"{'BlackJAX':>10}{'NumPyro':>10}{'Driftwood':>10}{'ratio':>8}"
    print(f"{'':34}{'million chain-steps per second':>38}{'effective draws per second':>41}")
    print(f"{'':34}{peers} {peers}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        targets = [gaussian(), double_well(), heart([options.data, DEBIAN]), large_regression(folder)]
        for target in targets:
            if target is None:
                print("heart_scale is not there: its rows are left out")
            elif options.only in target.title:
                for sampler in ("mala", "hmc"):
                    compare(target, sampler, binary, folder, options.rounds)


if __name__ == "__main__":
    main()
