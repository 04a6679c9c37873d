// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string_view>

namespace driftwood::pose {

/// By what argument a box of rotations holds no more inliers than its bound says. Numbers are those
/// of certificates.
enum class Rule : std::uint8_t {
  none = 0,     ///< all correspondences might be
  h_index = 1,  ///< degrees in the graphs of consistent pairs
  core = 2,     ///< their last cores
  nested = 3,   ///< a search over all camera centres
};
inline constexpr int rules = 4;

[[nodiscard]] constexpr std::string_view name_of(Rule rule) {
  constexpr std::string_view names[rules] = {"none", "h-index", "core", "nested"};
  return names[static_cast<int>(rule)];
}

}  // namespace driftwood::pose
