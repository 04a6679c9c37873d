// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/unrolled.hpp"
#include "sde/concepts.hpp"

namespace driftwood::sde {

/// Coefficients of a stochastic Runge-Kutta method in W and the space-time Levy area H: Foster, dos
/// Reis and Strange (2024), "High order splitting methods for SDEs satisfying a commutativity
/// condition". Stage i is x + sum_j a_ij h f_j + (w_ij W + r_ij H) g_j at time t + c_i h, c the row
/// sums of a unless given; the step is the same sum with the weights of the last row.
struct FosterTable {
  static constexpr int most_stages = 7;
  int stages;
  double c[most_stages];
  double a[most_stages + 1][most_stages];
  double of_w[most_stages + 1][most_stages];
  double of_h[most_stages + 1][most_stages];

  constexpr bool drifts(int j) const {
    for (const auto& row : a) {
      if (row[j] != 0) return true;
    }
    return false;
  }
  constexpr bool diffuses(int i, int j) const { return of_w[i][j] != 0 || of_h[i][j] != 0; }
  constexpr bool diffuses(int j) const {
    for (int i = 0; i <= most_stages; ++i) {
      if (diffuses(i, j)) return true;
    }
    return false;
  }
  constexpr int evaluations() const {
    int sum = 0;
    for (int j = 0; j < most_stages; ++j) sum += drifts(j) ? 1 : 0;
    return sum;
  }
};

/// The scheme of a table; `Table::value` is a `FosterTable`, `Table::strong_order` the order.
template <class Table>
struct Foster : Table {
  static constexpr Calculus calculus = Calculus::stratonovich;
  /// Kernels read it in constant expressions only: on a device there is no such object.
  static constexpr FosterTable table = Table::value;
  static constexpr int evaluations = table.evaluations();
  static constexpr Increments increments(Noise) { return Increments::with_area; }

  template <class F, class H = double>
  struct Step {
    F field;
    H h;

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time& t, const X& x, const W& w) const {
      Evaluations<X, decltype(field.diffusion(t, x))> at;
      unrolled<table.stages>([&](auto stage) {
        constexpr int s = stage;
        constexpr double c = table.c[s];
        const X z = sum<s>(x, w, at);
        if constexpr (table.drifts(s)) at.drift[s] = field.drift(t + c * h, z);
        if constexpr (table.diffuses(s)) at.diffusion[s] = field.diffusion(t + c * h, z);
      });
      return sum<FosterTable::most_stages>(x, w, at);
    }

   private:
    template <class X, class G>
    struct Evaluations {
      X drift[FosterTable::most_stages];
      G diffusion[FosterTable::most_stages];
    };

    /// x + sum_j a_ij h f_j + (w_ij W + r_ij H) g_j of row i.
    template <int i, class X, class W, class E>
    KOKKOS_FORCEINLINE_FUNCTION X sum(const X& x, const W& w, const E& at) const {
      using R = lane_of<X>;
      using T = value_of<R>;
      X z = generate(x, [&](int k) { return x[k]; });
      unrolled<(i < table.stages ? i : table.stages)>([&](auto before) {
        constexpr int j = before;
        constexpr double a = table.a[i][j];
        constexpr double of_w = table.of_w[i][j];
        constexpr double of_h = table.of_h[i][j];
        if constexpr (a != 0) z = fma(at.drift[j], as_lane<R>(a * h), z);
        if constexpr (table.diffuses(i, j)) {
          const auto weight = generate(
              w.dw, [&](int k) { return fma(R(T(of_w)), w.dw[k], R(T(of_h)) * w.area[k]); });
          z = fma(at.diffusion[j], weight, z);
        }
      });
      return z;
    }
  };
};

/// Euler's method shifted to the middle of the noise.
struct SeaTable {
  static constexpr std::string_view name = "sea";
  static constexpr std::string_view summary = "shifted Euler, additive noise";
  static constexpr double strong_order(Noise n) { return n == Noise::additive ? 1.0 : 0.0; }
  static constexpr double weak_order(Noise n) { return n == Noise::additive ? 1.0 : 0.0; }
  static constexpr FosterTable value = {
      .stages = 3,
      .c = {0, 0, 1},
      .a = {{}, {}, {}, {}, {}, {}, {}, {0, 1}},
      .of_w = {{}, {1.0 / 2}, {}, {}, {}, {}, {}, {1.0 / 2, 0, 1.0 / 2}},
      .of_h = {{}, {1}, {}, {}, {}, {}, {}, {1, 0, -1}}};
};
using Sea = Foster<SeaTable>;
static_assert(Scheme<Sea>);

