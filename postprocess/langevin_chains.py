#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Plots and a self-contained HTML report from the results of langevin_chains.

Of one file: what its chains say, and how far to trust them. Of several, which differ in step size or
sampler: their errors against the size of the steps and against the gradients they took.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import figure_script

try:
    from driftwood_post import chain_reference, chains
    from driftwood_post.read import ReadError
except ImportError as error:
    sys.exit(f"langevin_chains.py: error: {figure_script.without(error)}")

EPILOG = """\
Of one file:
  STEM.intervals               means with their 95 % intervals, standard deviations
  STEM.diagnostics             R-hat and effective draws of all parameters
  STEM.trace.PARAMETER         stored chains, and the ranks of their draws
  STEM.marginal.PARAMETER      histogram of the stored draws
  STEM.autocorrelation         of the stored chains
  STEM.energy                  energies and their changes, of samplers that have them
  STEM.distances               KSD and W2 of the last states with their floors ([diagnostics])
  STEM.marginal_distances      W2 of each parameter alone
  STEM.tempering.index         rungs of some replicas over time
  STEM.tempering.rejection     refused swaps between rungs, and the barrier
  STEM.tempering.evidence      the integrand of the log evidence
  STEM.report.html             all of these with a verdict, tables, cost, provenance and decks
Traces, marginals and autocorrelations are of the parameters of --parameters, else of the six that can
be trusted least; they need draws, which the deck stores by [chains] draws = { thin = 1, chains = 64 }.

Of several files:
  comparison.mean.step_size              error of the mean against the size of the steps, with slopes
  comparison.mean.gradients              ... against the gradients of each chain
  comparison.second_moment.step_size, comparison.second_moment.gradients
  comparison.report.html                 all of these with a table
With --over-steps, of files that store all chains from the start (warmup = 0), instead:
  comparison.mean.over_steps             error at each time against the steps until then
  comparison.mean.over_gradients         ... against the gradients until then
  comparison.second_moment.over_steps, comparison.second_moment.over_gradients
  comparison.distance.over_steps, comparison.distance.over_gradients
                                         sliced Wasserstein distance, if the reference has draws
Errors are against --reference, which --over-steps needs, else against what the file with the smallest steps extrapolates to
steps of size 0 (where it has /bias), else against what that file found.

A reference is another result file, or JSON: {"x": {"mean": 1.0, "sd": 2.0, "mcse": 0.01}}; of a vector
mean, sd and mcse may be lists. A report then has z-scores.

Exit codes: 0 done, 1 results that cannot be read or written, 2 wrong command line.

example: langevin_chains deck.toml && langevin_chains.py deck.h5 --output-dir figures
"""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line; exits 2 where it is wrong."""
    parser = figure_script.parser_of(__doc__, EPILOG)
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+", help="result file (HDF5)")
    parser.add_argument(
        "--reference",
        metavar="FILE",
        type=Path,
        help="known means and standard deviations, JSON or a result file",
    )
    parser.add_argument(
        "--over-steps", action="store_true", help="draw how errors fall with the steps of each run"
    )
    parser.add_argument(
        "--parameters", metavar="A,B", type=_names, help="only of these, such as x,b[0]"
    )
    figure_script.add_folder(parser, "that of the first FILE")
    figure_script.add_look(parser)
    parser.add_argument(
        "--allow-failed", action="store_true", help="also read a .failed file, with a warning in it"
    )
    options = figure_script.parsed(parser, arguments)
    if options.over_steps and not options.reference:
        parser.error("argument --over-steps: needs a --reference")
    return options


def _names(text: str) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise argparse.ArgumentTypeError("names no parameter")
    return names


def main(arguments: list[str] | None = None) -> int:
    """Draws everything and prints where it is; returns the exit code."""
    options = parse(arguments)
    folder = options.output_dir or options.files[0].parent
    try:
        runs = [chains.open_chains(f, allow_failed=options.allow_failed) for f in options.files]
        unknown = set(options.parameters or ()) - set(runs[0].names)
        if unknown:
            there = chains.shortened(runs[0].names)
            return figure_script.fail(f"{runs[0].path}: no parameter '{min(unknown)}'; there are: {there}", 2)
        reference = options.reference and chain_reference.open_reference(options.reference)
        written = _write(runs, reference, folder, options)
    except (ReadError, ImportError, OSError) as error:
        return figure_script.fail_by(error, folder)
    return figure_script.finish(written)


def _write(
    runs: list[chains.ChainResults],
    reference: chain_reference.ChainReference | None,
    folder: Path,
    options: argparse.Namespace,
) -> list[Path]:
    # Here, because matplotlib takes a second to start.
    from driftwood_post import chain_comparison, chain_progress, chain_report

    look = {"dpi": options.dpi, "file_format": options.format}
    if reference and options.over_steps:
        progress = chain_progress.follow(runs, reference, options.parameters)
        folder.mkdir(parents=True, exist_ok=True)
        return chain_report.write_progress(progress, reference, folder, **look)
    if len(runs) > 1:
        comparison = chain_comparison.compare(runs, reference, options.parameters)
        folder.mkdir(parents=True, exist_ok=True)
        return chain_report.write_comparison(comparison, folder, **look)
    if runs[0].draws is None:
        print(f"langevin_chains.py: {runs[0].path}: {chain_report.NO_DRAWS}", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    return chain_report.write_one(runs[0], reference, folder, names=options.parameters, **look)


if __name__ == "__main__":
    sys.exit(main())
