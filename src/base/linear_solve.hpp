// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/block.hpp"

namespace driftwood {

/// An N x N matrix of lanes beside states of fixed size.
template <class X>
struct Square;
template <class R, int N>
struct Square<Vec<R, N>> {
  R data[N][N];

  KOKKOS_FORCEINLINE_FUNCTION R& operator()(int i, int j) { return data[i][j]; }
};
template <class R>
struct Square<Block<R>> {
  R* data;
  int size;

  KOKKOS_FORCEINLINE_FUNCTION R& operator()(int i, int j) { return data[i * size + j]; }
};
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION Square<Vec<R, N>> square(const Vec<R, N>&) {
  return {};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Square<Block<R>> square(const Block<R>& like) {
  return {like.arena->template take<R>(like.size() * like.size()), like.size()};
}

/// Brings, in each lane, the row of largest magnitude in column k to row k.
template <class X>
KOKKOS_FORCEINLINE_FUNCTION void pivot(Square<X>& a, X& b, int k) {
  const int n = b.size();
  const auto exchange = [](const auto& where, auto& p, auto& q) {
    const auto kept = p;
    p = select(where, q, p);
    q = select(where, kept, q);
  };
  for (int i = k + 1; i < n; ++i) {
    const auto larger = less(abs(a(k, k)), abs(a(i, k)));
    for (int j = k; j < n; ++j) exchange(larger, a(k, j), a(i, j));
    exchange(larger, b[k], b[i]);
  }
}

/// Solves a y = b in each lane by Gaussian elimination with partial pivoting: b becomes y, a is
/// overwritten. Lanes with a singular matrix get results that are not finite.
template <class X>
KOKKOS_FORCEINLINE_FUNCTION void solve(Square<X>& a, X& b) {
  using R = lane_of<X>;
  const int n = b.size();
  for (int k = 0; k < n; ++k) {
    pivot(a, b, k);
    const R inverse = R(1) / a(k, k);
    for (int i = k + 1; i < n; ++i) {
      const R factor = -(a(i, k) * inverse);
      for (int j = k + 1; j < n; ++j) a(i, j) = fma(factor, a(k, j), a(i, j));
      b[i] = fma(factor, b[k], b[i]);
    }
    b[k] = b[k] * inverse;
    for (int j = k + 1; j < n; ++j) a(k, j) = a(k, j) * inverse;
  }
  for (int k = n - 1; k >= 0; --k) {
    for (int j = k + 1; j < n; ++j) b[k] = fma(-a(k, j), b[j], b[k]);
  }
}

}  // namespace driftwood
