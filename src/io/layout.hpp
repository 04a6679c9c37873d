// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Every name in a result file, with study_layout.hpp: the one place that knows them. Shapes: T
/// times, C components, Q probabilities, B bins. `postprocess/driftwood_post/layout.py` reads the
/// same names.
namespace driftwood::io::layout {

/// Raised when a reader of the previous format would misread a file.
inline constexpr std::int64_t format_version = 1;

namespace attribute {  // of the file itself
inline constexpr std::string_view format_version = "format_version";
inline constexpr std::string_view conventions = "Conventions";
}  // namespace attribute
inline constexpr std::string_view conventions = "CF-1.8";

inline constexpr std::string_view time = "time";            ///< (T), gives the dimension its name
inline constexpr std::string_view component = "component";  ///< (C) names, likewise

namespace moments {  // (T, C)
inline constexpr std::string_view mean = "moments/mean";
inline constexpr std::string_view variance = "moments/variance";
inline constexpr std::string_view standard_error = "moments/standard_error";
inline constexpr std::string_view skewness = "moments/skewness";
inline constexpr std::string_view kurtosis = "moments/kurtosis";
}  // namespace moments

namespace covariance {
inline constexpr std::string_view value = "covariance/value";  ///< (T, C, other component)
/// (C) the same names again: a variable must not use one dimension twice.
inline constexpr std::string_view other_component = "covariance/other_component";
}  // namespace covariance

namespace quantiles {
inline constexpr std::string_view value = "quantiles/value";              ///< (T, Q, C)
inline constexpr std::string_view probability = "quantiles/probability";  ///< (Q)
inline constexpr std::string_view method = "method";  ///< attribute of `value`: exact or binned
}  // namespace quantiles

namespace paths {
inline constexpr std::string_view path = "paths/path";    ///< dimension: the saved paths
inline constexpr std::string_view value = "paths/value";  ///< (path, T, C)
inline constexpr std::string_view id = "paths/id";        ///< (path)
}  // namespace paths

/// Statistics of one deck-named formula or payoff, each (T).
struct Formula {
  std::string mean, variance, standard_error;
  /// How the estimate at the last time formed: after `running_paths` paths (N each).
  std::string running_paths, running_mean, running_standard_error;
};
[[nodiscard]] inline Formula formulas(std::string_view name) {
  const std::string at = "formulas/" + std::string(name) + "/";
  return {at + "mean",          at + "variance",     at + "standard_error",
          at + "running/paths", at + "running/mean", at + "running/standard_error"};
}

/// Counts of one component.
struct Histogram {
  std::string edge, bin;     ///< dimensions: B+1 and B
  std::string edges, count;  ///< (T, edge) and (T, bin)
  std::string below, above;  ///< (T) samples outside the edges
};
[[nodiscard]] inline Histogram histogram(std::string_view of_component) {
  const std::string at = "histogram/" + std::string(of_component) + "/";
  return {at + "edge", at + "bin", at + "edges", at + "count", at + "below", at + "above"};
}

/// First passage times of one event.
struct FirstPassage {
  std::string time_edges;  ///< (B + 1), a dimension of its own
  std::string bin;         ///< dimension: B
  std::string count;       ///< (B) paths
  std::string never;       ///< paths that did not pass
};
[[nodiscard]] inline FirstPassage first_passage(std::string_view event) {
  const std::string at = "first_passage/" + std::string(event) + "/";
  return {at + "time_edges", at + "bin", at + "count", at + "never"};
}

/// Levels of a multilevel estimate, L of them: what each adds to the mean of the first formula.
namespace multilevel {
inline constexpr std::string_view level = "multilevel/level";        ///< (L), a dimension
inline constexpr std::string_view steps = "multilevel/steps";        ///< (L) of the finer paths
inline constexpr std::string_view mean = "multilevel/mean";          ///< (L)
inline constexpr std::string_view variance = "multilevel/variance";  ///< (L)
inline constexpr std::string_view cost = "multilevel/cost";          ///< (L) steps per sample
inline constexpr std::string_view samples = "multilevel/samples";    ///< (L)
inline constexpr std::string_view bias = "multilevel/bias";  ///< what levels beyond would add
inline constexpr std::string_view quantity = "quantity";     ///< attribute of `mean`: its name
}  // namespace multilevel

/// Sizes of steps that adapt, of all paths together, in B bins of powers of two.
namespace step_sizes {
inline constexpr std::string_view size = "step_sizes/size";          ///< (B) lower edges
inline constexpr std::string_view accepted = "step_sizes/accepted";  ///< (B) steps
inline constexpr std::string_view rejected = "step_sizes/rejected";  ///< (B) steps
inline constexpr std::string_view forced = "step_sizes/forced";      ///< steps at the smallest size
}  // namespace step_sizes

/// Of Markov chains: N numbers that are drawn.
namespace summary {                                       // (N)
inline constexpr std::string_view name = "summary/name";  ///< gives the dimension its name
inline constexpr std::string_view mean = "summary/mean";
inline constexpr std::string_view sd = "summary/sd";
inline constexpr std::string_view mcse = "summary/mcse";
inline constexpr std::string_view q5 = "summary/q5";
inline constexpr std::string_view median = "summary/median";
inline constexpr std::string_view q95 = "summary/q95";
inline constexpr std::string_view rhat = "summary/rhat";
inline constexpr std::string_view nested_rhat = "summary/nested_rhat";
inline constexpr std::string_view ess_bulk = "summary/ess_bulk";
inline constexpr std::string_view ess_tail = "summary/ess_tail";
inline constexpr std::string_view autocorrelation_time = "summary/autocorrelation_time";
}  // namespace summary

/// Of sweeps of regressions: P points of a grid, each (P).
namespace point {
inline constexpr std::string_view group = "point";
inline constexpr std::string_view order =
    "order";  ///< attribute of the group: loops, outermost first
inline constexpr std::string_view number = "point/number";  ///< gives the dimension its name
inline constexpr std::string_view spectrum = "point/spectrum";
inline constexpr std::string_view alignment = "point/alignment";
inline constexpr std::string_view alignment_file =
    "point/alignment_file";  ///< where a deck has any
inline constexpr std::string_view gamma = "point/gamma";
inline constexpr std::string_view n = "point/n";
inline constexpr std::string_view d = "point/d";
inline constexpr std::string_view noise = "point/noise";
inline constexpr std::string_view preconditioner = "point/preconditioner";
inline constexpr std::string_view ridge = "point/ridge";
inline constexpr std::string_view time = "point/time";
inline constexpr std::string_view scaled_time = "point/scaled_time";
}  // namespace point
namespace theory {
inline constexpr std::string_view bias = "theory/bias";
inline constexpr std::string_view variance = "theory/variance";
inline constexpr std::string_view risk = "theory/risk";
inline constexpr std::string_view crossing_noise = "theory/crossing_noise";
inline constexpr std::string_view best = "theory/best";
}  // namespace theory
struct EnsembleOf {
  std::string mean, standard_error, z;
};
[[nodiscard]] inline EnsembleOf ensemble(std::string_view what) {
  const std::string at = "ensemble/" + std::string(what) + "/";
  return {at + "mean", at + "standard_error", at + "z"};
}
inline constexpr std::string_view ensemble_best = "ensemble/best";
inline constexpr std::string_view ensemble_replicas = "ensemble/replicas";

/// What is known from elsewhere, and how far results are from it.
namespace reference {  // (N)
inline constexpr std::string_view mean = "reference/mean";
inline constexpr std::string_view sd = "reference/sd";
inline constexpr std::string_view standard_errors = "reference/standard_errors";
}  // namespace reference

/// How far draws are from the target (kernel Stein discrepancy) and from other draws (W2, of M
/// kinds).
namespace diagnostics {
inline constexpr std::string_view ksd = "diagnostics/ksd/value";
inline constexpr std::string_view ksd_floor = "diagnostics/ksd/floor";
inline constexpr std::string_view ksd_floor_spread = "diagnostics/ksd/floor_sd";
inline constexpr std::string_view ksd_unbiased_square = "diagnostics/ksd/unbiased_square";
inline constexpr std::string_view ksd_points = "diagnostics/ksd/points";
inline constexpr std::string_view w2_kind = "diagnostics/w2/kind";        ///< (M), a dimension
inline constexpr std::string_view w2 = "diagnostics/w2/value";            ///< (M)
inline constexpr std::string_view w2_floor = "diagnostics/w2/floor";      ///< (M)
inline constexpr std::string_view w2_spread = "diagnostics/w2/value_sd";  ///< (M)
inline constexpr std::string_view w2_floor_spread = "diagnostics/w2/floor_sd";          ///< (M)
inline constexpr std::string_view w2_marginal = "diagnostics/w2/marginal";              ///< (N)
inline constexpr std::string_view w2_marginal_floor = "diagnostics/w2/marginal_floor";  ///< (N)
inline constexpr std::string_view w2_points = "diagnostics/w2/points";
inline constexpr std::string_view w2_repeats = "diagnostics/w2/repeats";
}  // namespace diagnostics

/// Biases of expectations (N): of the group "mean" or "second_moment".
struct Bias {
  std::string estimate, standard_error, extrapolated, extrapolated_error;
};
[[nodiscard]] inline Bias bias(std::string_view group) {
  const std::string at = "bias/" + std::string(group) + "/";
  return {at + "estimate", at + "standard_error", at + "extrapolated",
          at + "extrapolated_standard_error"};
}

/// Stored draws as ArviZ reads them: groups with the dimensions chain and draw, and a variable
/// (chain, draw[, its own dimension]) for each parameter.
struct DrawGroup {
  std::string group, chain, draw;

