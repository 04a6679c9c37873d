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
  [[nodiscard]] double best_error() const {
    return standard_error[static_cast<std::size_t>(best_step)];
  }
  /// Whether it might have fallen further.
  [[nodiscard]] bool is_cut() const { return best_step + 1 == std::ssize(risk); }
};

/// How steps and least risks of one source and method go with n: slopes of logarithms, their
/// standard errors by a bootstrap over designs. NaN for a single n, and where a count is cut.
struct Growth {
  stats::Slope steps;
  stats::Slope risk;
};

struct RkhsFindings {
  std::vector<StepCount> counts;  ///< (source, method, n)
  std::vector<Growth> growth;     ///< (source, method)
};

/// Of the numbers of all tasks, as `FoundTasks::merged` has them.
[[nodiscard]] RkhsFindings count_steps(const RkhsOptions& options, std::span<const double> found);

/// "pgd" beside "gd", over all pairs of source and n.
struct RkhsComparison {
  struct Most {
    std::int64_t steps = 0;
    bool is_cut = false;  ///< whether a count that it is the most of is a lower bound
  };
  std::int64_t pairs = 0;
  std::int64_t fewer = 0;      ///< pairs where its steps are surely fewer, though gd's may be cut
  std::int64_t not_fewer = 0;  ///< surely as many or more
  std::int64_t lower = 0;      ///< least risks that differ by two standard errors at least
  std::int64_t higher = 0;
  double least_ratio = 0;  ///< of least risks, to gd's
  double largest_ratio = 0;
  Most most{};
  Most most_plain{};
};

[[nodiscard]] RkhsComparison compare(const RkhsOptions& options, const RkhsFindings& found);

}  // namespace driftwood::natgrad
