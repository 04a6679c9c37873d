#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Work and precision of adaptive steps against equal ones, on a model stiff in one place.

Paths of a double well start far out, where the drift -x^3 is steep, and then fluctuate between the
wells. Errors are root mean squares over paths at the end: of equal steps by sde_order, of adaptive
ones against a far smaller tolerance on the same Brownian paths. Times are of sde_ensemble on one
core, less that of a run of few paths, medians of rounds in which all cases run in turn.

    benchmarks/adaptive_speed.py [--scheme sriw1 ...] [--start 100] [--coarsest 32768]
        [--tolerances 0.1 0.01 0.001 0.0001] [--paths 16384] [--rounds 5] [--plot FILE]
    benchmarks/adaptive_speed.py --model DECK [--end 4] ...

--plot draws error against time; --model takes the model of a deck in place of the double well.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import tomllib

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "postprocess"))

from driftwood_post import style  # noqa: E402

FEW_PATHS = 64  # of a run that takes no longer than to start and to end
ERROR_PATHS = 4096
FAR_SMALLER = 1e-2  # the tolerance of the reference, of the smallest one
LEVELS = 3  # grids of equal steps
FEWEST_LEVELS, MOST_COARSEST = 2, 65_536  # that sde_order takes
FORMATS = (".png", ".pdf", ".svg")

ENSEMBLE = """
[time]
scheme = "{scheme}"
end = {end}
{case}
[ensemble]
paths = {paths}
[observe]
save_paths = {save}
"""

ORDER = """
[order]
schemes = ["{scheme}"]
reference = "{scheme}"
end = {end}
coarsest = {coarsest}
levels = {levels}
refinements = 2
paths = {paths}
"""


def toml(value):
    """`value` as TOML writes it in one line, which the standard library only reads."""
    if isinstance(value, dict):
        entries = (f"{json.dumps(key)} = {toml(entry)}" for key, entry in value.items())
        return "{ " + ", ".join(entries) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, str)) else repr(value)


class Study:
    """Runs of the drivers on one model."""

    def __init__(self, options, model, folder):
        self.options, self.model, self.folder = options, f"model = {toml(model)}\n", folder
        self.units = None  # of the errors

    def run(self, driver, tables):
        (self.folder / "deck.toml").write_text(self.model + tables, encoding="utf-8")
        command = [self.options.bin.resolve() / driver, "deck.toml", "--output", "out.h5"]
        if subprocess.run([*command, "--quiet"], cwd=self.folder, check=False).returncode:
            raise SystemExit(f"a run of {driver} failed")
        return h5py.File(self.folder / "out.h5", "r")

    def ensemble(self, scheme, case, paths, save=0):
        end = self.options.end
        deck = ENSEMBLE.format(scheme=scheme, end=end, case=case, paths=paths, save=save)
        return self.run("sde_ensemble", deck)

    def ends(self, scheme, tolerance):
        case = f"tolerance = {tolerance}"
        with self.ensemble(scheme, case, ERROR_PATHS, ERROR_PATHS) as file:
            return file["paths/value"][:, -1]

    def errors(self, scheme):
        """Errors by case, which is what a deck says of the steps."""
        tolerances = self.options.tolerances
        exact = self.ends(scheme, FAR_SMALLER * min(tolerances))
        found = {}
        for tolerance in tolerances:
            distance = self.ends(scheme, tolerance) - exact
            found[f"tolerance = {tolerance}"] = np.sqrt(np.mean(np.sum(distance**2, axis=1)))
        return found | self.equal_errors(scheme)

    def equal_errors(self, scheme):
        """Errors of equal steps, of the grids from the first on which all paths are finite.

        sde_order leaves a path that is not finite on one grid out of the errors of all.
        """
        coarsest, levels = self.options.coarsest, LEVELS
        while levels >= FEWEST_LEVELS:
            deck = ORDER.format(
                scheme=scheme,
                end=self.options.end,
                coarsest=coarsest,
                levels=levels,
                paths=ERROR_PATHS,
            )
            with self.run("sde_order", deck) as file:
                if file["finite_paths"][0] == ERROR_PATHS:
                    self.units = file["strong/error"].attrs["units"]
                    errors = file["strong/error"][0]
                    return {f"steps = {coarsest << i}": error for i, error in enumerate(errors)}
            print(f"{scheme}, steps = {coarsest}: not all paths are finite")
            coarsest, levels = 2 * coarsest, levels - 1
            if coarsest > MOST_COARSEST:
                break
        print(f"{scheme}, steps = {coarsest} and more: not measured")
        return {}

    def timed(self, scheme, case, paths):
        """Steps per path, and seconds of the run."""
        with self.ensemble(scheme, case, paths) as file:
            return file["run/path_steps"][()] / paths, file["run/wall_seconds"][()]


