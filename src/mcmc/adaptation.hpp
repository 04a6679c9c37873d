// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "mcmc/preconditioner.hpp"

namespace driftwood::mcmc {

/// Looks for the order of magnitude of a step size: doubled, or halved, until the mean acceptance
/// of tries at where chains are crosses a given one. Hoffman and Gelman (2014), Algorithm 4.
class StepSearch {
 public:
  StepSearch(double step, double target) : target_(target), first_(step), step_(step) {}

  /// With the mean acceptance of tries with `step()`.
  void update(double acceptance);

  /// The step size to try; when the search is over, the largest that was accepted often enough, or
  /// where it began if none was too large or none small enough.
  [[nodiscard]] double step() const { return step_; }
  [[nodiscard]] bool is_over() const { return is_over_; }

 private:
  static constexpr int most_tries = 100;  ///< from 1 to 2^-100 or 2^100

  double target_;
  double first_;
  double step_;
  int direction_ = 0;  ///< of the doublings; 0: none yet
  int tries_ = 0;
  bool is_over_ = false;
};

/// Dual averaging of the logarithm of the step size, so that steps are accepted with a given
/// probability. Hoffman and Gelman (2014), "The No-U-Turn sampler", section 3.2, with
/// t0 = 10, kappa = 0.75, gamma = 0.05. One update a step, of the mean over all chains.
class DualAveraging {
 public:
  DualAveraging() : DualAveraging(1.0, 0.5) {}
  /// Starts at `step`, towards the acceptance `target`.
  DualAveraging(double step, double target);

  void update(double acceptance);
  /// Begins anew, at the step size of now or another.
  void restart() { restart(averaged()); }
  void restart(double step);

  /// The step size to take now.
  [[nodiscard]] double step() const { return step_; }
  /// The one that all updates together suggest.
  [[nodiscard]] double averaged() const;

 private:
  double target_;
  double step_;
  double centre_;  ///< to which step sizes shrink, of their logarithm
  double error_sum_ = 0;
  double log_average_ = 0;
  std::int64_t count_ = 0;
};

/// How good a step is by the mean square of its energy error: a number in (0, 1), 1/2 where that is
/// as wanted. `DualAveraging` takes it for an acceptance.
[[nodiscard]] inline double quality_of(double energy_variance, double wanted) {
  return wanted / (wanted + energy_variance);
}

/// Steps [first, last) of the warm-up whose positions settle the scales of the coordinates.
struct ScaleWindow {
  std::int64_t first;
  std::int64_t last;
};

/// Stan's schedule of a warm-up: after a start without any, windows that double, and an end for the
/// step size alone (75, 25 2^k and 50 steps; 15 %, 75 % and 10 % of a warm-up below 150).
[[nodiscard]] std::vector<ScaleWindow> scale_windows(std::int64_t warmup);

/// The first step of these, or what would be.
[[nodiscard]] std::int64_t first_scale_step(std::int64_t warmup);

/// Whether chains that do not move are looked for after so many steps of a warm-up. The step size
/// is for the bulk of the chains, and grows with these on their way: where the density is steeper
/// others are refused all. When steps have doubled, and for the last time at nine tenths.
[[nodiscard]] bool looks_for_stuck(std::int64_t step, std::int64_t warmup);

/// Scales of the coordinates from sums over draws: their number, then the sums of deviations from
/// some centre and of their squares for each. Variances are drawn towards 1e-3 as by 5 more draws.
[[nodiscard]] std::vector<double> scales_from(const std::vector<double>& sums);

/// The same with the correlations: the Cholesky factor of the covariance, from sums over draws of
/// deviations from some centre and of their products, see `CovarianceSums`. Where rounding leaves
/// the covariance without a factor, correlations are weakened until it has one.
[[nodiscard]] Preconditioner factor_from(const std::vector<double>& sums, int dim);

}  // namespace driftwood::mcmc
