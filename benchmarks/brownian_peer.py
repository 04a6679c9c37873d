#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Brownian increments over the cells of a grid, in single precision: torchsde's BrownianInterval beside
Driftwood's Brownian Interval and its grid source, one core each, in turn.

    benchmarks/brownian_peer.py [--bin build/release/bin] [--rounds 5] [--batches 0 1 2]

Needs an environment with `torch` and `torchsde` (pip install torch torchsde); Driftwood needs neither.
Times are of the processor. torchsde is told the step, and its tree is planted before the time is taken;
Driftwood's time has the tree in it.
"""
import argparse
import importlib.metadata
import pathlib
import random
import re
import statistics
import subprocess
import time

import torch
import torchsde

BATCHES = [(128, 5), (256, 128), (512, 256)]
CELLS = [100, 1000]
# Cases of ours, and those of torchsde's that do the same.
COMPARED = {
    "interval forward": "forward",
    "interval both ways": "both ways",
    "interval random": "random",
    "grid forward": "forward",
    "grid both ways": "both ways",
}
ASKED = {"interval forward": (20, 6, 3), "interval both ways": (20, 6, 3), "grid forward": (10, 10, 10),
         "grid both ways": (10, 10, 10)}


def torchsde_ns(size, cells, order):
    """Nanoseconds per increment of one run."""
    path = torchsde.BrownianInterval(0.0, 1.0, size=size, dtype=torch.float32, dt=1 / cells)
    asked = list(range(cells))
    if order == "both ways":
        asked += reversed(asked)
    if order == "random":
        random.Random(1).shuffle(asked)
    times = [i / cells for i in range(cells + 1)]
    began = time.process_time()
    for i in asked:
        path(times[i], times[i + 1])
    return (time.process_time() - began) * 1e9 / (len(asked) * size[0] * size[1])


def driftwood_ns(binary, batch):
    """The same of ours, by cells and case; and the floor."""
    text = subprocess.run([binary, "1", str(batch)], check=True, text=True, capture_output=True).stdout
    floor = float(re.search(r"normals alone \(floor\)\s+([0-9.]+)", text)[1])
    size = "{} x {}".format(*BATCHES[batch])
    found = re.findall(rf"^{size}, (\d+) cells, ([a-z ]+?)\s+([0-9.]+)\s", text, re.MULTILINE)
    return {(int(cells), case): float(ns) for cells, case, ns in found}, floor


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default="build/release/bin")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"torchsde {importlib.metadata.version('torchsde')}, torch {torch.__version__}; "
          f"medians of {options.rounds} rounds\n")
    print(f"{'':42}{'torchsde [ns]':>14}{'Driftwood [ns]':>16}{'x floor':>9}{'ratio':>8}{'asked':>7}")
    for batch in options.batches:
        theirs, ours, floors = {}, {}, []
        for round_ in range(options.rounds + 1):
            mine, floor = driftwood_ns(options.bin / "brownian", batch)
            for cells in CELLS:
                for order in dict.fromkeys(COMPARED.values()):
                    ns = torchsde_ns(BATCHES[batch], cells, order)
                    if round_ > 0:  # the first warms up
                        theirs.setdefault((cells, order), []).append(ns)
            if round_ > 0:
                floors.append(floor)
                for key, ns in mine.items():
                    ours.setdefault(key, []).append(ns)
        for cells in CELLS:
            for case, order in COMPARED.items():
                a, b = theirs[cells, order], ours[cells, case]
                ratio = statistics.median(x / y for x, y in zip(a, b))
                over = statistics.median(x / y for x, y in zip(b, floors))
                asked = f"{ASKED[case][batch]}" if case in ASKED else "-"
                name = "{} x {}, {} cells, {}".format(*BATCHES[batch], cells, case)
                print(f"{name:42}{statistics.median(a):14.2f}{statistics.median(b):16.3f}{over:9.2f}"
                      f"{ratio:8.1f}{asked:>7}", flush=True)


if __name__ == "__main__":
    main()
