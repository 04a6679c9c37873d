// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sde/gradient/solver.hpp"
#include "sde/model.hpp"

namespace driftwood::sde {

/// A gradient that is compared with that of the discrete map of the same scheme.
struct ErrorTableCase {
  std::string scheme;
  GradientMode mode;
};

struct ErrorTableRow {
  std::string scheme;
  GradientMode mode;
  std::int64_t steps;
  double error;    ///< sum |a - b| / max(sum |a|, sum |b|), over derivatives and samples
  double rebuilt;  ///< largest |X_0 rebuilt - X_0|
  double gap;      ///< reversible Heun: the largest |y - z| relative to 1 + |y|
  double seconds_forward_backward;
  std::int64_t bytes;  ///< of states that wait for the way back, of one work item
};

/// How far gradients that go back along a path of their own are from those through the stored
/// solution, of the same scheme on the same noise: a row for each case at each number of steps, in
/// that order. `base` says what is differentiated, of its `capacity` paths from id 0 on, and its
/// observed times for `base.steps` steps; its mode is not used. Kidger, Foster, Li and Lyons (2021),
/// section 5 and figure 3.
///
/// Throws `UsageError` where the model has no such gradient, and where an observed time is not one
/// of the steps of a row.
[[nodiscard]] std::vector<ErrorTableRow> error_table(const Model& model, Precision precision,
                                                     const GradientPlan& base,
                                                     const std::vector<ErrorTableCase>& cases,
                                                     const std::vector<std::int64_t>& steps);

}  // namespace driftwood::sde
