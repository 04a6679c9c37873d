// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "comm/communicator.hpp"
#include "sde/gradient/fit_method.hpp"
#include "sde/gradient/solver.hpp"
#include "stats/residual_tests.hpp"

namespace driftwood::sde {

/// What a fitted model says of each transition of a series beforehand: mean and standard deviation
/// of the next observation, from simulated paths; and what came, in these units. N transitions, C
/// components.
class FitResiduals {
 public:
  /// The solver's samples are the components after one interval, from rows that are the padded
  /// transitions in their order. Paths have the numbers from `first_path` on.
  FitResiduals(std::unique_ptr<GradientSolver> solver, const Series& series, std::int64_t draws,
               std::uint64_t first_path, std::int64_t most_blocks);

  /// Blocks of transitions.
  [[nodiscard]] std::int64_t blocks() const;
  void measure(const comm::Share& blocks);
  /// The blocks that this rank has measured, for a checkpoint; and takes over those of one.
  [[nodiscard]] comm::Bytes saved() const;
  void absorb(std::span<const std::byte> saved);
  [[nodiscard]] std::vector<comm::Share> finished() const;
  /// Brings the blocks of all ranks to rank 0. Collective.
  void merge(const comm::Communicator& comm);

  /// Of a transition and component.
  struct Entry {
    double mean;
    double sd;
    double value;   ///< (x' - mean) / sd
    double beaten;  ///< share of paths below x', those at x' by half; uniform where the model holds
  };
  /// (N, C); after `merge`, on rank 0.
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

  struct Tests {
    stats::TestResult serial;          ///< Ljung and Box, of residuals
    stats::TestResult serial_squares;  ///< of their squares
    stats::TestResult normal;          ///< Jarque and Bera, of residuals
    stats::TestResult uniform;         ///< Kolmogorov and Smirnov, of `beaten`
  };
  static constexpr std::int64_t lags = 20;
  /// Of each component; after `merge`, on rank 0.
  [[nodiscard]] std::vector<Tests> tests() const;

 private:
  [[nodiscard]] std::int64_t terms() const { return std::ssize(series_->starts); }
  /// The observation at the end of a transition.
  [[nodiscard]] const double* next_of(std::int64_t transition) const;
  void add_samples(std::int64_t first, std::int64_t count);

  struct Sums {
    double sum;     ///< of distances from x'
    double square;  ///< likewise
    double below;   ///< paths below x', those at x' by half
    double count;   ///< finite paths
  };

  std::unique_ptr<GradientSolver> solver_;
  const Series* series_;  ///< outlives this
  std::int64_t draws_;
  std::uint64_t first_path_;
  std::vector<Sums> sums_;                             ///< (transition, C) of a wave
  std::map<std::int64_t, std::vector<Entry>> blocks_;  ///< (transition, C) of each
  std::vector<Entry> entries_;
};

/// Quantiles of paths that are simulated from one observation on, beside the observations that
/// followed. T observations, Q quantiles, C components.
struct FitFan {
  std::int64_t first = 0;          ///< row of the series where paths begin
  std::vector<std::int64_t> rows;  ///< (T) of the series
  std::vector<double> value;       ///< (T, Q, C)
};

/// How many observations follow, and after how many of them the fan is looked at: at most 512
/// times, the last included.
struct FanTimes {
  std::size_t first = 0;
  std::vector<std::int64_t> after;  ///< numbers of observations
};
[[nodiscard]] FanTimes fan_times(const Series& series, const FanOptions& options);

/// The fan, simulated by this rank alone.
[[nodiscard]] FitFan simulate_fan(GradientSolver& solver, const FanTimes& times,
                                  const FanOptions& options, std::size_t components,
                                  std::uint64_t first_path);

}  // namespace driftwood::sde
