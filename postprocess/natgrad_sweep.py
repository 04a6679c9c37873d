#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Plots and a self-contained HTML report from the results of natgrad_sweep, whatever it studied: lines are
theory, points with bars of two standard errors are drawn designs."""

from __future__ import annotations

import sys
from pathlib import Path

import figure_script

try:
    from driftwood_post import layout
    from driftwood_post.read import ReadError, opened
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
of [rkhs]
  STEM.steps.source_R                     steps against rows, fitted slopes and theory's
  STEM.least_risk.source_R                least risks against rows
  STEM.risk.source_R                      mean risk along descents, at the most rows
of [kernel]
  STEM.path                               errors against lambda, of left-out and tested rows
  STEM.predictions                        predictions against labels at the best lambda
of [network]
  STEM.risk                               risk against noise
  STEM.difference                         the same less that of gradient descent, with intervals
  STEM.mixtures                           risk between gradient descent and natural gradient
                                          (population_mix:A)
  STEM.curves                             risk while networks are trained
of [advise]
  STEM.noise.rows_N.SIGNAL.TUNING         risk against noise, predicted and on choices of rows
  STEM.labels                             errors on labels, predicted and on rows that are held out
  STEM.spectrum                           eigenvalues of the rows and of their population
Figures are made where the grid has the points for them, of at most six pairs of alignment and gamma.

Exit codes: 0 done, 1 results that cannot be read or written, 2 wrong command line.

example: natgrad_sweep deck.toml && natgrad_sweep.py deck.h5 --output-dir figures
"""


def write_all(path: Path, folder: Path, dpi: int, file_format: str) -> list[Path]:
    """Everything that there is to draw of the file, by its kind of study; the paths."""
    # Here, because matplotlib takes a second to start.
    from driftwood_post import advice, kernel_fits, network_report, rkhs, sweep, sweep_report

    with opened(path) as file:
        kinds = set(file)
    if layout.RKHS in kinds:
        return rkhs.write_rkhs(path, folder, dpi=dpi, file_format=file_format)
    if layout.KERNEL in kinds:
        return kernel_fits.write_kernel(path, folder, dpi=dpi, file_format=file_format)
    if layout.NETWORK in kinds:
        return network_report.write_networks(path, folder, dpi=dpi, file_format=file_format)
    if layout.ADVICE in kinds:
        return advice.write_advice(path, folder, dpi=dpi, file_format=file_format)
    results = sweep.open_sweep(path)
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
        written = write_all(options.file, folder, options.dpi, options.format)
    except (ReadError, ImportError, OSError) as error:
        return figure_script.fail_by(error, folder)
    return figure_script.finish(written)


if __name__ == "__main__":
    sys.exit(main())
