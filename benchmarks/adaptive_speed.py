#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Work and precision of steps that adapt against equal steps, on a model that is stiff in one place.

Paths of a double well start far out, where the drift -x^3 is steep, and then fluctuate between the wells.
Errors are root mean squares over paths at the end: of equal steps by sde_order, of adaptive ones against a
far smaller tolerance on the same Brownian paths. Times are of sde_ensemble on one core, less that of a run of few
paths, medians of rounds in which all cases run in turn.

    benchmarks/adaptive_speed.py [--start 100] [--coarsest 32768] [--paths 16384] [--rounds 5]
"""
import argparse
import pathlib
import subprocess
import tempfile

import h5py
import numpy as np

FEW_PATHS = 64  # of a run that takes no longer than to start and to end
ERROR_PATHS = 4096
REFERENCE = 1e-6
TOLERANCES = [1e-1, 1e-2, 1e-3]

MODEL = """
[model]
name = "double_well"
sigma = 0.5
initial = {{ x = {start} }}
"""


def run(driver, deck, folder, name):
    (folder / f"{name}.toml").write_text(deck, encoding="utf-8")
    subprocess.run(
        [driver, f"{name}.toml", "--output", f"{name}.h5", "--quiet"], cwd=folder, check=True
    )
    return h5py.File(folder / f"{name}.h5", "r")


def ensemble(scheme, time, paths, save=0):
    return f"""
[time]
scheme = "{scheme}"
end = 4.0
{time}
[ensemble]
paths = {paths}
[observe]
save_paths = {save}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--start", type=float, default=100.0)
    parser.add_argument("--coarsest", type=int, default=32_768)
    parser.add_argument("--paths", type=int, default=16_384)
    parser.add_argument("--scheme", default="sriw1")
    options = parser.parse_args()
    binaries = pathlib.Path(options.bin).resolve()
    model = MODEL.format(start=options.start)
    steps = [options.coarsest << level for level in range(3)]

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def ends(tolerance):
            time = f"tolerance = {tolerance}"
            deck = model + ensemble(options.scheme, time, ERROR_PATHS, ERROR_PATHS)
            return run(binaries / "sde_ensemble", deck, folder, "ends")["paths/value"][:, -1, 0]

        exact = ends(REFERENCE)
        errors = {
            f"tolerance = {t}": np.sqrt(np.mean((ends(t) - exact) ** 2)) for t in TOLERANCES
        }
        order = f"""
[order]
schemes = ["{options.scheme}"]
reference = "{options.scheme}"
end = 4.0
coarsest = {steps[0]}
levels = {len(steps)}
refinements = 2
paths = {ERROR_PATHS}
"""
        found = run(binaries / "sde_order", model + order, folder, "order")["strong/error"][0]
        errors |= {f"steps = {n}": e for n, e in zip(steps, found)}

        seconds = {case: [] for case in errors}
        tried = {}

        def timed(case, paths):
            deck = model + ensemble(options.scheme, case, paths)
            with run(binaries / "sde_ensemble", deck, folder, "time") as file:
                return file["run/path_steps"][()] / paths, file["run/wall_seconds"][()]

        for case in list(errors):
            if np.isfinite(errors[case]):
                continue
            print(f"{case}: paths are not finite")
            del errors[case], seconds[case]
        for _ in range(options.rounds):
            for case in errors:
                tried[case], full = timed(case, options.paths)
                seconds[case].append((full - timed(case, FEW_PATHS)[1]) / options.paths)

    print(
        f"{options.scheme} from x = {options.start:g}, {options.paths} paths, "
        f"medians of {options.rounds} rounds\n"
    )
    print(f"{'case':20} {'error':>9} {'steps tried':>12} {'us per path':>12} {'ns per step':>12}")
    for case, error in errors.items():
        each = np.median(seconds[case])
        print(
            f"{case:20} {error:9.2e} {tried[case]:12.1f} {each * 1e6:12.2f} "
            f"{each / tried[case] * 1e9:12.1f}"
        )


if __name__ == "__main__":
    main()
