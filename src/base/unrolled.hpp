// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <type_traits>
#include <utility>

#include "base/portability.hpp"

namespace driftwood {

/// Calls f with the constants 0, ..., N - 1: a loop whose index is a constant expression, as
/// entries of tables that are zero are to leave no trace in the code.
template <int N, class F>
KOKKOS_FORCEINLINE_FUNCTION void unrolled(F&& f) {
  [&]<int... i>(std::integer_sequence<int, i...>) { (f(std::integral_constant<int, i>{}), ...); }
  (std::make_integer_sequence<int, N>{});
}

}  // namespace driftwood
