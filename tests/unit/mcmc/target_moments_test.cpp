// SPDX-License-Identifier: BSD-3-Clause
// Claims: by draws from it, exact ones where there are any and else of MALA, every target has
// E[x_i d_i U] = 1, and double wells and lattices phi^4 have the moments that quadrature gives.
//
// Chains are independent, so that standard errors are those of the means of chains. A comparison
// fails beyond 5 of them: of some 200 comparisons one in 10^4 runs would by chance; seeds are
// fixed.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "mcmc/adaptation.hpp"
#include "mcmc/chart_inverse.hpp"
#include "mcmc/exact_draws.hpp"
#include "mcmc/host_evaluation.hpp"
#include "mcmc/population.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/target_decks.hpp"

namespace {
using namespace driftwood;

constexpr std::uint64_t seed = 5;

/// States of one chain each: (chain, coordinate), once or several times.
using States = std::vector<std::vector<double>>;

/// Chains of MALA of a target without a chart, after a warm-up in which the step size is settled:
/// their states, `apart` steps from each other.
States mala_states(const mcmc::Density& density, std::int64_t chains, int warmup, int count,
                   int apart) {
  std::shared_ptr<mcmc::Sampler> mala;
  for (const auto& one : mcmc::samplers()) {
    if (one.name == "mala") mala = one.make();
  }
  mcmc::Population population(*mala, density, {chains, seed},
                              {0, (chains + mcmc::block_chains - 1) / mcmc::block_chains});
  // Far out, where the potential is steeper than any parabola, MALA would not move.
  population.start({deck::Distribution::Kind::normal, 0.0, 0.2});
  mcmc::DualAveraging size(0.1, 0.574);
  std::uint64_t step = 0;
  for (; step < static_cast<std::uint64_t>(warmup); ++step) {
    const bool settled = step > static_cast<std::uint64_t>(warmup / 2);
    population.advance(step, step + 1, settled ? size.averaged() : size.step());
    if (!settled) {
      size.update(static_cast<double>(population.acceptance()) * mcmc::Population::acceptance_unit /
                  static_cast<double>(chains));
    }
  }
  States out;
  const auto dim = static_cast<std::size_t>(density.dim());
  for (int k = 0; k < count; ++k) {
    population.advance(step, step + static_cast<std::uint64_t>(apart), size.averaged());
    step += static_cast<std::uint64_t>(apart);
    out.emplace_back(static_cast<std::size_t>(chains) * dim);
    for (std::int64_t b = 0; b < population.blocks().count(); ++b) {
      const std::vector<double> theta = population.read(b);
      for (std::int64_t c = 0; c < mcmc::block_chains; ++c) {
        const auto chain = static_cast<std::size_t>(b * mcmc::block_chains + c);
        for (std::size_t i = 0; i < dim && chain < static_cast<std::size_t>(chains); ++i) {
          out.back()[chain * dim + i] = theta[i * mcmc::block_chains + static_cast<std::size_t>(c)];
        }
      }
    }
  }
  return out;
}

struct Mean {
  double value;
  double error;
};

/// The mean over chains of the mean of their numbers, each of some time: (time, chain).
Mean mean_of(const std::vector<std::vector<double>>& numbers) {
  const std::size_t chains = numbers[0].size();
  double sum = 0;
  double squares = 0;
  for (std::size_t c = 0; c < chains; ++c) {
    double mean = 0;
    for (const auto& now : numbers) mean += now[c] / static_cast<double>(numbers.size());
    sum += mean;
    squares += mean * mean;
  }
  const double n = static_cast<double>(chains);
  const double mean = sum / n;
  return {mean, std::sqrt((squares / n - mean * mean) / n)};
}

void expect_mean(const Mean& found, double exact, const std::string& what) {
  EXPECT_NEAR(found.value, exact, 5 * found.error) << what << " +- " << found.error;
  EXPECT_LT(found.error, 0.5 * std::abs(exact)) << what;
}

/// E[x_i d_i U] = 1 for every coordinate, of which 12 are looked at.
void expect_virial(const mcmc::Density& density, const States& states, const std::string& what) {
  const auto dim = static_cast<std::size_t>(density.dim());
  std::vector<std::vector<std::vector<double>>> numbers(dim);
  for (const auto& now : states) {
    const auto found = mcmc::evaluate_at(density, now);
    for (std::size_t i = 0; i < dim; ++i) {
      numbers[i].emplace_back();
      for (std::size_t at = i; at < now.size(); at += dim) {
        numbers[i].back().push_back(now[at] * found.gradients[at]);
      }
    }
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(dim, 12); ++i) {
    expect_mean(mean_of(numbers[i]), 1.0, what + " " + std::to_string(i));
  }
}

class Virial : public ::testing::TestWithParam<test::TargetDeck> {
 protected:
  static void SetUpTestSuite() { test::write_made_data(); }
};

TEST_P(Virial, IsOneOfEveryCoordinate) {
  const auto target = test::target_of(GetParam().keys);
  const auto density = target->density();
  States states(1);
  if (const mcmc::ExactDraws* const exact = mcmc::exact_draws(*target)) {
    const auto segments = mcmc::segments_of(density->chart());
    std::vector<double> theta(mcmc::names_of(target->parameters()).size());
    for (std::uint64_t point = 0; point < 100'000; ++point) {
      exact->draw(mcmc::PointNoise(seed, 0, point), theta);
      const auto x = mcmc::coordinates_of(segments, theta);
      states[0].insert(states[0].end(), x.begin(), x.end());
    }
  } else {
    states = mala_states(*density, 2048, 600, 10, 20);
  }
  expect_virial(*density, states, GetParam().name);
}

TEST(ExactDraws, AreOfTheTargetsWhoseLawIsSimple) {
  test::write_made_data();
  std::string names;
  for (const test::TargetDeck& one : test::target_decks()) {
    if (mcmc::exact_draws(*test::target_of(one.keys)) != nullptr) names += one.name + " ";
  }
  EXPECT_EQ(names,
            "gaussian dense_gaussian mixture one_dimensional_mixture rosenbrock funnel "
            "funnel_not_centred student_t student_t_of_three ");
}

/// Gamma(shape): mean and variance are the shape. Of 10^5 draws, to 5 standard errors.
TEST(ExactDraws, GammaHasItsMoments) {
  for (const double shape : {0.3, 1.0, 2.5, 40.0}) {
    double sum = 0;
    double squares = 0;
    constexpr int count = 100'000;
    for (std::uint64_t point = 0; point < count; ++point) {
      const double g = mcmc::PointNoise(seed, 1, point).gamma(shape, 3);
      sum += g;
      squares += g * g;
    }
    const double mean = sum / count;
    EXPECT_NEAR(mean, shape, 5 * std::sqrt(shape / count));
    // The fourth central moment is 3 shape^2 + 6 shape.
    EXPECT_NEAR(squares / count - mean * mean, shape,
                5 * std::sqrt((2 * shape * shape + 6 * shape) / count));
  }
}

INSTANTIATE_TEST_SUITE_P(All, Virial, ::testing::ValuesIn(test::target_decks()),
                         [](const auto& one) { return one.param.name; });

/// The mean of a function of the coordinates of a chain.
template <class F>
Mean mean_over(const States& states, std::size_t dim, const F& f) {
  std::vector<std::vector<double>> numbers;
  for (const auto& now : states) {
    numbers.emplace_back();
    for (std::size_t at = 0; at < now.size(); at += dim) {
      numbers.back().push_back(f(std::span(now).subspan(at, dim)));
    }
  }
  return mean_of(numbers);
}

TEST(DoubleWell, HasTheMomentsOfQuadrature) {
  const std::array<double, 3> known[] = {
      {1, .83274549, 1.08274549}, {3, .88929402, .97262735}, {5, .93683394, .98683394}};
  for (const auto& [barrier, second, fourth] : known) {
    const auto density =
        test::target_of("name = 'double_well'\ndimension = 4\nbarrier = " + std::to_string(barrier))
            ->density();
    const States states = mala_states(*density, 2048, 300, 40, 10);
    const auto moment = [&](int power) {
      return mean_over(states, 4, [&](auto x) {
        return std::accumulate(x.begin(), x.end(), 0.0, [&](double sum, double one) {
          return sum + std::pow(one, power) / 4;
        });
      });
    };
    expect_mean(moment(2), second, "second moment");
    expect_mean(moment(4), fourth, "fourth moment");
  }
}

struct Lattice {
  int sites;
  double mass_squared;
  double lambda;
  double square;
  double fourth;
  double neighbours;
  double susceptibility;
};

TEST(Phi4, HasTheCorrelationsOfTheTransferMatrix) {
  for (const Lattice& one : {Lattice{16, 1, 0, .44721378, .60000049, .17082067, 1.0},
                             Lattice{16, 1, .5, .26006993, .17358909, .06369398, .42877884},
                             Lattice{16, -1, .5, .44936085, .44939434, .17407477, 1.01789135},
                             Lattice{32, -1, .25, .68977722, 1.02592306, .35785014, 2.18047007}}) {
    const auto density = test::target_of("name = 'phi4'\nsizes = [" + std::to_string(one.sites) +
                                         "]\nmass_squared = " + std::to_string(one.mass_squared) +
                                         "\nlambda = " + std::to_string(one.lambda))
                             ->density();
    const auto n = static_cast<std::size_t>(one.sites);
    const States states = mala_states(*density, 2048, 600, 20, 25);
    const auto of_sites = [&](const auto& f) {
      return mean_over(states, n, [&](auto phi) {
        double sum = 0;
        for (std::size_t i = 0; i < n; ++i)
          sum += f(phi[i], phi[(i + 1) % n]) / static_cast<double>(n);
        return sum;
      });
    };
    expect_mean(of_sites([](double a, double) { return a * a; }), one.square, "phi^2");
    expect_mean(of_sites([](double a, double) { return a * a * a * a; }), one.fourth, "phi^4");
    expect_mean(of_sites([](double a, double b) { return a * b; }), one.neighbours, "G(1)");
    const auto total = mean_over(states, n, [&](auto phi) {
      const double sum = std::accumulate(phi.begin(), phi.end(), 0.0);
      return sum * sum / static_cast<double>(n);
    });
    expect_mean(total, one.susceptibility, "chi");
  }
}

/// <phi^2> = 1/V sum_k 1 / (m^2 + sum_mu 4 sin^2(k_mu / 2)).
TEST(Phi4, WithoutInteractionIsTheFreeFieldInThreeDimensions) {
  const auto density =
      test::target_of("name = 'phi4'\nsizes = [3, 4, 2]\nmass_squared = 0.5\nlambda = 0.0")
          ->density();
  double exact = 0;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 4; ++j) {
      for (int k = 0; k < 2; ++k) {
        const auto part = [](int index, int size) {
          return 4 * std::pow(std::sin(std::acos(-1.0) * index / size), 2);
        };
        exact += 1 / (0.5 + part(i, 3) + part(j, 4) + part(k, 2)) / 24;
      }
    }
  }
  const States states = mala_states(*density, 2048, 400, 20, 20);
  expect_mean(mean_over(states, 24,
                        [](auto phi) {
                          return std::inner_product(phi.begin(), phi.end(), phi.begin(), 0.0) / 24;
                        }),
              exact, "phi^2");
}

}  // namespace
