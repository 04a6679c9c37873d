#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Prices of calls in Heston's model as targets of a fit: a CSV table on standard output.

The price is exp(-rate T) E max(S_T - K, 0). The law of log S_T is known by its characteristic function

    E exp(i u log(S_T / S_0)) = exp(i u rate T + A(T) + B(T) v_0),

whose A and B solve dB/dt = (sigma^2 / 2) B^2 - (kappa - rho sigma i u) B - (u^2 + i u) / 2 and
dA/dt = kappa theta B from 0: both follow from the martingale property of this expectation given the
state at t, by Ito's formula (Heston 1993). With beta = kappa - rho sigma i u and
d = sqrt(beta^2 + sigma^2 (u^2 + i u)) the first one is

    B = (beta - d) / sigma^2 (1 - exp(-d T)) / (1 - g exp(-d T)),   g = (beta - d) / (beta + d).

The payoff is integrated against the cosine series of that law: Fang and Oosterlee (2008).
"""

import argparse
import csv
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "postprocess"))

from driftwood_post.closed_forms import Heston, heston_call  # noqa: E402

MODEL = Heston(rate=0.02, kappa=2.0, theta=0.06, sigma=0.4, rho=-0.6, price=100.0, variance=0.04)
TIMES = (0.5, 1.0, 1.5)  # years
STRIKES = (80.0, 90.0, 100.0, 110.0, 120.0)
ERROR = 0.02  # of each price, as of its half spread


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.parse_args()
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["formula", "time", "value", "standard_error"])
    for time in TIMES:
        for strike in STRIKES:
            formula = f"exp(-rate*t)*max(price - {strike:g}, 0)"
            out.writerow([formula, time, f"{heston_call(MODEL, strike, time):.10f}", ERROR])


if __name__ == "__main__":
    main()
