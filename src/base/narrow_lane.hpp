// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"

namespace driftwood {

/// A lane of one register where `R` is a pack of several, else `R`: for kernels that keep many
/// values in registers, and have independent work enough.
template <class R>
struct NarrowOf {
  using type = R;
};
template <template <class, int> class P, class T, int K>
struct NarrowOf<P<T, K>> {
  using type = P<T, 1>;
};

template <class T>
using NarrowLane = typename NarrowOf<Lane<T>>::type;

}  // namespace driftwood
