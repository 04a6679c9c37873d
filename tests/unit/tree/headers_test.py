# SPDX-License-Identifier: BSD-3-Clause
"""Every header of the layers that are built compiles on its own. Ninja remembers which did, and what they include."""

import json
import os
import shlex
import subprocess
from pathlib import Path

SOURCE = Path(os.environ["DRIFTWOOD_SOURCE"])
COMMANDS = Path(os.environ["DRIFTWOOD_COMPILE_COMMANDS"])
LAYERS = os.environ["DRIFTWOOD_BUILT_LAYERS"].split(":")  # la needs PETSc
FOLDER = COMMANDS.parent / "tests" / "headers"


def compile_command() -> str:
    """The command for a file that uses every layer, less its input and output."""
    for entry in json.loads(COMMANDS.read_text(encoding="utf-8")):
        if entry["file"].endswith("/every_layer.cpp"):
            words = shlex.split(entry["command"])
            return shlex.join(words[: words.index("-o")])
    raise AssertionError(f"{COMMANDS} does not say how every_layer.cpp is compiled")


def ninja_file(headers: list[Path]) -> str:
    """One statement per header: it is compiled, as an include of an otherwise empty file."""
    lines = [
        "rule header",
        f"  command = {compile_command()} -MD -MF $out.d -c -o $out $in".replace("-O3", "-O0"),
        "  depfile = $out.d",
        "  deps = gcc",
        "  description = $in",
    ]
    for header in headers:
        name = str(header.relative_to(SOURCE / "src"))
        stem = FOLDER / name.replace("/", "_")
        text = f'#include "{name}"\n'
        unit = stem.with_suffix(".cpp")
        if not unit.exists() or unit.read_text(encoding="utf-8") != text:
            unit.write_text(text, encoding="utf-8")
        lines.append(f"build {stem}.o: header {unit}")
    return "\n".join(lines) + "\n"


def test_every_header_compiles_on_its_own() -> None:
    headers = sorted(h for layer in LAYERS for h in (SOURCE / "src" / layer).rglob("*.hpp"))
    assert headers
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "build.ninja").write_text(ninja_file(headers), encoding="utf-8")

    ninja = subprocess.run(
        [os.environ["DRIFTWOOD_NINJA"], "-C", FOLDER, "--quiet", "-k", "0", "-j", "2"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ninja.returncode == 0, ninja.stdout[-8000:]
