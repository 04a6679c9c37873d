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
/// The lane of states that are kept in memory.
template <class T>
using WideLane = T;
/// Calls f, without inlining it where that would be slower to compile only.
template <class F>
KOKKOS_FORCEINLINE_FUNCTION auto out_of_line(const F& f) {
  return f();
}
/// Threads that reduce one block together.
inline constexpr int reduction_team_size = 128;
}  // namespace driftwood

#else

#include <xsimd/xsimd.hpp>

#if defined(__FMA__)
#include <immintrin.h>
#endif

namespace driftwood::native {

/// a b + c with one rounding. xsimd 8 has the instruction for some registers only.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION xsimd::batch<T> fma(const xsimd::batch<T>& a, const xsimd::batch<T>& b,
                                                const xsimd::batch<T>& c) {
#if defined(__FMA__)
  constexpr int bytes = sizeof(xsimd::batch<T>);
  constexpr bool is_double = sizeof(T) == 8;
#if defined(__AVX512F__)
  if constexpr (bytes == 64 && is_double) return _mm512_fmadd_pd(a, b, c);
  if constexpr (bytes == 64 && !is_double) return _mm512_fmadd_ps(a, b, c);
#endif
  if constexpr (bytes == 32 && is_double) return _mm256_fmadd_pd(a, b, c);
  if constexpr (bytes == 32 && !is_double) return _mm256_fmadd_ps(a, b, c);
  if constexpr (bytes == 16 && is_double) return _mm_fmadd_pd(a, b, c);
  if constexpr (bytes == 16 && !is_double) return _mm_fmadd_ps(a, b, c);
#else
  return xsimd::fma(a, b, c);
#endif
}

template <class T>
KOKKOS_FORCEINLINE_FUNCTION void pin(xsimd::batch<T>& a) {
#if defined(__x86_64__)
  asm("" : "+v"(a.data));
#else
  static_cast<void>(a);
#endif
}

// Instructions of x86 for the larger and the smaller treat what is not a number as a comparison and
// a choice do; others do not.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION xsimd::batch<T> max(const xsimd::batch<T>& a,
                                                const xsimd::batch<T>& b) {
#if defined(__x86_64__)
  return xsimd::max(a, b);
#else
  return xsimd::select(b < a, a, b);
#endif
}
template <class T>
KOKKOS_FORCEINLINE_FUNCTION xsimd::batch<T> min(const xsimd::batch<T>& a,
                                                const xsimd::batch<T>& b) {
#if defined(__x86_64__)
  return xsimd::min(a, b);
#else
  return xsimd::select(a < b, a, b);
#endif
}

}  // namespace driftwood::native

#include "base/pack.hpp"

namespace driftwood {
inline constexpr int lane_registers = DRIFTWOOD_LANE_REGISTERS;  ///< see the CMake option

/// The lane kernels advance in lockstep: on the host, as many paths as a pack has lanes. Results do
/// not depend on how many that are.
template <class T>
using Lane = Pack<T, sizeof(T) == 8 ? lane_registers : (lane_registers + 1) / 2>;
/// The lane of states that are kept in memory: wider, so that what is interpreted or looked up for
/// each operation is shared by more paths.
template <class T>
using WideLane = Pack<T, sizeof(T) == 8 ? 4 * lane_registers : 2 * lane_registers>;
/// Calls f, without inlining it.
template <class F>
[[gnu::noinline]] auto out_of_line(const F& f) {
  return f();
}
/// Threads that reduce one block together: one, so that every host backend sums in the same order.
inline constexpr int reduction_team_size = 1;
}  // namespace driftwood

#endif
