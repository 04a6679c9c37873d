// SPDX-License-Identifier: BSD-3-Clause
#include "neural/optimiser.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/error.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::neural;
using Vector = std::vector<double>;

OptimiserSettings constant(const std::variant<Adam, Adadelta, Momentum>& rule, double rate) {
  OptimiserSettings settings;
  settings.rule = rule;
  settings.schedule.rate = rate;
  return settings;
}

/// Gradient of sum_i a_i (x_i - m_i)^2 / 2, a badly scaled bowl.
struct Bowl {
  Vector a{1.0, 100.0, 0.01};
  Vector m{2.0, -1.0, 5.0};

  [[nodiscard]] Vector gradient(const Vector& x) const {
    Vector g(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) g[i] = a[i] * (x[i] - m[i]);
    return g;
  }
};

Vector descended(const OptimiserSettings& settings, const Bowl& bowl, int iterations) {
  Vector x(bowl.a.size(), 0.0);
  Optimiser optimiser(settings, x.size());
  for (int k = 0; k < iterations; ++k) optimiser.step(x, bowl.gradient(x));
  return x;
}

TEST(Optimiser, FirstStepOfAdamIsTheRateWhateverTheGradient) {
  // After the correction of the bias the means are g and g^2: the step is rate g / (|g| + epsilon).
  Vector x{1.0, 1.0, 1.0};
  const Vector g{1e-3, -2e4, 7.0};
  Optimiser adam(constant(Adam{}, 0.1), x.size());
  adam.step(x, g);
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_NEAR(x[i], 1 - 0.1 * g[i] / (std::abs(g[i]) + 1e-8), 1e-15);
  }
}

TEST(Optimiser, SecondStepOfAdamByHand) {
  // Gradients 1 and 3: m = 0.1 * 0.9 + 0.1 * 3 = 0.39 over 1 - 0.81 = 0.19; v = 0.001 * 0.999 +
  // 0.001 * 9 = 0.009999 over 1 - 0.998001 = 0.001999.
  Vector x{0.0};
  Optimiser adam(constant(Adam{.first = 0.9, .second = 0.999, .epsilon = 1e-300}, 1.0), 1);
  adam.step(x, Vector{1.0});
  EXPECT_NEAR(x[0], -1.0, 1e-15);
  adam.step(x, Vector{3.0});
  EXPECT_NEAR(x[0], -1.0 - (0.39 / 0.19) / std::sqrt(0.009999 / 0.001999), 1e-13);
}

TEST(Optimiser, StepsOfAdadeltaByHand) {
  // decay 1/2, epsilon 1: g = 2: E g^2 = 2, step sqrt(1 / 3) 2; then E dx^2 = half its square, 2/3;
  // g = 1: E g^2 = 1.5, step sqrt(5/3) / sqrt(2.5).
  Vector x{0.0};
  Optimiser adadelta(constant(Adadelta{.decay = 0.5, .epsilon = 1.0}, 1.0), 1);
  adadelta.step(x, Vector{2.0});
  EXPECT_NEAR(x[0], -2 / std::sqrt(3.0), 1e-15);
  adadelta.step(x, Vector{1.0});
  EXPECT_NEAR(x[0], -2 / std::sqrt(3.0) - std::sqrt((5.0 / 3.0) / 2.5), 1e-15);
}

TEST(Optimiser, VelocityByHand) {
  // momentum 1/2, rate 0.1, gradients 1, 1: velocities 1, 1.5; Nesterov follows 1.5, 1.75.
  Vector plain{0.0};
  Vector nesterov{0.0};
  Optimiser of_plain(constant(Momentum{.momentum = 0.5}, 0.1), 1);
  Optimiser of_nesterov(constant(Momentum{.momentum = 0.5, .nesterov = true}, 0.1), 1);
  for (int k = 0; k < 2; ++k) {
    of_plain.step(plain, Vector{1.0});
    of_nesterov.step(nesterov, Vector{1.0});
  }
  EXPECT_NEAR(plain[0], -0.25, 1e-15);
  EXPECT_NEAR(nesterov[0], -0.325, 1e-15);
}

