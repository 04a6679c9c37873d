// SPDX-License-Identifier: BSD-3-Clause
// Claims: parameters are named and laid out in the order that kernels read; initial ones are a
// function of seed, network and index, within their bounds and uniform there (mean and variance
// within 5 standard errors, false alarms 6e-7 each); clipped critics are contractions (GAN-1).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "neural/clip.hpp"
#include "neural/initial.hpp"

namespace {
using namespace driftwood::neural;

Shape shape_of(int inputs, int width, int depth, int outputs, bool takes_time) {
  return {inputs, outputs, depth, width, Activation::lipswish, Activation::identity, takes_time};
}

TEST(Parameters, AreNamedInTheirOrder) {
  const Shape shape = shape_of(2, 3, 1, 1, true);
  const auto names = parameter_names(shape);
  ASSERT_EQ(names.size(), static_cast<std::size_t>(parameter_count(shape)));
  EXPECT_EQ(names[0], "0.weight[0,0]");
  EXPECT_EQ(names[2], "0.weight[0,2]");  // that of the time
  EXPECT_EQ(names[static_cast<std::size_t>(biases_begin(shape, 0))], "0.bias[0]");
  EXPECT_EQ(names[static_cast<std::size_t>(weights_begin(shape, 1))], "1.weight[0,0]");
  EXPECT_EQ(names.back(), "1.bias[0]");
}

TEST(Parameters, OfAllDepthsFillTheirArray) {
  for (int depth = 0; depth <= 4; ++depth) {
    const Shape shape = shape_of(5, 7, depth, 3, true);
    int next = 0;
    for (int l = 0; l < layers(shape); ++l) {
      EXPECT_EQ(weights_begin(shape, l), next);
      next += layer_outputs(shape, l) * layer_columns(shape, l);
      EXPECT_EQ(biases_begin(shape, l), next);
      next += layer_outputs(shape, l);
    }
    EXPECT_EQ(parameter_count(shape), next);
    EXPECT_EQ(parameter_names(shape).size(), static_cast<std::size_t>(next));
  }
}

TEST(Parameters, ActivationsAreFoundByTheirNames) {
  for (const char* name : {"identity", "tanh", "sigmoid", "softplus", "swish", "lipswish"}) {
    ASSERT_TRUE(activation_named(name)) << name;
    EXPECT_EQ(to_string(*activation_named(name)), name);
  }
  EXPECT_FALSE(activation_named("relu"));
}

TEST(InitialParameters, AreUniformWithinTheirBounds) {
  const Shape shape = shape_of(99, 200, 1, 50, true);
  const auto values = initial_parameters(shape, Initial::fan_in, 7, 0);
  ASSERT_EQ(values.size(), static_cast<std::size_t>(parameter_count(shape)));
  const auto end = static_cast<std::size_t>(weights_begin(shape, 1));  // 100 columns before it
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < end; ++i) {
    ASSERT_LE(std::abs(values[i]), 0.1);
    sum += values[i];
    squares += values[i] * values[i];
  }
  const auto n = static_cast<double>(end);
  const double variance = 0.01 / 3;
  EXPECT_NEAR(sum / n, 0, 5 * std::sqrt(variance / n));
  EXPECT_NEAR(squares / n, variance, 5 * std::sqrt(0.0001 * 4 / 45 / n));
}

TEST(InitialParameters, DependOnSeedNetworkAndIndexAlone) {
  const Shape narrow = shape_of(4, 8, 1, 2, false);
  const Shape deep = shape_of(4, 8, 3, 2, false);
  const auto a = initial_parameters(narrow, Initial::fan_in, 1, 0);
  const auto b = initial_parameters(deep, Initial::fan_in, 1, 0);
  EXPECT_TRUE(std::equal(a.begin(), a.begin() + weights_begin(narrow, 1), b.begin()));
  EXPECT_EQ(a, initial_parameters(narrow, Initial::fan_in, 1, 0));
  EXPECT_NE(a, initial_parameters(narrow, Initial::fan_in, 2, 0));
  EXPECT_NE(a, initial_parameters(narrow, Initial::fan_in, 1, 1));
}

