// SPDX-License-Identifier: BSD-3-Clause
// Claims: networks and their vector-Jacobian products are those of plain loops over dual numbers in
// double precision, to rounding; and of central differences; results of a path depend on that path
// alone, and not on lanes; gradients have the same bits in every run.
#include "neural/network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "base/dual.hpp"
#include "support/kokkos_environment.hpp"
#include "support/neural_group.hpp"

namespace {
using namespace driftwood;
using neural::Activation;
using neural::group_paths;
using neural::Shape;
using test::GroupCase;
using test::GroupResults;
using test::run_group;

std::string described(const Shape& s) {
  return std::to_string(s.inputs) + " -> " + std::to_string(s.depth) + " x " +
         std::to_string(s.width) + " -> " + std::to_string(s.outputs) + ", " +
         std::string(to_string(s.hidden)) + ", " + std::string(to_string(s.output)) +
         (s.takes_time ? ", time" : "");
}

double reference_of(Activation a, double x) {
  switch (a) {
    case Activation::tanh:
      return std::tanh(x);
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::softplus:
      return x > 30 ? x : std::log1p(std::exp(x));
    case Activation::swish:
      return x / (1 + std::exp(-x));
    case Activation::lipswish:
      return 0.909 * x / (1 + std::exp(-x));
    default:
      return x;
  }
}
Dual<double> reference_of(Activation a, const Dual<double>& x) {
  const double value = reference_of(a, x.value);
  const double p = 1 / (1 + std::exp(-x.value));
  double slope = 1;
  if (a == Activation::tanh) slope = 1 - value * value;
  if (a == Activation::sigmoid) slope = p * (1 - p);
  if (a == Activation::softplus) slope = p;
  if (a == Activation::swish) slope = p + x.value * p * (1 - p);
  if (a == Activation::lipswish) slope = 0.909 * (p + x.value * p * (1 - p));
  return {value, slope * x.tangent};
}

/// The network at one point, by plain loops over numbers N.
template <class N>
std::vector<N> reference(const Shape& shape, const std::vector<N>& parameters, double time,
                         std::vector<N> x) {
  std::size_t next = 0;
  for (int l = 0; l <= shape.depth; ++l) {
    if (l == 0 && shape.takes_time) x.push_back(N(time));
    const bool is_last = l == shape.depth;
    const auto outputs = static_cast<std::size_t>(is_last ? shape.outputs : shape.width);
    std::vector<N> y(outputs, N(0.0));
    for (N& sum : y) {
      for (const N& xi : x) sum = sum + parameters[next++] * xi;
    }
    for (N& sum : y) {
      sum = reference_of(is_last ? shape.output : shape.hidden, sum + parameters[next++]);
    }
    x = y;
  }
  EXPECT_EQ(next, parameters.size());
  return x;
}

template <class T>
GroupCase<T> drawn(const Shape& shape, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  GroupCase<T> out{shape, {}, {}, {}, T(0.3)};
  const auto fill = [&](std::vector<T>& to, int count, double scale) {
    for (int i = 0; i < count; ++i) to.push_back(static_cast<T>(scale * normal(engine)));
  };
  for (int l = 0; l < neural::layers(shape); ++l) {
    fill(out.parameters, neural::layer_parameters(shape, l),
         1 / std::sqrt(neural::layer_columns(shape, l)));
  }
  fill(out.in, shape.inputs * group_paths, 1.0);
  fill(out.out_bar, shape.outputs * group_paths, 1.0);
  return out;
}

std::vector<double> of_path(const auto& rows, int count, int path) {
  std::vector<double> out;
  for (int r = 0; r < count; ++r) {
    out.push_back(static_cast<double>(rows[static_cast<std::size_t>(r * group_paths + path)]));
  }
  return out;
}
std::vector<double> as_doubles(const auto& values) { return {values.begin(), values.end()}; }

/// Errors relative to the largest number that they are errors of.
struct Errors {
  double most = 0;
  double scale = 0;

