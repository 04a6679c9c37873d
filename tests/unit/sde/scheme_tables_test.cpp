// SPDX-License-Identifier: BSD-3-Clause
// Claims: the tables of the Runge-Kutta schemes satisfy their order conditions: exactly, in
// rational arithmetic, where their entries are rational; to 1e-13 where they are decimals (SC-2).
#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <stdexcept>

#include "sde/schemes/foster.hpp"
#include "sde/schemes/sra.hpp"
#include "sde/schemes/sri.hpp"

namespace {
using namespace driftwood::sde;

struct Rational {
  std::int64_t over = 0;
  std::int64_t under = 1;

  Rational() = default;
  Rational(std::int64_t numerator, std::int64_t denominator) {
    const std::int64_t common = std::gcd(numerator, denominator);
    over = numerator / common;
    under = denominator / common;
  }
  /// The fraction of small denominator of which `value` is the nearest double.
  explicit Rational(double value) {
    for (under = 1; under <= 100; ++under) {
      over = static_cast<std::int64_t>(value * static_cast<double>(under) + (value < 0 ? -.5 : .5));
      if (static_cast<double>(over) / static_cast<double>(under) == value) return;
    }
    throw std::logic_error("an entry of a table is not a simple fraction");
  }
  friend Rational operator+(const Rational& a, const Rational& b) {
    return {a.over * b.under + b.over * a.under, a.under * b.under};
  }
  friend Rational operator*(const Rational& a, const Rational& b) {
    return {a.over * b.over, a.under * b.under};
  }
};

void expect_is(const Rational& sum, std::int64_t over, std::int64_t under, const char* what) {
  EXPECT_TRUE(sum.over * under == over * sum.under) << what << ": " << sum.over << '/' << sum.under;
}
void expect_is(double sum, std::int64_t over, std::int64_t under, const char* what) {
  EXPECT_NEAR(sum, static_cast<double>(over) / static_cast<double>(under), 1e-13) << what;
}

/// Coefficients of stages as numbers Q, with the component-wise product.
template <class Q, int N>
struct Stages {
  Q value[N];

  static Stages of(const double (&row)[N]) {
    Stages out;
    for (int i = 0; i < N; ++i) out.value[i] = Q(row[i]);
    return out;
  }
  static Stages ones() {
    Stages out;
    for (Q& v : out.value) v = Q(1.0);
    return out;
  }
  friend Stages operator*(const Stages& a, const Stages& b) {
    Stages out;
    for (int i = 0; i < N; ++i) out.value[i] = a.value[i] * b.value[i];
    return out;
  }
  /// The inner product.
  friend Q dot(const Stages& a, const Stages& b) {
    Q sum(0.0);
    for (int i = 0; i < N; ++i) sum = sum + a.value[i] * b.value[i];
    return sum;
  }
};

template <class Q, int N, int Rows>
Stages<Q, N> apply(const double (&matrix)[Rows][N], const Stages<Q, N>& v) {
  Stages<Q, N> out;
  for (int i = 0; i < N; ++i) out.value[i] = dot(Stages<Q, N>::of(matrix[i]), v);
  return out;
}

/// Roessler (2010), theorem 6.2 for order 3/2.
template <class Q>
void expect_sra_conditions(const SraTable& t) {
  using S = Stages<Q, SraTable::stages>;
  const S e = S::ones();
  const S alpha = S::of(t.alpha);
  const S b0 = apply(t.b0, e);
  const S c1 = S::of(t.c1);
  expect_is(dot(alpha, e), 1, 1, "alpha e");
  expect_is(dot(S::of(t.beta[0]), e), 1, 1, "beta1 e");
  expect_is(dot(S::of(t.beta[1]), e), 0, 1, "beta2 e");
  expect_is(dot(alpha, b0), 1, 1, "alpha B0 e");
  expect_is(dot(alpha, b0 * b0), 3, 2, "alpha (B0 e)^2");
  expect_is(dot(alpha, apply(t.a0, e)), 1, 2, "alpha A0 e");
  expect_is(dot(S::of(t.beta[0]), c1), 1, 1, "beta1 c1");
  expect_is(dot(S::of(t.beta[1]), c1), -1, 1, "beta2 c1");
}

TEST(SchemeTables, SraSatisfiesTheConditionsOfOrderThreeHalves) {
  expect_sra_conditions<Rational>(Sra1Table::value);
  expect_sra_conditions<Rational>(Sra2Table::value);
  expect_sra_conditions<Rational>(Sra3Table::value);
  expect_sra_conditions<double>(SosraTable::value);
}

/// Roessler (2010), theorem 5.1: 25 conditions of order 3/2. Rows of `expected`: the weights of W,
/// I_11 / sqrt(h), I_10 / h and I_111 / h.
template <class Q>
void expect_sri_conditions(const SriTable& t) {
  using S = Stages<Q, SriTable::stages>;
  const S e = S::ones();
  const S alpha = S::of(t.alpha);
  const S a1 = apply(t.a1, e);
  const S b0 = apply(t.b0, e);
  const S b1 = apply(t.b1, e);
  expect_is(dot(alpha, e), 1, 1, "alpha e");
  expect_is(dot(alpha, apply(t.a0, e)), 1, 2, "alpha A0 e");
  expect_is(dot(alpha, b0), 1, 1, "alpha B0 e");
  expect_is(dot(alpha, b0 * b0), 3, 2, "alpha (B0 e)^2");
  const std::int64_t expected[4][5] = {
      {1, 0, 1, 1, 0}, {0, 1, 0, 0, 0}, {0, 0, -1, -1, 0}, {0, 0, 0, 2, 1}};
  for (int n = 0; n < 4; ++n) {
    const S beta = S::of(t.beta[n]);
    expect_is(dot(beta, e), expected[n][0], 1, "beta e");
    expect_is(dot(beta, b1), expected[n][1], 1, "beta B1 e");
    expect_is(dot(beta, a1), expected[n][2], 1, "beta A1 e");
    expect_is(dot(beta, b1 * b1), expected[n][3], 1, "beta (B1 e)^2");
    expect_is(dot(beta, apply(t.b1, b1)), expected[n][4], 1, "beta B1 B1 e");
  }
  const S mixed = apply(t.a1, b0);
  expect_is(Q(1.0 / 2) * dot(S::of(t.beta[0]), mixed) + Q(1.0 / 3) * dot(S::of(t.beta[2]), mixed),
            0, 1, "beta1 A1 B0 e / 2 + beta3 A1 B0 e / 3");
}

TEST(SchemeTables, SriSatisfiesTheConditionsOfOrderThreeHalves) {
  expect_sri_conditions<Rational>(Sriw1Table::value);
  expect_sri_conditions<Rational>(Sriw2Table::value);
  expect_sri_conditions<double>(SosriTable::value);
}

/// What a Foster table must match of the Stratonovich-Taylor expansion, where int_0^h W ds = h (W/2
/// + H), E W^2 = h and E H^2 = h / 12.
template <class Q>
struct FosterSums {
  using S = Stages<Q, FosterTable::most_stages>;
  static constexpr int last = FosterTable::most_stages;
  FosterTable table;
  S e = S::ones();
  S b = S::of(table.a[last]);
  S w = S::of(table.of_w[last]);
  S h = S::of(table.of_h[last]);
  S time = apply(table.a, e);
  S pushed = apply(table.of_w, e);
  S shifted = apply(table.of_h, e);
  S c = S::of(table.c);

