// SPDX-License-Identifier: BSD-3-Clause
// Claim: schemes have the weak order that they declare for each kind of noise. The expectations
// after one step of size h are sums over all outcomes of discrete noise, or Gauss-Hermite
// quadrature over W and H; those of a scheme of order p and of DRI1, of order 2 by its own test,
// differ by O(h^(p + 1)). Nothing is sampled. Milstein's Levy areas of general noise are not
// covered.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "sde/convert.hpp"
#include "sde/integrate.hpp"
#include "sde/schemes.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;

/// A nonlinear equation in two components whose coefficients depend on time, with noise of kind N.
template <Noise N>
struct Nonlinear {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = N;
  static constexpr int dim = 2;
  static constexpr int noise_dim = N == Noise::scalar ? 1 : 2;

  template <class R>
  struct Waves {
    R sine[2];
    R cosine[2];

    explicit Waves(const Vec<R, 2>& x) {
      for (int i = 0; i < 2; ++i) math::sincos(x[i], sine[i], cosine[i]);
    }
  };

  template <class R>
  Vec<R, 2> drift(double t, const Vec<R, 2>& x) const {
    const Waves<R> w(x);
    return {R(1.3) * w.sine[1] + R(std::cos(2 * t)) - x[0],
            R(0.9) * w.cosine[0] - R(0.5 * (1 + t)) * x[1]};
  }
  template <class R>
  auto diffusion(double t, const Vec<R, 2>& x) const {
    const Waves<R> w(x);
    if constexpr (N == Noise::additive) {
      return Mat<R, 2, 2>{{{R(0.6 + 0.4 * t), R(std::sin(t))}, {R(0.3), R(0.7 * std::cos(2 * t))}}};
    } else if constexpr (N == Noise::scalar) {
      return Mat<R, 2, 1>{
          {{R(0.5) * w.cosine[1] + R(0.3 * t)}, {R(0.6) * w.sine[0] + R(0.2) * x[1]}}};
    } else if constexpr (N == Noise::diagonal) {
      return Diagonal<R, 2>{R(0.7) + R(0.4 + 0.3 * t) * w.sine[0], R(0.6) * w.cosine[1]};
    } else if constexpr (N == Noise::commutative) {
      const R a = R(1) + R(0.5) * w.sine[0];
      const R b = R(0.8) * w.cosine[1];
      return Mat<R, 2, 2>{{{R(0.5 + 0.25 * t) * a, R(0.3) * a}, {R(-0.4) * b, R(0.6) * b}}};
    } else {
      return Mat<R, 2, 2>{{{R(0.5) * w.cosine[1], R(0.4) * x[1] + R(0.3 * t)},
                           {R(0.5) * x[0], R(0.4) * w.sine[0] + R(0.3)}}};
    }
  }
};

/// Five-point Gauss-Hermite quadrature for a standard normal.
constexpr int points = 5;
constexpr std::array<double, points> node = {-2.8569700138728056, -1.355626179974266, 0,
                                             1.355626179974266, 2.8569700138728056};
constexpr std::array<double, points> weight = {0.011257411327720688, 0.22207592200561266, 8.0 / 15,
                                               0.22207592200561266, 0.011257411327720688};

/// Outcomes of one component of the noise.
constexpr int outcomes(Increments increments) {
  if (increments == Increments::two_point) return 2;
  if (increments == Increments::three_point) return 6;
  return increments == Increments::brownian ? points : points * points;
}

/// Sets component k of the noise of a step of size h to an outcome; its probability.
template <class V, Increments I>
double set_outcome(Increment<V, I>& w, int k, int outcome, double h) {
  if constexpr (I == Increments::two_point) {
    w.dw[k] = (outcome * 2 - 1) * std::sqrt(h);
    return 0.5;
  } else if constexpr (I == Increments::three_point) {
    const int level = outcome / 2 - 1;
    w.dw[k] = level * std::sqrt(3 * h);
    w.sign[k] = outcome % 2 * 2 - 1;
    return level == 0 ? 1.0 / 3 : 1.0 / 12;
  } else {
    const auto first = static_cast<std::size_t>(outcome % points);
    w.dw[k] = std::sqrt(h) * node[first];
    if constexpr (I == Increments::brownian) return weight[first];
    if constexpr (I == Increments::with_area) {
      const auto second = static_cast<std::size_t>(outcome / points);
      w.area[k] = std::sqrt(h / 12) * node[second];
      return weight[first] * weight[second];
    }
  }
}

/// Expectations of x, y, x y + x^2 and sin(2 x + y) after one step.
template <class S, Noise N>
std::array<double, 4> expectations(double h) {
  using Field = FieldFor<S, Nonlinear<N>>;
  constexpr Increments increments = S::increments(N);
  constexpr int m = Nonlinear<N>::noise_dim;
  const typename S::template Step<Field> step{Field{}, h};
  std::array<double, 4> mean{};
  for (int all = 0; all < std::pow(outcomes(increments), m); ++all) {
    Increment<Vec<double, m>, increments> w;
    double probability = 1;
    for (int k = 0, rest = all; k < m; ++k, rest /= outcomes(increments)) {
      probability *= set_outcome(w, k, rest % outcomes(increments), h);
    }
    Carried<S, Vec<double, 2>> state{};
    state.x = {0.4, -0.3};
    if constexpr (CarriesState<S>) state.carried = state.x;
    take_step<S>(step, 0.3, w, state);
    const double x = state.x[0];
    const double y = state.x[1];
    const std::array<double, 4> value = {x, y, x * y + x * x, std::sin(2 * x + y)};
    for (std::size_t i = 0; i < 4; ++i) mean[i] += probability * value[i];
  }
  return mean;
}

template <class S, Noise N>
double local_error(double h) {
  const auto mean = expectations<S, N>(h);
  const auto other = expectations<Dri1, N>(h);
  double square = 0;
  for (std::size_t i = 0; i < 4; ++i) square += (mean[i] - other[i]) * (mean[i] - other[i]);
  return std::sqrt(square);
}

template <class S, Noise N>
void expect_declared_order() {
  if constexpr (Integrates<S, Nonlinear<N>> && S::increments(N) != Increments::with_levy &&
                !std::is_same_v<S, Dri1>) {
    const double order =
        std::log2(local_error<S, N>(1.0 / 512) / local_error<S, N>(1.0 / 1024)) - 1;
    EXPECT_NEAR(order, S::weak_order(N), 0.15) << S::name << ", " << to_string(N);
  }
}

template <class... S>
void expect_declared_orders(TypeList<S...>) {
  (expect_declared_order<S, Noise::additive>(), ...);
  (expect_declared_order<S, Noise::scalar>(), ...);
  (expect_declared_order<S, Noise::diagonal>(), ...);
  (expect_declared_order<S, Noise::commutative>(), ...);
  (expect_declared_order<S, Noise::general>(), ...);
}

TEST(WeakOrder, IsTheDeclaredOne) { expect_declared_orders(Schemes{}); }
}  // namespace
