# SPDX-License-Identifier: BSD-3-Clause
"""Names of the groups, datasets and attributes of a result file, as in `src/io/layout.hpp`."""

FORMAT_VERSION = 1
FORMAT_VERSION_ATTRIBUTE = "format_version"

TIME = "time"
COMPONENT = "component"
MOMENTS = "moments"
COVARIANCE = "covariance/value"
FORMULAS = "formulas"
RUNNING = "running"
QUANTILES = "quantiles"
HISTOGRAM = "histogram"
PATHS = "paths"
FIRST_PASSAGE = "first_passage"
RUN = "run"

# Under /run: the deck as given and as effective, in this order.
DECK_KEYS = ("deck", "effective_deck")

# Under /run, of each quantity the first name that is there.
PATH_COUNT = ("paths",)
STEP_COUNT = ("steps",)
NONFINITE_COUNT = ("nonfinite_paths",)
COST = (
    ("paths", PATH_COUNT, ""),
    ("steps per path", STEP_COUNT, ""),
    ("ranks", ("ranks",), ""),
    ("wall time", ("wall_seconds",), "s"),
    ("rate", ("path_steps_per_second",), "path-steps/s"),
    ("energy", ("energy_joules",), "J"),
    ("energy method", ("energy_method",), ""),
)
