#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Plots and a self-contained HTML report from the results of natgrad_sweep: lines are theory, points
with bars of two standard errors are drawn designs."""

from __future__ import annotations

import sys
from pathlib import Path

import figure_script

try:
    from driftwood_post import networks, sweep
    from driftwood_post.read import ReadError
except ImportError as error:
    sys.exit(f"natgrad_sweep.py: error: {figure_script.without(error)}")

EPILOG = """\
  STEM.noise.alignment_R.gamma_G          risk against noise, and where curves cross (3 noises or more)
  STEM.interpolation.alignment_R.gamma_G  risk between gradient descent and natural gradient (3 of
                                          pow:A or add:A)
  STEM.time.alignment_R.gamma_G           risk along the flow, and where it is best to stop (3 times)
  STEM.phases                             which preconditioner has the least risk (3 gammas, 3 noises)
  STEM.agreement                          ensembles against theory, in standard errors
  STEM.report.html                        all of these with a verdict, tables, cost and decks
Figures are made where the grid has the points for them, of at most six pairs of alignment and gamma.
Of networks:
  STEM.risk                               risk against noise
  STEM.difference                         the same less that of gradient descent, with intervals
  STEM.mixtures                           risk between gradient descent and natural gradient
                                          (population_mix:A)
  STEM.curves                             risk while networks are trained
  STEM.report.html                        as above

Exit codes: 0 done, 1 results that cannot be read or written, 2 wrong command line.

example: natgrad_sweep deck.toml && natgrad_sweep.py deck.h5 --output-dir figures
"""


def written_of(file: Path, folder: Path, *, dpi: int, file_format: str) -> list[Path]:
    """Figures and the report of whatever study the file has."""
    # here, because matplotlib takes a second to start
    from driftwood_post import network_report, sweep_report

    if networks.holds_networks(file):
        found = networks.open_networks(file)
        folder.mkdir(parents=True, exist_ok=True)
        return network_report.write_all(found, folder, dpi=dpi, file_format=file_format)
    results = sweep.open_sweep(file)
    folder.mkdir(parents=True, exist_ok=True)
    return sweep_report.write_all(results, folder, dpi=dpi, file_format=file_format)


def main(arguments: list[str] | None = None) -> int:
    """Draws everything and prints where it is; returns the exit code."""
    parser = figure_script.parser_of(__doc__, EPILOG)
    parser.add_argument("file", metavar="FILE", type=Path, help="result file (HDF5)")
    figure_script.add_folder(parser, "that of FILE")
    figure_script.add_look(parser)
    options = figure_script.parsed(parser, arguments)
    folder = options.output_dir or options.file.parent
    try:
        written = written_of(options.file, folder, dpi=options.dpi, file_format=options.format)
    except (ReadError, ImportError, OSError) as error:
        return figure_script.fail_by(error, folder)
    return figure_script.finish(written)


if __name__ == "__main__":
    sys.exit(main())
