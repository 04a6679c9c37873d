// SPDX-License-Identifier: BSD-3-Clause
// Claims: the weak schemes have second moments of order 2, weak Euler of order 1, for up to three
// noises that do not commute; every outcome of their discrete noise is summed, nothing is sampled
// (SC-3). And the short forms for special noise agree with the general one.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "linear_sde.hpp"
#include "sde/schemes/weak_euler.hpp"
#include "sde/schemes/weak_runge_kutta.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;
using namespace driftwood::sde::test;

/// The map of one step of size h: the mean over all outcomes of the noise.
template <class S, int M, Noise N>
MomentMap one_step(double h) {
  constexpr Increments increments = S::increments(N);
  constexpr bool three = increments == Increments::three_point;
  const typename S::template Step<Linear<M, N>> step{{}, h};
  MomentMap mean;
  const int outcomes = static_cast<int>(std::pow(three ? 6 : 2, M));
  for (int outcome = 0; outcome < outcomes; ++outcome) {
    Increment<Vec<double, M>, increments> w;
    double probability = 1;
    int rest = outcome;
    for (int k = 0; k < M; ++k) {
      const int sign = rest % 2 * 2 - 1;
      rest /= 2;
      if constexpr (three) {
        const int level = rest % 3 - 1;
        rest /= 3;
        w.sign[k] = sign;
        w.dw[k] = level * std::sqrt(3 * h);
        probability *= (level == 0 ? 2.0 / 3 : 1.0 / 6) / 2;
      } else {
        w.dw[k] = sign * std::sqrt(h);
        probability /= 2;
      }
    }
    const auto matrix = matrix_of(step, w);
    mean.add(probability, matrix, matrix);
  }
  return mean;
}

template <class S, int M, Noise N = Noise::general>
double error(int steps) {
  return one_step<S, M, N>(1.0 / steps).power(steps).distance(exact_moments(Linear<M, N>{}));
}

template <class S, int M, Noise N = Noise::general>
void expect_order(double order, double most) {
  const double measured = std::log2(error<S, M, N>(16) / error<S, M, N>(32));
  EXPECT_NEAR(measured, order, most) << S::name << " with " << M << " noises";
}

template <class S>
void expect_second_order() {
  expect_order<S, 1, Noise::scalar>(2, 0.15);
  expect_order<S, 1>(2, 0.15);
  expect_order<S, 2>(2, 0.15);
  expect_order<S, 3>(2, 0.15);
}

TEST(WeakSchemes, SecondMomentsAreOfSecondOrder) {
  expect_second_order<PlatenWeak2>();
  expect_second_order<Ri1>();
  expect_second_order<Dri1>();
}

TEST(WeakSchemes, WeakEulerIsOfFirstOrder) {
  expect_order<WeakEuler, 1>(1, 0.1);
  expect_order<WeakEuler, 2>(1, 0.1);
  expect_order<WeakEuler, 3>(1, 0.1);
}

/// Half a unit in the last digit given.
void expect_digits(double value, double given, double unit) { EXPECT_NEAR(value, given, unit / 2); }

TEST(WeakSchemes, ErrorsAreTheKnownOnes) {
  expect_digits(error<PlatenWeak2, 3>(8), 6.05e-4, 1e-6);
  expect_digits(error<PlatenWeak2, 3>(16), 1.45e-4, 1e-6);
  expect_digits(error<PlatenWeak2, 3>(32), 3.54e-5, 1e-7);
  expect_digits(error<Dri1, 3>(8), 2.47e-4, 1e-6);
  expect_digits(error<Dri1, 3>(16), 6.21e-5, 1e-7);
  expect_digits(error<Dri1, 3>(32), 1.57e-5, 1e-7);
  expect_digits(error<WeakEuler, 2>(4), 4.8e-2, 1e-3);
  expect_digits(error<WeakEuler, 2>(64), 2.6e-3, 1e-4);
  expect_digits(error<PlatenWeak2, 2>(4), 2.5e-3, 1e-4);
  expect_digits(error<PlatenWeak2, 2>(64), 8.3e-6, 1e-7);
  expect_digits(error<Ri1, 2>(4), 1.6e-3, 1e-4);
  expect_digits(error<Ri1, 2>(64), 5.1e-6, 1e-7);
  expect_digits(error<Dri1, 2>(4), 1.0e-3, 1e-4);
  expect_digits(error<Dri1, 2>(64), 3.9e-6, 1e-7);
}

/// dX_i = sin(X_j) dt + (1 + t) s_i dW_i with s_i = cos X_i, or 0.7 where the noise is additive.
template <Noise N, bool additive>
struct Apart {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = N;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 2;

  Vec<double, 2> drift(double, const Vec<double, 2>& x) const {
    return {std::sin(x[1]), std::sin(x[0])};
  }
  Diagonal<double, 2> diffusion(double t, const Vec<double, 2>& x) const {
    if (additive) return {(1 + t) * 0.7, (1 + t) * 0.7};
    return {(1 + t) * std::cos(x[0]), (1 + t) * std::cos(x[1])};
  }
};

template <class S, Noise N, bool additive>
void expect_same_step() {
  const double h = 0.1;
  const Vec<double, 2> x{0.3, -0.8};
  const Increment<Vec<double, 2>, Increments::three_point> w{{std::sqrt(3 * h), -std::sqrt(3 * h)},
                                                             {1, -1}};
  const typename S::template Step<Apart<N, additive>> apart{{}, h};
  const typename S::template Step<Apart<Noise::general, additive>> general{{}, h};
  const auto one = apart(0.5, x, w);
  const auto other = general(0.5, x, w);
  for (int i = 0; i < 2; ++i) EXPECT_NEAR(one[i], other[i], 1e-14) << S::name;
}

TEST(WeakSchemes, ShortFormsAreTheGeneralOne) {
  expect_same_step<PlatenWeak2, Noise::diagonal, false>();
  expect_same_step<PlatenWeak2, Noise::additive, true>();
  expect_same_step<Ri1, Noise::diagonal, false>();
  expect_same_step<Ri1, Noise::additive, true>();
  expect_same_step<Dri1, Noise::diagonal, false>();
  expect_same_step<Dri1, Noise::additive, true>();
}
}  // namespace