  void add(double found, double exact) {
    most = std::max(most, std::abs(found - exact));
    scale = std::max(scale, std::abs(exact));
  }
  [[nodiscard]] double relative() const { return scale > 0 ? most / scale : most; }
};

/// Values, and derivatives along one random direction of each input and parameter space.
template <class R>
void compare(const Shape& shape, std::uint64_t seed) {
  using T = value_of<R>;
  SCOPED_TRACE(described(shape) + ", seed " + std::to_string(seed));
  const auto c = drawn<T>(shape, seed);
  const GroupResults<T> found = run_group<R>(c);
  const auto parameters = as_doubles(c.parameters);
  const double time = static_cast<double>(c.time);
  std::mt19937_64 engine(seed + 1);
  std::normal_distribution<double> normal;
  std::vector<double> direction(parameters.size());
  for (double& d : direction) d = normal(engine);

  Errors values;
  Errors inputs;
  double expected = 0;  // derivative of sum out_bar out by the parameters, along `direction`
  double size = 0;
  for (int path = 0; path < group_paths; ++path) {
    const auto x = of_path(c.in, shape.inputs, path);
    const auto bar = of_path(c.out_bar, shape.outputs, path);
    const auto in_bar = of_path(found.in_bar, shape.inputs, path);
    const auto out = of_path(found.out, shape.outputs, path);
    std::vector<Dual<double>> dual_parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      dual_parameters.emplace_back(parameters[i], direction[i]);
    }
    std::vector<Dual<double>> dual_x;
    for (const double xi : x) dual_x.emplace_back(xi);
    const auto y = reference(shape, dual_parameters, time, dual_x);
    for (std::size_t o = 0; o < y.size(); ++o) {
      values.add(out[o], y[o].value);
      expected += bar[o] * y[o].tangent;
      size += std::abs(bar[o] * y[o].tangent);
    }
    if (path % 37 != 0) continue;
    std::vector<Dual<double>> constants;
    for (const double p : parameters) constants.emplace_back(p);
    for (std::size_t i = 0; i < x.size(); ++i) {
      auto moved = dual_x;
      moved[i].tangent = 1;
      const auto dy = reference(shape, constants, time, moved);
      double exact = 0;
      for (std::size_t o = 0; o < dy.size(); ++o) exact += bar[o] * dy[o].tangent;
      inputs.add(in_bar[i], exact);
    }
  }
  double along = 0;
  for (std::size_t i = 0; i < direction.size(); ++i) along += direction[i] * found.gradient[i];
  const double rounding = std::numeric_limits<T>::epsilon();
  EXPECT_LE(values.relative(), 20 * rounding);
  EXPECT_LE(inputs.relative(), 40 * rounding);
  EXPECT_NEAR(along, expected, 10 * rounding * size);
}

template <class T>
struct Networks : ::testing::Test {};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(Networks, Precisions);

TYPED_TEST(Networks, AgreeWithDualNumbersForAllActivationsAndDepths) {
  using R = NarrowLane<TypeParam>;
  std::uint64_t seed = 100;
  using enum Activation;
  for (const auto hidden : {identity, tanh, sigmoid, softplus, swish, lipswish}) {
    for (const auto output : {identity, tanh, sigmoid, softplus, swish, lipswish}) {
      for (int depth = 0; depth <= 4; ++depth) {
        compare<R>({3, 2, depth, 5, hidden, output, depth % 2 == 0}, ++seed);
      }
    }
  }
}

TYPED_TEST(Networks, AgreeWithDualNumbersForAllSizes) {
  using R = NarrowLane<TypeParam>;
  std::uint64_t seed = 500;
  for (const int width : {1, 3, 8, 16, 33, 64}) {
    for (const bool takes_time : {false, true}) {
      compare<R>({width, 7, 1, 16, Activation::swish, Activation::sigmoid, takes_time}, ++seed);
      compare<R>({4, width, 2, width, Activation::tanh, Activation::identity, takes_time}, ++seed);
    }
  }
}

TEST(NetworkDerivatives, AgreeWithCentralDifferences) {
  const Shape shape{3, 2, 2, 6, Activation::swish, Activation::tanh, true};
  auto c = drawn<double>(shape, 41);
  const auto exact = run_group<NarrowLane<double>>(c);
  constexpr double step = 1e-5;  // errors: step^2 of truncation, 1e-16 / step of rounding
  const auto objective = [&] {
    const auto out = run_group<NarrowLane<double>>(c).out;
    double sum = 0;
    for (std::size_t i = 0; i < out.size(); ++i) sum += c.out_bar[i] * out[i];
    return sum;
  };
  const auto difference = [&](double& x) {
    const double at = x;
    x = at + step;
    const double above = objective();
    x = at - step;
    const double below = objective();
    x = at;
    return (above - below) / (2 * step);
  };
  for (std::size_t i = 0; i < c.parameters.size(); i += 3) {
    EXPECT_NEAR(difference(c.parameters[i]), exact.gradient[i], 1e-6) << "parameter " << i;
  }
  for (const std::size_t i : {0, 100, 300, 700}) {
    EXPECT_NEAR(difference(c.in[i]), exact.in_bar[i], 1e-6) << "input " << i;
  }
}

/// Exactly the same results of each path.
template <class T>
void expect_same_paths(const GroupResults<T>& a, const GroupResults<T>& b) {
  EXPECT_EQ(a.out, b.out);
  EXPECT_EQ(a.in_bar, b.in_bar);
}

