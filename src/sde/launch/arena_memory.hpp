// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "base/portability.hpp"

namespace driftwood::sde {

/// Memory of the work items in flight, one row each, and how much of it they used.
struct ArenaMemory {
  Kokkos::View<std::byte**, Kokkos::LayoutRight, Memory> rows;
  Kokkos::View<std::size_t, Memory> most;  ///< [bytes], of work item 0

  ArenaMemory() = default;
  ArenaMemory(std::size_t count, std::size_t bytes)
      : rows(Kokkos::view_alloc("arenas", Kokkos::WithoutInitializing), count, bytes),
        most("most") {}
};

}  // namespace driftwood::sde
