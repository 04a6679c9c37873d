// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/unrolled.hpp"
#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Coefficients of a stochastic Runge-Kutta method for diagonal or scalar Ito noise: Roessler
/// (2010), "Runge-Kutta methods for the strong approximation of solutions of stochastic
/// differential equations", SIAM J. Numer. Anal. 48(3), section 6.1. c0 and c1 are the row sums of
/// a0 and a1.
struct SriTable {
  static constexpr int stages = 4;
  double a0[stages][stages];
  double a1[stages][stages];
  double b0[stages][stages];
  double b1[stages][stages];
  double alpha[stages];
  double beta[4][stages];  ///< of W, I_11 / sqrt(h), I_10 / h, I_111 / h

  constexpr double c0(int i) const { return a0[i][0] + a0[i][1] + a0[i][2] + a0[i][3]; }
  constexpr double c1(int i) const { return a1[i][0] + a1[i][1] + a1[i][2] + a1[i][3]; }
  /// Whether the drift at stage i is used at all.
  constexpr bool drifts(int i) const {
    bool used = alpha[i] != 0;
    for (int k = 0; k < stages; ++k) used = used || a0[k][i] != 0 || a1[k][i] != 0;
    return used;
  }
};

/// The scheme of a table; `Table::value` is an `SriTable`.
template <class Table>
struct Sri : Table {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr int evaluations = 4;
  static constexpr Increments increments(Noise) { return Increments::with_area; }
  static constexpr bool admits(Noise n) { return n <= Noise::diagonal; }
  static constexpr double strong_order(Noise n) { return admits(n) ? 1.5 : 0.0; }
  /// Expectations of the state itself are of order 2; of its functions, the terms in sqrt(h) of the
  /// stages leave 3/2.
  static constexpr double weak_order(Noise n) {
    return n == Noise::additive ? 2.0 : admits(n) ? 1.5 : 0.0;
  }

  template <class F>
  struct Step {
    F field;
    double h;

    template <class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(double t, const X& x, const W& w) const {
      using R = lane_of<X>;
      using T = value_of<R>;
      constexpr SriTable table = Table::value;
      const T root = sqrt(T(h));
      const auto times = [&](double a) { return R(static_cast<T>(a)); };
      const auto u = generate(w.dw, [&](int k) { return fma(times(0.5), w.dw[k], w.area[k]); });
      X drift[SriTable::stages];
      decltype(field.diffusion(t, x)) diffusion[SriTable::stages];
      X y = generate(x, [&](int i) { return x[i]; });
      unrolled<SriTable::stages>([&](auto stage) {
        constexpr int s = stage;
        if constexpr (table.drifts(s)) {
          X z = generate(x, [&](int i) { return x[i]; });
          unrolled<s>([&](auto before) {
            constexpr int j = before;
            if constexpr (table.a0[s][j] != 0) z = fma(drift[j], times(table.a0[s][j] * h), z);
            if constexpr (table.b0[s][j] != 0) {
              z = fma(diffusion[j], scaled(u, times(table.b0[s][j])), z);
            }
          });
          drift[s] = field.drift(t + table.c0(s) * h, z);
          if constexpr (table.alpha[s] != 0) y = fma(drift[s], times(table.alpha[s] * h), y);
        }
        X z = generate(x, [&](int i) { return x[i]; });
        unrolled<s>([&](auto before) {
          constexpr int j = before;
          if constexpr (table.a1[s][j] != 0) z = fma(drift[j], times(table.a1[s][j] * h), z);
          if constexpr (table.b1[s][j] != 0) {
            const R size(static_cast<T>(table.b1[s][j]) * root);
            z = fma(diffusion[j], generate(w.dw, [&](int) { return size; }), z);
          }
        });
        diffusion[s] = field.diffusion(t + table.c1(s) * h, z);
        y = fma(diffusion[s], generate(w.dw, [&](int k) { return weight<s>(w.dw[k], u[k], root); }),
                y);
      });
      return y;
    }