TEST(Optimiser, FollowsTheKnownDecayOnAQuadratic) {
  // Without momentum each coordinate is multiplied by 1 - rate a_i about its minimum.
  const Bowl bowl;
  const Vector x = descended(constant(Momentum{.momentum = 0}, 0.01), bowl, 100);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double left = std::pow(1 - 0.01 * bowl.a[i], 100);
    EXPECT_NEAR(x[i], bowl.m[i] * (1 - left), 1e-12 * std::abs(bowl.m[i]) + 1e-12);
  }
}

TEST(Optimiser, HeavyBallHasItsOptimalRateOfConvergence) {
  // Polyak (1964): with sqrt(momentum) = (sqrt(kappa) - 1) / (sqrt(kappa) + 1) and rate
  // (1 + sqrt(momentum))^2 / L, errors fall by sqrt(momentum) per iteration, times 1 + k.
  Bowl bowl;
  bowl.a = {1.0, 100.0, 10.0};
  const double root = 9.0 / 11.0;
  const Vector x = descended(
      constant(Momentum{.momentum = root * root}, (1 + root) * (1 + root) / 100), bowl, 200);
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_LT(std::abs(x[i] - bowl.m[i]), 5 * 400 * std::pow(root, 200) + 1e-13);
  }
}

TEST(Optimiser, AllOfThemFindTheMinimum) {
  Bowl bowl;
  bowl.a = {1.0, 4.0, 0.5};
  OptimiserSettings adam = constant(Adam{}, 0.1);
  adam.schedule.kind = Schedule::Kind::exponential;
  adam.schedule.length = 2000;
  adam.schedule.last = 1e-5;
  const struct {
    OptimiserSettings settings;
    double error;
  } cases[] = {{adam, 1e-4},
               {constant(Adadelta{}, 1.0), 0.05},  // its steps do not die out
               {constant(Momentum{}, 0.05), 1e-10}};
  for (const auto& one : cases) {
    const Vector x = descended(one.settings, bowl, 2000);
    for (std::size_t i = 0; i < x.size(); ++i) {
      EXPECT_NEAR(x[i], bowl.m[i], one.error) << one.settings.rule.index();
    }
  }
}

TEST(Optimiser, SchedulesByHand) {
  Schedule schedule{
      .kind = Schedule::Kind::cosine, .rate = 2, .warm_up = 4, .length = 12, .last = 0.1};
  EXPECT_EQ(schedule.at(0), 0.5);
  EXPECT_EQ(schedule.at(3), 2);
  EXPECT_EQ(schedule.at(4), 2);
  EXPECT_NEAR(schedule.at(8), 2 * (0.1 + 0.9 / 2), 1e-15);  // half way
  EXPECT_NEAR(schedule.at(12), 0.2, 1e-15);
  EXPECT_NEAR(schedule.at(1000), 0.2, 1e-15);
  schedule.kind = Schedule::Kind::exponential;
  EXPECT_EQ(schedule.at(4), 2);
  EXPECT_NEAR(schedule.at(8), 2 * std::sqrt(0.1), 1e-15);
  EXPECT_NEAR(schedule.at(12), 0.2, 1e-15);
  EXPECT_NEAR(schedule.at(20), 0.02, 1e-15);
  schedule.kind = Schedule::Kind::constant;
  EXPECT_EQ(schedule.at(1), 1);
  EXPECT_EQ(schedule.at(1000), 2);
}

TEST(Optimiser, ClipsByEntryAndThenByNorm) {
  OptimiserSettings settings = constant(Momentum{.momentum = 0}, 1.0);
  settings.largest_entry = 4.0;
  settings.largest_norm = 2.5;
  Vector x{0, 0};
  Optimiser optimiser(settings, 2);
  optimiser.step(x, Vector{-1e300, 3.0});  // (-4, 3), of norm 5
  EXPECT_NEAR(x[0], 2.0, 1e-15);
  EXPECT_NEAR(x[1], -1.5, 1e-15);
  optimiser.step(x, Vector{0.3, 0.4});  // short enough
  EXPECT_NEAR(x[0], 1.7, 1e-15);
  EXPECT_NEAR(x[1], -1.9, 1e-15);
  settings.largest_entry.reset();
  Vector y{0, 0};
  Optimiser by_norm(settings, 2);
  by_norm.step(y, Vector{3e200, 4e200});  // squares overflow
  EXPECT_NEAR(y[0], -1.5, 1e-15);
  EXPECT_NEAR(y[1], -2.0, 1e-15);
}

