// SPDX-License-Identifier: BSD-3-Clause
// Claims: the error bounds stated in base/math.hpp, on 10^7 points per function and precision
// against long double, and the same bits for one lane and for packs.
#include "base/math.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <random>
#include <utility>
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

/// A function of base/math.hpp, for any lane, and the same in long double.
template <class Of, class Exact>
struct Function {
  const char* name;
  Of of;
  Exact exact;
};

/// f of each value, on lanes R. Not inlined where it is called: with many functions in one, gcc
/// with sanitizers takes many minutes.
template <class R, class F>
[[gnu::noinline]] std::vector<value_of<R>> evaluate(const F& f, const std::vector<value_of<R>>& x) {
  std::vector<value_of<R>> out(x.size());
  for (std::size_t i = 0; i < x.size(); i += width_of<R>) {
    store_lanes(&out[i], f.of(load<R>(&x[i])));
  }
  return out;
}

constexpr int batch = 512;
static_assert(batch % width_of<Lane<float>> == 0 && batch % width_of<Lane<double>> == 0);

/// Largest error in ulps of `f` on `points` values of `draw`, evaluated on whole packs.
template <class T, class F, class Draw>
double worst(const F& f, Draw draw) {
  std::mt19937_64 engine(seed);
  double most = 0;
  std::vector<T> x(batch);
  for (int i = 0; i < points; i += batch) {
    for (T& value : x) value = draw(engine);
    const auto y = evaluate<Lane<T>>(f, x);
    for (std::size_t l = 0; l < x.size(); ++l) {
      most = std::max(most, ulps<T>(y[l], f.exact(static_cast<long double>(x[l]))));
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

/// Both signs, sizes 2^low to 2^high.
template <class T>
auto signed_sizes(double low, double high) {
  return [=](auto& e) {
    const T size = log_uniform<T>(e, low, high);
    return e() % 2 == 0 ? size : -size;
  };
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

/// Sine and cosine by one of the functions that give both.
template <class R>
std::pair<R, R> of_turns(const R& x) {
  std::pair<R, R> out;
  math::sincos_turns(x, out.first, out.second);
  return out;
}
template <class R>
std::pair<R, R> of_radians(const R& x) {
  std::pair<R, R> out;
  math::sincos(x, out.first, out.second);
  return out;
}

namespace functions {
constexpr Function log{"log", [](auto x) { return math::log(x); },
                       [](long double x) { return std::log(x); }};
constexpr Function exp{"exp", [](auto x) { return math::exp(x); },
                       [](long double x) { return std::exp(x); }};
constexpr Function expm1{"expm1", [](auto x) { return math::expm1(x); },
                         [](long double x) { return std::expm1(x); }};
constexpr Function tangent{"tan", [](auto x) { return math::tan(x); },
                           [](long double x) { return std::tan(x); }};
constexpr Function log1p{"log1p", [](auto x) { return math::log1p(x); },
                         [](long double x) { return std::log1p(x); }};
constexpr Function sinh{"sinh", [](auto x) { return math::sinh(x); },
                        [](long double x) { return std::sinh(x); }};
constexpr Function cosh{"cosh", [](auto x) { return math::cosh(x); },
                        [](long double x) { return std::cosh(x); }};
constexpr Function tanh{"tanh", [](auto x) { return math::tanh(x); },
                        [](long double x) { return std::tanh(x); }};
constexpr Function arctangent{"atan", [](auto x) { return math::atan(x); },
                              [](long double x) { return std::atan(x); }};
constexpr Function sine_by_turns{"sine of turns", [](auto x) { return of_turns(x).first; },
                                 [](long double x) { return sine_of_turns(x, 0); }};
constexpr Function cosine_by_turns{"cosine of turns", [](auto x) { return of_turns(x).second; },
                                   [](long double x) { return sine_of_turns(x, 1); }};
constexpr Function sine{"sin", [](auto x) { return of_radians(x).first; },
                        [](long double x) { return std::sin(x); }};
constexpr Function cosine{"cos", [](auto x) { return of_radians(x).second; },
                          [](long double x) { return std::cos(x); }};
constexpr Function sigmoid{"sigmoid", [](auto x) { return math::sigmoid(x); },
                           [](long double x) { return 1 / (1 + std::exp(-x)); }};
constexpr Function softplus{
    "softplus", [](auto x) { return math::softplus(x); },
    [](long double x) { return std::max(x, 0.0L) + std::log1p(std::exp(-std::abs(x))); }};
constexpr Function logistic{"logistic",
                            [](auto x) {
                              auto p = x;
                              auto rest = x;
                              math::logistic(x, p, rest);
                              return p;
                            },
                            [](long double x) { return 1 / (1 + std::exp(-x)); }};
constexpr Function logistic_rest{"rest of logistic",
                                 [](auto x) {
                                   auto p = x;
                                   auto rest = x;
                                   math::logistic(x, p, rest);
                                   return rest;
                                 },
                                 [](long double x) { return 1 / (1 + std::exp(x)); }};
constexpr Function sigmoid_slope{"sigmoid_slope", [](auto x) { return math::sigmoid_slope(x); },
                                 [](long double x) {
                                   const long double e = std::exp(-std::abs(x));
                                   return e / ((1 + e) * (1 + e));
                                 }};
}  // namespace functions

template <class T>
struct Math : ::testing::Test {};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(Math, Precisions);

TYPED_TEST(Math, LogIsWithinOneUlp) {
  using T = TypeParam;
  constexpr double range = std::numeric_limits<T>::max_exponent - 2;
  EXPECT_LE(worst<T>(functions::log, [](auto& e) { return log_uniform<T>(e, -range, range); }),
            1.0);
  EXPECT_LE(worst<T>(functions::log, [](auto& e) { return uniform<T>(e, 0.5, 2.0); }), 1.0);
  EXPECT_LE(worst<T>(functions::log, [](auto& e) { return uniform<T>(e, 1e-9, 1.0); }), 1.0);
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
  const double low = std::log(static_cast<double>(std::numeric_limits<T>::min())) + 0.01;
  const double high = std::log(static_cast<double>(std::numeric_limits<T>::max())) - 0.01;
  EXPECT_LE(worst<T>(functions::exp, [&](auto& e) { return uniform<T>(e, low, high); }), 1.1);
  EXPECT_LE(worst<T>(functions::exp, [](auto& e) { return uniform<T>(e, -1.0, 1.0); }), 1.1);
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
  EXPECT_LE(worst<T>(functions::expm1, signed_sizes<T>(-40, 0)), 2.5);
  EXPECT_LE(worst<T>(functions::expm1, [](auto& e) { return uniform<T>(e, -60.0, 80.0); }), 2.5);
  EXPECT_EQ(math::expm1(T(0)), T(0));
  EXPECT_EQ(math::expm1(-Limits::infinity()), T(-1));
  EXPECT_EQ(math::expm1(Limits::infinity()), Limits::infinity());
  EXPECT_TRUE(std::isnan(math::expm1(Limits::quiet_NaN())));
}

TYPED_TEST(Math, SineAndCosineOfTurnsAreWithinTwoUlps) {
  using T = TypeParam;
  const auto draw = [](auto& e) { return uniform<T>(e, -3.0, 3.0); };
  EXPECT_LE(worst<T>(functions::sine_by_turns, draw), 2.0);
  EXPECT_LE(worst<T>(functions::cosine_by_turns, draw), 2.0);
}

TYPED_TEST(Math, SineAndCosineOfRadians) {
  using T = TypeParam;
  // Small arguments, and up to the end of the range, both signs.
  const auto draw = signed_sizes<T>(-30, sizeof(T) == 8 ? 20 : 10);
  EXPECT_LE(worst<T>(functions::sine, draw), 3.0);
  EXPECT_LE(worst<T>(functions::cosine, draw), 3.0);
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

TYPED_TEST(Math, TangentIsWithinSixUlps) {
  using T = TypeParam;
  EXPECT_LE(worst<T>(functions::tangent, signed_sizes<T>(-30, sizeof(T) == 8 ? 20 : 10)), 6.0);
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
  EXPECT_LE(worst<T>(functions::log1p, signed_sizes<T>(-60, -0.01)), 3.0);
  EXPECT_LE(worst<T>(functions::log1p, [](auto& e) { return log_uniform<T>(e, -20, 100); }), 3.0);
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
  EXPECT_LE(worst<T>(functions::sinh, draw), 4.0);
  EXPECT_LE(worst<T>(functions::cosh, draw), 3.0);
  EXPECT_LE(worst<T>(functions::tanh, draw), 4.0);
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
  for (const double most : {3.0, -low}) {
    const auto draw = [&](auto& e) { return uniform<T>(e, -most, most); };
    EXPECT_LE(worst<T>(functions::sigmoid, draw), 3.0);
    EXPECT_LE(worst<T>(functions::sigmoid_slope, draw), 5.0);
    EXPECT_LE(worst<T>(functions::logistic, draw), 3.0);
    EXPECT_LE(worst<T>(functions::logistic_rest, draw), 3.0);
    EXPECT_LE(worst<T>(functions::softplus, draw), 4.0);
  }
  EXPECT_EQ(math::softplus(T(1e4)), T(1e4));
  EXPECT_TRUE(std::isnan(math::softplus(Limits::quiet_NaN())));
  EXPECT_EQ(math::sigmoid(T(-1e4)), T(0));
  EXPECT_EQ(math::sigmoid(T(1e4)), T(1));
  EXPECT_TRUE(std::isnan(math::sigmoid(Limits::quiet_NaN())));
}

TYPED_TEST(Math, ArctangentIsWithinItsBound) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  EXPECT_LE(worst<T>(functions::arctangent, signed_sizes<T>(-40, 40)), 2.5);
  EXPECT_LE(worst<T>(functions::arctangent, [](auto& e) { return uniform<T>(e, -4.0, 4.0); }), 2.5);
  EXPECT_EQ(math::atan(T(0)), T(0));
  EXPECT_EQ(math::atan(-Limits::infinity()), -std::numbers::pi_v<T> / 2);
  EXPECT_TRUE(std::isnan(math::atan(Limits::quiet_NaN())));
}

TYPED_TEST(Math, OnePathAndAPackGetTheSameBits) {
  using T = TypeParam;
  std::mt19937_64 engine(seed);
  std::vector<T> positive(1 << 16);
  for (T& value : positive) value = uniform<T>(engine, 0.001, 30.0);
  auto negative = positive;
  for (T& value : negative) value = -value;
  auto centred = positive;
  for (T& value : centred) value -= 15;

  const auto compare = [](const auto& x, const auto&... functions) {
    const auto expect_same = [&](const auto& f) {
      EXPECT_EQ(evaluate<T>(f, x), evaluate<Lane<T>>(f, x)) << f.name;
    };
    (expect_same(functions), ...);
  };
  compare(positive, functions::log, functions::exp, functions::sine_by_turns,
          functions::cosine_by_turns, functions::sine, functions::cosine, functions::log1p);
  compare(negative, functions::expm1);
  compare(centred, functions::tangent, functions::sinh, functions::cosh, functions::tanh,
          functions::sigmoid, functions::sigmoid_slope, functions::logistic, functions::softplus,
          functions::arctangent);
}
}  // namespace
