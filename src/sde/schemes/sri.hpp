// SPDX-License-Identifier: BSD-3-Clause
#pragma once

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
  constexpr int evaluations() const {
    int sum = 0;
    for (int i = 0; i < stages; ++i) sum += drifts(i) ? 1 : 0;
    return sum;
  }
  /// Whether stages i and k take their drifts at the same state and time.
  constexpr bool drift_alike(int i, int k) const {
    bool alike = true;
    for (int j = 0; j < stages; ++j) {
      alike = alike && a0[i][j] == a0[k][j] && b0[i][j] == b0[k][j];
    }
    return alike;
  }
  /// The same method, in which the first of the stages with the same drift stands for all.
  constexpr SriTable without_repeated_drifts() const {
    SriTable out = *this;
    for (int i = 0; i < stages; ++i) {
      int k = 0;
      while (!drift_alike(i, k)) ++k;
      if (k == i) continue;
      for (int j = 0; j < stages; ++j) {
        out.a0[j][k] += a0[j][i];
        out.a1[j][k] += a1[j][i];
        out.a0[j][i] = out.a1[j][i] = 0;
      }
      out.alpha[k] += alpha[i];
      out.alpha[i] = 0;
    }
    return out;
  }
  /// Whether W enters the weights of all stages but the first only as I_10 / h - W.
  constexpr bool has_w_in_bend_only() const {
    bool all = true;
    for (int i = 1; i < stages; ++i) {
      const double sum = beta[0][i] + beta[2][i];
      all = all && -1e-14 < sum && sum < 1e-14;
    }
    return all;
  }
};

/// The scheme of a table; `Table::value` is an `SriTable`.
template <class Table>
struct Sri : Table {
  static constexpr SriTable table = Table::value.without_repeated_drifts();
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr int evaluations = table.evaluations();
  static constexpr bool has_inlined_step = true;
  static constexpr Increments increments(Noise) { return Increments::with_area; }
  static constexpr bool admits(Noise n) { return n <= Noise::diagonal; }
  static constexpr double strong_order(Noise n) { return admits(n) ? 1.5 : 0.0; }
  /// Expectations of the state itself are of order 2; of its functions, the terms in sqrt(h) of the
  /// stages leave 3/2.
  static constexpr double weak_order(Noise n) {
    return n == Noise::additive ? 2.0 : admits(n) ? 1.5 : 0.0;
  }
  static constexpr bool estimates_error = true;
  static constexpr bool adapts(Noise n) { return Table::adapts(n) && admits(n); }

  template <class F, class H = double>
  struct Step {
    F field;
    H h;
    H root = sqrt(h);

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time& t, const X& x, const W& w) const {
      Stages<X, decltype(field.diffusion(t, x)), decltype(w.dw)> at;
      begin(w, at);
      return with_stages<0>(t, x, at, x);
    }

    /// The same, and the error that its stages show: h |sum_i alpha_i f_i - f_0|, what the drift
    /// changes on the way, and |sum_i (beta_3i I_10 / h + beta_4i I_111 / h) g_i|, the terms beyond
    /// Milstein's. Rackauckas and Nie (2017), "Adaptive methods for stochastic differential
    /// equations via natural embeddings and rejection sampling with memory".
    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X with_error(const Time& t, const X& x, const W& w,
                                             X& error) const {
      using R = lane_of<X>;
      Stages<X, decltype(field.diffusion(t, x)), decltype(w.dw)> at;
      begin(w, at);
      const X y = with_stages<0>(t, x, at, x);
      const X drifts = past_euler<0>(at, generate(x, [](int) { return R(0); }));
      const X noises = embedded<0>(at, generate(x, [](int) { return R(0); }));
      const R step = as_lane<R>(h);
      for (int i = 0; i < x.size(); ++i) error[i] = fma(step, abs(drifts[i]), abs(noises[i]));
      return y;
    }

   private:
    template <class W, class S>
    KOKKOS_FORCEINLINE_FUNCTION void begin(const W& w, S& at) const {
      using R = lane_of<decltype(w.dw)>;
      using T = value_of<R>;
      at.rest = w.dw;
      at.u = generate(w.dw, [&](int k) { return fma(R(T(0.5)), w.dw[k], w.area[k]); });
      at.bend = generate(w.dw, [&](int k) { return at.u[k] - w.dw[k]; });
      at.square = generate(w.dw, [&](int k) { return fma(w.dw[k], w.dw[k], as_lane<R>(-h)); });
      at.cube = generate(w.dw, [&](int k) { return w.dw[k] * (at.square[k] - as_lane<R>(2 * h)); });
    }

