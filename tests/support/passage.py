# SPDX-License-Identifier: BSD-3-Clause
"""First passages of Brownian motion: the law of the time, and how far counts in a result are from it."""
import math

import numpy as np


def normal_cdf(z):
    return 0.5 * math.erfc(-z / math.sqrt(2))


def passage_cdf(t, level, drift=0.0):
    """P(a Brownian motion with this drift passes `level` > 0 before t): the inverse Gaussian law."""
    if t == 0:
        return 0.0
    root = math.sqrt(t)
    reflected = math.exp(2 * drift * level) * normal_cdf((-level - drift * t) / root)
    return normal_cdf((drift * t - level) / root) + reflected


def ks_p_value(found, name, cdf, paths):
    """Kolmogorov and Smirnov's, of the counts of the event `name` at their edges: at least as large as
    that of the times themselves."""
    edges = found[f"first_passage/{name}/time_edges"]
    passed = np.cumsum(found[f"first_passage/{name}/count"]) / paths
    z = math.sqrt(paths) * max(abs(passed - [cdf(t) for t in edges[1:]]))
    return min(1.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * z) ** 2) for k in range(1, 100)))
