// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>

#include "pose/draws.hpp"

namespace driftwood::pose {

/// Three different places below n >= 3.
[[nodiscard]] inline std::array<std::size_t, 3> drawn_triple(std::uint64_t seed, Draw what,
                                                             int sample, std::size_t n) {
  const auto id = static_cast<std::uint64_t>(sample);
  const auto first = drawn_words(seed, what, id, 0);
  const auto second = drawn_words(seed, what, id, 1);
  std::array<std::size_t, 3> out = {first.word[0] % n, first.word[1] % (n - 1),
                                    second.word[0] % (n - 2)};
  if (out[1] >= out[0]) ++out[1];
  const auto [low, high] = std::minmax(out[0], out[1]);
  if (out[2] >= low) ++out[2];
  if (out[2] >= high) ++out[2];
  return out;
}

}  // namespace driftwood::pose
