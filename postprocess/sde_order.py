#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draws error against step, strong and weak, from the results of sde_order."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

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
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="result file (HDF5)")
    parser.add_argument("--output-dir", metavar="DIR", type=Path, help="folder (default: FILE's)")
    parser.add_argument("--dpi", metavar="N", type=int, default=300, help="dots per inch (300)")
    parser.add_argument("--format", choices=("png", "pdf"), default="png", help="of the figures")
    options = parser.parse_args(arguments)
    if not 20 <= options.dpi <= 2400:
        parser.error(f"argument --dpi: {options.dpi} is not between 20 and 2400")
    folder = options.output_dir or options.file.parent
    try:
        from driftwood_post import order

        results = order.open_orders(options.file)
        folder.mkdir(parents=True, exist_ok=True)
        written = order.write_figures(
            results, folder, dpi=options.dpi, file_format=options.format
        )
    except ReadError as error:
        print(f"sde_order.py: error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = error.filename or folder
        print(f"sde_order.py: error: {where}: cannot be written ({error.strerror})", file=sys.stderr)
        return 1
    for path in written:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