TYPED_TEST(Networks, GiveAPathTheSameBitsOnAnyLanes) {
  using T = TypeParam;
  for (const int depth : {0, 1, 3}) {
    const Shape shape{5, 9, depth, 13, Activation::lipswish, Activation::sigmoid, true};
    const auto c = drawn<T>(shape, 61);
    expect_same_paths(run_group<NarrowLane<T>>(c), run_group<T>(c));
  }
}

TYPED_TEST(Networks, GiveAPathTheSameBitsWhateverItsNeighbours) {
  using T = TypeParam;
  const Shape shape{4, 3, 2, 10, Activation::tanh, Activation::softplus, false};
  const auto c = drawn<T>(shape, 71);
  auto others = drawn<T>(shape, 72);
  others.parameters = c.parameters;
  constexpr int here = 5;
  constexpr int there = 203;
  for (int r = 0; r < shape.inputs; ++r) {
    others.in[static_cast<std::size_t>(r * group_paths + there)] =
        c.in[static_cast<std::size_t>(r * group_paths + here)];
  }
  for (int r = 0; r < shape.outputs; ++r) {
    others.out_bar[static_cast<std::size_t>(r * group_paths + there)] =
        c.out_bar[static_cast<std::size_t>(r * group_paths + here)];
  }
  const auto a = run_group<NarrowLane<T>>(c);
  const auto b = run_group<NarrowLane<T>>(others);
  EXPECT_EQ(of_path(a.out, shape.outputs, here), of_path(b.out, shape.outputs, there));
  EXPECT_EQ(of_path(a.in_bar, shape.inputs, here), of_path(b.in_bar, shape.inputs, there));
}

TYPED_TEST(Networks, GiveTheSameBitsInEveryRunAndWhetherTheyKeepOrNot) {
  using T = TypeParam;
  const Shape shape{7, 5, 2, 33, Activation::swish, Activation::sigmoid, true};
  const auto c = drawn<T>(shape, 81);
  const auto a = run_group<NarrowLane<T>>(c);
  const auto b = run_group<NarrowLane<T>>(c);
  expect_same_paths(a, b);
  EXPECT_EQ(a.gradient, b.gradient);
  EXPECT_EQ(a.out, run_group<NarrowLane<T>>(c, false).out);
}

TYPED_TEST(Networks, CarryWhatIsNotANumberToItsPathAlone) {
  using T = TypeParam;
  for (const auto hidden : {Activation::tanh, Activation::sigmoid, Activation::softplus,
                            Activation::swish, Activation::lipswish}) {
    const Shape shape{3, 2, 1, 8, hidden, Activation::sigmoid, false};
    auto c = drawn<T>(shape, 91);
    c.in[17] = std::numeric_limits<T>::quiet_NaN();
    const auto found = run_group<NarrowLane<T>>(c);
    for (int path = 0; path < group_paths; ++path) {
      const bool finite = std::isfinite(of_path(found.out, 2, path)[1]);
      EXPECT_EQ(finite, path != 17) << path << ", " << to_string(hidden);
    }
  }
}

TYPED_TEST(Networks, StayFiniteFarOut) {
  using T = TypeParam;
  for (const auto hidden : {Activation::tanh, Activation::sigmoid, Activation::softplus,
                            Activation::swish, Activation::lipswish}) {
    const Shape shape{3, 2, 1, 8, hidden, Activation::sigmoid, false};
    auto c = drawn<T>(shape, 92);
    for (T& x : c.in) x = x * T(1e6);
    const auto found = run_group<NarrowLane<T>>(c);
    for (const T x : found.out) ASSERT_TRUE(std::isfinite(x)) << to_string(hidden);
    for (const T x : found.in_bar) ASSERT_TRUE(std::isfinite(x)) << to_string(hidden);
    for (const double x : found.gradient) ASSERT_TRUE(std::isfinite(x)) << to_string(hidden);
  }
}

TEST(RandomNetworks, AgreeWithDualNumbers) {
  constexpr unsigned seed = 20240611;
  std::mt19937_64 engine(seed);
  const auto number = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(engine);
  };
  for (int trial = 0; trial < 60; ++trial) {
    const auto any = [&] { return static_cast<Activation>(number(0, 5)); };
    const Shape shape{number(1, 40), number(1, 40), number(0, 4),     number(1, 40),
                      any(),         any(),         number(0, 1) == 1};
    compare<NarrowLane<double>>(shape, seed + static_cast<unsigned>(trial));
    compare<NarrowLane<float>>(shape, seed + static_cast<unsigned>(trial));
  }
}
}  // namespace