  /// Additive noise of strong order 1: the weights, and the diffusion's change with time.
  void expect_consistent() const {
    expect_is(dot(b, e), 1, 1, "f");
    expect_is(dot(w, e), 1, 1, "g W");
    expect_is(dot(h, e), 0, 1, "g H");
    expect_is(dot(w, c), 1, 2, "dg/dt W");
    expect_is(dot(h, c), -1, 1, "dg/dt H");
    expect_is(dot(b, pushed), 1, 2, "f' g W");
    expect_is(dot(b, shifted), 1, 1, "f' g H");
  }
  /// Additive noise of strong order 3/2: in mean, also the curvature of the drift along the noise.
  void expect_three_halves() const {
    expect_is(dot(b, time), 1, 2, "f' f");
    expect_is(dot(b, c), 1, 2, "df/dt");
    expect_is(dot(b, pushed * pushed) + Q(1.0 / 12) * dot(b, shifted * shifted), 1, 2, "f'' g g");
  }
  /// Multiplicative noise of strong order 1, and the terms of h W and h H.
  void expect_multiplicative() const {
    expect_is(dot(w, pushed), 1, 2, "g' g W W");
    expect_is(dot(w, shifted) + dot(h, pushed), 0, 1, "g' g W H");
    expect_is(dot(h, shifted), 0, 1, "g' g H H");
    expect_is(dot(w, time), 1, 2, "g' f W");
    expect_is(dot(h, time), -1, 1, "g' f H");
  }
  /// The powers of W up to the fourth, as the classical Runge-Kutta method has them.
  void expect_fourth_order_in_noise() const {
    const S second = apply(table.of_w, pushed);
    expect_is(dot(w, pushed * pushed), 1, 3, "W^3");
    expect_is(dot(w, second), 1, 6, "W^3");
    expect_is(dot(w, pushed * pushed * pushed), 1, 4, "W^4");
    expect_is(dot(w, pushed * second), 1, 8, "W^4");
    expect_is(dot(w, apply(table.of_w, pushed * pushed)), 1, 12, "W^4");
    expect_is(dot(w, apply(table.of_w, second)), 1, 24, "W^4");
  }
};

TEST(SchemeTables, FosterMatchesTheStratonovichExpansion) {
  FosterSums<Rational>{SeaTable::value}.expect_consistent();

  const FosterSums<Rational> shark{SharkTable::value};
  shark.expect_consistent();
  shark.expect_three_halves();

  const FosterSums<Rational> general_shark{GeneralSharkTable::value};
  general_shark.expect_consistent();
  general_shark.expect_three_halves();
  general_shark.expect_multiplicative();

  const FosterSums<double> spark{SparkTable::value};
  spark.expect_consistent();
  spark.expect_three_halves();
  spark.expect_multiplicative();

  const FosterSums<Rational> slow_rk{SlowRkTable::value};
  slow_rk.expect_consistent();
  slow_rk.expect_three_halves();
  slow_rk.expect_multiplicative();
  slow_rk.expect_fourth_order_in_noise();
}
}  // namespace
