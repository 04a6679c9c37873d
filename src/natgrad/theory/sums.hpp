// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace driftwood::natgrad {

/// The sums over i < n of the `count` numbers that `term(i)` returns. Each is added up in eight
/// parts, which a compiler puts into registers; their number, and with it every bit, does not
/// depend on how wide those are.
template <std::size_t count, class Term>
[[nodiscard]] std::array<double, count> sums_over(std::size_t n, const Term& term) {
  constexpr std::size_t parts = 8;
  double sums[count][parts] = {};
  std::size_t i = 0;
  for (; i + parts <= n; i += parts) {
    for (std::size_t j = 0; j < parts; ++j) {
      const std::array<double, count> terms = term(i + j);
      for (std::size_t k = 0; k < count; ++k) sums[k][j] += terms[k];
    }
  }
  for (std::size_t j = 0; i < n; ++i, ++j) {
    const std::array<double, count> terms = term(i);
    for (std::size_t k = 0; k < count; ++k) sums[k][j] += terms[k];
  }
  std::array<double, count> out{};
  for (std::size_t k = 0; k < count; ++k) {
    const auto& s = sums[k];
    out[k] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
  }
  return out;
}

/// The inner product.
[[nodiscard]] inline double product(std::span<const double> a, std::span<const double> b) {
  return sums_over<1>(a.size(), [&](std::size_t i) { return std::array{a[i] * b[i]}; })[0];
}

}  // namespace driftwood::natgrad
