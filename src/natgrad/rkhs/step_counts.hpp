// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "natgrad/found_tasks.hpp"
#include "natgrad/rkhs/options.hpp"
#include "stats/slope.hpp"

namespace driftwood::natgrad {

/// The descents of all designs. A task is one design of one n, on which every source and method is
/// run: they see the same inputs and the same noise.
class RkhsRuns {
 public:
  explicit RkhsRuns(const RkhsOptions& options);

  /// All tasks, the costliest first.
  [[nodiscard]] std::vector<std::int64_t> order() const;
  void work(std::int64_t task);
  [[nodiscard]] FoundTasks& found() { return found_; }

 private:
  const RkhsOptions& options_;
  Descents descents_;
  FoundTasks found_;
};

/// What the runs of one source, method and n say.
struct StepCount {
  std::vector<double> risk;            ///< (t) mean over designs
  std::vector<double> standard_error;  ///< (t)
  std::int64_t best_step = 0;          ///< where the mean risk is least
  std::int64_t steps = 0;              ///< the first whose mean risk is within the deck's fraction

  [[nodiscard]] double best_risk() const { return risk[static_cast<std::size_t>(best_step)]; }
  /// Whether it might have fallen further.
  [[nodiscard]] bool is_cut() const { return best_step + 1 == std::ssize(risk); }
};

/// How steps and least risks of one source and method go with n: slopes of logarithms, their
/// standard errors by a bootstrap over designs.
struct Growth {
  stats::Slope steps;
  stats::Slope risk;
};

struct RkhsFindings {
  std::vector<StepCount> counts;  ///< (source, method, n)
  std::vector<Growth> growth;     ///< (source, method); NaN for a single n
};

/// Of the numbers of all tasks, as `FoundTasks::merged` has them.
[[nodiscard]] RkhsFindings count_steps(const RkhsOptions& options, std::span<const double> found);

}  // namespace driftwood::natgrad
