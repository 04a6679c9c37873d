// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deck/schema.hpp"
#include "sde/contract.hpp"
#include "sde/model.hpp"
#include "sde/watch_options.hpp"

namespace driftwood::sde {

/// The deck's table `[model]`.
struct ModelOptions {
  std::shared_ptr<Model> model;

  void describe(deck::Schema& s);
  /// Throws `UsageError` for what the model refuses, and for data files that are not fit.
  void validate(const deck::Source& deck) const;
};

/// The deck's table `[time]`: equal steps from 0 to `end`, or steps that adapt to their errors.
struct TimeOptions {
  std::string scheme = "euler_maruyama";
  double end = 0;
  std::optional<std::int64_t> given_steps;
  std::optional<double> dt;
  std::optional<double> tolerance;
  std::optional<double> absolute_tolerance;
  std::optional<double> first_step;
  std::optional<double> smallest_step;
  std::string levy_areas_name = "series";

  void describe(deck::Schema& s);
  /// Throws `UsageError` for a scheme that does not integrate the model, for Levy areas that it
  /// does not use, and for steps that are not given exactly once or do not add up to `end`.
  /// `adaptive_too` names a scheme whose steps may adapt though they do not say so of themselves.
  void validate(const deck::Source& deck, const Model& model,
                std::string_view adaptive_too = {}) const;

  [[nodiscard]] bool is_adaptive() const { return tolerance.has_value(); }
  /// How steps adapt that land on these times, of which the first may be 0.
  [[nodiscard]] StepControl control(const std::vector<double>& times) const;

  /// Number of equal steps; 1 where they adapt.
  [[nodiscard]] std::int64_t steps() const;
  [[nodiscard]] LevyAreas levy_areas() const {
    return levy_areas_name == "series" ? LevyAreas::series : LevyAreas::conditional_gaussian;
  }
  /// Time after `step` steps, never accumulated.
  [[nodiscard]] double time(std::int64_t step) const {
    return static_cast<double>(step) * (end / static_cast<double>(steps()));
  }
};

/// `[ensemble] stop`.
struct StopOptions {
  double standard_error = 0;

  void describe(deck::Schema& s);
};

/// The deck's table `[ensemble]`.
struct EnsembleOptions {
  std::int64_t paths = 100'000;
  std::uint64_t seed = 1;
  std::string precision_name = "double";
  bool antithetic = false;
  std::optional<std::int64_t> wave_blocks;
  std::optional<StopOptions> stop;

  void describe(deck::Schema& s);
  /// Throws `UsageError` for more steps than can be counted, and what does not go together.
  void validate(const deck::Source& deck, const TimeOptions& time) const;

  [[nodiscard]] Precision precision() const {
    return precision_name == "single" ? Precision::single_ : Precision::double_;
  }
  [[nodiscard]] std::int64_t blocks() const;
  /// Blocks per wave: as given, or enough to keep `threads` threads busy and their caches warm.
  [[nodiscard]] std::int64_t blocks_per_wave(int threads) const;
  /// The number of blocks after which a run looks again whether it may stop, having done `done`
  /// with this standard error (none at first): all, unless there is a `stop`. Independent of the
  /// number of ranks, as the paths of a result are.
  [[nodiscard]] std::int64_t next_look(std::int64_t done, double standard_error) const;
};

/// One entry of `[observe] payoffs`.
struct PayoffOptions {
  std::string kind;
  double strike = 0;
  double discount_rate = 0;
  std::vector<double> weights;

  void describe(deck::Schema& s);
};

using Payoffs = std::map<std::string, PayoffOptions>;

/// Throws `UsageError` where the model has no prices, and for weights that are not one for each
/// component.
void validate(const Payoffs& payoffs, const deck::Source& deck, const Model& model);
/// In the order of the names.
[[nodiscard]] std::vector<Contract> contracts(const Payoffs& payoffs, const Model& model);

/// `[observe] histogram`.
struct HistogramOptions {
  std::int64_t bins = 100;
  std::optional<std::vector<double>> range;

  void describe(deck::Schema& s);
};

/// The times of results: keys of `[observe]`.
struct ResultTimes {
  std::optional<std::vector<double>> given_times;
  std::optional<double> every;

  void describe(deck::Schema& s);
  /// Throws `UsageError` for times off the grid of steps, naming the nearest two.
  void validate(const deck::Source& deck, const TimeOptions& time) const;

  /// The steps after which the ensemble is observed, increasing. Where steps adapt: the intervals
  /// between the times of results.
  [[nodiscard]] std::vector<std::int64_t> steps(const TimeOptions& time) const;
  /// The same as times.
  [[nodiscard]] std::vector<double> times(const TimeOptions& time) const;
};

/// The deck's table `[observe]`.
struct ObserveOptions : ResultTimes {
  bool moments = true;
  bool covariance = false;
  std::vector<double> quantiles;
  double quantile_memory = 256;
  std::optional<HistogramOptions> histogram;
  Payoffs payoffs;
  std::map<std::string, std::string> formulas;
  Runnings running;
  std::int64_t save_paths = 0;

  void describe(deck::Schema& s);
  /// Throws `UsageError` for times off the grid of steps, payoffs on a model without prices, ...
  void validate(const deck::Source& deck, const TimeOptions& time, const EnsembleOptions& ensemble,
                const Model& model, const Events& events, const JumpTable& jumps) const;
};

}  // namespace driftwood::sde