   private:
    template <class V, class R>
    KOKKOS_FORCEINLINE_FUNCTION static V scaled(const V& v, const R& by) {
      return generate(v, [&](int k) { return v[k] * by; });
    }
    /// beta_1 W + beta_2 I_11 / sqrt(h) + beta_3 I_10 / h + beta_4 I_111 / h of stage s.
    template <int s, class R>
    KOKKOS_FORCEINLINE_FUNCTION R weight(const R& w, const R& u, value_of<R> root) const {
      using T = value_of<R>;
      constexpr SriTable table = Table::value;
      const auto beta = [&](int n) { return static_cast<T>(table.beta[n][s]); };
      const R square = fma(w, w, R(static_cast<T>(-h)));        // 2 I_11
      const R cube = w * fma(w, w, R(static_cast<T>(-3 * h)));  // 6 I_111
      R sum = R(beta(0)) * w;
      if constexpr (table.beta[1][s] != 0) sum = fma(R(beta(1) / (2 * root)), square, sum);
      if constexpr (table.beta[2][s] != 0) sum = fma(R(beta(2)), u, sum);
      if constexpr (table.beta[3][s] != 0) sum = fma(R(beta(3) / (6 * T(h))), cube, sum);
      return sum;
    }
  };
};

struct Sriw1Table {
  static constexpr std::string_view name = "sriw1";
  static constexpr std::string_view summary = "Roessler's SRIW1, diagonal or scalar Ito noise";
  static constexpr SriTable value = {
      .a0 = {{}, {3.0 / 4}, {}, {}},
      .a1 = {{}, {1.0 / 4}, {1}, {0, 0, 1.0 / 4}},
      .b0 = {{}, {3.0 / 2}, {}, {}},
      .b1 = {{}, {1.0 / 2}, {-1}, {-5, 3, 1.0 / 2}},
      .alpha = {1.0 / 3, 2.0 / 3},
      .beta = {{-1, 4.0 / 3, 2.0 / 3},
               {-1, 4.0 / 3, -1.0 / 3},
               {2, -4.0 / 3, -2.0 / 3},
               {-2, 5.0 / 3, -2.0 / 3, 1}},
  };
};
using Sriw1 = Sri<Sriw1Table>;
static_assert(Scheme<Sriw1>);

struct Sriw2Table {
  static constexpr std::string_view name = "sriw2";
  static constexpr std::string_view summary = "Roessler's SRIW2, diagonal or scalar Ito noise";
  static constexpr SriTable value = {
      .a0 = {{}, {1}, {1.0 / 4, 1.0 / 4}, {}},
      .a1 = {{}, {1.0 / 4}, {1}, {0, 0, 1.0 / 4}},
      .b0 = {{}, {}, {1, 1.0 / 2}, {}},
      .b1 = {{}, {-1.0 / 2}, {1}, {2, -1, 1.0 / 2}},
      .alpha = {1.0 / 6, 1.0 / 6, 2.0 / 3},
      .beta = {{-1, 4.0 / 3, 2.0 / 3},
               {1, -4.0 / 3, 1.0 / 3},
               {2, -4.0 / 3, -2.0 / 3},
               {-2, 5.0 / 3, -2.0 / 3, 1}},
  };
};
using Sriw2 = Sri<Sriw2Table>;
static_assert(Scheme<Sriw2>);

/// Rackauckas and Nie (2020), "Stability-optimized high order methods and stiffness detection for
/// pathwise stiff stochastic differential equations".
struct SosriTable {
  static constexpr std::string_view name = "sosri";
  static constexpr std::string_view summary =
      "stability-optimised SRI, diagonal or scalar Ito noise";
  static constexpr SriTable value = {
      .a0 = {{},
             {-.04199224421316468},
             {2.842612915017106, -2.0527723684000727},
             {4.338237071435815, -2.8895936137439793, 2.3017575594644466}},
      .a1 = {{},
             {.26204282091330466},
             {.20903646383505375, -.1502377115150361},
             {.05836595312746999, .6149440396332373, .08535117634046772}},
      .b0 = {{},
             {-.21641093549612528},
             {1.5336352863679572, .26066223492647056},
             {-1.0536037558179159, 1.7015284721089472, -.20725685784180017}},
      .b1 = {{},
             {-.5119011827621657},
             {2.67767339866713, -4.9395031322250995},
             {.15580956238299215, 3.2361551006624674, -1.4223118283355949}},
      .alpha = {1.140099274172029, -.6401334255743456, .4736296532772559, .026404498125060714},
      .beta = {{-1.8453464565104432, 2.688764531100726, -.2523866501071323, .40896857551684956},
               {.4969658141589478, -.5771202869753592, -.12919702470322217, .2093514975196336},
               {2.8453464565104425, -2.688764531100725, .2523866501071322, -.40896857551684945},
               {.11522663875443433, -.57877086147738, .2857851028163886, .17775911990655704}},
  };
};
using Sosri = Sri<SosriTable>;
static_assert(Scheme<Sosri>);

}  // namespace driftwood::sde
