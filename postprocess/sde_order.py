#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draws error against step, strong and weak, from the results of sde_order."""

from __future__ import annotations

import sys
from pathlib import Path

import figure_script
from driftwood_post.read import ReadError

EPILOG = """\
  STEM.strong.png             root mean square error of every scheme, with its order
  STEM.weak_mean.png          error of the mean
  STEM.weak_second_moment.png error of the second moment

Errors within three standard errors of zero are left out. Exit codes: 0 done, 1 results that cannot be
read or written, 2 wrong command line.

example: sde_order order.toml && sde_order.py order.h5 --output-dir figures
"""


def main(arguments: list[str] | None = None) -> int:
    """Draws everything and prints where it is; returns the exit code."""
    parser = figure_script.parser_of(__doc__, EPILOG)
    parser.add_argument("file", metavar="FILE", type=Path, help="result file (HDF5)")
    figure_script.add_folder(parser, "FILE's")
    figure_script.add_look(parser)
    options = figure_script.parsed(parser, arguments)
    folder = options.output_dir or options.file.parent
    try:
        from driftwood_post import order

        results = order.open_orders(options.file)
        folder.mkdir(parents=True, exist_ok=True)
        written = order.write_figures(
            results, folder, dpi=options.dpi, file_format=options.format
        )
    except (ReadError, OSError) as error:
        return figure_script.fail_by(error, folder)
    return figure_script.finish(written)


if __name__ == "__main__":
    sys.exit(main())
