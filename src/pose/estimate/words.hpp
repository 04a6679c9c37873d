// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "random/stream.hpp"

namespace driftwood::pose {

/// What random words of estimates of poses are for.
enum class Choice : int { order, triple, move, other_triple, other_seed };

/// The one place that says whose words these are: components from 2^20 on of subsamples, which
/// nothing else has as many of.
[[nodiscard]] inline random::Stream words_of(std::uint64_t seed, Choice choice) {
  constexpr int first_component = 1 << 20;
  return {seed, random::Purpose::subsample, first_component + static_cast<int>(choice)};
}

}  // namespace driftwood::pose
