// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What one lane of a launch over paths begins with.

#include "sde/integrate.hpp"
#include "sde/states.hpp"

namespace driftwood::sde {

/// Drawn noise, for any lane.
struct NoiseSource {
  random::GridBrownian brownian;
  bool antithetic = false;
  bool joins_steps = false;
  std::uint64_t first_path = 0;  ///< id of column 0

  /// Size of the steps [time].
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION double step() const {
    return joins_steps ? 2 * brownian.step : brownian.step;
  }

  static constexpr std::int64_t no_last = INT64_MAX;

  /// Of the paths in one lane, which are the columns from `column` on; those after the `last` are
  /// the last one again.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION PathNoise<R> of(std::int64_t column, const GivenNoise& given,
                                              std::int64_t last = no_last) const {
    std::uint64_t ids[width_of<R>];
    value_of<R> signs[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) {
      const std::int64_t at = column + l < last ? column + l : last;
      const std::uint64_t path = first_path + static_cast<std::uint64_t>(at);
      ids[l] = antithetic ? path / 2 : path;
      signs[l] = static_cast<value_of<R>>(antithetic && path % 2 == 1 ? -1 : 1);
    }
    return {brownian,   random::Ids<R>::from(ids), given, column, antithetic, load<R>(signs),
            joins_steps};
  }
};

template <class R, class X>
KOKKOS_FORCEINLINE_FUNCTION void load_state(X& x, const States<value_of<R>>& states, int row,
                                            std::int64_t path) {
  for (int i = 0; i < x.size(); ++i) x[i] = load<R>(&states(row + i, path));
}
template <class X, class T>
KOKKOS_FORCEINLINE_FUNCTION void store_state(const X& x, const States<T>& states, int row,
                                             std::int64_t path) {
  for (int i = 0; i < x.size(); ++i) store_lanes(&states(row + i, path), x[i]);
}

}  // namespace driftwood::sde
