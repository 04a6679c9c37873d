// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "base/portability.hpp"

namespace driftwood::mcmc {

/// Calls kernel(item) for each of so many items.
template <class Kernel>
void for_each(const char* label, std::int64_t items, const Kernel& kernel) {
  Kokkos::parallel_for(label, Kokkos::RangePolicy<Exec>(0, items), kernel);
}

}  // namespace driftwood::mcmc
