// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "stats/float_bits.hpp"

namespace driftwood::bnb {

/// What is maximised: a count, say, or a real number.
template <class V>
concept SearchValue = std::signed_integral<V> || std::same_as<V, float> || std::same_as<V, double>;

/// Below every value that can be reached: the bound of a node that holds none.
template <SearchValue V>
inline constexpr V nothing = std::is_integral_v<V> ? std::numeric_limits<V>::lowest()
                                                   : -std::numeric_limits<V>::infinity();

/// Integers that order like the values.
template <SearchValue V>
[[nodiscard]] constexpr std::int64_t order_of(V value) {
  if constexpr (std::is_integral_v<V>) {
    return value == nothing<V> ? std::numeric_limits<std::int64_t>::lowest() : std::int64_t{value};
  } else {
    return std::bit_cast<std::int64_t>(stats::ordered_key(double{value}) ^ stats::sign_bit);
  }
}

/// The value whose `order_of` this is.
template <SearchValue V>
[[nodiscard]] constexpr V value_of_order(std::int64_t order) {
  if constexpr (std::is_integral_v<V>) {
    return order == std::numeric_limits<std::int64_t>::lowest() ? nothing<V>
                                                                : static_cast<V>(order);
  } else {
    const auto key = std::bit_cast<std::uint64_t>(order) ^ stats::sign_bit;
    return static_cast<V>(stats::from_ordered_key(key));
  }
}

/// A number for values that are alike, larger for larger ones: an integer's own, and of real
/// numbers sign, exponent and `digits` binary digits.
template <int digits, SearchValue V>
[[nodiscard]] constexpr std::int64_t bucket_of(V value) {
  if constexpr (std::is_integral_v<V>) {
    return order_of(value);
  } else {
    return order_of(value) >> (stats::mantissa_bits - digits);
  }
}

/// By how much the best value that is reached may fall short of the best there is: the larger of
/// the two, `relative` being a fraction of the former. Of counts only whole ones.
struct Gap {
  double absolute = 0;
  double relative = 0;
};

/// What needs no further search once `reached` is: that plus the gap.
template <SearchValue V>
[[nodiscard]] V enough_of(V reached, const Gap& gap) {
  const double allowed =
      std::fmax(gap.absolute, gap.relative * std::fabs(static_cast<double>(reached)));
  if constexpr (std::is_integral_v<V>) {
    constexpr V most = std::numeric_limits<V>::max();
    const double room = static_cast<double>(most) - static_cast<double>(reached);
    return allowed < room ? static_cast<V>(reached + static_cast<V>(std::floor(allowed))) : most;
  } else {
    return reached + static_cast<V>(allowed);
  }
}

}  // namespace driftwood::bnb
