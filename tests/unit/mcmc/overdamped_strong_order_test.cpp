// SPDX-License-Identifier: BSD-3-Clause
/// Strong orders of the samplers of overdamped dynamics, on paths that follow the same Brownian
/// motion at all step sizes.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "mcmc/samplers/srk2g.hpp"
#include "mcmc/samplers/srk_ld.hpp"
#include "mcmc/samplers/ula.hpp"
#include "unit/mcmc/bias_targets.hpp"
#include "unit/mcmc/given_chain.hpp"

namespace {
using namespace driftwood;

constexpr int dim = 2;
constexpr std::uint64_t seed = 5;
constexpr int paths = 2000;
constexpr int batches = 20;  ///< of paths, from which standard errors are taken
constexpr int finest = 2048;

/// The normals of all steps of a path, over a unit of time.
struct Steps {
  std::vector<double> xi;  ///< (step, coordinate)
  std::vector<double> eta;

  [[nodiscard]] int count() const { return static_cast<int>(xi.size()) / dim; }
};

Steps drawn(std::uint64_t path) {
  Steps out;
  for (std::uint64_t n = 0; n < finest; ++n) {
    const mcmc::ChainNoise<double> noise{seed, {path}, n};
    mcmc::for_each_normal(noise, 0, 1, dim, [&](int, double xi, double eta) {
      out.xi.push_back(xi);
      out.eta.push_back(eta);
    });
  }
  return out;
}

/// The same Brownian motion in half as many steps. With W and A of both halves of a step of size 2,
/// W = W_1 + W_2 and A = A_1 + W_1 + A_2.
Steps joined(const Steps& fine) {
  Steps out;
  const double root_3 = std::sqrt(3.0);
  for (std::size_t k = 0; k < fine.xi.size(); ++k) {
    if (k / dim % 2 != 0) continue;
    const double w[2] = {fine.xi[k], fine.xi[k + dim]};
    const double area =
        (w[0] + fine.eta[k] / root_3) / 2 + w[0] + (w[1] + fine.eta[k + dim] / root_3) / 2;
    const double xi = (w[0] + w[1]) / std::sqrt(2.0);
    out.xi.push_back(xi);
    out.eta.push_back(root_3 * (2 * area / std::pow(2.0, 1.5) - xi));
  }
  return out;
}

template <class S>
std::vector<double> end_of(const Steps& steps) {
  static const test::Mixture target{0.5};
  test::GivenChain<test::Mixture> chain(S::traits, target, dim);
  for (int n = 0; n < steps.count(); ++n) {
    for (int i = 0; i < dim; ++i) {
      const auto k = static_cast<std::size_t>(n * dim + i);
      chain.give(0, static_cast<std::uint64_t>(n), i, steps.xi[k]);
      chain.give(1, static_cast<std::uint64_t>(n), i, steps.eta[k]);
    }
  }
  chain.place({0.7, 0.7});
  for (int n = 0; n < steps.count(); ++n) chain.advance(S(), 1.0 / steps.count());
  return {chain.position(0), chain.position(1)};
}

/// Mean square errors of a batch with 16, 32, 64 and 128 steps, smallest number first.
using Errors = std::vector<double>;

/// The exponent of h with which root mean square errors grow, by least squares.
double order_of(const Errors& squares) {
  double sum = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    sum -= (static_cast<double>(k) - 1.5) * std::log2(squares[k]) / 2;
  }
  return sum / 5;  // the sum of the squares of -1.5, -0.5, 0.5, 1.5
}

struct Order {
  double value;
  double standard_error;
};

Order order_from(const std::vector<Errors>& by_batch) {
  Errors all(4);
  double sum = 0;
  double square = 0;
  for (const Errors& batch : by_batch) {
    for (std::size_t k = 0; k < 4; ++k) all[k] += batch[k];
    sum += order_of(batch);
    square += order_of(batch) * order_of(batch);
  }
  const double variance = (square - sum * sum / batches) / (batches - 1);
  return {order_of(all), std::sqrt(variance / batches)};
}

/// All paths with one sampler, beside the finest path of `SrkLd`.
template <class S>
void add_errors(const std::vector<Steps>& levels, const std::vector<double>& truth,
                Errors& squares) {
  for (std::size_t k = 0; k < 4; ++k) {
    const std::vector<double> at = end_of<S>(levels[k]);
    for (std::size_t i = 0; i < dim; ++i) squares[k] += (at[i] - truth[i]) * (at[i] - truth[i]);
  }
}

/// Standard errors of the orders are at most 0.02, from 20 batches of paths; bounds are 5 of them
/// away (false alarms in 1e-6 of the seeds).
TEST(StrongOrder, IsOneOfEulerAndThreeHalvesOfStochasticRungeKutta) {
  std::vector<Errors> ula(batches, Errors(4));
  std::vector<Errors> srk_ld(batches, Errors(4));
  std::vector<Errors> srk2g(batches, Errors(4));
  for (std::uint64_t path = 0; path < paths; ++path) {
    Steps steps = drawn(path);
    const std::vector<double> truth = end_of<mcmc::SrkLd>(steps);
    std::vector<Steps> levels(4);
    while (steps.count() > 16) {
      steps = joined(steps);
      for (std::size_t k = 0; k < 4; ++k) {
        if (steps.count() == 16 << k) levels[k] = steps;
      }
    }
    add_errors<mcmc::Ula>(levels, truth, ula[path % batches]);
    add_errors<mcmc::SrkLd>(levels, truth, srk_ld[path % batches]);
    add_errors<mcmc::Srk2g>(levels, truth, srk2g[path % batches]);
  }
  const auto rms = [](const std::vector<Errors>& by_batch, std::size_t k) {
    double sum = 0;
    for (const Errors& batch : by_batch) sum += batch[k];
    return std::sqrt(sum / paths);
  };
  for (std::size_t k = 0; k < 4; ++k) {
    std::printf("%4d steps: ula %.3e, srk_ld %.3e, srk2g %.3e\n", 16 << k, rms(ula, k),
                rms(srk_ld, k), rms(srk2g, k));
  }
  const Order first = order_from(ula);
  const Order second = order_from(srk_ld);
  const Order third = order_from(srk2g);
  std::printf("seed %d: orders %.3f +- %.3f, %.3f +- %.3f, %.3f +- %.3f\n", static_cast<int>(seed),
              first.value, first.standard_error, second.value, second.standard_error, third.value,
              third.standard_error);
  EXPECT_NEAR(first.value, 1, 0.1);
  EXPECT_GE(second.value, 1.5);
  EXPECT_GE(third.value, 1.5);
}

}  // namespace
