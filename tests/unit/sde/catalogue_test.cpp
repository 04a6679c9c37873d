// SPDX-License-Identifier: BSD-3-Clause
// Claims that every field of fixed size makes by being one: its coefficients are the same on packs
// and one path at a time, differentiate on dual numbers, and have the kind of noise they declare;
// a solution solves the equation. Then values by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sde/derivative.hpp"
#include "sde/fields/additive_time_dependent.hpp"
#include "sde/fields/arctan.hpp"
#include "sde/fields/brusselator.hpp"
#include "sde/fields/cox_ingersoll_ross.hpp"
#include "sde/fields/double_well.hpp"
#include "sde/fields/fitzhugh_nagumo.hpp"
#include "sde/fields/geometric_brownian_motion.hpp"
#include "sde/fields/ginzburg_landau.hpp"
#include "sde/fields/heston.hpp"
#include "sde/fields/kubo_oscillator.hpp"
#include "sde/fields/levy_area.hpp"
#include "sde/fields/linear_noncommuting.hpp"
#include "sde/fields/lotka_volterra.hpp"
#include "sde/fields/ornstein_uhlenbeck.hpp"
#include "sde/fields/sine_drift.hpp"
#include "sde/fields/sinh_problem.hpp"
#include "sde/fields/stiff_linear.hpp"
#include "sde/fields/stochastic_lorenz.hpp"
#include "sde/fields/underdamped_langevin.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;

template <class F>
F field() {
  if constexpr (std::is_same_v<F, GeometricBrownianMotion<>>) {
    return {{0.6}, {0.7}, {{1.0}}};
  } else {
    return F{};
  }
}

/// States inside the domain of every field; number `n` of them.
template <class F, class R = double>
Vec<R, F::dim> state(int n = 0) {
  Vec<R, F::dim> x;
  for (int i = 0; i < F::dim; ++i) x[i] = R(0.31 + 0.23 * i + 0.057 * n);
  return x;
}

constexpr double now = 0.4;

template <class F>
struct Fields : testing::Test {};
using All = testing::Types<AdditiveTimeDependent<>, Arctan<>, Brusselator<>, CoxIngersollRoss<>,
                           DoubleWell<>, FitzHughNagumo<>, GeometricBrownianMotion<>,
                           GinzburgLandau<>, Heston<>, KuboOscillator<>, LevyArea,
                           LinearNoncommuting, LotkaVolterra<>, OrnsteinUhlenbeck<>, SineDrift<>,
                           SinhProblem, StiffLinear<>, StochasticLorenz<>, UnderdampedLangevin<>>;
TYPED_TEST_SUITE(Fields, All, );

template <class R>
std::array<double, width_of<R>> numbers(const R& x) {
  std::array<double, width_of<R>> out{};
  store_lanes(out.data(), x);
  return out;
}

TYPED_TEST(Fields, PacksHaveTheBitsOfOnePath) {
  using F = TypeParam;
  using R = Lane<double>;
  constexpr int width = width_of<R>;
  Vec<R, F::dim> x;
  for (int i = 0; i < F::dim; ++i) {
    double values[width];
    for (int l = 0; l < width; ++l) values[l] = state<F>(l)[i];
    x[i] = load<R>(values);
  }
  const F f = field<F>();
  const auto drift = f.drift(now, x);
  const auto diffusion = f.diffusion(now, x);
  for (int l = 0; l < width; ++l) {
    for (int i = 0; i < F::dim; ++i) {
      EXPECT_EQ(numbers(drift[i])[static_cast<std::size_t>(l)], f.drift(now, state<F>(l))[i]);
      for (int k = 0; k < F::noise_dim; ++k) {
        EXPECT_EQ(numbers(entry(diffusion, i, k))[static_cast<std::size_t>(l)],
                  entry(f.diffusion(now, state<F>(l)), i, k));
      }
    }
  }
}

