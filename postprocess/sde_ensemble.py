#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Plots and a self-contained HTML report from the results of sde_ensemble."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import figure_script

try:
    import driftwood_post
except ImportError as error:
    sys.exit(f"sde_ensemble.py: error: {figure_script.without(error)}")

EPILOG = """\
What is drawn depends on what the file holds:
  STEM.fan.COMPONENT          median and quantile bands (else mean +- 1.96 sd) over time,
                              saved paths, ensemble mean and, where known, the exact mean
  STEM.marginal.COMPONENT     histograms at the last and a few earlier times, with the known density
  STEM.first_passage.EVENT    times of first passage and the probability to have passed, with the
                              known law
  STEM.step_sizes             sizes of accepted and rejected steps, where they adapt
  STEM.multilevel             variance and mean per level with fitted slopes, samples, share of work
  STEM.convergence.FORMULA    estimate and relative standard error, against paths or time
  STEM.standard_error         standard error of the means over time, for files without formulas
  STEM.report.html            all of these with tables, cost, provenance and the deck, in one file

Known laws: geometric_brownian_motion, ornstein_uhlenbeck, heston (by Fourier inversion) and the
stationary law of double_well; first passages of Brownian motion with drift, also of its exponential.
Exit codes: 0 done, 1 results that cannot be read or written, 2 wrong command line.

example: mpirun -n 2 sde_ensemble heston.toml && sde_ensemble.py heston.h5 --output-dir figures
"""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line; exits 2 where it is wrong."""
    parser = figure_script.parser_of(__doc__, EPILOG)
    parser.add_argument("file", metavar="FILE", type=Path, help="result file (HDF5)")
    figure_script.add_folder(parser, "FILE's")
    parser.add_argument(
        "--component", metavar="NAME", action="append", help="draw only this one; repeatable"
    )
    figure_script.add_look(parser)
    parser.add_argument(
        "--allow-failed", action="store_true", help="also read a .failed file, with a warning in it"
    )
    return figure_script.parsed(parser, arguments)


def main(arguments: list[str] | None = None) -> int:
    """Draws everything and prints where it is; returns the exit code."""
    options = parse(arguments)
    folder = options.output_dir or options.file.parent
    try:
        results = driftwood_post.open(options.file, allow_failed=options.allow_failed)
        unknown = set(options.component or ()) - set(results.components)
        if unknown:
            there = ", ".join(results.components)
            return figure_script.fail(f"{options.file}: no component '{min(unknown)}'; there are: {there}", 2)
        from driftwood_post import present  # here, because matplotlib takes a second to start

        folder.mkdir(parents=True, exist_ok=True)
        written = present.write_all(
            results,
            folder,
            dpi=options.dpi,
            file_format=options.format,
            components=options.component,
        )
    except (driftwood_post.ReadError, ImportError, OSError) as error:
        return figure_script.fail_by(error, folder)
    return figure_script.finish(written)


if __name__ == "__main__":
    sys.exit(main())
