// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/unrolled.hpp"
#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Coefficients of a stochastic Runge-Kutta method for additive noise: Roessler (2010),
/// "Runge-Kutta methods for the strong approximation of solutions of stochastic differential
/// equations", SIAM J. Numer. Anal. 48(3), section 6.2. c0 is the row sums of a0.
struct SraTable {
  static constexpr int stages = 3;
  double a0[stages][stages];
  double b0[stages][stages];
  double alpha[stages];
  double beta[2][stages];  ///< of W, I_10 / h
  double c1[stages];

  constexpr double c0(int i) const { return a0[i][0] + a0[i][1] + a0[i][2]; }
  constexpr bool drifts(int i) const { return alpha[i] != 0; }
  /// Whether the diffusion at stage i is used at all.
  constexpr bool diffuses(int i) const {
    bool used = beta[0][i] != 0 || beta[1][i] != 0;
    for (int k = 0; k < stages; ++k) used = used || b0[k][i] != 0;
    return used;
  }
};

/// The scheme of a table; `Table::value` is an `SraTable`.
template <class Table>
struct Sra : Table {
  static constexpr Calculus calculus = Calculus::ito;
  /// Kernels read it in constant expressions only: on a device there is no such object.
  static constexpr SraTable table = Table::value;
  static constexpr int evaluations = table.drifts(2) ? 3 : 2;
  static constexpr Increments increments(Noise) { return Increments::with_area; }
  static constexpr double strong_order(Noise n) { return n == Noise::additive ? 1.5 : 0.0; }
  static constexpr double weak_order(Noise n) { return n == Noise::additive ? 2.0 : 0.0; }
  static constexpr bool estimates_error = true;
  static constexpr bool adapts(Noise n) { return Table::is_adaptive && n == Noise::additive; }

  template <class F, class H = double>
  struct Step {
    F field;
    H h;

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time& t, const X& x, const W& w) const {
      return step<false>(t, x, w, static_cast<X*>(nullptr));
    }

    /// The same, and the error that its stages show: h |sum_i alpha_i f_i - f_0|, what the drift
    /// changes on the way, and |sum_i beta_2i g_i I_10 / h|, what the noise does. Rackauckas and
    /// Nie (2017), "Adaptive methods for stochastic differential equations via natural embeddings
    /// and rejection sampling with memory".
    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X with_error(const Time& t, const X& x, const W& w,
                                             X& error) const {
      return step<true>(t, x, w, &error);
    }

   private:
    template <bool has_error, class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X step(const Time& t, const X& x, const W& w, X* error) const {
      using R = lane_of<X>;
      using T = value_of<R>;
      const auto times = [&](double a) { return R(static_cast<T>(a)); };
      const auto u = generate(w.dw, [&](int k) { return fma(times(0.5), w.dw[k], w.area[k]); });
      X drift[SraTable::stages];
      decltype(field.diffusion(t, x)) diffusion[SraTable::stages];
      X y = generate(x, [&](int i) { return x[i]; });
      unrolled<SraTable::stages>([&](auto stage) {
        constexpr int s = stage;
        if constexpr (table.drifts(s)) {
          X z = generate(x, [&](int i) { return x[i]; });
          unrolled<s>([&](auto before) {
            constexpr int j = before;
            constexpr double a0 = table.a0[s][j];
            constexpr double b0 = table.b0[s][j];
            if constexpr (a0 != 0) z = fma(drift[j], as_lane<R>(a0 * h), z);
            if constexpr (b0 != 0) {
              const R b = times(b0);
              z = fma(diffusion[j], generate(u, [&](int k) { return u[k] * b; }), z);
            }
          });
          constexpr double c0 = table.c0(s);
          constexpr double alpha = table.alpha[s];
          drift[s] = field.drift(t + c0 * h, z);
          y = fma(drift[s], as_lane<R>(alpha * h), y);
        }
        if constexpr (table.diffuses(s)) {
          constexpr double c1 = table.c1[s];
          constexpr double beta[2] = {table.beta[0][s], table.beta[1][s]};
          diffusion[s] = field.diffusion(t + c1 * h, x);
          const R of_w = times(beta[0]);
          const R of_u = times(beta[1]);
          const auto weight = generate(u, [&](int k) { return fma(of_w, w.dw[k], of_u * u[k]); });
          y = fma(diffusion[s], weight, y);
        }
      });
      if constexpr (has_error) {
        X drifts = generate(x, [](int) { return R(0); });
        X noises = generate(x, [](int) { return R(0); });
        unrolled<SraTable::stages>([&](auto stage) {
          constexpr int s = stage;
          constexpr double weight = table.alpha[s] - (s == 0 ? 1 : 0);
          constexpr double beta = table.beta[1][s];
          if constexpr (weight != 0) drifts = fma(drift[s], as_lane<R>(weight * h), drifts);
          if constexpr (beta != 0) {
            noises =
                fma(diffusion[s], generate(u, [&](int k) { return times(beta) * u[k]; }), noises);
          }
        });
        for (int i = 0; i < x.size(); ++i) (*error)[i] = abs(drifts[i]) + abs(noises[i]);
      }
      return y;
    }
  };
};

