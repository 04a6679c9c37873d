#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Plots and a self-contained HTML report from the results of sde_ensemble."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def _without(error: ImportError) -> str:
    return (
        f"{sys.executable} cannot import {error.name} (needed are Python 3.11 or later with numpy,"
        " h5py and matplotlib); on Debian call this script by /usr/bin/python3"
    )


try:
    import driftwood_post
except ImportError as error:
    sys.exit(f"sde_ensemble.py: error: {_without(error)}")

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
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="result file (HDF5)")
    parser.add_argument(
        "--output-dir",
        metavar="DIR",
        type=Path,
        help="folder for the figures, made where it is missing (default: FILE's)",
    )
    parser.add_argument(
        "--component", metavar="NAME", action="append", help="draw only this one; repeatable"
    )
    parser.add_argument("--dpi", metavar="N", type=int, default=300, help="dots per inch (300)")
    parser.add_argument(
        "--format", choices=("png", "pdf"), default="png", help="of the figures' files (png)"
    )
    parser.add_argument(
        "--allow-failed", action="store_true", help="also read a .failed file, with a warning in it"
    )
    options = parser.parse_args(arguments)
    if not 20 <= options.dpi <= 2400:
        parser.error(f"argument --dpi: {options.dpi} is not between 20 and 2400")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Draws everything and prints where it is; returns the exit code."""
    options = parse(arguments)
    folder = options.output_dir or options.file.parent
    try:
        results = driftwood_post.open(options.file, allow_failed=options.allow_failed)
        unknown = set(options.component or ()) - set(results.components)
        if unknown:
            there = ", ".join(results.components)
            return _fail(f"{options.file}: no component '{min(unknown)}'; there are: {there}", 2)
        from driftwood_post import present  # here, because matplotlib takes a second to start

        folder.mkdir(parents=True, exist_ok=True)
        written = present.write_all(
            results,
            folder,
            dpi=options.dpi,
            file_format=options.format,
            components=options.component,
        )
    except driftwood_post.ReadError as error:
        return _fail(str(error), 1)
    except ImportError as error:
        return _fail(_without(error), 1)
    except OSError as error:
        return _fail(f"{error.filename or folder}: cannot be written ({error.strerror})", 1)
    for path in written:
        print(path)
    return 0


def _fail(message: str, code: int) -> int:
    print(f"sde_ensemble.py: error: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
