// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The one file that asks which Kokkos, compiler or backend this is.

#include <Kokkos_Core.hpp>

namespace driftwood {

/// Where kernels run and where their data live.
using Exec = Kokkos::DefaultExecutionSpace;
using Memory = Exec::memory_space;

}  // namespace driftwood

#if defined(KOKKOS_ENABLE_CUDA) || defined(KOKKOS_ENABLE_HIP) || defined(KOKKOS_ENABLE_SYCL)

namespace driftwood {
/// The lane kernels advance in lockstep: on a device, one path.
template <class T>
using Lane = T;
/// Threads that reduce one block together.
inline constexpr int reduction_team_size = 128;
}  // namespace driftwood

#else

#include "base/pack.hpp"

namespace driftwood {
/// The lane kernels advance in lockstep: on the host, as many paths as a pack has lanes.
template <class T>
using Lane = Pack<T, sizeof(T) == 8 ? 4 : 2>;
/// Threads that reduce one block together: one, so that every host backend sums in the same order.
inline constexpr int reduction_team_size = 1;
}  // namespace driftwood

#endif