TEST(Optimiser, WeightsDecayApartFromTheGradient) {
  OptimiserSettings settings = constant(Adam{}, 0.1);
  settings.weight_decay = 0.5;
  Vector x{2.0};
  Optimiser optimiser(settings, 1);
  optimiser.step(x, Vector{0.0});
  EXPECT_NEAR(x[0], 2 * 0.95, 1e-15);
  optimiser.step(x, Vector{0.0});
  EXPECT_NEAR(x[0], 2 * 0.95 * 0.95, 1e-15);
}

TEST(Optimiser, AveragesFromAnIterationOn) {
  OptimiserSettings settings = constant(Momentum{.momentum = 0}, 1.0);
  settings.average_from = 2;
  Vector x{0};
  Optimiser optimiser(settings, 1);
  EXPECT_TRUE(optimiser.average().empty());
  for (int k = 0; k < 5; ++k) optimiser.step(x, Vector{-1});  // x = 1, 2, 3, 4, 5
  ASSERT_EQ(optimiser.average().size(), 1U);
  EXPECT_NEAR(optimiser.average()[0], 4, 1e-15);  // of 3, 4, 5
}

TEST(Optimiser, GoesOnAsIfNeverInterrupted) {
  const Bowl bowl;
  for (const std::variant<Adam, Adadelta, Momentum>& rule :
       {std::variant<Adam, Adadelta, Momentum>(Adam{}), {Adadelta{}}, {Momentum{}}}) {
    OptimiserSettings settings = constant(rule, 0.003);
    settings.schedule.kind = Schedule::Kind::cosine;
    settings.schedule.warm_up = 5;
    settings.schedule.length = 60;
    settings.weight_decay = 1e-3;
    settings.largest_norm = 10.0;
    settings.average_from = 20;
    Vector x(3, 0.0);
    Optimiser whole(settings, 3);
    for (int k = 0; k < 50; ++k) whole.step(x, bowl.gradient(x));

    Vector y(3, 0.0);
    Optimiser first(settings, 3);
    for (int k = 0; k < 23; ++k) first.step(y, bowl.gradient(y));
    stats::ByteWriter out;
    first.save(out);
    const auto bytes = out.take();
    Optimiser second(settings, 3);
    stats::ByteReader in(bytes);
    second.restore(in);
    EXPECT_TRUE(in.at_end());
    EXPECT_EQ(second.iterations(), 23);
    for (int k = 23; k < 50; ++k) second.step(y, bowl.gradient(y));
    EXPECT_EQ(x, y);
    EXPECT_EQ(Vector(whole.average().begin(), whole.average().end()),
              Vector(second.average().begin(), second.average().end()));
    Optimiser other(settings, 2);
    stats::ByteReader again(bytes);
    EXPECT_THROW(other.restore(again), Error);
  }
}

TEST(Optimiser, RefusesWhatItCannotFollow) {
  Vector x{1.0, 2.0};
  Optimiser optimiser(constant(Adam{}, 0.1), 2);
  EXPECT_THROW(optimiser.step(x, Vector{1.0, std::numeric_limits<double>::quiet_NaN()}),
               NumericsError);
  EXPECT_EQ(x, (Vector{1.0, 2.0}));
  EXPECT_EQ(optimiser.iterations(), 0);
  EXPECT_THROW(optimiser.step(x, Vector{1.0}), Error);
  EXPECT_THROW(Optimiser(constant(Adam{}, 0.0), 2), Error);
  EXPECT_THROW(Optimiser(constant(Adam{.first = 1.0}, 0.1), 2), Error);
}
}  // namespace
