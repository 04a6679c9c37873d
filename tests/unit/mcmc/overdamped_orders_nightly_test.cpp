// SPDX-License-Identifier: BSD-3-Clause
/// Orders of stationary biases by simulation. What a halved step changes is measured on chains and
/// their companions with twice the step, on the same Brownian motion, for steps from 0.2 down to
/// 0.0125: with D(h) = E_2h - E_h,
///
///     bias(h) = D(h / 2) + D(h / 4) + ... + D(1 / 80) + bias(1 / 80),
///
/// where the last is extrapolated as c h^p + d h^(p + 1), of which D(1 / 80) and D(1 / 40) tell c
/// and d.
#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

#include "stats/slope.hpp"
#include "support/bias_targets.hpp"
#include "support/kokkos_environment.hpp"
#include "support/richardson_run.hpp"

namespace {
using namespace driftwood;

constexpr std::int64_t chains = 16384;
constexpr double warmup_time = 10;
constexpr double time = 300;
constexpr int levels = 4;  ///< steps of 0.1, 0.05, 0.025 and 0.0125 beside companions

struct Difference {
  double value;
  double variance;
};

/// What is known of E x^2 at the step sizes 0.2, 0.1 and 0.05: from the transition operator.
struct Known {
  const char* sampler;
  int order;
  double tolerance;
  double bias[3];
};

template <class D>
Difference difference(const Known& known, const D& target, double h, std::uint64_t seed) {
  test::RichardsonRun<D> run(known.sampler, target, chains, seed, {0, chains / mcmc::block_chains});
  const auto warmup = static_cast<std::uint64_t>(std::lround(warmup_time / h));
  run.advance(0, warmup + static_cast<std::uint64_t>(std::lround(time / h)), h, warmup);
  const auto found = run.richardson().findings(comm::Communicator::alone()).second_moment.at(0);
  const double factor = std::ldexp(1.0, known.order) - 1;
  return {found.bias * factor, std::pow(found.standard_error * factor, 2)};
}

/// Bounds on biases are 5 standard errors, so that 18 of them raise a false alarm in 1e-5 of the
/// seeds; those on orders are at least 4 of theirs from what the operator says.
template <class D>
void expect_order(const char* what, const D& target, const Known& known, std::uint64_t seed) {
  std::vector<Difference> differences;
  for (int k = 0; k < levels; ++k) {
    const auto own_seed = seed + static_cast<std::uint64_t>(k);
    differences.push_back(difference(known, target, std::ldexp(0.1, -k), own_seed));
  }
  const double power = std::ldexp(1.0, known.order);
  const double before = -1 / ((2 * power - 1) * (power - 1));
  const double last = (1 + power / (2 * power - 1)) / (power - 1);
  const double weights[levels] = {1, 1, 1 + before, 1 + last};
  for (std::size_t k = 0; k < levels; ++k) {
    differences[k].value *= weights[k];
    differences[k].variance *= weights[k] * weights[k];
  }

  double bias[3];
  double variance[3];
  double log_h[3];
  double log_bias[3];
  for (std::size_t k = 0; k < 3; ++k) {
    bias[k] = variance[k] = 0;
    for (std::size_t j = k; j < levels; ++j) {
      bias[k] += differences[j].value;
      variance[k] += differences[j].variance;
    }
    log_h[k] = std::log(0.2) - static_cast<double>(k) * std::log(2.0);
    log_bias[k] = std::log(std::fabs(bias[k]));
    const double error = std::sqrt(variance[k]);
    std::printf("%-8s %-7s h = %.3f: %+.4e +- %.1e, known %+.4e\n", what, known.sampler,
                std::exp(log_h[k]), bias[k], error, known.bias[k]);
    EXPECT_NEAR(bias[k], known.bias[k], 5 * error + 1e-3 * std::fabs(known.bias[k]))
        << what << known.sampler;
  }
  // Biases of larger steps contain those of smaller ones.
  double covariance[9];
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      covariance[3 * i + j] = variance[std::max(i, j)] / (bias[i] * bias[j]);
    }
  }
  const auto slope = stats::fit_slope(log_h, log_bias, covariance);
  std::printf("%-8s %-7s order %.3f +- %.3f, seed %d\n", what, known.sampler, slope.value,
              slope.standard_error, static_cast<int>(seed));
  EXPECT_NEAR(slope.value, known.order, known.tolerance) << what << known.sampler;
}

TEST(BiasOrder, IsWhatSamplersClaim) {
  const test::Sine sine;
  const test::Logistic logistic;
  expect_order("sine", sine, {"ula", 1, .15, {1.093e-1, 5.135e-2, 2.492e-2}}, 10);
  expect_order("logistic", logistic, {"ula", 1, .15, {1.445e-1, 6.484e-2, 3.081e-2}}, 20);
  expect_order("sine", sine, {"srk_ld", 2, .25, {-3.627e-3, -7.955e-4, -1.833e-4}}, 30);
  expect_order("logistic", logistic, {"srk_ld", 2, .25, {1.358e-2, 3.415e-3, 8.792e-4}}, 40);
  expect_order("sine", sine, {"srk2g", 2, .25, {-8.361e-3, -2.056e-3, -5.079e-4}}, 50);
  expect_order("logistic", logistic, {"srk2g", 2, .25, {-9.134e-3, -2.636e-3, -6.896e-4}}, 60);
}

}  // namespace