TEST(InitialParameters, OfGlorotHaveNoBiases) {
  const Shape shape = shape_of(4, 8, 1, 2, false);
  const auto values = initial_parameters(shape, Initial::glorot, 1, 0);
  double most = 0;
  for (int i = 0; i < biases_begin(shape, 0); ++i) {
    most = std::max(most, std::abs(values[static_cast<std::size_t>(i)]));
  }
  EXPECT_LE(most, std::sqrt(6.0 / 12));
  EXPECT_GT(most, 0.6 * std::sqrt(6.0 / 12));
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(values[static_cast<std::size_t>(biases_begin(shape, 0) + i)], 0);
  }
}

/// The network at x, in double precision by plain loops; lipswish hidden layers.
std::vector<double> value_of_critic(const Shape& shape, const std::vector<double>& parameters,
                                    std::vector<double> x) {
  for (int l = 0; l < layers(shape); ++l) {
    std::vector<double> y;
    for (int o = 0; o < layer_outputs(shape, l); ++o) {
      double sum = parameters[static_cast<std::size_t>(biases_begin(shape, l) + o)];
      for (std::size_t i = 0; i < x.size(); ++i) {
        sum += x[i] * parameters[static_cast<std::size_t>(weights_begin(shape, l)) +
                                 static_cast<std::size_t>(o) * x.size() + i];
      }
      y.push_back(l == shape.depth ? sum : 0.909 * sum / (1 + std::exp(-sum)));
    }
    x = y;
  }
  return x;
}

double norm_of(const std::vector<double>& a, const std::vector<double>& b, ClipNorm norm) {
  double out = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = std::abs(a[i] - b[i]);
    out = norm == ClipNorm::sum ? out + d : std::max(out, d);
  }
  return out;
}

// GAN-1: 1e5 random pairs, half of them close together.
TEST(ClippedCritics, AreContractions) {
  for (const ClipNorm norm : {ClipNorm::largest, ClipNorm::sum}) {
    constexpr unsigned seed = 4711;
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal;
    const Shape shape = shape_of(5, 16, 2, 5, false);
    std::vector<double> parameters(static_cast<std::size_t>(parameter_count(shape)));
    for (double& p : parameters) p = 3 * normal(engine);
    clip_weights(shape, norm, parameters);
    double most = 0;
    for (int pair = 0; pair < 100'000; ++pair) {
      const double distance = pair % 2 == 0 ? 1 : 1e-3;
      std::vector<double> x(5);
      std::vector<double> y(5);
      for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = 3 * normal(engine);
        y[i] = x[i] + distance * normal(engine);
      }
      const auto f = value_of_critic(shape, parameters, x);
      const auto g = value_of_critic(shape, parameters, y);
      most = std::max(most, norm_of(f, g, norm) / norm_of(x, y, norm));
    }
    EXPECT_LE(most, 1 + 1e-6) << "seed " << seed;
    EXPECT_GT(most, 0) << "seed " << seed;
  }
}

TEST(ClippedCritics, KeepTheirBiases) {
  const Shape shape = shape_of(2, 3, 1, 1, true);
  std::vector<double> parameters(static_cast<std::size_t>(parameter_count(shape)), 5.0);
  clip_weights(shape, ClipNorm::largest, parameters);
  EXPECT_EQ(parameters[0], 1.0 / 3);
  EXPECT_EQ(parameters[static_cast<std::size_t>(biases_begin(shape, 0))], 5.0);
  EXPECT_EQ(parameters[static_cast<std::size_t>(weights_begin(shape, 1))], 1.0 / 3);
  EXPECT_EQ(parameters.back(), 5.0);
}
}  // namespace