TYPED_TEST(Fields, DerivativesOnDualNumbersAreThoseOfDifferences) {
  using F = TypeParam;
  const F f = field<F>();
  constexpr double h = 1e-5;
  for (int j = 0; j < F::dim; ++j) {
    auto left = state<F>();
    auto right = state<F>();
    left[j] -= h;
    right[j] += h;
    const auto unit = generate(left, [&](int i) { return i == j ? 1.0 : 0.0; });
    const auto x = along(state<F>(), unit);
    const auto near = [&](double derivative, double high, double low) {
      const double scale = 1 + std::abs(high) + std::abs(low);
      EXPECT_NEAR(derivative, (high - low) / (2 * h), 1e-8 * scale);
    };
    for (int i = 0; i < F::dim; ++i) {
      near(f.drift(now, x)[i].tangent, f.drift(now, right)[i], f.drift(now, left)[i]);
      for (int k = 0; k < F::noise_dim; ++k) {
        near(entry(f.diffusion(now, x), i, k).tangent, entry(f.diffusion(now, right), i, k),
             entry(f.diffusion(now, left), i, k));
      }
    }
  }
}

/// (dg_k/dx) g_j, component i, for the columns of the diffusion at a state.
template <class F>
double bracket(int i, int k, int j) {
  const F f = field<F>();
  const auto x = state<F>();
  return column_derivative(f, now, x, k, column(f.diffusion(now, x), j, x))[i];
}

/// The largest difference between (dg_k) g_j and (dg_j) g_k.
template <class F>
double commutator() {
  double largest = 0;
  for (int i = 0; i < F::dim; ++i) {
    for (int k = 0; k < F::noise_dim; ++k) {
      for (int j = 0; j < k; ++j) {
        largest = std::max(largest, std::abs(bracket<F>(i, k, j) - bracket<F>(i, j, k)));
      }
    }
  }
  return largest;
}

TYPED_TEST(Fields, NoiseIsOfTheDeclaredKind) {
  using F = TypeParam;
  const F f = field<F>();
  const auto x = state<F>();
  for (int j = 0; j < F::dim; ++j) {
    const auto unit = generate(x, [&](int i) { return i == j ? 1.0 : 0.0; });
    const auto g = f.diffusion(now, along(x, unit));
    for (int i = 0; i < F::dim; ++i) {
      for (int k = 0; k < F::noise_dim; ++k) {
        const auto found = entry(g, i, k);
        const bool diagonal = F::noise == Noise::diagonal;
        EXPECT_TRUE(F::noise != Noise::additive || found.tangent == 0);
        EXPECT_TRUE(!diagonal || i == k || found.value == 0);
        EXPECT_TRUE(!diagonal || i == j || found.tangent == 0);
      }
    }
  }
  EXPECT_TRUE(F::noise != Noise::scalar || F::noise_dim == 1);
  if (F::noise == Noise::general) {
    EXPECT_GT(commutator<F>(), 0.01) << "it commutes: schemes could do without Levy areas";
  } else {
    EXPECT_LT(commutator<F>(), 1e-15);
  }
}

template <class F>
struct Solutions : testing::Test {};
using Solved = testing::Types<AdditiveTimeDependent<>, Arctan<>, GeometricBrownianMotion<>,
                              KuboOscillator<>, SinhProblem>;
TYPED_TEST_SUITE(Solutions, Solved, );

TYPED_TEST(Solutions, StartAtTheInitialState) {
  using F = TypeParam;
  static_assert(HasSolution<F>);
  for (int i = 0; i < F::dim; ++i) {
    EXPECT_NEAR(field<F>().solution(0.0, state<F>(), NoiseVec<F, double>{{0.0}})[i], state<F>()[i],
                1e-15);
  }
}

TYPED_TEST(Solutions, SolveTheEquation) {
  // By Ito's formula u(t, W) solves it if du/dw = g and du/dt = the Stratonovich drift.
  using F = TypeParam;
  const F f = field<F>();
  const auto u = [&](double t, double w) {
    return f.solution(t, state<F>(), NoiseVec<F, double>{{w}});
  };
  constexpr double h = 1e-5;
  for (const double t : {0.0 + h, 0.7, 2.5}) {
    for (const double w : {-1.3, 0.0, 0.4}) {
      const auto x = u(t, w);
      const auto correction = noise_induced_drift(f, t, x);
      for (int i = 0; i < F::dim; ++i) {
        const double by_time = (u(t + h, w)[i] - u(t - h, w)[i]) / (2 * h);
        const double by_noise = (u(t, w + h)[i] - u(t, w - h)[i]) / (2 * h);
        const double ito = F::calculus == Calculus::ito ? 0.5 : 0.0;
        EXPECT_NEAR(by_noise, entry(f.diffusion(t, x), i, 0), 1e-8);
        EXPECT_NEAR(by_time, f.drift(t, x)[i] - ito * correction[i], 1e-8);
      }
    }
  }
}

