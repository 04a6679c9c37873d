// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/portability.hpp"
#include "random/brownian.hpp"

namespace driftwood::sde {

/// Noise of `steps` equal steps, kept in memory: entry (n, k, p) is step n, component (or pair of
/// components) k, path p. What a scheme does not ask for may be empty.
struct GivenNoise {
  using Values = Kokkos::View<double***, Kokkos::LayoutRight, Memory>;

  double step = 0;  ///< size of the steps [time]
  std::int64_t steps = 0;
  Values dw;
  Values area;
  Values levy;  ///< A_ij for pairs i < j, see random/levy.hpp
  Values sign;
};

template <class R, class V>
KOKKOS_FORCEINLINE_FUNCTION void load_noise(V& to, const GivenNoise::Values& from, std::int64_t n,
                                            std::int64_t path) {
  for (int k = 0; k < to.size(); ++k) to[k] = load<R>(&from(n, k, path));
}

/// The noise of step n for the paths of one lane of V, which is like `like`.
template <random::Increments I, class V>
KOKKOS_FORCEINLINE_FUNCTION random::Increment<V, I> increment_of(const GivenNoise& noise,
                                                                 std::int64_t n, std::int64_t path,
                                                                 const V& like) {
  using R = lane_of<V>;
  using random::Increments;
  random::Increment<V, I> out;
  out.dw = uninitialized(like);
  load_noise<R>(out.dw, noise.dw, n, path);
  if constexpr (I == Increments::with_area || I == Increments::with_levy) {
    out.area = uninitialized(like);
    load_noise<R>(out.area, noise.area, n, path);
  }
  if constexpr (I == Increments::with_levy) {
    out.levy = random::pairs(like);
    if (like.size() > 1) load_noise<R>(out.levy.value, noise.levy, n, path);
  }
  if constexpr (I == Increments::three_point) {
    out.sign = uninitialized(like);
    load_noise<R>(out.sign, noise.sign, n, path);
  }
  return out;
}

}  // namespace driftwood::sde