def draw(file, title, units, lines):
    """Error against time; `lines` has (microseconds, error) by scheme and case."""
    alone = len(lines) == 1
    ways = {"steps": ("equal steps (number)", "s--"), "tolerance": ("adaptive (tolerance)", "o-")}
    # Above several schemes stand two lines of the legend each.
    with style.figure(3.2 if alone else 3.0 + 0.3 * len(lines)) as figure:
        axes = figure.subplots()
        for i, (scheme, points) in enumerate(lines.items()):
            # Lines fall to the right: labels stand above them or, of every other scheme, below.
            side, align = (-1, "right") if i % 2 else (1, "left")
            for key, (name, look) in ways.items():
                cases = [case for case in points if case.startswith(key)]
                if not cases:
                    continue
                label = name if alone else f"{scheme}, {name}"
                x, y = zip(*(points[case] for case in cases))
                axes.plot(x, y, look, color=f"C{i}", markersize=3, linewidth=0.9, label=label)
                for case in cases:
                    axes.annotate(
                        case.split()[-1],
                        points[case],
                        xytext=(4 * side, 3 * side),
                        textcoords="offset points",
                        ha=align,
                        va="center",
                        color=f"C{i}",
                        fontsize=5,
                    )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.margins(0.15)
        axes.set_xlabel("time per path [µs]")
        axes.set_ylabel(style.with_units("root mean square error at the end", units))
        figure.suptitle(title, fontsize=8, x=0.02, ha="left")
        style.legend_above(axes, columns=2 if alone else 1)
        figure.savefig(file, dpi=200)


def parsed():
    """The command line, and the model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--start", type=float, default=100.0, help="of the double well")
    parser.add_argument("--model", type=pathlib.Path, help="deck whose [model] to take instead")
    parser.add_argument("--end", type=float, default=4.0, help="of the paths [time]")
    parser.add_argument("--coarsest", type=int, default=32_768, help="fewest equal steps")
    parser.add_argument("--tolerances", type=float, nargs="+", default=[1e-1, 1e-2, 1e-3, 1e-4])
    parser.add_argument("--paths", type=int, default=16_384)
    parser.add_argument("--scheme", nargs="+", default=["sriw1"])
    parser.add_argument("--plot", type=pathlib.Path, metavar="FILE", help=", ".join(FORMATS))
    options = parser.parse_args()
    if options.plot and options.plot.suffix not in FORMATS:
        parser.error(f"argument --plot: {options.plot} ends in none of {', '.join(FORMATS)}")
    if not options.model:
        return options, {"name": "double_well", "sigma": 0.5, "initial": {"x": options.start}}
    try:
        return options, tomllib.loads(options.model.read_text(encoding="utf-8"))["model"]
    except (OSError, tomllib.TOMLDecodeError) as error:
        parser.error(f"argument --model: {error}")
    except KeyError:
        parser.error(f"argument --model: {options.model} has no [model]")


def main():
    options, model = parsed()
    where = f"on {model['name'].replace('_', ' ')}"
    where += f" of {options.model.name}" if options.model else f" from x = {options.start:g}"
    with tempfile.TemporaryDirectory() as name:
        study = Study(options, model, pathlib.Path(name))
        errors = {scheme: study.errors(scheme) for scheme in options.scheme}
        cases = [(scheme, case) for scheme, found in errors.items() for case in found]
        seconds = {each: [] for each in cases}
        tried = {}
        for _ in range(options.rounds):
            for each in cases:
                tried[each], full = study.timed(*each, options.paths)
                few = study.timed(*each, FEW_PATHS)[1]
                seconds[each].append((full - few) / options.paths)

    lines = {scheme: {} for scheme in errors}
    for scheme, found in errors.items():
        print(
            f"{scheme} {where}, {options.paths} paths, medians of {options.rounds} rounds\n\n"
            f"{'case':20} {'error':>9} {'steps tried':>12} {'us per path':>12} {'ns per step':>12}"
        )
        for case, error in found.items():
            us, steps = np.median(seconds[scheme, case]) * 1e6, tried[scheme, case]
            print(f"{case:20} {error:9.2e} {steps:12.1f} {us:12.2f} {us * 1e3 / steps:12.1f}")
            if us > 0 and error > 0:
                lines[scheme][case] = (us, error)
            elif options.plot:
                print("    left out of the plot: no error, or too few paths to be timed")
        print()
    if options.plot:
        draw(options.plot, f"{', '.join(errors)} {where}", study.units, lines)
        print(options.plot)


if __name__ == "__main__":
    main()
