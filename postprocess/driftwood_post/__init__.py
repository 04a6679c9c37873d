# SPDX-License-Identifier: BSD-3-Clause
"""Reads and presents Driftwood's results.

>>> import driftwood_post
>>> results = driftwood_post.open("ou.h5")
>>> results.moments.mean[-1]          # numpy, (C)
>>> results.dataset()                 # xarray, where it is installed
"""

from driftwood_post.chains import ChainResults, open_chains
from driftwood_post.read import ReadError
from driftwood_post.read import open_results as open
from driftwood_post.results import Results

__all__ = ["ChainResults", "ReadError", "Results", "open", "open_chains"]
