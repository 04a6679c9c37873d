// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "neural/group.hpp"

namespace driftwood::neural {

/// A layer's weights, or with `transposed` their transpose: rows x columns of it are used.
template <class T, bool transposed>
struct Weights {
  const T* data;
  int stride;  ///< from one row of the weights to the next
  int rows;
  int columns;

  KOKKOS_FORCEINLINE_FUNCTION T operator()(int r, int c) const {
    return transposed ? data[c * stride + r] : data[r * stride + c];
  }
};

/// result(row, path, lane of sums) of one item, where the sums are
///
///     start(row) + sum_c weights(row, c) in[c][path],
///
/// added in this order by fused products. `in` is an array of this layer's own. After a tile of
/// rows finish(first row, rows) is called. Arguments are values, as what is stored cannot change
/// those.
template <class R, class T, bool transposed, class Start, class Result, class Finish>
KOKKOS_FORCEINLINE_FUNCTION void multiply_here(const Weights<T, transposed> weights, const T* in,
                                               const Start start, const Result result,
                                               const Finish finish) {
  constexpr int lanes = Tile<R>::lanes;
  constexpr int width = width_of<R>;
  const int tiles = tiles_of<Tile<R>::rows>(weights.rows);
  for (int t = 0; t < tiles; ++t) {
    tile_of<Tile<R>::rows>(t, tiles, weights.rows, [&](int first, auto size) {
      constexpr int rows = size();
      for (int path = 0; path < Items<R>::paths; path += lanes * width) {
        // Indices are constants, lest compilers keep the sums in memory.
        R sum[rows][lanes];
        unrolled<rows>([&](auto r) {
          const R begin(start(first + r()));
          unrolled<lanes>([&](auto l) { sum[r()][l()] = begin; });
        });
        for (int c = 0; c < weights.columns; ++c) {
          R x[lanes];
          unrolled<lanes>(
              [&](auto l) { x[l()] = load<R>(in + c * Items<R>::stride + path + l() * width); });
          unrolled<rows>([&](auto r) {
            const R w(weights(first + r(), c));
            unrolled<lanes>([&](auto l) { sum[r()][l()] = fma(w, x[l()], sum[r()][l()]); });
          });
        }
        unrolled<rows>([&](auto r) {
          for (int l = 0; l < lanes; ++l) result(first + r(), path + l * width, sum[r()][l]);
        });
      }
      finish(first, rows);
    });
  }
}

/// The same in a function of its own: within a longer one its sums do not all stay in registers.
template <class R, class T, bool transposed, class Start, class Result, class Finish>
KOKKOS_FORCEINLINE_FUNCTION void multiply(const Weights<T, transposed> weights, const T* in,
                                          const Start start, const Result result,
                                          const Finish finish) {
  out_of_line([=] { multiply_here<R>(weights, in, start, result, finish); });
}

/// A chunk of inputs whose sums over paths are turned into numbers together.
template <class R>
struct Chunk {
  static constexpr int columns = width_of<R> == 1 ? 1 : 64 / static_cast<int>(sizeof(value_of<R>));
  static_assert(columns % width_of<R> == 0 && columns % Tile<R>::lanes == 0);
};

/// Adds to `gradient` (rows of `stride` numbers) sum_p left[r][p] right[c][p] for rows [first,
/// first + rows) and columns [begin, begin + columns), at most a chunk of them.
template <class R, int rows, class T>
KOKKOS_FORCEINLINE_FUNCTION void add_products(const Rows<const T> left, int first,
                                              const Rows<const T> right, int begin, int columns,
                                              double* gradient, int stride) {
  constexpr int width = width_of<R>;
  R waiting[rows][Chunk<R>::columns];
  const auto tile = [&](int c, auto size) {
    constexpr int lanes = size();
    R sum[rows][lanes];
    for (int r = 0; r < rows; ++r) {
      for (int l = 0; l < lanes; ++l) sum[r][l] = R(0);
    }
    for (int item = 0; item < Items<R>::count; ++item) {
      const T* const a = left.at(item, first);
      const T* const b = right.at(item, begin + c);
      for (int path = 0; path < Items<R>::paths; path += width) {
        R x[lanes];
        for (int l = 0; l < lanes; ++l) x[l] = load<R>(b + l * right.row + path);
        for (int r = 0; r < rows; ++r) {
          const R y = loaded_once(load<R>(a + r * left.row + path));
          for (int l = 0; l < lanes; ++l) sum[r][l] = fma(y, x[l], sum[r][l]);
        }
      }
    }
    unrolled<rows>([&](auto r) {
      for (int l = 0; l < lanes; ++l) waiting[r()][c + l] = sum[r()][l];
    });
  };
  constexpr int most = Tile<R>::lanes;
  static_assert(most <= 2);
  int done = 0;
  for (; done + most <= columns; done += most) tile(done, std::integral_constant<int, most>{});
  if (done < columns) tile(done, std::integral_constant<int, 1>{});
  for (int r = 0; r < rows; ++r) {
    for (int c = columns; c % width != 0; ++c) waiting[r][c] = R(0);
    for (int c = 0; c < columns; c += width) {
      T total[width];
      store_lanes(total, lane_sums(waiting[r] + c));
      double* const to = gradient + r * stride + c;
      if (c + width <= columns) {
        for (int i = 0; i < width; ++i) to[i] += static_cast<double>(total[i]);
      } else {
        for (int i = 0; i < columns - c; ++i) to[i] += static_cast<double>(total[i]);
      }
    }
  }
}

/// sum_p of[first + r][p] for `rows` rows.
template <class R, int rows, class T>
KOKKOS_FORCEINLINE_FUNCTION void row_sums(const Rows<const T> of, int first, T* total) {
  constexpr int width = width_of<R>;
  constexpr int padded = (rows + width - 1) / width * width;
  R sum[padded];
  for (R& s : sum) s = R(0);
  for (int item = 0; item < Items<R>::count; ++item) {
    const T* const a = of.at(item, first);
    for (int path = 0; path < Items<R>::paths; path += width) {
      for (int r = 0; r < rows; ++r) sum[r] = sum[r] + load<R>(a + r * of.row + path);
    }
  }
  for (int r = 0; r < padded; r += width) store_lanes(total + r, lane_sums(sum + r));
}

/// Adds to the gradient of a layer what the cotangents `delta` of its sums (outputs rows) make of
/// it: `in` (inputs rows) times delta for its weights, delta times the time for those of the time,
/// where there is one column more, and delta for its biases. Sums of the group are single where T
/// is, the gradient is double. Their order depends on the width of R alone.
template <class R, class Member, class T>
KOKKOS_FUNCTION void add_gradient(const Member& team, const Rows<const T> delta,
                                  const Rows<const T> in, int outputs, int inputs, int columns,
                                  T time, double* gradient) {
  constexpr int most = Tile<R>::rows;
  constexpr int padded = most + width_of<R>;
  const int tiles = tiles_of<most>(outputs);
  const int chunks = tiles_of<Chunk<R>::columns>(inputs) + 1;
  for (int i = team.team_rank(); i < tiles * chunks; i += team.team_size()) {
    // A chunk of inputs stays in the nearest cache while rows pass by.
    const int chunk = i / tiles - 1;
    tile_of<most>(i % tiles, tiles, outputs, [&](int first, auto size) {
      constexpr int rows = size();
      if (chunk >= 0) {
        const int begin = chunk * Chunk<R>::columns;
        const int rest = inputs - begin;
        add_products<R, rows>(delta, first, in, begin,
                              rest < Chunk<R>::columns ? rest : Chunk<R>::columns,
                              gradient + first * columns + begin, columns);
        return;
      }
      T total[padded];
      row_sums<R, rows>(delta, first, total);
      for (int r = first; r < first + rows; ++r) {
        const auto sum = static_cast<double>(total[r - first]);
        if (columns > inputs) gradient[r * columns + inputs] += static_cast<double>(time) * sum;
        gradient[outputs * columns + r] += sum;
      }
    });
  }
}

}  // namespace driftwood::neural
