// SPDX-License-Identifier: BSD-3-Clause
// Claims: the error bounds stated in base/math.hpp, on 10^7 points per function and precision
// against long double, and the same bits for one lane and for packs.
#include "base/math.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

namespace {
using namespace driftwood;

constexpr int points = 10'000'000;
constexpr std::uint64_t seed = 20240601;

/// Distance in units in the last place of the exact value's binade.
template <class T>
double ulps(T value, long double exact) {
  const int exponent = std::max(std::ilogb(exact), std::numeric_limits<T>::min_exponent - 1);
  const long double ulp = std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits + 1);
  return static_cast<double>(std::abs(static_cast<long double>(value) - exact) / ulp);
}

/// Largest error in ulps of `f` on `points` values of `draw`, evaluated on whole packs.
template <class T, class F, class Exact, class Draw>
double worst(F f, Exact exact, Draw draw) {
  using R = Lane<T>;
  std::mt19937_64 engine(seed);
  double most = 0;
  std::array<T, width_of<R>> x;
  std::array<T, width_of<R>> y;
  for (int i = 0; i < points; i += width_of<R>) {
    for (T& value : x) value = draw(engine);
    store_lanes(y.data(), f(load<R>(x.data())));
    for (std::size_t l = 0; l < x.size(); ++l) {
      most = std::max(most, ulps<T>(y[l], exact(static_cast<long double>(x[l]))));
    }
  }
  return most;
}

template <class T>
T uniform(std::mt19937_64& engine, double low, double high) {
  return static_cast<T>(std::uniform_real_distribution<double>(low, high)(engine));
}

/// 2^x with x uniform: all binades alike.
template <class T>
T log_uniform(std::mt19937_64& engine, double low, double high) {
  return static_cast<T>(std::exp2(uniform<double>(engine, low, high)));
}

/// sin(2 pi (v + quarters / 4)): the nearest quarter turn is taken off exactly first, so that the
/// reference is accurate near its zeros too.
long double sine_of_turns(long double v, int quarters) {
  const long double nearest = std::round(4 * v);
  const long double angle = 2 * std::numbers::pi_v<long double> * (v - nearest / 4);
  switch ((static_cast<int>(nearest) + quarters) & 3) {
    case 0:
      return std::sin(angle);
    case 1:
      return std::cos(angle);
    case 2:
      return -std::sin(angle);
    default:
      return -std::cos(angle);
  }
}

template <class T>
struct Math : ::testing::Test {};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(Math, Precisions);

TYPED_TEST(Math, LogIsWithinOneUlp) {
  using T = TypeParam;
  const auto f = [](auto x) { return math::log(x); };
  const auto exact = [](long double x) { return std::log(x); };
  constexpr double range = std::numeric_limits<T>::max_exponent - 2;
  EXPECT_LE(worst<T>(f, exact, [](auto& e) { return log_uniform<T>(e, -range, range); }), 1.0);
  EXPECT_LE(worst<T>(f, exact, [](auto& e) { return uniform<T>(e, 0.5, 2.0); }), 1.0);
  EXPECT_LE(worst<T>(f, exact, [](auto& e) { return uniform<T>(e, 1e-9, 1.0); }), 1.0);
}

TYPED_TEST(Math, LogOfSpecialValues) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  EXPECT_EQ(math::log(T(1)), T(0));
  EXPECT_EQ(math::log(T(0)), -Limits::infinity());
  EXPECT_EQ(math::log(Limits::infinity()), Limits::infinity());
  EXPECT_TRUE(std::isnan(math::log(T(-1))));
  EXPECT_TRUE(std::isnan(math::log(-Limits::infinity())));
  EXPECT_TRUE(std::isnan(math::log(Limits::quiet_NaN())));
}

