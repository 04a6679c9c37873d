// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Coefficients of an explicit stochastic Runge-Kutta method of weak order 2: Roessler (2009),
/// "Second order Runge-Kutta methods for Ito stochastic differential equations", SIAM J. Numer.
/// Anal. 47(3), where what is not here is zero or follows. In the notation there, rows and columns
/// from 1: the diffusion is taken in pairs of stages, 2 and 3, on either side of stage 1.
struct WeakTable {
  double a0[3];     ///< A0: entries 21, 31, 32
  double b0[2];     ///< B0: entries 21, 31
  double alpha[3];  ///< of the drifts
  double a1;        ///< A1: entries 21 and 31
  double b1;        ///< B1: entry 21, entry 31 is its negative
  double b2[3];     ///< B2: row 2, row 3 is its negative
  double beta1[2];  ///< first stage, each of the pair
  double beta2;     ///< stage 2, of stage 3 its negative
  double beta3[2];  ///< as beta1
  double beta4;     ///< as beta2

  constexpr bool has_third_drift() const { return alpha[2] != 0; }
  constexpr bool looks_past_first() const { return b2[1] != 0; }
};

/// The scheme of a table; `Table::value` is a `WeakTable`. The increments I_k take three values,
/// and I_kl = (I_k I_l - D_kl) / 2 with D_kl = -D_lk = h s_k s_l for k < l, of signs s_k, and D_kk
/// = h: products of signs are pairwise independent, as the order needs with three noises and more.
template <class Table>
struct WeakRungeKutta : Table {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr int evaluations = Table::value.has_third_drift() ? 3 : 2;
  static constexpr Increments increments(Noise) { return Increments::three_point; }
  static constexpr double strong_order(Noise) { return 0.0; }
  static constexpr double weak_order(Noise) { return 2.0; }

  template <class F>
  struct Step {
    F field;
    double h;

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time& t, const X& x, const W& w) const {
      constexpr WeakTable table = Table::value;
      const auto f = field.drift(t, x);
      const auto g = field.diffusion(t, x);
      X y = drifts(t, x, f, g, w);
      const auto base = fma(f, size<X>(table.a1 * h), x);
      if constexpr (F::noise <= Noise::diagonal) {
        add_apart(t, base, g, w, y);
      } else {
        const auto first = generate(w.dw, [&](int k) {
          return size<X>(table.beta1[0] + (w.dw.size() - 1) * table.beta3[0]) * w.dw[k];
        });
        assign(y, fma(g, first, y));
        for (int k = 0; k < w.dw.size(); ++k) {
          const auto freed = scope(x);
          add_column(t, x, base, g, w, k, y);
        }
      }
      return y;
    }

   private:
    template <class X>
    KOKKOS_FORCEINLINE_FUNCTION static lane_of<X> size(double a) {
      return lane_of<X>(static_cast<value_of<lane_of<X>>>(a));
    }

    /// x + h sum_i alpha_i f_i.
    template <class Time, class X, class G, class W>
    KOKKOS_FORCEINLINE_FUNCTION X drifts(const Time& t, const X& x, const X& f, const G& g,
                                         const W& w) const {
      constexpr WeakTable table = Table::value;
      const auto pushed = [&](double b) {
        return generate(w.dw, [&](int k) { return size<X>(b) * w.dw[k]; });
      };
      const auto second = field.drift(
          t + table.a0[0] * h, fma(g, pushed(table.b0[0]), fma(f, size<X>(table.a0[0] * h), x)));
      const auto y =
          fma(second, size<X>(table.alpha[1] * h), fma(f, size<X>(table.alpha[0] * h), x));
      if constexpr (table.has_third_drift()) {
        const auto drifted =
            fma(second, size<X>(table.a0[2] * h), fma(f, size<X>(table.a0[1] * h), x));
        const auto z = table.b0[1] != 0 ? fma(g, pushed(table.b0[1]), drifted) : drifted;
        const auto third = field.drift(t + (table.a0[1] + table.a0[2]) * h, z);
        return fma(third, size<X>(table.alpha[2] * h), y);
      }
      return y;
    }

    /// The noises of which each acts on one component, or that are one: all columns at once. What
    /// they add to each other's cancels.
    template <class Time, class X, class G, class W>
    KOKKOS_FORCEINLINE_FUNCTION void add_apart(const Time& t, const X& base, const G& g, const W& w,
                                               X& y) const {
      constexpr WeakTable table = Table::value;
      const auto time = t + table.a1 * h;
      const auto times = [&](double a) {
        return generate(w.dw, [&](int k) { return size<X>(a) * w.dw[k]; });
      };
      assign(y, fma(g, times(table.beta1[0]), y));
      if constexpr (F::noise == Noise::additive) {
        assign(y, fma(field.diffusion(time, base), times(2 * table.beta1[1]), y));
      } else {
        const double root = ::sqrt(h);
        const auto beside = [&](double side) {
          const auto v = generate(w.dw, [&](int) { return size<X>(side * table.b1 * root); });
          const auto weight = generate(w.dw, [&](int k) { return of_pair<X>(w, k, k, side); });
          assign(y, fma(field.diffusion(time, fma(g, v, base)), weight, y));
        };
        beside(1);
        beside(-1);
      }
    }

