// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "io/result_file.hpp"
#include "natgrad/sweep.hpp"

namespace driftwood::natgrad {

/// What a sweep finds out.
struct SweepFindings {
  std::vector<BiasVariance> theory;  ///< of every cell
  std::vector<Spread> ensemble{};    ///< likewise; empty without one
  std::int64_t replicas = 0;
};

/// Writes it, an entry for each point. Collective.
void write(io::ResultFile& file, const Grid& grid, const SweepFindings& found);

/// For each alignment, gamma and noise, of the `most` first, which estimator has the least risk and
/// how others compare; then what follows, in plain language.
[[nodiscard]] std::string table_text(const Grid& grid, const SweepFindings& found,
                                     std::size_t most = 30);

/// Cells whose ensemble is not what theory says: further off than 4 standard errors and what n rows
/// instead of infinitely many may make, 3/n of the value; bias or variance.
[[nodiscard]] std::vector<std::size_t> disagreements(const Grid& grid, const SweepFindings& found);

}  // namespace driftwood::natgrad
