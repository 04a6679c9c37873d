# SPDX-License-Identifier: BSD-3-Clause
"""What the scripts that draw results have in common. Needs nothing beyond Python itself, as it also
says what is missing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def without(error: ImportError) -> str:
    """Which module cannot be imported, and what to do."""
    return (
        f"{sys.executable} cannot import {error.name} (needed are Python 3.11 or later with numpy,"
        " h5py and matplotlib); on Debian call this script by /usr/bin/python3"
    )


def parser_of(description: str | None, epilog: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_folder(parser: argparse.ArgumentParser, default: str) -> None:
    """--output-dir; `default` says which folder it is where it is left out."""
    parser.add_argument(
        "--output-dir",
        metavar="DIR",
        type=Path,
        help=f"folder for the figures, made where it is missing (default: {default})",
    )


def add_look(parser: argparse.ArgumentParser) -> None:
    """--dpi and --format."""
    parser.add_argument("--dpi", metavar="N", type=int, default=300, help="dots per inch (300)")
    parser.add_argument(
        "--format", choices=("png", "pdf"), default="png", help="of the figures' files (png)"
    )


def parsed(parser: argparse.ArgumentParser, arguments: list[str] | None) -> argparse.Namespace:
    """The command line; exits 2 where it is wrong."""
    options = parser.parse_args(arguments)
    if not 20 <= options.dpi <= 2400:
        parser.error(f"argument --dpi: {options.dpi} is not between 20 and 2400")
    return options


def fail(message: str, code: int) -> int:
    """Prints the message under the script's name; returns the code."""
    print(f"{Path(sys.argv[0]).name}: error: {message}", file=sys.stderr)
    return code


def fail_by(error: Exception, folder: Path) -> int:
    """The same for what kept the script from reading, or from writing into `folder`."""
    if isinstance(error, ImportError):
        return fail(without(error), 1)
    if isinstance(error, OSError):
        return fail(f"{error.filename or folder}: cannot be written ({error.strerror})", 1)
    return fail(str(error), 1)


def finish(written: list[Path]) -> int:
    """Prints where everything is."""
    for path in written:
        print(path)
    return 0
