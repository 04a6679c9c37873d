// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Rows of independent features: entry (i, j) is a function of the key, the purpose, i and j alone,
/// so that any part of a design can be drawn anywhere, in any order, any number of times.

#include <cstddef>
#include <span>

#include "random/design_key.hpp"
#include "random/normal.hpp"

namespace driftwood::random {

/// All rows of one key and purpose, endless in both directions (below 2^25 features).
struct DesignRows {
  DesignKey key;
  Purpose purpose = Purpose::design;
  FeatureLaw law = FeatureLaw::normal;

  /// Features 2j and 2j + 1.
  template <class R>
  struct Two {
    R first;
    R second;
  };

  /// Of the rows in the lanes of `row`.
  template <class R>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Two<R> pair(const word_of<R>& row, int j) const {
    const Words<R> words = drawn<R>(row, j, 0);
    Two<R> out;
    if (law == FeatureLaw::rademacher) {
      const auto sign = [](const word_of<R>& word) {
        return bits_as<R>((word & word_of<R>(std::uint64_t{1} << 63)) |
                          word_of<R>(math::Format<double>::one));
      };
      return {sign(words.word[0]), sign(words.word[1])};
    }
    normal_pair(words.word[0], words.word[1], 1.0, out.first, out.second);
    if (law == FeatureLaw::student) {
      out.first = out.first * spread<R>(row, j, 1);
      out.second = out.second * spread<R>(row, j, 3);
    }
    return out;
  }

 private:
  static constexpr int most_pairs = 1 << 24;  ///< of features, in the numbering of streams

  template <class R>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Words<R> drawn(const word_of<R>& row, int j,
                                                           int kind) const {
    const Stream stream(key.seed, purpose, kind * most_pairs + j);
    const std::uint64_t id = (static_cast<std::uint64_t>(key.design) << 32) | key.replica;
    return stream.words_at<R>({word_of<R>(id)}, row);
  }
  /// sqrt(6 / chi^2), chi^2 of 8 degrees of freedom: minus twice the logarithm of four uniforms.
  template <class R>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R spread(const word_of<R>& row, int j, int kind) const {
    const Words<R> a = drawn<R>(row, j, kind);
    const Words<R> b = drawn<R>(row, j, kind + 1);
    const R product =
        uniform(a.word[0]) * uniform(a.word[1]) * (uniform(b.word[0]) * uniform(b.word[1]));
    return sqrt(R(-3) / math::log_of_normal(product));
  }
};

/// Writes rows [first, first + n) by columns: feature j of row first + i, times scales[j], goes to
/// to[i + j stride]. `R` is a lane; whatever it is, the bits are the same.
template <class R>
void fill_columns(const DesignRows& rows, std::uint64_t first, std::size_t n,
                  std::span<const double> scales, double* to, std::size_t stride) {
  constexpr std::size_t width = width_of<R>;
  std::uint64_t numbers[width];
  double lanes[width];
  const auto put = [&](const R& values, std::size_t i, std::size_t j) {
    if (j >= scales.size()) return;
    double* const at = to + i + j * stride;
    const R scaled = R(scales[j]) * values;
    if (i + width <= n) {
      store_lanes(at, scaled);
      return;
    }
    store_lanes(lanes, scaled);
    for (std::size_t l = 0; i + l < n; ++l) at[l] = lanes[l];
  };
  for (std::size_t j = 0; j < scales.size(); j += 2) {
    for (std::size_t i = 0; i < n; i += width) {
      for (std::size_t l = 0; l < width; ++l) numbers[l] = first + i + l;
      const auto two = rows.pair<R>(load<word_of<R>>(numbers), static_cast<int>(j / 2));
      put(two.first, i, j);
      put(two.second, i, j + 1);
    }
  }
}

}  // namespace driftwood::random
