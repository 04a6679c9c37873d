#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Plots and a self-contained HTML report from the results of sde_gradient, whatever its task."""

from __future__ import annotations

import sys
from pathlib import Path

import figure_script

try:
    from driftwood_post import layout
    from driftwood_post.read import ReadError, opened
except ImportError as error:
    sys.exit(f"sde_gradient.py: error: {figure_script.without(error)}")

EPILOG = """\
  STEM.over_time.FORMULA      derivatives of the mean of a formula over time, bands of 95 %
  STEM.effects.FORMULA        of results at one time: how the mean changes by 1 % of each parameter
  STEM.report.html            all of these with tables, cost, provenance and decks
of models that are fitted
  STEM.fan.COMPONENT          the end of the series in the fan of simulated paths
  STEM.residuals.COMPONENT    residuals over time, against normal quantiles, their autocorrelation
  STEM.trace                  objective and parameters over iterations
  STEM.targets                of given values: their distances from the model
of tables of errors
  STEM.errors                 errors of gradients against steps, with fitted slopes
  STEM.costs                  time and memory against steps

Exit codes: 0 done, 1 results that cannot be read or written, 2 wrong command line.

example: sde_gradient deck.toml && sde_gradient.py deck.h5 --output-dir figures
"""


def write_all(path: Path, folder: Path, dpi: int, file_format: str, allow_failed: bool) -> list[Path]:
    """Everything that there is to draw of the file, by its kind of task; the paths."""
    # Here, because matplotlib takes a second to start.
    from driftwood_post import fits, gradient_errors, gradients

    with opened(path, allow_failed=allow_failed) as file:
        kinds = set(file)
    if layout.ERROR_TABLE in kinds:
        return gradient_errors.write_table(path, folder, dpi=dpi, file_format=file_format)
    if layout.FIT in kinds:
        return fits.write_fit(path, folder, dpi=dpi, file_format=file_format)
    return gradients.write_gradients(
        path, folder, dpi=dpi, file_format=file_format, allow_failed=allow_failed
    )


def main(arguments: list[str] | None = None) -> int:
    """Draws everything and prints where it is; returns the exit code."""
    parser = figure_script.parser_of(__doc__, EPILOG)
    parser.add_argument("file", metavar="FILE", type=Path, help="result file (HDF5)")
    figure_script.add_folder(parser, "that of FILE")
    figure_script.add_look(parser)
    parser.add_argument(
        "--allow-failed", action="store_true", help="also read a .failed file, with a warning in it"
    )
    options = figure_script.parsed(parser, arguments)
    folder = options.output_dir or options.file.parent
    try:
        written = write_all(
            options.file, folder, options.dpi, options.format, options.allow_failed
        )
    except (ReadError, ImportError, OSError) as error:
        return figure_script.fail_by(error, folder)
    return figure_script.finish(written)


if __name__ == "__main__":
    sys.exit(main())
