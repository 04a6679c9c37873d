// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "natgrad/rkhs/step_counts.hpp"

namespace driftwood::test {

/// Runs all designs of a study.
inline natgrad::RkhsFindings counted_steps(const natgrad::RkhsOptions& options) {
  natgrad::RkhsRuns runs(options);
  for (const std::int64_t task : runs.order()) runs.work(task);
  return natgrad::count_steps(options, runs.found().merged(comm::Communicator::alone()));
}

/// Of one source, method (0 gd, 1 pgd, ...) and number of rows.
inline const natgrad::StepCount& at(const natgrad::RkhsOptions& options,
                                    const natgrad::RkhsFindings& found, std::size_t source,
                                    std::size_t method, std::size_t i) {
  return found.counts[(source * options.methods().size() + method) * options.n.size() + i];
}

inline const natgrad::Growth& growth_at(const natgrad::RkhsOptions& options,
                                        const natgrad::RkhsFindings& found, std::size_t source,
                                        std::size_t method) {
  return found.growth[source * options.methods().size() + method];
}

}  // namespace driftwood::test
