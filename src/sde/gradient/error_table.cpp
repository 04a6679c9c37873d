// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/error_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.hpp"

namespace driftwood::sde {
namespace {

constexpr std::int64_t reference_memory = 256 << 20;

/// The same times on another grid.
GradientPlan with_steps(const GradientPlan& base, GradientMode mode, std::int64_t steps) {
  GradientPlan out = base;
  out.mode = mode;
  out.steps = steps;
  for (std::int64_t& node : out.observed) {
    if (node * steps % base.steps != 0) {
      throw UsageError(
          fmt::format("{} steps do not meet the time {:g}", steps,
                      base.end * static_cast<double>(node) / static_cast<double>(base.steps)),
          fmt::format("steps are {:g}", base.end / static_cast<double>(steps)),
          "take numbers of steps that the times of the formulas divide evenly");
    }
    node = node * steps / base.steps;
  }
  return out;
}

/// Derivatives of all samples that count, one sample after the other.
std::vector<double> derivatives(const GradientSolver& solver, const GradientPlan& plan) {
  const auto samples = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), solver.samples());
  const auto rows = static_cast<std::size_t>(solver.rows());
  const auto first = static_cast<std::size_t>(plan.formula_count() * plan.times());
  std::vector<double> out;
  for (std::size_t column = 0; column < samples.extent(1); ++column) {
    if (samples(rows, column) == 0) continue;
    for (std::size_t row = first; row < rows; ++row) out.push_back(samples(row, column));
  }
  return out;
}

double difference(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::quiet_NaN();
  double between = 0;
  double sum_a = 0;
  double sum_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    between += std::abs(a[i] - b[i]);
    sum_a += std::abs(a[i]);
    sum_b += std::abs(b[i]);
  }
  return between / std::max(sum_a, sum_b);
}

ErrorTableRow row_of(const Model& model, Precision precision, const GradientPlan& base,
                     const ErrorTableCase& one, std::int64_t steps) {
  // The bits of the mode `pathwise`, in as much memory as there is.
  GradientPlan stored = with_steps(base, GradientMode::checkpointed, steps);
  stored.memory = reference_memory;
  const GradientPlan plan = with_steps(base, one.mode, steps);
  const PathRange paths{0, base.capacity};
  const auto reference = model.gradients(one.scheme, precision, stored);
  const auto solver = model.gradients(one.scheme, precision, plan);
  reference->run(paths);
  const auto begin = std::chrono::steady_clock::now();
  solver->run(paths);
  Kokkos::fence();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const GradientRecord record = solver->record();
  return {one.scheme,
          one.mode,
          steps,
          difference(derivatives(*reference, stored), derivatives(*solver, plan)),
          record.rebuilt,
          record.gap,
          seconds.count(),
          record.bytes};
}

}  // namespace

std::vector<ErrorTableRow> error_table(const Model& model, Precision precision,
                                       const GradientPlan& base,
                                       const std::vector<ErrorTableCase>& cases,
                                       const std::vector<std::int64_t>& steps) {
  std::vector<ErrorTableRow> out;
  for (const ErrorTableCase& one : cases) {
    for (const std::int64_t n : steps) out.push_back(row_of(model, precision, base, one, n));
  }
  return out;
}

}  // namespace driftwood::sde