    /// What stages 2 and 3 of column k and those moved along it add.
    template <class Time, class X, class G, class W>
    KOKKOS_FORCEINLINE_FUNCTION void add_column(const Time& t, const X& x, const X& base,
                                                const G& g, const W& w, int k, X& y) const {
      constexpr WeakTable table = Table::value;
      using R = lane_of<X>;
      const auto time = t + table.a1 * h;
      const double root = ::sqrt(h);
      auto move = generate(x, [&](int i) { return size<X>(table.b2[0] * root) * entry(g, i, k); });
      for (int side = 0; side < 2; ++side) {
        const double sign = side == 0 ? 1 : -1;
        const R step = size<X>(sign * table.b1 * root);
        const auto beside = field.diffusion(
            time, generate(x, [&](int i) { return fma(step, entry(g, i, k), base[i]); }));
        const R weight = of_pair<X>(w, k, k, sign);
        for (int i = 0; i < x.size(); ++i) {
          y[i] = fma(entry(beside, i, k), weight, y[i]);
          if constexpr (table.looks_past_first()) {
            move[i] = fma(size<X>(table.b2[1 + side] * root), entry(beside, i, k), move[i]);
          }
        }
      }
      for (int side = 0; side < 2; ++side) {
        const double sign = side == 0 ? 1 : -1;
        const auto moved = field.diffusion(
            t, generate(x, [&](int i) { return fma(size<X>(sign), move[i], x[i]); }));
        const auto weight =
            generate(w.dw, [&](int j) { return j == k ? R(0) : of_pair<X>(w, j, k, sign); });
        assign(y, fma(moved, weight, y));
      }
    }

    /// The weight of noise k in the stage of the pair on that side along noise l: beta_1 I_k +-
    /// beta_2 I_kk / sqrt(h) or, where l differs from k, beta_3 I_k +- beta_4 I_kl / sqrt(h).
    template <class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION lane_of<X> of_pair(const W& w, int k, int l, double side) const {
      constexpr WeakTable table = Table::value;
      using R = lane_of<X>;
      const double of_product = (k == l ? table.beta2 : table.beta4) * side / (2 * ::sqrt(h));
      const R d = k == l ? size<X>(h) : size<X>(k < l ? h : -h) * w.sign[k] * w.sign[l];
      const R doubled = fma(w.dw[k], w.dw[l], -d);
      return fma(size<X>(k == l ? table.beta1[1] : table.beta3[1]), w.dw[k],
                 size<X>(of_product) * doubled);
    }
  };
};

/// Kloeden and Platen (1992), equation 15.1.3, with the time of each stage.
struct PlatenWeak2Table {
  static constexpr std::string_view name = "platen_weak2";
  static constexpr std::string_view summary = "Platen's explicit scheme of weak order 2";
  static constexpr WeakTable value = {.a0 = {1, 0, 0},
                                      .b0 = {1, 0},
                                      .alpha = {1.0 / 2, 1.0 / 2, 0},
                                      .a1 = 1,
                                      .b1 = 1,
                                      .b2 = {1, 0, 0},
                                      .beta1 = {1.0 / 2, 1.0 / 4},
                                      .beta2 = 1.0 / 2,
                                      .beta3 = {-1.0 / 2, 1.0 / 4},
                                      .beta4 = 1.0 / 2};
};
using PlatenWeak2 = WeakRungeKutta<PlatenWeak2Table>;
static_assert(Scheme<PlatenWeak2>);

/// Roessler (2009), RI1.
struct Ri1Table {
  static constexpr std::string_view name = "ri1";
  static constexpr std::string_view summary = "Roessler's RI1 of weak order 2";
  static constexpr WeakTable value = {.a0 = {2.0 / 3, -1.0 / 3, 1},
                                      .b0 = {1, 0},
                                      .alpha = {1.0 / 4, 1.0 / 2, 1.0 / 4},
                                      .a1 = 1,
                                      .b1 = 1,
                                      .b2 = {1, 0, 0},
                                      .beta1 = {1.0 / 2, 1.0 / 4},
                                      .beta2 = 1.0 / 2,
                                      .beta3 = {-1.0 / 2, 1.0 / 4},
                                      .beta4 = 1.0 / 2};
};
using Ri1 = WeakRungeKutta<Ri1Table>;
static_assert(Scheme<Ri1>);

/// Debrabant and Roessler (2009), "Families of efficient second order Runge-Kutta methods for the
/// weak approximation of Ito stochastic differential equations", DRI1: least error coefficients.
struct Dri1Table {
  static constexpr std::string_view name = "dri1";
  static constexpr std::string_view summary = "Debrabant and Roessler's DRI1 of weak order 2";
  static constexpr WeakTable value = {
      .a0 = {1.0 / 2, -1, 2},
      .b0 = {0.3550510257216822, 1.5797958971132713},  // (6 - sqrt 6) / 10, (3 + 2 sqrt 6) / 5
      .alpha = {1.0 / 6, 2.0 / 3, 1.0 / 6},
      .a1 = 342.0 / 491,
      .b1 = 0.8345883285834635,     // 3 sqrt(38 / 491)
      .b2 = {-0.4404947330910052,   // -214/513 sqrt(1105 / 991)
             -0.20213356443708744,  // -491/513 sqrt(221 / 4955)
             -0.20213356443708744},
      .beta1 = {193.0 / 684, 491.0 / 1368},
      .beta2 = 0.5990977621849132,  // sqrt(491 / 38) / 6
      .beta3 = {-4955.0 / 7072, 4955.0 / 14144},
      .beta4 = -0.5918827808310898};  // -sqrt(4955 / 221) / 8
};
using Dri1 = WeakRungeKutta<Dri1Table>;
static_assert(Scheme<Dri1>);

}  // namespace driftwood::sde
