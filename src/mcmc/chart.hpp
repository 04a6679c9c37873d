// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc {

/// Parameters as a function of coordinates that are not restricted.
struct Segment {
  enum class Kind {
    real,       ///< theta = centre + unit x
    above,      ///< theta = low + unit exp(x)
    below,      ///< theta = high - unit exp(x)
    interval,   ///< theta = low + (high - low) sigmoid(x)
    ordered,    ///< each is unit exp(x) above the one before; the first is centre + unit x
    fractions,  ///< positive with a sum below 1: each takes sigmoid(x) of what is left
    simplex,    ///< positive with the sum 1: the same, the last takes all; x = 0 makes them equal
    shifted,    ///< theta = m + s x, with other parameters m and s > 0
    scaled,     ///< theta = x exp(p / 2), p the parameter before the segment
  };

  Kind kind = Kind::real;
  int first_x = 0;
  int first_theta = 0;
  int count = 0;  ///< of coordinates
  double low = 0;
  double high = 0;
  double centre = 0;
  double unit = 1;
  int location = 0;  ///< which parameter is m; that of an earlier segment
  int scale = 0;     ///< which is s

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int parameters() const {
    return kind == Kind::simplex ? count + 1 : count;
  }
};

/// How coordinates x on the whole real line make parameters theta: the one home of constraints and
/// of their Jacobians. A view; segments are taken in order and cover all coordinates.
struct Chart {
  const Segment* segments = nullptr;
  int count = 0;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION bool is_identity() const { return count == 0; }

  /// Fills theta; the logarithm of |d theta / dx|, up to a constant.
  template <class R>
  KOKKOS_FUNCTION R constrain(const Coordinates<R>& x, const Coordinates<R>& theta) const {
    R log_jacobian(0);
    for (int s = 0; s < count; ++s) {
      const Segment& now = segments[s];
      const Coordinates<R> from = x.part(now.first_x, now.count);
      const Coordinates<R> to = theta.part(now.first_theta, now.parameters());
      switch (now.kind) {
        case Segment::Kind::ordered:
          log_jacobian = log_jacobian + put_in_order(now, from, to);
          break;
        case Segment::Kind::fractions:
        case Segment::Kind::simplex:
          log_jacobian = log_jacobian + break_stick(now, from, to);
          break;
        case Segment::Kind::shifted:
          log_jacobian = log_jacobian + shift(from, to, theta[now.location], theta[now.scale]);
          break;
        case Segment::Kind::scaled:
          log_jacobian = log_jacobian + stretch(from, to, theta[now.first_theta - 1]);
          break;
        default:
          for (int i = 0; i < now.count; ++i) {
            const R xi = from[i];
            to.set(i, value(now, xi));
            log_jacobian = log_jacobian + log_slope(now, xi);
          }
      }
    }
    return log_jacobian;
  }

  /// Of the gradient of a potential by theta, that of the potential of x, which has
  /// -log |d theta / dx| added. Uses up the former.
  template <class R>
  KOKKOS_FUNCTION void pull_back(const Coordinates<R>& x, const Coordinates<R>& theta,
                                 const Coordinates<R>& by_theta, const Coordinates<R>& by_x) const {
    for (int s = count - 1; s >= 0; --s) {
      const Segment& now = segments[s];
      const Coordinates<R> at = x.part(now.first_x, now.count);
      const Coordinates<R> from = by_theta.part(now.first_theta, now.parameters());
      const Coordinates<R> to = by_x.part(now.first_x, now.count);
      switch (now.kind) {
        case Segment::Kind::ordered:
          pull_back_order(now, at, from, to);
          break;
        case Segment::Kind::fractions:
        case Segment::Kind::simplex:
          pull_back_stick(now, at, theta.part(now.first_theta, now.parameters()), from, to);
          break;
        case Segment::Kind::shifted:
          pull_back_shift(now, at, theta[now.scale], from, to, by_theta);
          break;
        case Segment::Kind::scaled:
          pull_back_stretch(now, at, theta[now.first_theta - 1], from, to, by_theta);
          break;
        default:
          for (int i = 0; i < now.count; ++i) {
            const R xi = at[i];
            to.set(i, fma(from[i], slope(now, xi), -slope_of_log_slope(now, xi)));
          }
      }
    }
  }

 private:
  template <class R>
  KOKKOS_FUNCTION static R put_in_order(const Segment& s, const Coordinates<R>& x,
                                        const Coordinates<R>& theta) {
    R last = fma(R(s.unit), x[0], R(s.centre));
    R log_jacobian(0);
    theta.set(0, last);
    for (int i = 1; i < s.count; ++i) {
      const R xi = x[i];
      last = fma(R(s.unit), math::exp(xi), last);
      theta.set(i, last);
      log_jacobian = log_jacobian + xi;
    }
    return log_jacobian;
  }
  template <class R>
  KOKKOS_FUNCTION static void pull_back_order(const Segment& s, const Coordinates<R>& x,
                                              const Coordinates<R>& by_theta,
                                              const Coordinates<R>& by_x) {
    R above(0);  // of all parameters that a coordinate moves
    for (int i = s.count - 1; i > 0; --i) {
      above = fma(R(s.unit), by_theta[i], above);
      by_x.set(i, fma(above, math::exp(x[i]), R(-1)));
    }
    by_x.set(0, fma(R(s.unit), by_theta[0], above));
  }

