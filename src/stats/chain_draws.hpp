// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.hpp"

namespace driftwood::stats {

/// A view of the draws of one coordinate, of shape (chains, draws): chain after chain.
struct ChainDraws {
  std::span<const double> values;
  std::int64_t chains = 0;
  std::int64_t draws = 0;  ///< of each chain

  [[nodiscard]] std::span<const double> chain(std::int64_t c) const {
    return values.subspan(static_cast<std::size_t>(c * draws), static_cast<std::size_t>(draws));
  }
};

/// Throws `Error` when there are not chains x draws values.
inline void check_shape(const ChainDraws& x) {
  if (x.chains < 0 || x.draws < 0 ||
      x.values.size() != static_cast<std::size_t>(x.chains) * static_cast<std::size_t>(x.draws)) {
    throw Error("there are not as many draws as chains times their length");
  }
}

/// Whether there are draws, all finite, and not all equal. Only then does a diagnostic mean
/// anything.
[[nodiscard]] inline bool finite_and_varied(const ChainDraws& x) {
  const auto& v = x.values;
  return !v.empty() && std::all_of(v.begin(), v.end(), [](double d) { return std::isfinite(d); }) &&
         std::any_of(v.begin(), v.end(), [&](double d) { return d != v.front(); });
}

/// Where draw `place` of (chains, draws) is among the half chains, or -1 if it is in neither half.
[[nodiscard]] constexpr std::int64_t place_in_halves(std::int64_t place, std::int64_t draws) {
  if (draws % 2 == 0) return place;
  const std::int64_t chain = place / draws;
  const std::int64_t draw = place % draws;
  if (draw == draws / 2) return -1;
  return chain * (draws - 1) + draw - (draw > draws / 2);
}

/// Both halves of every chain as chains of their own, of shape (2 chains, draws / 2); the middle
/// draw of an odd number is in neither.
///
/// A view of the draws where their number is even, which must then live on; a copy where it is odd.
/// Throws `Error` as `check_shape` does.
class HalfChains {
 public:
  explicit HalfChains(const ChainDraws& x)
      : half_{.values = x.values, .chains = 2 * x.chains, .draws = x.draws / 2} {
    check_shape(x);
    if (x.draws % 2 == 0) return;
    kept_.reserve(x.values.size());
    for (std::size_t i = 0; i < x.values.size(); ++i) {
      if (place_in_halves(static_cast<std::int64_t>(i), x.draws) >= 0) kept_.push_back(x.values[i]);
    }
    half_.values = kept_;
  }
  HalfChains(const HalfChains&) = delete;
  HalfChains& operator=(const HalfChains&) = delete;

  [[nodiscard]] const ChainDraws& view() const { return half_; }

 private:
  std::vector<double> kept_;
  ChainDraws half_;
};

}  // namespace driftwood::stats
