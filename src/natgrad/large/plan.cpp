// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/large/plan.hpp"

#include <algorithm>
#include <cmath>

#include "natgrad/large/large_replica.hpp"

namespace driftwood::natgrad {

double LargeFindings::risk_error(double noise) const {
  return std::hypot(standard_error.bias, noise * standard_error.variance);
}

LargePlan large_plan(int ranks, std::size_t n, std::size_t d, const LargeOptions& options) {
  const auto features = static_cast<double>(d);
  const double own = std::ceil(static_cast<double>(n) / ranks);
  LargePlan out;
  out.together = static_cast<std::size_t>(std::min<std::int64_t>(options.probes, most_together));
  const auto columns = 2 * static_cast<double>(out.together);
  out.bytes = 8 * columns * (2.5 * features + 8 * own);
  if (options.solver == LargeOptions::Solver::cholesky) {
    out.bytes += LargePlan::block_bytes + 16 * own * static_cast<double>(n);
  }
  const double stored = 8 * own * features;
  out.is_stored = out.bytes + stored <= options.memory;
  out.bytes += out.is_stored ? stored : std::min(stored, LargePlan::block_bytes);
  return out;
}

double large_replica_bytes(int ranks, std::size_t n, std::size_t d, const LargeOptions& options) {
  return large_plan(ranks, n, d, options).bytes;
}

}  // namespace driftwood::natgrad
