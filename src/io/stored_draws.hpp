// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace driftwood::io {

/// Draws of one parameter that a result file of chains stores.
struct StoredDraws {
  std::vector<double> values;  ///< (chain, draw, number)
  std::int64_t draws = 0;      ///< of all chains together
  std::int64_t numbers = 1;    ///< of each
};

/// All of the variable `name` of the group /posterior. Throws `UsageError` that names file and
/// dataset where there is none, or where it has another shape or is too large.
[[nodiscard]] StoredDraws read_draws(const std::string& file, const std::string& name);

}  // namespace driftwood::io