TEST(GeometricBrownianMotion, ExactStepsEndInTheSolution) {
  const auto f = field<GeometricBrownianMotion<>>();
  const double dw[] = {0.3, -0.5, 0.11, 0.02, -0.7};
  Vec<double, 1> x{{100}};
  double w = 0;
  for (const double increment : dw) {
    x = f.transition(0.2)(x, Vec<double, 1>{{increment}});
    w += increment;
  }
  const double solved = f.solution(1.0, Vec<double, 1>{{100}}, Vec<double, 1>{{w}})[0];
  EXPECT_NEAR(x[0], solved, 1e-15 * 5 * solved);
}

TEST(Solutions, SolveOnPacks) {
  using R = Lane<double>;
  const Arctan<> f;
  const auto x = f.solution(1.0, Vec<R, 1>{{R(0.5)}}, Vec<R, 1>{{R(0.25)}});
  const auto one = f.solution(1.0, Vec<double, 1>{{0.5}}, Vec<double, 1>{{0.25}});
  for (const double value : numbers(x[0])) EXPECT_EQ(value, one[0]);
  EXPECT_NEAR(one[0], std::atan(0.8 * 0.25 + std::tan(0.5)), 1e-15);
}

TEST(CoxIngersollRoss, TruncatesNegativeStatesInItsCoefficients) {
  const CoxIngersollRoss<> f;
  EXPECT_EQ(f.drift(0, Vec<double, 1>{{-0.01}})[0], f.rate * f.mean);
  EXPECT_EQ(f.diffusion(0, Vec<double, 1>{{-0.01}})[0], 0);
  EXPECT_NEAR(f.drift(0, Vec<double, 1>{{0.04}})[0], 0.2 * 0.01, 1e-16);
  EXPECT_NEAR(f.diffusion(0, Vec<double, 1>{{0.04}})[0], 0.1 * 0.2, 1e-16);
}

TEST(GinzburgLandau, ByHand) {
  const GinzburgLandau<> f{2, 3, 0.5};
  EXPECT_EQ(f.drift(0, Vec<double, 1>{{2}})[0], 2 * 2 - 3 * 8);
  EXPECT_EQ(f.diffusion(0, Vec<double, 1>{{2}})[0], 1);
}

TEST(StochasticLorenz, RestsAtTheCentresOfItsWings) {
  const StochasticLorenz<> f;
  const double c = std::sqrt(f.b * (f.r - 1));
  for (const double sign : {-1.0, 1.0}) {
    const auto drift = f.drift(0, Vec<double, 3>{{sign * c, sign * c, f.r - 1}});
    for (int i = 0; i < 3; ++i) EXPECT_NEAR(drift[i], 0, 1e-13);
  }
  const auto drift = f.drift(0, Vec<double, 3>{{1, 2, 3}});
  EXPECT_EQ(drift[0], 10);
  EXPECT_EQ(drift[1], 23);
  EXPECT_NEAR(drift[2], -6, 1e-14);
  EXPECT_EQ(f.diffusion(0, Vec<double, 3>{{1, 2, 3}})[1], 0.6);
}

TEST(LotkaVolterra, RestsWhereSpeciesBalance) {
  const LotkaVolterra<> f;
  const Vec<double, 2> x{{f.gamma / f.delta, f.alpha / f.beta}};
  EXPECT_NEAR(f.drift(0, x)[0], 0, 1e-14);
  EXPECT_NEAR(f.drift(0, x)[1], 0, 1e-14);
  EXPECT_NEAR(f.drift(0, Vec<double, 2>{{10, 5}})[0], 10 * (0.55 - 0.14), 1e-14);
  EXPECT_NEAR(f.drift(0, Vec<double, 2>{{10, 5}})[1], 5 * (0.24 - 0.8), 1e-14);
}

