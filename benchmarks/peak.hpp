// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The fused products that one core can do.

#include "base/narrow_lane.hpp"

namespace driftwood::benchmarks {

/// Independent chains of fused products in registers, enough to hide how long one takes.
template <class T>
struct Peak {
  using R = NarrowLane<T>;
  static constexpr int chains = 12;
  static constexpr int terms = 2'000;
  static constexpr double operations = 2.0 * chains * terms * width_of<R>;
  Kokkos::View<T*, Memory> out{"out", width_of<R>};

  KOKKOS_FUNCTION void operator()(int) const {
    R sum[chains];
    for (int c = 0; c < chains; ++c) sum[c] = load<R>(out.data()) + R(T(c));
    const R factor = R(T(0.999)) + load<R>(out.data());
    for (int t = 0; t < terms; ++t) {
      for (R& s : sum) s = fma(s, factor, factor);
    }
    R total = sum[0];
    for (int c = 1; c < chains; ++c) total = total + sum[c];
    store_lanes(out.data(), total - total);
  }
};

}  // namespace driftwood::benchmarks
