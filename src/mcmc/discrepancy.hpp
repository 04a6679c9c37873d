// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "mcmc/density.hpp"
#include "mcmc/discrepancy_options.hpp"

namespace driftwood::mcmc {

/// States that are compared with a target: (point, parameter), the same on every rank.
struct States {
  std::vector<double> values;
  std::int64_t parameters = 1;

  [[nodiscard]] std::int64_t count() const {
    return static_cast<std::int64_t>(values.size()) / parameters;
  }
  [[nodiscard]] std::span<const double> operator[](std::int64_t i) const {
    return std::span(values).subspan(static_cast<std::size_t>(i * parameters),
                                     static_cast<std::size_t>(parameters));
  }
};

/// How far a discrepancy is above its floor.
enum class Verdict {
  indistinguishable,  ///< below 1.5 floors
  unclear,            ///< above, but within 3 standard deviations of the floor
  apart,
  unknown,  ///< not numbers
};
[[nodiscard]] Verdict judged(double value, double floor, double floor_sd);

/// Kernel Stein discrepancy of states from the target.
struct KsdFindings {
  std::int64_t points = 0;
  double value = 0;            ///< root of the mean of the kernel over all pairs
  double unbiased_square = 0;  ///< the mean over pairs of different points
  /// Root of what `value` squared would be in the mean, were the points independent draws of the
  /// target: the mean of the kernel of a point with itself, over their number.
  double floor = 0;
  /// Standard deviation of that of independent draws, by the mean squared kernel of pairs.
  double floor_sd = 0;
};

/// In the coordinates on the whole line that the density is of, each in units of its standard
/// deviation. States that have none, as they lie at the end of a range, do not count. Blocks of
/// points are shared out to ranks; the bits do not depend on these. Collective.
[[nodiscard]] KsdFindings kernel_stein(const comm::Communicator& comm, const Density& density,
                                       const States& states, const KsdOptions& options);

/// Distances W2 of states from reference draws.
struct W2Findings {
  /// Means and standard deviations over the repeats.
  struct Distance {
    std::string kind;
    double value = 0;
    double value_sd = 0;
    double floor = 0;  ///< between two sets of the reference
    double floor_sd = 0;
  };

  std::int64_t points = 0;  ///< of each set
  std::int64_t repeats = 0;
  std::vector<Distance> kinds;
  std::vector<double> marginal;  ///< of each parameter, exact
  std::vector<double> marginal_floor;
};

/// Distances between sets are shared out to ranks. Not a number where Sinkhorn's iteration does not
/// end. Collective.
[[nodiscard]] W2Findings wasserstein(const comm::Communicator& comm, const Target& target,
                                     std::uint64_t seed, const States& states,
                                     const W2Options& options);

/// What was asked for.
struct DiscrepancyFindings {
  std::optional<KsdFindings> ksd;
  std::optional<W2Findings> w2;
};

}  // namespace driftwood::mcmc
