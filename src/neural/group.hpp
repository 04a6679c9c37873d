// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <type_traits>

#include "base/narrow_lane.hpp"
#include "base/unrolled.hpp"

namespace driftwood::neural {

/// Networks are evaluated for groups of so many consecutive paths. A divisor of
/// `stats::block_paths`, and a multiple of every lane's width. The more paths, the rarer sums over
/// lanes; the fewer, the more of their numbers stays in cache: docs/performance.md.
inline constexpr int group_paths = 256;

/// How a group's paths are shared out. An item is what one thread takes through all layers at once:
/// one path on a device; on a host as many as keep a layer's numbers in the nearest cache.
///
/// Arrays that callers see are [row][group_paths]. Those that only this layer sees are, on a host,
/// [item][row][paths of the item]: rows that lie a power of two apart would share few lines of the
/// cache.
template <class R>
struct Items {
  static constexpr bool per_path = width_of<R> == 1;
  static constexpr int paths = per_path ? 1 : 256 / static_cast<int>(sizeof(value_of<R>));
  static constexpr int count = group_paths / paths;
  /// From one row of an item to the next, in arrays of this layer's own.
  static constexpr int stride = per_path ? group_paths : paths;
  static_assert(group_paths % paths == 0 && paths % width_of<R> == 0);

  /// Where an item begins in an array of so many rows of this layer's own.
  KOKKOS_FORCEINLINE_FUNCTION static constexpr int begin(int item, int rows) {
    return per_path ? item : item * rows * paths;
  }
};

/// A lane of two registers where R is one of one register: for chains of operations that wait for
/// each other.
template <class R>
struct TwiceOf {
  using type = R;
};
template <template <class, int> class P, class T>
struct TwiceOf<P<T, 1>> {
  using type = P<T, 2>;
};

/// Rows of numbers of all paths of a group, in either order.
template <class T>
struct Rows {
  T* data;
  int row;   ///< from one row to the next
  int item;  ///< from one item to the next

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static Rows of_caller(T* data) {
    return {data, group_paths, Items<R>::paths};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static Rows own(T* data, int rows) {
    return {data, Items<R>::stride, Items<R>::begin(1, rows)};
  }
  KOKKOS_FORCEINLINE_FUNCTION T* at(int i, int r) const { return data + i * item + r * row; }
};

/// How many sums a kernel keeps in registers: of `rows` rows, for `lanes` lanes of paths. Each term
/// loads rows + lanes numbers for rows x lanes products.
template <class R>
struct Tile {
  static constexpr bool many_registers = sizeof(R) == 64 || width_of<R> == 1;
  static constexpr int rows = many_registers ? 8 : 6;
  static constexpr int lanes = width_of<R> == 1 ? 1 : 2;
};

/// Calls f(first, n) for tiles of at most `most` of `count` rows, of sizes that differ by one at
/// most, the size n a constant.
template <int most, class F>
KOKKOS_FORCEINLINE_FUNCTION void tile_of(int t, int tiles, int count, const F& f) {
  const int first = t * count / tiles;
  const int size = (t + 1) * count / tiles - first;
  unrolled<most>([&](auto i) {
    if (size == i + 1) f(first, std::integral_constant<int, i + 1>{});
  });
}
/// How many tiles that makes.
template <int most>
KOKKOS_FORCEINLINE_FUNCTION constexpr int tiles_of(int count) {
  return (count + most - 1) / most;
}

}  // namespace driftwood::neural
