#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""MALA and HMC by BlackJAX and NumPyro beside langevin_chains: one core each, double precision, in turn.

    benchmarks/langevin_peers.py [--bin build/release/bin] [--rounds 5]

The same sampler with the same step on the same chains; compilation does not count, nor does what
Driftwood does besides (start, files): its rate is from the difference of two lengths of a run. Needs an
environment with `blackjax`, `numpyro` and `jax` (pip install blackjax numpyro "jax[cpu]"), and h5py.
"""
import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["OMP_NUM_THREADS"] = "1"

# pylint: disable=wrong-import-position
import argparse
import pathlib
import statistics
import subprocess
import tempfile
import time

import blackjax
import jax
import jax.numpy as jnp
import numpyro
from numpyro.infer import HMC as NumpyroHmc

jax.config.update("jax_enable_x64", True)

CHAINS = 1024
LEAPFROGS = 8

TARGETS = {
    "Gaussian, 10 d": (
        '[target]\nname = "gaussian"\ndimension = 10\ncondition = 10\n',
        10,
        lambda x: -0.5 * jnp.sum(10.0 ** (jnp.arange(10) / 9) * x * x),
    ),
    "double well, 2 d": (
        '[target]\nname = "expression"\nstate = ["x", "y"]\n'
        'log_density = "-(x^2 - 1)^2 - (y^2 - 1)^2"\n',
        2,
        lambda x: -jnp.sum((x * x - 1) ** 2),
    ),
}
SAMPLERS = {
    "mala": 'name = "mala"\nstep_size = 0.05\n',
    "hmc": f'name = "hmc"\nstep_size = 0.2\nleapfrogs = {LEAPFROGS}\n',
}


def rate_of_peer(advance, state):
    """Chain-steps per second of a compiled function that takes chains over some steps."""
    steps = 50
    compiled = jax.jit(advance, static_argnums=2)
    key = jax.random.key(1)
    jax.block_until_ready(compiled(key, state, steps))
    began = time.perf_counter()
    jax.block_until_ready(compiled(key, state, steps))
    once = time.perf_counter() - began
    repeats = max(1, int(0.5 / once))
    began = time.perf_counter()
    for _ in range(repeats):
        jax.block_until_ready(compiled(key, state, steps))
    return CHAINS * steps * repeats / (time.perf_counter() - began)


def blackjax_rate(sampler, density, dim):
    if sampler == "mala":
        kernel = blackjax.mala(density, 0.05)
    else:
        kernel = blackjax.hmc(density, 0.2, jnp.ones(dim), LEAPFROGS)
    state = jax.vmap(kernel.init)(jax.random.normal(jax.random.key(0), (CHAINS, dim)))

    def advance(key, state, steps):
        def one(state, key):
            new, _ = jax.vmap(kernel.step)(jax.random.split(key, CHAINS), state)
            return new, None

        return jax.lax.scan(one, state, jax.random.split(key, steps))[0]

    return rate_of_peer(advance, state)


def numpyro_rate(sampler, density, dim):
    if sampler != "hmc":
        return float("nan")
    kernel = NumpyroHmc(potential_fn=lambda x: -density(x), step_size=0.2, num_steps=LEAPFROGS,
                        adapt_step_size=False, adapt_mass_matrix=False)  # fmt: skip
    start = jax.random.normal(jax.random.key(0), (CHAINS, dim))
    state = kernel.init(jax.random.split(jax.random.key(1), CHAINS), 0, start, (), {})

    def advance(_key, state, steps):
        def one(state, _):
            return jax.vmap(lambda s: kernel.sample(s, (), {}))(state), None

        return jax.lax.scan(one, state, None, length=steps)[0]

    return rate_of_peer(advance, state)


def driftwood_rate(binary, target, sampler):
    def seconds(steps):
        deck = (target + "[sampler]\n" + SAMPLERS[sampler]
                + f"[chains]\ncount = {CHAINS}\nwarmup = 0\nsteps = {steps}\nthin = {steps // 10}\n")
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "deck.toml").write_text(deck, encoding="utf-8")
            began = time.perf_counter()
            subprocess.run([binary, "deck.toml", "--quiet"], check=True, cwd=folder)
            return time.perf_counter() - began

    few = 1000
    many = 11000
    return CHAINS * (many - few) / (seconds(many) - seconds(few))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    binary = (options.bin / "langevin_chains").resolve()
    print(f"{CHAINS} chains; BlackJAX {blackjax.__version__}, NumPyro {numpyro.__version__}, JAX "
          f"{jax.__version__}; HMC with {LEAPFROGS} leapfrogs; million chain-steps per second")
    print(f"{'':32}{'BlackJAX':>10}{'NumPyro':>10}{'Driftwood':>11}{'ratio':>8}")
    for title, (deck, dim, density) in TARGETS.items():
        for sampler in SAMPLERS:
            rounds = []
            for _ in range(options.rounds):
                rounds.append((blackjax_rate(sampler, density, dim),
                               numpyro_rate(sampler, density, dim),
                               driftwood_rate(binary, deck, sampler)))  # fmt: skip
            theirs, other, ours = (statistics.median(column) for column in zip(*rounds))
            # To the faster of the two.
            ratio = statistics.median(c / max(a, b if b == b else a) for a, b, c in rounds)
            print(f"{title + ', ' + sampler:32}{theirs / 1e6:10.2f}{other / 1e6:10.2f}"
                  f"{ours / 1e6:11.2f}{ratio:8.1f}", flush=True)


if __name__ == "__main__":
    main()