TEST(FitzHughNagumo, ByHand) {
  const FitzHughNagumo<> f;
  const auto drift = f.drift(0, Vec<double, 2>{{3, 0.5}});
  EXPECT_NEAR(drift[0], 3 - 9 - 0.5 + 0.25, 1e-14);
  EXPECT_NEAR(drift[1], 0.08 * (3 + 0.7 - 0.4), 1e-15);
  EXPECT_EQ(entry(f.diffusion(0, Vec<double, 2>{{3, 0.5}}), 1, 0), 0);
}

TEST(KuboOscillator, TurnsWithoutChangingTheRadius) {
  const KuboOscillator<> f;
  const Vec<double, 2> z{{0.6, 0.8}};
  const auto drift = f.drift(0, z);
  const auto g = f.diffusion(0, z);
  EXPECT_EQ(drift[0] * z[0] + drift[1] * z[1], 0);
  EXPECT_EQ(g(0, 0) * z[0] + g(1, 0) * z[1], 0);
  EXPECT_EQ(drift[1], 0.6);
  EXPECT_EQ(g(1, 0), 0.3);
}

TEST(LevyArea, SweepsTheTriangleUnderAStep) {
  const auto g = LevyArea{}.diffusion(0, Vec<double, 3>{{2, 3, 7}});
  EXPECT_EQ(g(2, 0), -1.5);
  EXPECT_EQ(g(2, 1), 1);
  EXPECT_EQ(bracket<LevyArea>(2, 1, 0) - bracket<LevyArea>(2, 0, 1), 1);
}

TEST(Brusselator, ExchangesWhatItLoses) {
  const Brusselator<> f;
  const Vec<double, 2> x{{2, 0.5}};
  const auto drift = f.drift(0, x);
  EXPECT_EQ(drift[0] + drift[1], f.a - 2);
  EXPECT_EQ(drift[1], 3 * 2 - 4 * 0.5);
  EXPECT_EQ(f.diffusion(0, x)(0, 0), -0.4);
  EXPECT_EQ(f.diffusion(0, x)(1, 0), 0.4);
}

TEST(UnderdampedLangevin, ForceIsMinusTheGradientAndNoiseFollowsTheTemperature) {
  const UnderdampedLangevin<> f{-1, 0.5, 2, 4};
  const auto drift = f.drift(0, Vec<double, 2>{{2, 3}});
  EXPECT_EQ(drift[0], 3);
  EXPECT_EQ(drift[1], 2 - 4 - 6);
  EXPECT_EQ(f.diffusion(0, Vec<double, 2>{{2, 3}})(1, 0), 4);
}

TEST(StiffLinear, FollowsTheCosine) {
  const StiffLinear<> f;
  EXPECT_EQ(f.drift(2.0, Vec<double, 1>{{std::cos(2.0)}})[0], 0);
  EXPECT_NEAR(f.drift(0.0, Vec<double, 1>{{1.5}})[0], -5000, 1e-9);
}

TEST(SineDrift, ByHand) {
  const SineDrift<> f;
  EXPECT_NEAR(f.drift(0, Vec<double, 1>{{100.25}})[0], std::sin(100.25), 1e-15);
  EXPECT_EQ(f.diffusion(0, Vec<double, 1>{{100.25}})[0], 1);
}

TEST(LinearNoncommuting, MultipliesByItsMatrices) {
  const LinearNoncommuting f;
  const Vec<double, 2> x{{1, 2}};
  EXPECT_NEAR(f.drift(0, x)[0], -0.7 + 0.8, 1e-15);
  EXPECT_NEAR(f.drift(0, x)[1], 0.1 - 1.0, 1e-15);
  const auto g = f.diffusion(0, x);
  EXPECT_NEAR(g(0, 0), 0.5 + 0.4, 1e-15);
  EXPECT_NEAR(g(1, 0), -0.3 + 0.2, 1e-15);
  EXPECT_NEAR(g(0, 1), 0.1 - 1.2, 1e-15);
  EXPECT_NEAR(g(1, 1), 0.4 + 0.4, 1e-15);
}
}  // namespace
