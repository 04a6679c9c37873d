// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"

namespace driftwood::sde {

/// Numbers of a wave: row i of path p at (i, p). Rows are padded to whole packs.
template <class T>
using States = Kokkos::View<T**, Kokkos::LayoutRight, Memory>;

}  // namespace driftwood::sde
