// SPDX-License-Identifier: BSD-3-Clause
// Claims: without drift and noise a step changes nothing; without noise a scheme is the method for
// ordinary differential equations that it extends (SC-7); Euler-Maruyama and the theta method are
// stable in mean square where the theory says (SC-9); tamed and implicit schemes survive a drift so
// steep that Euler-Maruyama overflows (SC-10); reversible Heun is stable where its eigenvalues say
// (GR-11).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "sde/convert.hpp"
#include "sde/integrate.hpp"
#include "sde/schemes.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;

/// x' = still ? 0 : cos t - x^2, and no noise, said to be of kind N.
template <Noise N, bool still>
struct Silent {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = N;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;

  template <class R>
  Vec<R, 1> drift(double t, const Vec<R, 1>& x) const {
    if constexpr (still) return {R(0)};
    return {R(std::cos(t)) - x[0] * x[0]};
  }
  template <class R>
  Diagonal<R, 1> diffusion(double, const Vec<R, 1>&) const {
    return {R(0)};
  }
};

/// The state of one path at time 1.
template <class S, class F>
double end_state(const F& field, double start, int steps, std::uint64_t id = 7) {
  using Field = FieldFor<S, F>;
  const double h = 1.0 / steps;
  const random::GridBrownian noise{1, h};
  const typename S::template Step<Field> step{Field{field}, h};
  Carried<S, Vec<double, 1>> state{};
  state.x[0] = start;
  if constexpr (CarriesState<S>) state.carried[0] = start;
  integrate<S, Field>(step, PathNoise<double>{noise, {id}}, Vec<double, 1>{}, {0, steps}, state);
  return state.x[0];
}

constexpr double reference = 0.80508245244150040488;  // x(1) from x(0) = 1/2, to all digits

template <class S, Noise N>
void expect_limits(double order) {
  if constexpr (Integrates<S, Silent<N, true>>) {
    for (const double x : {1.0 / 3, -1e-300, 12345.678, 1e200}) {
      EXPECT_EQ(end_state<S>(Silent<N, true>{}, x, 9), x) << S::name << ", " << to_string(N);
    }
    const double coarse = end_state<S>(Silent<N, false>{}, 0.5, 128) - reference;
    const double fine = end_state<S>(Silent<N, false>{}, 0.5, 256) - reference;
    EXPECT_NEAR(std::log2(coarse / fine), order, 0.05) << S::name << ", " << to_string(N);
  }
}

/// Order without noise.
template <class S>
constexpr double drift_order = 1;
template <>
constexpr double drift_order<Heun> = 2;
template <>
constexpr double drift_order<Midpoint> = 2;
template <>
constexpr double drift_order<ReversibleHeun> = 2;
template <>
constexpr double drift_order<Sra3> = 3;
template <>
constexpr double drift_order<Sriw2> = 3;
template <class Table>
constexpr double drift_order<Sra<Table>> = 2;
template <class Table>
constexpr double drift_order<Sri<Table>> = 2;
template <class Table>
constexpr double drift_order<Foster<Table>> = 2;
template <>
constexpr double drift_order<Sea> = 1;
template <>
constexpr double drift_order<ThetaEulerMaruyama> = 2;
template <>
constexpr double drift_order<PlatenWeak2> = 2;
template <>
constexpr double drift_order<Ri1> = 3;
template <>
constexpr double drift_order<Dri1> = 3;

template <class S>
void expect_limits_of_all_kinds() {
  expect_limits<S, Noise::additive>(drift_order<S>);
  expect_limits<S, Noise::scalar>(drift_order<S>);
  expect_limits<S, Noise::diagonal>(drift_order<S>);
  expect_limits<S, Noise::commutative>(drift_order<S>);
  expect_limits<S, Noise::general>(drift_order<S>);
}

template <class... S>
void expect_limits_of(TypeList<S...>) {
  (expect_limits_of_all_kinds<S>(), ...);
}

TEST(SchemeLimits, WithoutNoiseSchemesAreMethodsForOrdinaryEquations) {
  expect_limits_of(Schemes{});
}

/// dX = rate X dt + sigma X dW.
struct Proportional {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;
  double rate;
  double sigma;

  template <class R>
  Vec<R, 1> drift(double, const Vec<R, 1>& x) const {
    return {R(rate) * x[0]};
  }
  template <class R>
  Diagonal<R, 1> diffusion(double, const Vec<R, 1>& x) const {
    return {R(sigma) * x[0]};
  }
};

/// E X^2 after a step of size h from X = 1. The step is affine in the increment, so that +-sqrt(h)
/// give its second moment.
template <class S>
double growth(const Proportional& field, double h) {
  const typename S::template Step<Proportional> step{field, h};
  double sum = 0;
  for (const double w : {-std::sqrt(h), std::sqrt(h)}) {
    const Increment<Vec<double, 1>, Increments::brownian> increment{{w}};
    const double y = step(0.0, Vec<double, 1>{1.0}, increment)[0];
    sum += y * y / 2;
  }
  return sum;
}