TYPED_TEST(Math, ExpIsWithinItsBound) {
  using T = TypeParam;
  const auto f = [](auto x) { return math::exp(x); };
  const auto exact = [](long double x) { return std::exp(x); };
  const double low = std::log(static_cast<double>(std::numeric_limits<T>::min())) + 0.01;
  const double high = std::log(static_cast<double>(std::numeric_limits<T>::max())) - 0.01;
  EXPECT_LE(worst<T>(f, exact, [&](auto& e) { return uniform<T>(e, low, high); }), 1.1);
  EXPECT_LE(worst<T>(f, exact, [](auto& e) { return uniform<T>(e, -1.0, 1.0); }), 1.1);
}

TYPED_TEST(Math, ExpOfSpecialValues) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  EXPECT_EQ(math::exp(T(0)), T(1));
  EXPECT_EQ(math::exp(T(-1e4)), T(0));
  EXPECT_EQ(math::exp(T(1e4)), Limits::infinity());
  EXPECT_EQ(math::exp(Limits::infinity()), Limits::infinity());
  EXPECT_EQ(math::exp(-Limits::infinity()), T(0));
  EXPECT_TRUE(std::isnan(math::exp(Limits::quiet_NaN())));
}

TYPED_TEST(Math, Expm1IsWithinItsBound) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  const auto f = [](auto x) { return math::expm1(x); };
  const auto exact = [](long double x) { return std::expm1(x); };
  const auto small = [](auto& e) {
    return log_uniform<T>(e, -40, 0) * (e() % 2 == 0 ? T(1) : T(-1));
  };
  EXPECT_LE(worst<T>(f, exact, small), 2.5);
  EXPECT_LE(worst<T>(f, exact, [](auto& e) { return uniform<T>(e, -60.0, 80.0); }), 2.5);
  EXPECT_EQ(math::expm1(T(0)), T(0));
  EXPECT_EQ(math::expm1(-Limits::infinity()), T(-1));
  EXPECT_EQ(math::expm1(Limits::infinity()), Limits::infinity());
  EXPECT_TRUE(std::isnan(math::expm1(Limits::quiet_NaN())));
}

TYPED_TEST(Math, SineAndCosineOfTurnsAreWithinTwoUlps) {
  using T = TypeParam;
  const auto sine = [](auto v) {
    decltype(v) s;
    decltype(v) c;
    math::sincos_turns(v, s, c);
    return s;
  };
  const auto cosine = [](auto v) {
    decltype(v) s;
    decltype(v) c;
    math::sincos_turns(v, s, c);
    return c;
  };
  const auto draw = [](auto& e) { return uniform<T>(e, -3.0, 3.0); };
  EXPECT_LE(worst<T>(
                sine, [](long double v) { return sine_of_turns(v, 0); }, draw),
            2.0);
  EXPECT_LE(worst<T>(
                cosine, [](long double v) { return sine_of_turns(v, 1); }, draw),
            2.0);
}

TYPED_TEST(Math, SineAndCosineOfRadians) {
  using T = TypeParam;
  const auto sine = [](auto x) {
    decltype(x) s;
    decltype(x) c;
    math::sincos(x, s, c);
    return s;
  };
  const auto cosine = [](auto x) {
    decltype(x) s;
    decltype(x) c;
    math::sincos(x, s, c);
    return c;
  };
  // Small arguments, and up to the end of the range, both signs.
  const double most = sizeof(T) == 8 ? 20 : 10;
  const auto draw = [&](auto& e) {
    return log_uniform<T>(e, -30, most) * (e() % 2 == 0 ? T(1) : T(-1));
  };
  EXPECT_LE(worst<T>(
                sine, [](long double x) { return std::sin(x); }, draw),
            3.0);
  EXPECT_LE(worst<T>(
                cosine, [](long double x) { return std::cos(x); }, draw),
            3.0);
}

