// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/density.hpp"

namespace driftwood::mcmc {

/// What stands around a potential of parameters, whatever computes it: from the coordinates z of
/// the chains of one lane to their parameters, and back to the gradient by z.
template <class R>
struct EvaluatedLane {
  static constexpr std::int64_t per_block = block_chains / width_of<R>;

  Chart chart;
  Evaluation what;

  /// Parameters, and where the gradient by them goes.
  struct Parameters {
    Coordinates<R> theta;
    Coordinates<R> by_theta;
    R log_jacobian;
  };

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Parameters begin(std::int64_t lane) const {
    const Coordinates<R> z = position(lane);
    const Coordinates<R> at = x(lane);
    if (what.layout.is_scaled) what.map.apply(z, at);
    if (what.layout.theta == 0) return {at, gradient(lane), R(0)};
    const Parameters now = parameters(lane);
    return {now.theta, now.by_theta, chart.constrain(at, now.theta)};
  }

  /// The parameters that `begin` has made before.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> made(std::int64_t lane) const {
    return what.layout.theta == 0 ? x(lane) : parameters(lane).theta;
  }

  /// Whether parameters lie in memory without `begin`.
  [[nodiscard]] bool is_ready() const { return what.layout.theta == 0 && !what.layout.is_scaled; }

  /// With the potential of the parameters, whose gradient is where it goes.
  KOKKOS_FORCEINLINE_FUNCTION void end(std::int64_t lane, const Parameters& at,
                                       const R& potential) const {
    const Coordinates<R> by_z = gradient(lane);
    if (what.layout.theta != 0) chart.pull_back(x(lane), at.theta, at.by_theta, by_z);
    if (what.layout.is_scaled) what.map.pull_back(by_z);
    rows(lane, what.layout.number(what.potential), 1).set(0, potential - at.log_jacobian);
  }

 private:
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> rows(std::int64_t lane, int row,
                                                                int count) const {
    return {&what.rows(what.first_block + lane / per_block, row, lane % per_block * width_of<R>),
            count};
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> position(std::int64_t lane) const {
    return rows(lane, what.layout.vector(what.at), what.layout.dim);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> gradient(std::int64_t lane) const {
    return rows(lane, what.layout.vector(what.gradient), what.layout.dim);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> x(std::int64_t lane) const {
    return what.layout.is_scaled ? rows(lane, what.layout.x(), what.layout.dim) : position(lane);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Parameters parameters(std::int64_t lane) const {
    return {rows(lane, what.layout.parameters(), what.layout.theta),
            rows(lane, what.layout.parameter_gradient(), what.layout.theta), R(0)};
  }
};

}  // namespace driftwood::mcmc
