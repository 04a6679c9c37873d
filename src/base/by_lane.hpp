// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"

namespace driftwood {

/// f of each number in a lane, one by one: for functions that only reference solutions need.
template <class R, class F>
KOKKOS_FUNCTION R by_lane(const R& x, const F& f) {
  value_of<R> values[width_of<R>];
  store_lanes(values, x);
  for (auto& value : values) value = f(value);
  return load<R>(values);
}

}  // namespace driftwood
