// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace driftwood {

/// Least number of inserted, deleted, replaced or swapped neighbouring characters from `a` to `b`
/// (optimal string alignment), ignoring case. O(a b) time.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The name that `word` most likely meant; empty when none is near.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& names);

}  // namespace driftwood
