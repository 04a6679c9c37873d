// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The launch of a target that is a device value: included only by the files that instantiate one.

#include <algorithm>
#include <any>
#include <concepts>
#include <utility>
#include <vector>

#include "base/on_device.hpp"
#include "mcmc/diffusion_schemes.hpp"
#include "mcmc/launch/evaluated_lane.hpp"
#include "mcmc/launch/move_lane.hpp"

namespace driftwood::mcmc {

/// A target that kernels can evaluate: `potential(theta, gradient)` returns the potential of the
/// chains of one lane and sets all of its gradient.
template <class D>
concept DeviceDensity = std::copy_constructible<D> &&
    requires(const D& density, const Coordinates<Lane<double>>& theta) {
  { density.potential(theta, theta) } -> std::same_as<Lane<double>>;
};

/// A target that is the stationary law of a diffusion, too: see `DiffusionNoise`.
template <class D>
concept DeviceDiffusion = requires(const D& d, const Coordinates<Lane<double>>& x) {
  { d.noise(1) } -> std::same_as<DiffusionNoise>;
  d.drift(x, x);
  d.multiply(x, x, x);
  d.column(x, 0, x);
};

/// One work item: one lane of chains.
template <class D>
struct EvaluateLane {
  using R = Lane<double>;

  D density;
  EvaluatedLane<R> around;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const auto at = around.begin(lane);
    around.end(lane, at, density.potential(at.theta, at.by_theta));
  }
};

/// Owns a device value and what it points to.
template <DeviceDensity D>
class DensityOf final : public Density {
 public:
  /// `held` is what the value points to: it lives as long as the density. `segments` say how the
  /// coordinates make parameters; none: they are these.
  DensityOf(const D& density, int dim, std::any held = {},
            const std::vector<Segment>& segments = {})
      : density_(density),
        held_(std::move(held)),
        segments_(on_device("segments", segments)),
        chart_{segments_.data(), static_cast<int>(segments.size())},
        dim_(dim) {
    for (const Segment& s : segments) {
      parameters_ = std::max(parameters_, s.first_theta + s.parameters());
    }
  }

  [[nodiscard]] int dim() const override { return dim_; }
  [[nodiscard]] const Chart& chart() const override { return chart_; }
  [[nodiscard]] int parameters() const override { return parameters_; }

  void evaluate(const Evaluation& what) const override {
    Kokkos::parallel_for("mcmc::evaluate", Kokkos::RangePolicy<Exec>(0, what.lanes),
                         EvaluateLane<D>{density_, {chart_, what}});
  }

  void move(const MovedChains& chains, const DiffusionStep& step) const override {
    if constexpr (DeviceDiffusion<D>) {
      move_chains(chains, MoveByDiffusion<D>{density_, step});
    } else {
      Density::move(chains, step);
    }
  }

 private:
  D density_;
  std::any held_;
  Kokkos::View<Segment*, Memory> segments_;
  Chart chart_;
  int dim_;
  int parameters_ = 0;
};

}  // namespace driftwood::mcmc
