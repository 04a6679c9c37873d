// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "random/stream.hpp"

namespace driftwood::pose {

/// What random words of estimates of poses are for.
enum class Choice : int { order, triple, move, inlier_triple };

/// The one place that says whose words these are: components from 2^20 on of subsamples, which
/// nothing else has as many of.
[[nodiscard]] inline random::Stream words_of(std::uint64_t seed, Choice choice) {
  constexpr int first_component = 1 << 20;
  return {seed, random::Purpose::subsample, first_component + static_cast<int>(choice)};
}

/// Three different places below n >= 3.
[[nodiscard]] inline std::array<std::size_t, 3> triple(const random::Stream& stream, int sample,
                                                       std::size_t n) {
  const auto id = static_cast<std::uint64_t>(sample);
  const auto first = stream.words<double>({id}, 0);
  const auto second = stream.words<double>({id}, 1);
  std::array<std::size_t, 3> out = {first.word[0] % n, first.word[1] % (n - 1),
                                    second.word[0] % (n - 2)};
  if (out[1] >= out[0]) ++out[1];
  const auto [low, high] = std::minmax(out[0], out[1]);
  if (out[2] >= low) ++out[2];
  if (out[2] >= high) ++out[2];
  return out;
}

}  // namespace driftwood::pose