/// Where `value` crosses 1 between `low` and `high`.
template <class Value>
double crossing(double low, double high, const Value& value) {
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (value(middle) < 1 ? low : high) = middle;
  }
  return low;
}

TEST(SchemeLimits, MeanSquareStabilityEndsWhereTheTheorySays) {
  for (const double sigma : {0.0, 0.5, 1.5}) {
    for (const double rate : {-2.0, -5.0, -40.0}) {
      // |1 + rate h|^2 + sigma^2 h = 1
      const double h = crossing(1e-6, 10, [&](double at) {
        return growth<EulerMaruyama>({rate, sigma}, at);
      });
      EXPECT_NEAR(h * rate * rate / -(2 * rate + sigma * sigma), 1, 1e-9);
    }
  }
  for (const double h : {0.01, 0.5, 20.0}) {
    for (const double rate : {-2.0, -5.0, -40.0}) {
      // |1 + rate h / 2|^2 + sigma^2 h = |1 - rate h / 2|^2
      const double sigma = crossing(0, 100, [&](double at) {
        return growth<ThetaEulerMaruyama>({rate, at}, h);
      });
      EXPECT_NEAR(sigma * sigma / (-2 * rate), 1, 1e-9);
    }
  }
}

/// dX = (X - X^3) dt + X dW.
struct GinzburgLandau {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  static constexpr int dim = 1;
  static constexpr int noise_dim = 1;

  template <class R>
  Vec<R, 1> drift(double, const Vec<R, 1>& x) const {
    return {x[0] * (R(1) - x[0] * x[0])};
  }
  template <class R>
  Diagonal<R, 1> diffusion(double, const Vec<R, 1>& x) const {
    return {x[0]};
  }
};

/// Of 200 paths from X = 10, those that end at a number below 100.
template <class S>
int survivors() {
  int count = 0;
  for (std::uint64_t id = 0; id < 200; ++id) {
    const double x = end_state<S>(GinzburgLandau{}, 10.0, 8, id);
    count += std::abs(x) < 100 ? 1 : 0;
  }
  return count;
}

TEST(SchemeLimits, TamedAndImplicitSchemesSurviveSteepDrifts) {
  EXPECT_EQ(survivors<EulerMaruyama>(), 0);
  EXPECT_EQ(survivors<TamedEulerMaruyama>(), 200);
  EXPECT_EQ(survivors<SplitStepBackwardEuler>(), 200);
  EXPECT_EQ(survivors<ImplicitMilstein>(), 200);
  EXPECT_EQ(survivors<ThetaEulerMaruyama>(), 200);
}

/// x' = rate x in the complex plane, and no noise.
struct ComplexDecay {
  static constexpr Calculus calculus = Calculus::stratonovich;
  static constexpr Noise noise = Noise::additive;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 2;

  std::complex<double> rate;

  template <class R>
  Vec<R, 2> drift(double, const Vec<R, 2>& x) const {
    return {rate.real() * x[0] - rate.imag() * x[1], rate.imag() * x[0] + rate.real() * x[1]};
  }
  template <class R>
  Diagonal<R, 2> diffusion(double, const Vec<R, 2>&) const {
    return {R(0), R(0)};
  }
};

/// |x| after each of `steps` steps of size 1 from x = 1.
std::vector<double> distances(std::complex<double> rate, int steps) {
  const ReversibleHeun::Step<ComplexDecay> step{{rate}, 1};
  const PathNoise<double> noise{random::GridBrownian{1, 1}, {7}};
  Carried<ReversibleHeun, Vec<double, 2>> state{{1, 0}, {1, 0}};
  std::vector<double> out;
  for (int n = 0; n < steps; ++n) {
    integrate<ReversibleHeun, ComplexDecay>(step, noise, Vec<double, 2>{}, {n, n + 1}, state);
    out.push_back(std::hypot(state.x[0], state.x[1]));
  }
  return out;
}

// GR-11. The matrix of a step has the eigenvalues q +- sqrt(q^2 + 1), q = rate h: of modulus 1 for
// q in [-i, i] alone.
TEST(SchemeLimits, ReversibleHeunIsStableOnTheImaginaryAxisAlone) {
  const auto bounded = distances({0, 0.5}, 100000);
  EXPECT_LE(*std::ranges::max_element(bounded), 1.2);
  for (const std::complex<double> q : {std::complex<double>{0, 1.5}, {-0.1, 0}}) {
    const std::complex<double> root = std::sqrt(q * q + 1.0);
    const double expected = std::max(std::abs(q + root), std::abs(q - root));
    const auto x = distances(q, 300);
    EXPECT_NEAR(std::pow(x[299] / x[199], 0.01) / expected, 1, 1e-2) << q;
    EXPECT_GT(x[299], 1e6) << q;
  }
}
}  // namespace
