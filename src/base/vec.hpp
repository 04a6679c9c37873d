// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"

namespace driftwood {

/// N lanes: the state, drift or noise of `width_of<R>` paths at once.
template <class R, int N>
struct Vec {
  using Lane = R;

  R data[N];

  KOKKOS_FORCEINLINE_FUNCTION R& operator[](int i) { return data[i]; }
  KOKKOS_FORCEINLINE_FUNCTION const R& operator[](int i) const { return data[i]; }
  static constexpr int size() { return N; }
};

/// The lane type of a state.
template <class X>
using lane_of = typename X::Lane;

/// A diagonal matrix: component i of the noise acts on component i of the state alone.
template <class R, int N>
struct Diagonal {
  R data[N];

  KOKKOS_FORCEINLINE_FUNCTION R& operator[](int i) { return data[i]; }
  KOKKOS_FORCEINLINE_FUNCTION const R& operator[](int i) const { return data[i]; }
};

/// A lower triangular N x N matrix.
template <class R, int N>
struct Lower {
  R data[N][N];

  KOKKOS_FORCEINLINE_FUNCTION R& operator()(int i, int j) { return data[i][j]; }
  KOKKOS_FORCEINLINE_FUNCTION const R& operator()(int i, int j) const { return data[i][j]; }
};

/// An N x M matrix: column j is how noise component j acts on the state.
template <class R, int N, int M>
struct Mat {
  R data[N][M];

  KOKKOS_FORCEINLINE_FUNCTION R& operator()(int i, int j) { return data[i][j]; }
  KOKKOS_FORCEINLINE_FUNCTION const R& operator()(int i, int j) const { return data[i][j]; }
};

// What schemes are written in. The same functions exist for states of run-time size
// (base/block.hpp), so that a scheme is written once.

/// The state of the shape of `like` whose component i is f(i).
template <class R, int N, class F>
KOKKOS_FORCEINLINE_FUNCTION auto generate(const Vec<R, N>&, F&& f) {
  Vec<decltype(f(0)), N> out;
  for (int i = 0; i < N; ++i) out[i] = f(i);
  return out;
}

/// A state of the same shape, not initialised.
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> uninitialized(const Vec<R, N>&) {
  Vec<R, N> out;
  return out;
}
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION void assign(Vec<R, N>& to, const Vec<R, N>& from) {
  to = from;
}

/// Memory taken for states of run-time size during the lifetime of `scope(x)` is given back at its
/// end; those of fixed size take none.
struct NoScope {
  KOKKOS_FORCEINLINE_FUNCTION NoScope() {}
  KOKKOS_FORCEINLINE_FUNCTION ~NoScope() {}
};
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION NoScope scope(const Vec<R, N>&) {
  return {};
}

/// a s + c, component by component, each rounded once.
template <class X>
KOKKOS_FORCEINLINE_FUNCTION X fma(const X& a, const lane_of<X>& s, const X& c) {
  return generate(c, [&](int i) { return fma(a[i], s, c[i]); });
}
/// G w + c for a diagonal G.
template <class R, int N, class W>
KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> fma(const Diagonal<R, N>& g, const W& w, const Vec<R, N>& c) {
  return generate(c, [&](int i) { return fma(g[i], w[i], c[i]); });
}
/// G w + c for a lower triangular G, columns from left to right.
template <class R, int N, class W>
KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> fma(const Lower<R, N>& g, const W& w, const Vec<R, N>& c) {
  Vec<R, N> out = c;
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j <= i; ++j) out[i] = fma(g(i, j), w[j], out[i]);
  }
  return out;
}
/// G w + c, columns from left to right.
template <class R, int N, int M, class W>
KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> fma(const Mat<R, N, M>& g, const W& w, const Vec<R, N>& c) {
  Vec<R, N> out = c;
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j < M; ++j) out[i] = fma(g(i, j), w[j], out[i]);
  }
  return out;
}

/// Entry (i, j) of a diffusion matrix of any kind; rows outside a kind's pattern are zero.
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION R entry(const Diagonal<R, N>& g, int i, int j) {
  return i == j ? g[i] : R(0);
}
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION R entry(const Lower<R, N>& g, int i, int j) {
  return j <= i ? g(i, j) : R(0);
}
template <class R, int N, int M>
KOKKOS_FORCEINLINE_FUNCTION R entry(const Mat<R, N, M>& g, int i, int j) {
  return g(i, j);
}

}  // namespace driftwood