struct Sra1Table {
  static constexpr std::string_view name = "sra1";
  static constexpr bool is_adaptive = true;
  static constexpr std::string_view summary = "Roessler's SRA1, additive noise";
  static constexpr SraTable value = {.a0 = {{}, {3.0 / 4}, {}},
                                     .b0 = {{}, {3.0 / 2}, {}},
                                     .alpha = {1.0 / 3, 2.0 / 3},
                                     .beta = {{1, 0}, {-1, 1}},
                                     .c1 = {1, 0}};
};
using Sra1 = Sra<Sra1Table>;
static_assert(Scheme<Sra1>);

struct Sra2Table {
  static constexpr std::string_view name = "sra2";
  static constexpr bool is_adaptive = false;
  static constexpr std::string_view summary = "Roessler's SRA2, additive noise";
  static constexpr SraTable value = {.a0 = {{}, {3.0 / 4}, {}},
                                     .b0 = {{}, {3.0 / 2}, {}},
                                     .alpha = {1.0 / 3, 2.0 / 3},
                                     .beta = {{0, 1}, {3.0 / 2, -3.0 / 2}},
                                     .c1 = {1.0 / 3, 1}};
};
using Sra2 = Sra<Sra2Table>;
static_assert(Scheme<Sra2>);

struct Sra3Table {
  static constexpr std::string_view name = "sra3";
  static constexpr bool is_adaptive = false;
  static constexpr std::string_view summary = "Roessler's SRA3, additive noise";
  static constexpr SraTable value = {.a0 = {{}, {1}, {1.0 / 4, 1.0 / 4}},
                                     .b0 = {{}, {}, {1, 1.0 / 2}},
                                     .alpha = {1.0 / 6, 1.0 / 6, 2.0 / 3},
                                     .beta = {{1, 0, 0}, {-1, 1, 0}},
                                     .c1 = {1, 0, 0}};
};
using Sra3 = Sra<Sra3Table>;
static_assert(Scheme<Sra3>);

/// Rackauckas and Nie (2020), "Stability-optimized high order methods and stiffness detection for
/// pathwise stiff stochastic differential equations".
struct SosraTable {
  static constexpr std::string_view name = "sosra";
  static constexpr bool is_adaptive = true;
  static constexpr std::string_view summary = "stability-optimised SRA, additive noise";
  static constexpr SraTable value = {
      .a0 = {{}, {.6923962376159507}, {-3.1609142252828395, 4.1609142252828395}},
      .b0 = {{}, {1.3371632704399763}, {1.442371048468624, 1.8632741501139225}},
      .alpha = {.2889874966892885, .6859880440839937, .025024459226717772},
      .beta = {{-16.792534242221663, 17.514995785380226, .27753845684143835},
               {.4237535769069274, .6010381474428539, -1.0247917243497813}},
      .c1 = {0, .041248171110700504, 1}};
};
using Sosra = Sra<SosraTable>;
static_assert(Scheme<Sosra>);

}  // namespace driftwood::sde