TYPED_TEST(Math, SineAndCosineAreExactAtQuarterTurns) {
  using T = TypeParam;
  T s;
  T c;
  for (int quarter = -8; quarter <= 8; ++quarter) {
    math::sincos_turns(T(quarter) / 4, s, c);
    EXPECT_EQ(std::abs(s), T(quarter % 2 == 0 ? 0 : 1)) << quarter;
    EXPECT_EQ(std::abs(c), T(quarter % 2 == 0 ? 1 : 0)) << quarter;
  }
}

/// Both signs, sizes 2^low to 2^high.
template <class T>
auto signed_sizes(double low, double high) {
  return [=](auto& e) {
    const T size = log_uniform<T>(e, low, high);
    return e() % 2 == 0 ? size : -size;
  };
}

TYPED_TEST(Math, TangentIsWithinSixUlps) {
  using T = TypeParam;
  const auto f = [](auto x) { return math::tan(x); };
  const auto exact = [](long double x) { return std::tan(x); };
  EXPECT_LE(worst<T>(f, exact, signed_sizes<T>(-30, sizeof(T) == 8 ? 20 : 10)), 6.0);
}

TYPED_TEST(Math, SinesOfLongAnglesAreAbsolutelyAccurate) {
  using T = TypeParam;
  std::mt19937_64 engine(seed);
  const auto draw = signed_sizes<T>(0, sizeof(T) == 8 ? 45 : 20);
  const long double most = 2 * static_cast<long double>(std::numeric_limits<T>::epsilon());
  for (int i = 0; i < points / 100; ++i) {
    const T x = draw(engine);
    ASSERT_LE(std::abs(math::sin(x) - std::sin(static_cast<long double>(x))), most) << x;
    ASSERT_LE(std::abs(math::cos(x) - std::cos(static_cast<long double>(x))), most) << x;
  }
  EXPECT_TRUE(std::isnan(math::sin(T(1e15))));
  EXPECT_TRUE(std::isnan(math::cos(-std::numeric_limits<T>::infinity())));
  EXPECT_TRUE(std::isnan(math::tan(std::numeric_limits<T>::quiet_NaN())));
}

TYPED_TEST(Math, Log1pIsWithinThreeUlps) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  const auto f = [](auto x) { return math::log1p(x); };
  const auto exact = [](long double x) { return std::log1p(x); };
  EXPECT_LE(worst<T>(f, exact, signed_sizes<T>(-60, -0.01)), 3.0);
  EXPECT_LE(worst<T>(f, exact, [](auto& e) { return log_uniform<T>(e, -20, 100); }), 3.0);
  EXPECT_EQ(math::log1p(T(0)), T(0));
  EXPECT_EQ(math::log1p(T(-1)), -Limits::infinity());
  EXPECT_EQ(math::log1p(Limits::infinity()), Limits::infinity());
  EXPECT_TRUE(std::isnan(math::log1p(T(-2))));
  EXPECT_TRUE(std::isnan(math::log1p(Limits::quiet_NaN())));
}

TYPED_TEST(Math, HyperbolicFunctionsAreWithinTheirBounds) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  const auto draw = signed_sizes<T>(-40, std::log2(std::log(static_cast<double>(Limits::max()))));
  const auto sinh = [](auto x) { return math::sinh(x); };
  const auto cosh = [](auto x) { return math::cosh(x); };
  const auto tanh = [](auto x) { return math::tanh(x); };
  EXPECT_LE(worst<T>(
                sinh, [](long double x) { return std::sinh(x); }, draw),
            4.0);
  EXPECT_LE(worst<T>(
                cosh, [](long double x) { return std::cosh(x); }, draw),
            3.0);
  EXPECT_LE(worst<T>(
                tanh, [](long double x) { return std::tanh(x); }, draw),
            4.0);
  EXPECT_EQ(math::sinh(T(-1e4)), -Limits::infinity());
  EXPECT_EQ(math::cosh(T(-1e4)), Limits::infinity());
  EXPECT_EQ(math::tanh(-Limits::infinity()), T(-1));
  EXPECT_TRUE(std::signbit(math::sinh(T(-0.0))));
  EXPECT_TRUE(std::isnan(math::sinh(Limits::quiet_NaN())));
  EXPECT_TRUE(std::isnan(math::cosh(Limits::quiet_NaN())));
  EXPECT_TRUE(std::isnan(math::tanh(Limits::quiet_NaN())));
}

