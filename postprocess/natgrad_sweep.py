#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Plots and a self-contained HTML report from the results of natgrad_sweep: lines are theory, points
with bars of two standard errors are drawn designs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

try:
    from driftwood_post import sweep
    from driftwood_post.read import ReadError
except ImportError as error:
    sys.exit(
        f"natgrad_sweep.py: error: {sys.executable} cannot import {error.name} (needed are Python"
        " 3.11 or later with numpy, h5py and matplotlib); on Debian call this script by"
        " /usr/bin/python3"
    )

EPILOG = """\
  STEM.noise.alignment_R.gamma_G          risk against noise, and where curves cross (3 noises or more)
  STEM.interpolation.alignment_R.gamma_G  risk between gradient descent and natural gradient (3 of
                                          pow:A or add:A)
  STEM.time.alignment_R.gamma_G           risk along the flow, and where it is best to stop (3 times)
  STEM.phases                             which preconditioner has the least risk (3 gammas, 3 noises)
  STEM.agreement                          ensembles against theory, in standard errors
  STEM.report.html                        all of these with a verdict, tables, cost and decks
Figures are made where the grid has the points for them, of at most six pairs of alignment and gamma.

Exit codes: 0 done, 1 results that cannot be read or written, 2 wrong command line.

example: natgrad_sweep deck.toml && natgrad_sweep.py deck.h5 --output-dir figures
"""


def main(arguments: list[str] | None = None) -> int:
    """Draws everything and prints where it is; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="result file (HDF5)")
    parser.add_argument(
        "--output-dir",
        metavar="DIR",
        type=Path,
        help="folder for the figures, made where it is missing (default: that of FILE)",
    )
    parser.add_argument("--dpi", metavar="N", type=int, default=300, help="dots per inch (300)")
    parser.add_argument(
        "--format", choices=("png", "pdf"), default="png", help="of the figures' files (png)"
    )
    options = parser.parse_args(arguments)
    if not 20 <= options.dpi <= 2400:
        parser.error(f"argument --dpi: {options.dpi} is not between 20 and 2400")
    folder = options.output_dir or options.file.parent
    try:
        from driftwood_post import sweep_report

        results = sweep.open_sweep(options.file)
        folder.mkdir(parents=True, exist_ok=True)
        written = sweep_report.write_all(
            results, folder, dpi=options.dpi, file_format=options.format
        )
    except ReadError as error:
        print(f"natgrad_sweep.py: error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = error.filename or folder
        reason = error.strerror
        print(f"natgrad_sweep.py: error: {where}: cannot be written ({reason})", file=sys.stderr)
        return 1
    for path in written:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
