// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/portability.hpp"

namespace driftwood {

/// The values in memory that kernels can read.
template <class N>
[[nodiscard]] Kokkos::View<N*, Memory> on_device(const std::string& label,
                                                 const std::vector<N>& values) {
  const Kokkos::View<N*, Memory> held(label, values.size());
  const auto host = Kokkos::create_mirror_view(held);
  std::copy(values.begin(), values.end(), host.data());
  Kokkos::deep_copy(held, host);
  return held;
}

}  // namespace driftwood