TYPED_TEST(Math, SigmoidAndItsSlopeAreWithinTheirBounds) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  const double low = std::log(static_cast<double>(Limits::min())) + 0.1;
  const auto f = [](auto x) { return math::sigmoid(x); };
  const auto slope = [](auto x) { return math::sigmoid_slope(x); };
  const auto exact = [](long double x) { return 1 / (1 + std::exp(-x)); };
  const auto exact_slope = [](long double x) {
    const long double e = std::exp(-std::abs(x));
    return e / ((1 + e) * (1 + e));
  };
  for (const double most : {3.0, -low}) {
    EXPECT_LE(worst<T>(f, exact, [&](auto& e) { return uniform<T>(e, -most, most); }), 3.0);
    EXPECT_LE(worst<T>(slope, exact_slope, [&](auto& e) { return uniform<T>(e, -most, most); }),
              5.0);
  }
  EXPECT_EQ(math::sigmoid(T(-1e4)), T(0));
  EXPECT_EQ(math::sigmoid(T(1e4)), T(1));
  EXPECT_TRUE(std::isnan(math::sigmoid(Limits::quiet_NaN())));
}

TYPED_TEST(Math, ArctangentIsWithinItsBound) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  const auto f = [](auto x) { return math::atan(x); };
  const auto exact = [](long double x) { return std::atan(x); };
  EXPECT_LE(worst<T>(f, exact, signed_sizes<T>(-40, 40)), 2.5);
  EXPECT_LE(worst<T>(f, exact, [](auto& e) { return uniform<T>(e, -4.0, 4.0); }), 2.5);
  EXPECT_EQ(math::atan(T(0)), T(0));
  EXPECT_EQ(math::atan(-Limits::infinity()), -std::numbers::pi_v<T> / 2);
  EXPECT_TRUE(std::isnan(math::atan(Limits::quiet_NaN())));
}

/// All functions on one lane type, for some values; bitwise.
template <class T, class R>
std::vector<T> evaluate(const std::vector<T>& x) {
  std::vector<T> out(15 * x.size());
  for (std::size_t i = 0; i < x.size(); i += width_of<R>) {
    const R value = load<R>(&x[i]);
    R s;
    R c;
    math::sincos_turns(value, s, c);
    store_lanes(&out[i], math::log(value));
    store_lanes(&out[i + x.size()], math::exp(value));
    store_lanes(&out[i + 2 * x.size()], s);
    store_lanes(&out[i + 3 * x.size()], c);
    math::sincos(value, s, c);
    store_lanes(&out[i + 4 * x.size()], s);
    store_lanes(&out[i + 5 * x.size()], c);
    store_lanes(&out[i + 6 * x.size()], math::expm1(-value));
    const R centred = value - R(15);
    std::size_t at = i + 7 * x.size();
    for (const R& result : {math::tan(centred), math::log1p(value), math::sinh(centred),
                            math::cosh(centred), math::tanh(centred), math::sigmoid(centred),
                            math::sigmoid_slope(centred), math::atan(centred)}) {
      store_lanes(&out[at], result);
      at += x.size();
    }
  }
  return out;
}

TYPED_TEST(Math, OnePathAndAPackGetTheSameBits) {
  using T = TypeParam;
  std::mt19937_64 engine(seed);
  std::vector<T> x(1 << 16);
  for (T& value : x) value = uniform<T>(engine, 0.001, 30.0);

  const auto single = evaluate<T, T>(x);
  const auto packed = evaluate<T, Lane<T>>(x);

  EXPECT_EQ(single, packed);
}
}  // namespace
