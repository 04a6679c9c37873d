// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "base/lane.hpp"

namespace driftwood::mcmc {

/// Chains that lie together in memory: the unit of work, of statistics, and of what ranks share
/// out.
inline constexpr std::int64_t block_chains = 64;

/// A vector of each chain of one lane, in memory: component i of the chains is a row of a block.
template <class R>
struct Coordinates {
  using Lane = R;

  double* data;
  int count;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int size() const { return count; }
  KOKKOS_FORCEINLINE_FUNCTION R operator[](int i) const { return load<R>(data + i * block_chains); }
  KOKKOS_FORCEINLINE_FUNCTION void set(int i, const R& value) const {
    store_lanes(data + i * block_chains, value);
  }
  /// `count` components from the one with this index on.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates part(int first, int some) const {
    return {data + first * block_chains, some};
  }
};

template <class R>
KOKKOS_FORCEINLINE_FUNCTION R dot(const Coordinates<R>& a, const Coordinates<R>& b) {
  R sum(0);
  for (int i = 0; i < a.size(); ++i) sum = fma(a[i], b[i], sum);
  return sum;
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void copy(const Coordinates<R>& to, const Coordinates<R>& from) {
  for (int i = 0; i < to.size(); ++i) to.set(i, from[i]);
}
/// `to` becomes `from` in the lanes of the mask.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void copy_where(const mask_of<R>& where, const Coordinates<R>& to,
                                            const Coordinates<R>& from) {
  for (int i = 0; i < to.size(); ++i) to.set(i, select(where, from[i], to[i]));
}

}  // namespace driftwood::mcmc