    /// What the stages from s on add to sum_i alpha_i f_i - f_0.
    template <int s, class X, class S>
    KOKKOS_FORCEINLINE_FUNCTION X past_euler(const S& at, const X& sum) const {
      using R = lane_of<X>;
      if constexpr (s == SriTable::stages) {
        return sum;
      } else {
        constexpr double weight = table.alpha[s] - (s == 0 ? 1 : 0);
        if constexpr (weight == 0) {
          return past_euler<s + 1>(at, sum);
        } else {
          return past_euler<s + 1>(at, fma(at.drift[s], as_lane<R>(weight), sum));
        }
      }
    }
    /// What they add to sum_i (beta_3i I_10 / h + beta_4i I_111 / h) g_i.
    template <int s, class X, class S>
    KOKKOS_FORCEINLINE_FUNCTION X embedded(const S& at, const X& sum) const {
      using R = lane_of<X>;
      using T = value_of<R>;
      if constexpr (s == SriTable::stages) {
        return sum;
      } else {
        constexpr double of_u = table.beta[2][s];
        constexpr double of_cube = table.beta[3][s] / 6;
        const R cube = as_lane<R>(of_cube * (1 / h));
        const auto weight =
            generate(at.u, [&](int k) { return fma(cube, at.cube[k], R(T(of_u)) * at.u[k]); });
        return embedded<s + 1>(at, fma(at.diffusion[s], weight, sum));
      }
    }

    enum class Of { drift, diffusion };

    /// The noise of a step and the coefficients at the stages.
    template <class X, class G, class V>
    struct Stages {
      V rest;    ///< W less the weights of the stages so far but the first
      V u;       ///< I_10 / h
      V bend;    ///< I_10 / h - W
      V square;  ///< 2 I_11
      V cube;    ///< 6 I_111
      X drift[SriTable::stages];
      G diffusion[SriTable::stages];
    };

    // Stages are counted by templates that call themselves, as the compiler may leave the bodies of
    // `unrolled` as calls, with all packs in memory.

    /// y and what the stages from s on add to it. The weights of all stages add up to W, so that
    /// the first one's is what the others leave.
    template <int s, class Time, class X, class S>
    KOKKOS_FORCEINLINE_FUNCTION X with_stages(const Time& t, const X& x, S& at, const X& y) const {
      using R = lane_of<X>;
      if constexpr (s == SriTable::stages) {
        return fma(at.diffusion[0], at.rest, y);
      } else {
        X sum = y;
        if constexpr (table.drifts(s)) {
          constexpr double c0 = table.c0(s);
          at.drift[s] = field.drift(t + c0 * h, state<Of::drift, s>(at, x));
          constexpr double alpha = table.alpha[s];
          if constexpr (alpha != 0) sum = fma(at.drift[s], as_lane<R>(alpha * h), sum);
        }
        constexpr double c1 = table.c1(s);
        at.diffusion[s] = field.diffusion(t + c1 * h, state<Of::diffusion, s>(at, x));
        if constexpr (s > 0) {
          const auto weights = generate(at.rest, [&](int k) { return weight<s, R>(at, k); });
          at.rest = generate(at.rest, [&](int k) { return at.rest[k] - weights[k]; });
          sum = fma(at.diffusion[s], weights, sum);
        }
        return with_stages<s + 1>(t, x, at, sum);
      }
    }

    /// z and what the stages from j on add to the state at which stage s takes a coefficient.
    template <Of of, int s, int j = 0, class X, class S>
    KOKKOS_FORCEINLINE_FUNCTION X state(const S& at, const X& z) const {
      using R = lane_of<X>;
      using T = value_of<R>;
      if constexpr (j == s) {
        return z;
      } else {
        constexpr double a = of == Of::drift ? table.a0[s][j] : table.a1[s][j];
        constexpr double b = of == Of::drift ? table.b0[s][j] : table.b1[s][j];
        X sum = z;
        if constexpr (a != 0) sum = fma(at.drift[j], as_lane<R>(a * h), sum);
        if constexpr (b != 0 && of == Of::drift) {
          sum = fma(at.diffusion[j], generate(at.u, [&](int k) { return R(T(b)) * at.u[k]; }), sum);
        } else if constexpr (b != 0) {
          sum =
              fma(at.diffusion[j], generate(at.u, [&](int) { return as_lane<R>(b * root); }), sum);
        }
        return state<of, s, j + 1>(at, sum);
      }
    }

    /// beta_1 W + beta_2 I_11 / sqrt(h) + beta_3 I_10 / h + beta_4 I_111 / h of stage s > 0.
    template <int s, class R, class S>
    KOKKOS_FORCEINLINE_FUNCTION R weight(const S& at, int k) const {
      static_assert(s > 0 && table.has_w_in_bend_only());
      using T = value_of<R>;
      constexpr double of_square = table.beta[1][s] / 2;
      constexpr double of_bend = table.beta[2][s];
      constexpr double of_cube = table.beta[3][s] / 6;
      R sum = as_lane<R>(of_cube * (1 / h)) * at.cube[k];  // one division for all stages
      if constexpr (of_square != 0)
        sum = fma(as_lane<R>(of_square * (1 / root)), at.square[k], sum);
      if constexpr (of_bend != 0) sum = fma(R(T(of_bend)), at.bend[k], sum);
      return sum;
    }
  };
};

struct Sriw1Table {
  static constexpr std::string_view name = "sriw1";
  static constexpr bool adapts(Noise) { return true; }
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
  static constexpr bool adapts(Noise) { return false; }
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
  static constexpr bool adapts(Noise n) { return n != Noise::additive; }  ///< there is SOSRA
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
