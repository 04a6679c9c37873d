// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace driftwood::mcmc {

/// Dual averaging of the logarithm of the step size, so that steps are accepted with a given
/// probability. Hoffman and Gelman (2014), "The No-U-Turn sampler", section 3.2, with
/// t0 = 10, kappa = 0.75, gamma = 0.05. One update a step, of the mean over all chains.
class DualAveraging {
 public:
  DualAveraging() : DualAveraging(1.0, 0.5) {}
  /// Starts at `step`, towards the acceptance `target`.
  DualAveraging(double step, double target);

  void update(double acceptance);
  /// Begins anew at the step size of now.
  void restart();

  /// The step size to take now.
  [[nodiscard]] double step() const { return step_; }
  /// The one that all updates together suggest.
  [[nodiscard]] double averaged() const;

 private:
  double target_;
  double step_;
  double centre_ = 0;  ///< to which step sizes shrink, of their logarithm
  double error_sum_ = 0;
  double log_average_ = 0;
  std::int64_t count_ = 0;
  int direction_ = 0;  ///< of the doublings before the first update: 0 none yet, 2 over
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

/// Scales of the coordinates from sums over draws: their number, then the sums of deviations from
/// some centre and of their squares for each. Variances are drawn towards 1e-3 as by 5 more draws.
[[nodiscard]] std::vector<double> scales_from(const std::vector<double>& sums);

}  // namespace driftwood::mcmc
