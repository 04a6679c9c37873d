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
QUANTILE_VALUE = "quantiles/value"
QUANTILE_PROBABILITY = "quantiles/probability"
QUANTILE_METHOD = "method"  # attribute of QUANTILE_VALUE
HISTOGRAM = "histogram"
PATH_VALUE = "paths/value"
PATH_ID = "paths/id"
FIRST_PASSAGE = "first_passage"
MULTILEVEL = "multilevel"
STEP_SIZES = "step_sizes"
SUMMARY = "summary"
SUMMARY_NAME = "summary/name"
SAMPLER = "sampler"
POSTERIOR = "posterior"
SAMPLE_STATS = "sample_stats"
LOG_DENSITY = "lp"  # of SAMPLE_STATS
ACCEPTANCE_RATE = "acceptance_rate"  # of SAMPLE_STATS
ENERGY = "energy"  # of SAMPLE_STATS
NESTED_RHAT = "nested_rhat"  # of SUMMARY
AUTOCORRELATION_TIME = "autocorrelation_time"  # of SUMMARY
EBFMI = "ebfmi"  # of SAMPLER
LOW_EBFMI_CHAINS = "low_ebfmi_chains"  # of SAMPLER
STUCK_CHAINS = "stuck_chains"  # of SAMPLER
KSD = "diagnostics/ksd"
W2 = "diagnostics/w2"
TEMPERING = "tempering"
BIAS = "bias"
BIASES = ("mean", "second_moment")  # groups of BIAS
POINT = "point"
ALIGNMENT_FILE = "alignment_file"  # of POINT, where a deck names any
ORDER = "order"  # attribute of POINT: its loops, outermost first
THEORY = "theory"
ENSEMBLE = "ensemble"
RISKS = ("bias", "variance", "risk")  # of THEORY and ENSEMBLE
RKHS = "rkhs"
KERNEL = "kernel"
ADVICE = "advice"
NETWORK = "network"
# Of pose_search, as in `src/io/pose_layout.hpp`:
POSE = "pose"
REFINED = "refined"  # of POSE
SECOND = "second"  # of POSE
TRUTH = "truth"
SEARCH = "search"
BOUNDED_BY = "bounded_by"  # of SEARCH
TRACE = "trace"
CORRESPONDENCES = "correspondences"
CERTIFICATE = "certificate"
# Of sde_gradient, as in `src/io/gradient_layout.hpp`:
GRADIENT = "gradient"
GRADIENT_MODE = "mode"  # attribute of its values: how they were found
FORMULA_TEXT = "text"  # attribute of the mean of a formula
ERROR_TABLE = "error_table"
FIT = "fit"  # of sde_gradient, as in `src/io/fit_layout.hpp`
QUANTITY = "quantity"  # attribute of its mean: which mean that is
RUN = "run"

# Under /run. The deck as given and as effective:
DECK_KEYS = ("deck", "effective_deck")
# where the results come from:
COMMIT = "commit"
DIRTY = "dirty"  # 1 if the source had changes beyond the commit
ORIGIN_KEYS = (
    "driver",
    "version",
    COMMIT,
    "compiler",
    "build_flags",
    "architecture",
    "kokkos",
    "backend",
    "mpi",
    "hdf5",
    "lane_width",
    "host",
    "started",
    "finished",
    "command_line",
    "seed",
)
# everything else there is a cost, a count or a rate, these first:
PATH_COUNT = "paths"
COST_KEYS = (
    PATH_COUNT,
    "chains",
    "warmup_steps",
    "steps",
    "gradients",
    "path_steps",
    "ranks",
    "threads",
    "wall_seconds",
    "path_steps_per_second",
    "gradients_per_second",
    "energy",
    "energy_method",
)
CHAIN_COUNT = "chains"
WARMUP_STEPS = "warmup_steps"
STEPS = "steps"
LOST_CHAINS = "lost_chains"
GRADIENTS = "gradients"
FINITE_PATHS = "finite_paths"  # (T), paths that the statistics are over

# Units of a dataset whose components have units of their own.
MIXED_UNITS = "units of the component"
