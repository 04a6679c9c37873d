// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace driftwood::random {

/// The law of features: independent, of mean 0 and variance 1, before they are scaled.
enum class FeatureLaw {
  normal,
  rademacher,  ///< -1 or 1
  student,     ///< of Student's t with 8 degrees of freedom, times sqrt(6/8)
};

/// Which design it is: replicas of one design differ in nothing but what is drawn.
struct DesignKey {
  std::uint64_t seed = 0;
  std::uint32_t design = 0;
  std::uint32_t replica = 0;

  friend bool operator==(const DesignKey&, const DesignKey&) = default;
};

}  // namespace driftwood::random
