// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <type_traits>

#include "mcmc/design.hpp"
#include "mcmc/launch/evaluated_lane.hpp"

namespace driftwood::mcmc {

/// A lane of which six fit into the registers of a machine, with what is multiplied by: on hosts
/// with half as many registers a part of `Lane<double>`.
template <class R>
struct ProductLaneOf {
  using type = R;
};
template <template <class, int> class P, class T, int K>
struct ProductLaneOf<P<T, K>> {
  using type = std::conditional_t<(P<T, K>::width / K < 8), P<T, 2>, P<T, K>>;
};
using ProductLane = typename ProductLaneOf<Lane<double>>::type;

/// The data of a regression as kernels read them. The prior is exp(-1/2 sum precision beta^2 -
/// design / 2 sum eta^2).
struct DesignView {
  const double* x;  ///< (group of rows, column, row of the group), 0 beyond the last row
  const double* answers;
  const double* precision;
  std::int64_t rows;
  int columns;
  int predictors;
  double design;  ///< precision of each linear predictor

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION const double* group(std::int64_t row) const {
    return x + row * columns;
  }
};

}  // namespace driftwood::mcmc
