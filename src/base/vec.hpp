// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"

namespace driftwood {

/// N lanes: the state, drift or noise of `width_of<R>` paths at once.
template <class R, int N>
struct Vec {
  R data[N];

  KOKKOS_FORCEINLINE_FUNCTION R& operator[](int i) { return data[i]; }
  KOKKOS_FORCEINLINE_FUNCTION const R& operator[](int i) const { return data[i]; }
};

/// A diagonal matrix: component i of the noise acts on component i of the state alone.
template <class R, int N>
struct Diagonal {
  R data[N];

  KOKKOS_FORCEINLINE_FUNCTION const R& operator[](int i) const { return data[i]; }
};

/// A lower triangular N x N matrix.
template <class R, int N>
struct Lower {
  R data[N][N];

  KOKKOS_FORCEINLINE_FUNCTION R& operator()(int i, int j) { return data[i][j]; }
  KOKKOS_FORCEINLINE_FUNCTION const R& operator()(int i, int j) const { return data[i][j]; }
};

/// a s + c, component by component, each rounded once.
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> fma(const Vec<R, N>& a, const R& s, const Vec<R, N>& c) {
  Vec<R, N> out;
  for (int i = 0; i < N; ++i) out[i] = fma(a[i], s, c[i]);
  return out;
}
/// G w + c for a diagonal G.
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> fma(const Diagonal<R, N>& g, const Vec<R, N>& w,
                                          const Vec<R, N>& c) {
  Vec<R, N> out;
  for (int i = 0; i < N; ++i) out[i] = fma(g[i], w[i], c[i]);
  return out;
}
/// G w + c for a lower triangular G, columns from left to right.
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> fma(const Lower<R, N>& g, const Vec<R, N>& w,
                                          const Vec<R, N>& c) {
  Vec<R, N> out = c;
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j <= i; ++j) out[i] = fma(g(i, j), w[j], out[i]);
  }
  return out;
}

}  // namespace driftwood