/// A Runge-Kutta method of two evaluations of the drift, shifted by the area.
struct SharkTable {
  static constexpr std::string_view name = "shark";
  static constexpr std::string_view summary = "shifted Runge-Kutta, additive noise";
  static constexpr double strong_order(Noise n) { return n == Noise::additive ? 1.5 : 0.0; }
  static constexpr double weak_order(Noise n) { return n == Noise::additive ? 2.0 : 0.0; }
  static constexpr FosterTable value = {
      .stages = 4,
      .c = {0, 0, 5.0 / 6, 1},
      .a = {{}, {}, {0, 5.0 / 6}, {}, {}, {}, {}, {0, 2.0 / 5, 3.0 / 5}},
      .of_w = {{}, {}, {5.0 / 6}, {}, {}, {}, {}, {1.0 / 2, 0, 0, 1.0 / 2}},
      .of_h = {{}, {1}, {1}, {}, {}, {}, {}, {1, 0, 0, -1}}};
};
using Shark = Foster<SharkTable>;
static_assert(Scheme<Shark>);

/// `Shark` for any noise.
struct GeneralSharkTable {
  static constexpr std::string_view name = "general_shark";
  static constexpr std::string_view summary = "ShARK for any noise";
  static constexpr double strong_order(Noise n) {
    return n == Noise::additive ? 1.5 : order_of_increments(n);
  }
  static constexpr double weak_order(Noise n) { return n == Noise::additive ? 2.0 : 1.0; }
  static constexpr FosterTable value = {
      .stages = 3,
      .c = {0, 0, 5.0 / 6},
      .a = {{}, {}, {0, 5.0 / 6}, {}, {}, {}, {}, {0, 2.0 / 5, 3.0 / 5}},
      .of_w = {{}, {}, {0, 5.0 / 6}, {}, {}, {}, {}, {0, 2.0 / 5, 3.0 / 5}},
      .of_h = {{}, {1}, {1}, {}, {}, {}, {}, {0, 6.0 / 5, -6.0 / 5}}};
};
using GeneralShark = Foster<GeneralSharkTable>;
static_assert(Scheme<GeneralShark>);

/// Splitting path Runge-Kutta.
struct SparkTable {
  static constexpr std::string_view name = "spark";
  static constexpr std::string_view summary = "splitting path Runge-Kutta, any noise";
  static constexpr double strong_order(Noise n) {
    return n == Noise::additive ? 1.5 : order_of_increments(n);
  }
  static constexpr double weak_order(Noise n) { return n == Noise::additive ? 2.0 : 1.0; }
  static constexpr double root3 = 1.7320508075688772;
  static constexpr double p = (3 - root3) / 6;
  static constexpr double q = root3 / 3;
  static constexpr FosterTable value = {.stages = 3,
                                        .c = {0, 1.0 / 2, 1},
                                        .a = {{}, {1.0 / 2}, {0, 1}, {}, {}, {}, {}, {p, q, p}},
                                        .of_w = {{}, {1.0 / 2}, {0, 1}, {}, {}, {}, {}, {p, q, p}},
                                        .of_h = {{}, {root3}, {}, {}, {}, {}, {}, {1, 0, -1}}};
};
using Spark = Foster<SparkTable>;
static_assert(Scheme<Spark>);

/// Two evaluations of the drift and five of the diffusion: the noise enters as in the classical
/// Runge-Kutta method.
struct SlowRkTable {
  static constexpr std::string_view name = "slow_rk";
  static constexpr std::string_view summary = "strong order 3/2 for commutative noise";
  static constexpr double strong_order(Noise n) { return n == Noise::general ? 0.5 : 1.5; }
  static constexpr double weak_order(Noise n) { return n == Noise::general ? 1.0 : 2.0; }
  static constexpr FosterTable value = {
      .stages = 7,
      .c = {0, 1.0 / 2, 1.0 / 2, 1.0 / 2, 1.0 / 2, 3.0 / 4, 1},
      .a = {{},
            {1.0 / 2},
            {1.0 / 2},
            {1.0 / 2},
            {1.0 / 2},
            {3.0 / 4},
            {1},
            {1.0 / 3, 0, 0, 0, 0, 2.0 / 3}},
      .of_w = {{},
               {},
               {0, 1.0 / 2},
               {0, 0, 1.0 / 2},
               {0, 0, 0, 1},
               {0, 0, 0, 3.0 / 4},
               {0, 0, 1.0 / 2},
               {0, 1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6}},
      .of_h = {{}, {}, {}, {}, {}, {0, 0, 0, 3.0 / 2}, {}, {0, 0, 0, 2, 0, 0, -2}}};
};
using SlowRk = Foster<SlowRkTable>;
static_assert(Scheme<SlowRk>);

}  // namespace driftwood::sde