  /// Coordinate i of fractions, or of a simplex of equal parameters at x = 0: Stan's reference
  /// manual, "Unit simplex".
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R logit_taken(const Segment& s, const Coordinates<R>& x,
                                                   int i) {
    if (s.kind == Segment::Kind::fractions) return x[i];
    return x[i] - R(math::log(static_cast<double>(s.count - i)));
  }
  template <class R>
  KOKKOS_FUNCTION static R break_stick(const Segment& s, const Coordinates<R>& x,
                                       const Coordinates<R>& theta) {
    R left(1);
    R log_left(0);
    R log_jacobian(0);
    for (int i = 0; i < x.size(); ++i) {
      const R xi = logit_taken(s, x, i);
      theta.set(i, left * math::sigmoid(xi));
      left = left * math::sigmoid(-xi);
      const R log_rest = log_left - math::softplus(xi);
      log_jacobian = log_jacobian + (log_rest - math::softplus(-xi));
      log_left = log_rest;
    }
    if (s.kind == Segment::Kind::simplex) theta.set(s.count, left);
    return log_jacobian;
  }
  template <class R>
  KOKKOS_FUNCTION static void pull_back_stick(const Segment& s, const Coordinates<R>& x,
                                              const Coordinates<R>& theta,
                                              const Coordinates<R>& by_theta,
                                              const Coordinates<R>& by_x) {
    R by_log_left(0);  // of the potential by the logarithm of what a coordinate leaves
    if (s.kind == Segment::Kind::simplex) by_log_left = by_theta[s.count] * theta[s.count];
    for (int i = x.size() - 1; i >= 0; --i) {
      const R xi = logit_taken(s, x, i);
      const R taken = math::sigmoid(xi);
      const R kept = math::sigmoid(-xi);
      const R by_log = by_theta[i] * theta[i];
      by_x.set(i, kept * by_log - taken * by_log_left + (taken - kept));
      by_log_left = by_log_left + (by_log - R(1));
    }
  }

  template <class R>
  KOKKOS_FUNCTION static R shift(const Coordinates<R>& x, const Coordinates<R>& theta,
                                 const R& location, const R& scale) {
    for (int i = 0; i < x.size(); ++i) theta.set(i, fma(scale, x[i], location));
    return R(x.size()) * math::log(scale);
  }
  template <class R>
  KOKKOS_FUNCTION static void pull_back_shift(const Segment& s, const Coordinates<R>& x,
                                              const R& scale, const Coordinates<R>& from,
                                              const Coordinates<R>& by_x,
                                              const Coordinates<R>& by_theta) {
    R by_location = by_theta[s.location];
    R by_scale = by_theta[s.scale] - R(s.count) / scale;
    for (int i = 0; i < x.size(); ++i) {
      const R g = from[i];
      by_x.set(i, scale * g);
      by_location = by_location + g;
      by_scale = fma(g, x[i], by_scale);
    }
    by_theta.set(s.location, by_location);
    by_theta.set(s.scale, by_scale);
  }

  template <class R>
  KOKKOS_FUNCTION static R stretch(const Coordinates<R>& x, const Coordinates<R>& theta,
                                   const R& log_variance) {
    const R half = R(0.5) * log_variance;
    const R factor = math::exp(half);
    for (int i = 0; i < x.size(); ++i) theta.set(i, factor * x[i]);
    return R(x.size()) * half;
  }
  template <class R>
  KOKKOS_FUNCTION static void pull_back_stretch(const Segment& s, const Coordinates<R>& x,
                                                const R& log_variance, const Coordinates<R>& from,
                                                const Coordinates<R>& by_x,
                                                const Coordinates<R>& by_theta) {
    const R factor = math::exp(R(0.5) * log_variance);
    R by_log(0);
    for (int i = 0; i < x.size(); ++i) {
      const R g = factor * from[i];
      by_x.set(i, g);
      by_log = fma(g, x[i], by_log);
    }
    const int before = s.first_theta - 1;
    by_theta.set(before, fma(R(0.5), by_log - R(s.count), by_theta[before]));
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R value(const Segment& s, const R& x) {
    switch (s.kind) {
      case Segment::Kind::above:
        return fma(R(s.unit), math::exp(x), R(s.low));
      case Segment::Kind::below:
        return fma(R(-s.unit), math::exp(x), R(s.high));
      case Segment::Kind::interval:
        return fma(R(s.high - s.low), math::sigmoid(x), R(s.low));
      default:
        return fma(R(s.unit), x, R(s.centre));
    }
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R slope(const Segment& s, const R& x) {
    switch (s.kind) {
      case Segment::Kind::above:
        return R(s.unit) * math::exp(x);
      case Segment::Kind::below:
        return R(-s.unit) * math::exp(x);
      case Segment::Kind::interval: {
        const R p = math::sigmoid(x);
        return R(s.high - s.low) * (p * (R(1) - p));
      }
      default:
        return R(s.unit);
    }
  }
  /// log |slope|, without the logarithms of `unit` and high - low.
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
