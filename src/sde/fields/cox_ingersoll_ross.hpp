// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "random/chi_squared.hpp"
#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Cox, Ingersoll and Ross (1985): dX = rate (mean - X) dt + sigma sqrt(X) dW. The coefficients use
/// max(X, 0): full truncation, Lord, Koekkoek and van Dijk (2010), so that a step may leave X < 0
/// and the drift brings it back. Defaults: the short rate in Glasserman (2004), section 3.4.
template <class P = double>
struct CoxIngersollRoss {
  static constexpr std::string_view name = "cox_ingersoll_ross";
  static constexpr std::string_view summary = "dX = rate (mean - X) dt + sigma sqrt(X) dW";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {{{"x", "1", "square-root process"}}};

  P rate{0.2};
  P mean{0.05};
  P sigma{0.1};

  void describe(deck::Schema& s) {
    s.key("rate", rate, deck::positive, "mean-reversion rate [1/time]");
    s.key("mean", mean, deck::non_negative, "long-run mean [state]");
    s.key("sigma", sigma, deck::non_negative, "noise [sqrt(state/time)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 1> drift(const auto&, const Vec<R, 1>& x) const {
    return {R(rate) * (R(mean) - max(x[0], R(0)))};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 1> diffusion(const auto&, const Vec<R, 1>& x) const {
    return {R(sigma) * sqrt(max(x[0], R(0)))};
  }

  /// Non-central chi-squared, see random/chi_squared.hpp. Without noise, the solution.
  struct Transition {
    P rate;
    P mean;
    P sigma;
    double h;

    template <class R>
    KOKKOS_FUNCTION Vec<R, 1> operator()(
        const Vec<R, 1>& x, const random::Increment<Vec<R, 1>, Increments::words>& words) const {
      constexpr int width = width_of<R>;
      std::uint64_t id[width];
      words.ids.to(id);
      value_of<R> state[width];
      value_of<R> a[width];
      value_of<R> b[width];
      value_of<R> s[width];
      store_lanes(state, x[0]);
      store_lanes(a, R(rate));
      store_lanes(b, R(mean));
      store_lanes(s, R(sigma));
      const random::Stream stream(words.seed, random::Purpose::transition, 0);
      for (int l = 0; l < width; ++l) {
        random::Cursor cursor(stream, id[l], words.step);
        state[l] = static_cast<value_of<R>>(next(cursor, state[l], a[l], b[l], s[l]));
      }
      return {load<R>(state)};
    }

   private:
    KOKKOS_FUNCTION double next(random::Cursor& cursor, double x, double a, double b,
                                double s) const {
      const double decay = math::exp(-a * h);
      const double start = x > 0 ? x : (x <= 0 ? 0 : x);  // as the coefficients, and NaN stays NaN
      const double c = -s * s * math::expm1(-a * h) / (4 * a);
      if (c == 0) return b + (start - b) * decay;
      return c * random::non_central_chi_squared(cursor, 4 * a * b / (s * s), start * decay / c);
    }
  };
  [[nodiscard]] KOKKOS_FUNCTION Transition transition(double h) const {
    return {rate, mean, sigma, h};
  }
};
static_assert(HasSampledTransition<CoxIngersollRoss<>>);

}  // namespace driftwood::sde
