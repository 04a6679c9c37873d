// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc {

/// Parameters that are restricted, as a function of coordinates that are not.
struct Segment {
  enum class Kind {
    real,      ///< theta = x
    above,     ///< theta = low + exp(x)
    below,     ///< theta = high - exp(x)
    interval,  ///< theta = low + (high - low) sigmoid(x)
    scaled,    ///< theta = x exp(s / 2), s the coordinate before the segment
  };

  Kind kind = Kind::real;
  int first_x = 0;
  int first_theta = 0;
  int count = 0;  ///< coordinates
  double low = 0;
  double high = 0;
};

/// How coordinates x on the whole real line make parameters theta: the one home of constraints and
/// of their Jacobians. A view; segments are in order and cover all coordinates.
struct Chart {
  const Segment* segments = nullptr;
  int count = 0;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION bool is_identity() const { return count == 0; }

  /// Fills theta; the logarithm of |d theta / dx|.
  template <class R>
  KOKKOS_FUNCTION R constrain(const Coordinates<R>& x, const Coordinates<R>& theta) const {
    R log_jacobian(0);
    for (int s = 0; s < count; ++s) {
      const Segment& now = segments[s];
      if (now.kind == Segment::Kind::scaled) {
        log_jacobian = log_jacobian + stretch(now, x, theta);
        continue;
      }
      for (int i = 0; i < now.count; ++i) {
        const R xi = x[now.first_x + i];
        theta.set(now.first_theta + i, value(now, xi));
        log_jacobian = log_jacobian + log_slope(now, xi);
      }
    }
    return log_jacobian;
  }

  /// Of the gradient of a potential by theta, that of the potential of x, which has
  /// -log |d theta / dx| added.
  template <class R>
  KOKKOS_FUNCTION void pull_back(const Coordinates<R>& x, const Coordinates<R>& by_theta,
                                 const Coordinates<R>& by_x) const {
    for (int s = 0; s < count; ++s) {
      const Segment& now = segments[s];
      if (now.kind == Segment::Kind::scaled) {
        stretch_back(now, x, by_theta, by_x);
        continue;
      }
      for (int i = 0; i < now.count; ++i) {
        const R xi = x[now.first_x + i];
        by_x.set(now.first_x + i,
                 fma(by_theta[now.first_theta + i], slope(now, xi), -slope_of_log_slope(now, xi)));
      }
    }
  }

 private:
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R stretch(const Segment& s, const Coordinates<R>& x,
                                               const Coordinates<R>& theta) {
    const R half = R(0.5) * x[s.first_x - 1];
    const R factor = math::exp(half);
    for (int i = 0; i < s.count; ++i) theta.set(s.first_theta + i, factor * x[s.first_x + i]);
    return R(s.count) * half;
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static void stretch_back(const Segment& s, const Coordinates<R>& x,
                                                       const Coordinates<R>& by_theta,
                                                       const Coordinates<R>& by_x) {
    const R factor = math::exp(R(0.5) * x[s.first_x - 1]);
    R by_log(0);
    for (int i = 0; i < s.count; ++i) {
      const R g = factor * by_theta[s.first_theta + i];
      by_x.set(s.first_x + i, g);
      by_log = fma(g, x[s.first_x + i], by_log);
    }
    const R before = by_x[s.first_x - 1];
    by_x.set(s.first_x - 1, fma(R(0.5), by_log - R(s.count), before));
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R value(const Segment& s, const R& x) {
    switch (s.kind) {
      case Segment::Kind::above:
        return R(s.low) + math::exp(x);
      case Segment::Kind::below:
        return R(s.high) - math::exp(x);
      case Segment::Kind::interval:
        return fma(R(s.high - s.low), math::sigmoid(x), R(s.low));
      default:
        return x;
    }
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R slope(const Segment& s, const R& x) {
    switch (s.kind) {
      case Segment::Kind::above:
        return math::exp(x);
      case Segment::Kind::below:
        return -math::exp(x);
      case Segment::Kind::interval: {
        const R p = math::sigmoid(x);
        return R(s.high - s.low) * (p * (R(1) - p));
      }
      default:
        return R(1);
    }
  }
  /// log |slope|; the constant log(high - low) is left out.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R log_slope(const Segment& s, const R& x) {
    switch (s.kind) {
      case Segment::Kind::above:
      case Segment::Kind::below:
        return x;
      case Segment::Kind::interval: {
        const R a = abs(x);  // log sigmoid(x) + log sigmoid(-x)
        return -a - R(2) * math::log1p(math::exp(-a));
      }
      default:
        return R(0);
    }
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R slope_of_log_slope(const Segment& s, const R& x) {
    switch (s.kind) {
      case Segment::Kind::above:
      case Segment::Kind::below:
        return R(1);
      case Segment::Kind::interval:
        return fma(R(-2), math::sigmoid(x), R(1));
      default:
        return R(0);
    }
  }
};

}  // namespace driftwood::mcmc
