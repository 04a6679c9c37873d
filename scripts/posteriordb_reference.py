#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes of the reference draws of a posterior the moments that a run is compared with.

    scripts/posteriordb_reference.py ARCHIVE.draws.json.zip > reference.json

An archive of posteriordb holds one JSON file, a list of chains {"name": [draws]}. Of each parameter
come {"mean", "sd", "draws"}, under its name in results of langevin_chains: "theta[1]" of the archive is
"theta[0]" here. Draws of an archive are thinned until they are as good as independent: all count.
"""
import argparse
import json
import math
import re
import sys
import zipfile


def our_name(name):
    """Indices from 0."""
    return re.sub(r"\[(\d+)\]", lambda index: f"[{int(index[1]) - 1}]", name)


def moments(values):
    mean = math.fsum(values) / len(values)
    square = math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return {"mean": mean, "sd": math.sqrt(square), "draws": len(values)}


def reference(archive):
    """{name: moments} of the draws in an archive."""
    with zipfile.ZipFile(archive) as content:
        names = [name for name in content.namelist() if name.endswith(".json")]
        if len(names) != 1:
            raise ValueError(f"there are {len(names)} JSON files in it, not 1")
        chains = json.loads(content.read(names[0]))
    return {
        our_name(name): moments([value for chain in chains for value in chain[name]])
        for name in chains[0]
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive")
    arguments = parser.parse_args()
    try:
        found = reference(arguments.archive)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as problem:
        sys.exit(f"error: {arguments.archive}: {problem}")
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
