#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Plots and a self-contained HTML report from the results of pose_search.

Of one file: what is proven of its camera poses, and what is not. Of several, which differ in outliers or
in points: what searches take, and how often they find the camera.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import figure_script

try:
    from driftwood_post.chains import shortened
    from driftwood_post.poses import PoseResults, open_poses
    from driftwood_post.read import ReadError
except ImportError as error:
    sys.exit(f"pose_search.py: error: {figure_script.without(error)}")

EPILOG = """\
Of one file:
  STEM.matches.PROBLEM   inliers and outliers in the image, right and wrong ones where that is known, and
                         residuals
  STEM.trace.PROBLEM     most inliers found, and most possible, over time
  STEM.leaves.PROBLEM    which boxes of rotations were closed, and by what argument
  STEM.leaves            the same over all problems
  STEM.report.html       all of these with a verdict, tables, cost, provenance and decks
and of three problems or more:
  STEM.bounds            inliers and bounds of all problems
  STEM.effort            boxes and seconds of all searches
  STEM.errors            errors of refined poses, where the truth is known
  STEM.recall            right matches found against wrong ones taken, where they are known
  STEM.peers             errors and times of other programs, from --peers
Problems with figures of their own are those of --problem, else the four of which least is proven.

Of several files:
  comparison.nodes, comparison.seconds   what searches take, with fitted exponents
  comparison.success                     how often poses are right, where the truth is known
  comparison.report.html                 all of these with a table
against --over outliers or points, else against what differs more.

A file of peers (benchmarks/pose_peers.py FILE --each PEERS writes one) is a JSON list, or CSV with these
names in its first line:
  [{"peer": "PoseLib", "problem": "camera 0", "seconds": 0.002, "rotation_error_deg": 0.1,
    "centre_error_relative": 0.001, "inliers": 441, "success": true}, ...]
where all but peer and problem may be missing.

Exit codes: 0 done, 1 results that cannot be read or written, 2 wrong command line.

example: pose_search deck.toml && pose_search.py deck.h5 --output-dir figures
"""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line; exits 2 where it is wrong."""
    parser = figure_script.parser_of(__doc__, EPILOG)
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+", help="result file (HDF5)")
    parser.add_argument(
        "--problem",
        metavar="NAME",
        action="append",
        help="draws this problem, by its name or number; may be given again",
    )
    parser.add_argument(
        "--image",
        metavar="FILE",
        type=Path,
        help="photograph under the matches of the one problem; its middle is where the camera's axis is",
    )
    parser.add_argument(
        "--peers", metavar="FILE", type=Path, help="what other programs found, JSON or CSV"
    )
    parser.add_argument(
        "--over", choices=("outliers", "points"), help="what several files differ in"
    )
    figure_script.add_folder(parser, "that of the first FILE")
    figure_script.add_look(parser)
    options = figure_script.parsed(parser, arguments)
    if len(options.files) > 1:
        for name in ("problem", "image", "peers"):
            if getattr(options, name):
                parser.error(f"argument --{name}: is for one FILE")
    elif options.over:
        parser.error("argument --over: needs several FILEs")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Draws everything and prints where it is; returns the exit code."""
    options = parse(arguments)
    folder = options.output_dir or options.files[0].parent
    try:
        runs = [open_poses(file) for file in options.files]
        unknown = [name for name in options.problem or () if runs[0].number_of(name) is None]
        if unknown:
            there = shortened(runs[0].names)
            return figure_script.fail(
                f"{runs[0].path}: no problem '{unknown[0]}'; there are: {there}", 2
            )
        chosen = sorted({runs[0].number_of(name) for name in options.problem or ()})
        if options.image and not chosen and runs[0].problems == 1:
            chosen = [0]
        if options.image and len(chosen) != 1:
            return figure_script.fail(f"{options.image}: name the one problem that it is of by --problem", 2)
        written = _write(runs, chosen, folder, options)
    except (ReadError, ImportError, OSError) as error:
        return figure_script.fail_by(error, folder)
    return figure_script.finish(written)


def _write(
    runs: list[PoseResults], chosen: list[int], folder: Path, options: argparse.Namespace
) -> list[Path]:
    # Here, because matplotlib takes a second to start.
    from driftwood_post import pose_peers, pose_report, pose_sweep

    look = {"dpi": options.dpi, "file_format": options.format}
    if len(runs) > 1:
        return pose_report.write_sweep(pose_sweep.sweep(runs, options.over), folder, **look)
    peers = pose_peers.open_peers(options.peers, runs[0]) if options.peers else ()
    return pose_report.write_one(
        runs[0], folder, chosen=chosen, photograph=options.image, peers=peers, **look
    )


if __name__ == "__main__":
    sys.exit(main())
