// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "stats/chain_draws.hpp"

namespace driftwood::test {

/// Draws that it owns, chain after chain.
struct Chains {
  std::vector<double> values;
  std::int64_t chains;
  std::int64_t draws;

  [[nodiscard]] stats::ChainDraws view() const { return {values, chains, draws}; }

  /// Of a function of each draw.
  template <class Function>
  [[nodiscard]] Chains map(const Function& function) const {
    Chains result{{}, chains, draws};
    for (const double v : values) result.values.push_back(function(v));
    return result;
  }
};

/// Stationary AR(1) chains with variance 1 and autocorrelations phi^t.
inline Chains ar1(std::int64_t chains, std::int64_t draws, double phi, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  Chains result{{}, chains, draws};
  for (std::int64_t c = 0; c < chains; ++c) {
    double x = normal(engine);
    for (std::int64_t i = 0; i < draws; ++i) {
      result.values.push_back(x);
      x = phi * x + std::sqrt(1 - phi * phi) * normal(engine);
    }
  }
  return result;
}

/// 4 chains of 1000 draws, x <- 0.7 x + e after 100 of warm-up; e is the sum of 12 numbers of the
/// generator s <- 16807 s mod (2^31 - 1), scaled to [0, 1], less 6. Chain c starts from 12345 + c.
inline Chains minstd_chains() {
  constexpr std::uint64_t modulus = 2147483647;
  Chains result{{}, 4, 1000};
  for (std::uint64_t c = 0; c < 4; ++c) {
    std::uint64_t state = 12345 + c;
    double x = 0;
    for (int i = 0; i < 1100; ++i) {
      double e = -6;
      for (int k = 0; k < 12; ++k) {
        state = 16807 * state % modulus;
        e += static_cast<double>(state) / static_cast<double>(modulus);
      }
      x = 0.7 * x + e;
      if (i >= 100) result.values.push_back(x);
    }
  }
  return result;
}

}  // namespace driftwood::test