  explicit DrawGroup(std::string_view name)
      : group(name), chain(group + "/chain"), draw(group + "/draw") {}
  [[nodiscard]] std::string variable(std::string_view name) const {
    return group + "/" + std::string(name);
  }
  /// The dimension of a vector.
  [[nodiscard]] std::string dimension(std::string_view name) const {
    return variable(name) + "_dim_0";
  }
};
namespace draws {
inline constexpr std::string_view posterior = "posterior";
inline constexpr std::string_view sample_stats = "sample_stats";
inline constexpr std::string_view log_density = "lp";
inline constexpr std::string_view acceptance = "acceptance_rate";
inline constexpr std::string_view energy = "energy";
}  // namespace draws

/// How chains moved.
namespace sampler {
inline constexpr std::string_view step_size = "sampler/step_size";
inline constexpr std::string_view acceptance = "sampler/acceptance";    ///< mean probability
inline constexpr std::string_view divergences = "sampler/divergences";  ///< steps
inline constexpr std::string_view ebfmi = "sampler/ebfmi";
inline constexpr std::string_view low_ebfmi_chains = "sampler/low_ebfmi_chains";
inline constexpr std::string_view coordinate = "sampler/coordinate";  ///< dimension
inline constexpr std::string_view other = "sampler/other";            ///< likewise
inline constexpr std::string_view scale = "sampler/scale";            ///< (coordinate)
inline constexpr std::string_view factor = "sampler/factor";          ///< (coordinate, other)
inline constexpr std::string_view stuck_chains = "sampler/stuck_chains";
inline constexpr std::string_view judged_chains = "sampler/judged_chains";
inline constexpr std::string_view judged_draws = "sampler/judged_draws";
}  // namespace sampler

/// Parallel tempering: K rungs from the cold one on, K - 1 pairs of neighbours.
namespace tempering {
inline constexpr std::string_view rung = "tempering/rung";              ///< (K), a dimension
inline constexpr std::string_view pair = "tempering/pair";              ///< (K - 1), a dimension
inline constexpr std::string_view beta = "tempering/beta";              ///< (K)
inline constexpr std::string_view stretch = "tempering/stretch";        ///< (K)
inline constexpr std::string_view acceptance = "tempering/acceptance";  ///< (K) of steps
inline constexpr std::string_view difference = "tempering/difference";  ///< (K) mean
inline constexpr std::string_view swap_acceptance = "tempering/swap_acceptance";  ///< (K - 1)
inline constexpr std::string_view barrier = "tempering/barrier";
inline constexpr std::string_view rounds = "tempering/rounds";
inline constexpr std::string_view round_trips = "tempering/round_trips";
/// The better estimate, and its standard error; the other one.
inline constexpr std::string_view log_evidence = "tempering/log_evidence";
inline constexpr std::string_view log_evidence_error = "tempering/log_evidence_standard_error";
inline constexpr std::string_view thermodynamic = "tempering/thermodynamic_integral";
inline constexpr std::string_view thermodynamic_error =
    "tempering/thermodynamic_integral_standard_error";
/// (ladder, draw, replica) rungs over time.
inline constexpr std::string_view ladder = "tempering/ladder";
inline constexpr std::string_view draw = "tempering/draw";
inline constexpr std::string_view replica = "tempering/replica";
inline constexpr std::string_view index = "tempering/index";
}  // namespace tempering

/// Measured orders of convergence: S schemes, L grids.
namespace order {
inline constexpr std::string_view scheme = "scheme";              ///< (S) names
inline constexpr std::string_view step = "step";                  ///< (L) sizes of the steps
inline constexpr std::string_view finite_paths = "finite_paths";  ///< (S)

struct Errors {
  std::string error, standard_error;                  ///< (S, L)
  std::string declared, order, order_standard_error;  ///< (S)
};
/// Of the group "strong", "weak/mean" or "weak/second_moment".
[[nodiscard]] inline Errors errors(std::string_view group) {
  const std::string at = std::string(group) + "/";
  return {at + "error", at + "standard_error", at + "declared", at + "order",
          at + "order_standard_error"};
}
}  // namespace order

/// A checkpoint, a file of its own: R parts, one of each rank that wrote it, one after the other.
namespace checkpoint {
inline constexpr std::int64_t format_version = 1;  ///< raised when older ones cannot be read
inline constexpr std::string_view format = "checkpoint_format";  ///< attribute of the file
inline constexpr std::string_view part = "part";                 ///< dimension: R
inline constexpr std::string_view word = "word";                 ///< dimension: of all parts
inline constexpr std::string_view words = "words";               ///< (word) 8 bytes each
inline constexpr std::string_view bytes = "bytes";               ///< (part) lengths
inline constexpr std::string_view checksum = "checksum";         ///< (part) XXH3 of each
inline constexpr std::string_view driver = "driver";
inline constexpr std::string_view build = "build";
inline constexpr std::string_view effective_deck = "effective_deck";
inline constexpr std::string_view wall_seconds = "wall_seconds";
inline constexpr std::string_view joules = "joules";
inline constexpr std::string_view jobs = "jobs";
}  // namespace checkpoint

/// Provenance and counts, scalars unless said otherwise.
namespace run {
inline constexpr std::string_view driver = "run/driver";
inline constexpr std::string_view version = "run/version";
inline constexpr std::string_view commit = "run/commit";
inline constexpr std::string_view dirty = "run/dirty";
inline constexpr std::string_view compiler = "run/compiler";
inline constexpr std::string_view build_flags = "run/build_flags";
inline constexpr std::string_view architecture = "run/architecture";
inline constexpr std::string_view kokkos = "run/kokkos";
inline constexpr std::string_view backend = "run/backend";
inline constexpr std::string_view mpi = "run/mpi";
inline constexpr std::string_view hdf5 = "run/hdf5";
inline constexpr std::string_view ranks = "run/ranks";
inline constexpr std::string_view threads = "run/threads";
inline constexpr std::string_view lane_width = "run/lane_width";
inline constexpr std::string_view host = "run/host";
inline constexpr std::string_view started = "run/started";
inline constexpr std::string_view finished = "run/finished";
inline constexpr std::string_view wall_seconds = "run/wall_seconds";
inline constexpr std::string_view memory = "run/memory";
inline constexpr std::string_view energy = "run/energy";
inline constexpr std::string_view energy_method = "method";  ///< attribute of `energy`
inline constexpr std::string_view command_line = "run/command_line";
inline constexpr std::string_view deck = "run/deck";
inline constexpr std::string_view effective_deck = "run/effective_deck";
inline constexpr std::string_view seed = "run/seed";
/// A driver's own count or rate, such as run/path_steps.
[[nodiscard]] inline std::string quantity(std::string_view name) {
  return "run/" + std::string(name);
}
}  // namespace run

}  // namespace driftwood::io::layout
