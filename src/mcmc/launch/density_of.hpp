// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The launch of a target that is a device value: included only by the files that instantiate one.

#include <algorithm>
#include <any>
#include <concepts>
#include <utility>
#include <vector>

#include "base/on_device.hpp"
#include "mcmc/density.hpp"

namespace driftwood::mcmc {

/// A target that kernels can evaluate: `potential(theta, gradient)` returns the potential of the
/// chains of one lane and sets all of its gradient.
template <class D>
concept DeviceDensity = std::copy_constructible<D> &&
    requires(const D& density, const Coordinates<Lane<double>>& theta) {
  { density.potential(theta, theta) } -> std::same_as<Lane<double>>;
};

/// One work item: one lane of chains.
template <class D>
struct EvaluateLane {
  using R = Lane<double>;
  static constexpr std::int64_t per_block = block_chains / width_of<R>;

  D density;
  Chart chart;
  Evaluation what;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const RowLayout& layout = what.layout;
    const auto rows = [&](int row, int count) {
      return Coordinates<R>{
          &what.rows(what.first_block + lane / per_block, row, lane % per_block * width_of<R>),
          count};
    };
    const Coordinates<R> z = rows(layout.vector(what.at), layout.dim);
    const Coordinates<R> gradient = rows(layout.vector(what.gradient), layout.dim);
    Coordinates<R> x = z;
    if (layout.is_scaled) {
      x = rows(layout.x(), layout.dim);
      for (int i = 0; i < layout.dim; ++i) x.set(i, R(what.scale[i]) * z[i]);
    }
    R potential;
    if (layout.theta == 0) {
      potential = density.potential(x, gradient);
    } else {
      const Coordinates<R> theta = rows(layout.parameters(), layout.theta);
      const Coordinates<R> by_theta = rows(layout.parameter_gradient(), layout.theta);
      const R log_jacobian = chart.constrain(x, theta);
      potential = density.potential(theta, by_theta) - log_jacobian;
      chart.pull_back(x, theta, by_theta, gradient);
    }
    if (layout.is_scaled) {
      for (int i = 0; i < layout.dim; ++i) gradient.set(i, R(what.scale[i]) * gradient[i]);
    }
    store_lanes(rows(layout.number(what.potential), 1).data, potential);
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
    for (const Segment& s : segments) parameters_ = std::max(parameters_, s.first_theta + s.count);
  }

  [[nodiscard]] int dim() const override { return dim_; }
  [[nodiscard]] const Chart& chart() const override { return chart_; }
  [[nodiscard]] int parameters() const override { return parameters_; }

  void evaluate(const Evaluation& what) const override {
    Kokkos::parallel_for("mcmc::evaluate", Kokkos::RangePolicy<Exec>(0, what.lanes),
                         EvaluateLane<D>{density_, chart_, what});
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
