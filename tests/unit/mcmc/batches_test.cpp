// SPDX-License-Identifier: BSD-3-Clause
// Claims: batches without replacement are simple random samples, those with are independent rows;
// estimates from them have the mean and the variance that this gives, are exact where a batch is
// all rows, and with control variates where a chain is at the anchor; modes are found.
//
// Comparisons fail beyond 5 standard errors, or where a normal number would be beyond 5: of some 60
// comparisons one in 3 x 10^4 runs would by chance; seeds are fixed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "base/on_device.hpp"
#include "mcmc/host_evaluation.hpp"
#include "mcmc/launch/pick_rows.hpp"
#include "mcmc/mode.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/target_decks.hpp"

namespace {
using namespace driftwood;

constexpr std::uint64_t seed = 20;

/// The batches of so many blocks of chains, sorted or as they were picked.
std::vector<std::vector<int>> picks(std::int64_t rows, std::int64_t size, bool replacement,
                                    std::int64_t blocks, std::uint64_t number,
                                    std::int64_t first_block = 0) {
  const auto view = [&](std::int64_t entries) {
    return mcmc::PickedRows("picks", static_cast<std::size_t>(blocks), mcmc::block_chains,
                            static_cast<std::size_t>(entries));
  };
  const int bits = replacement ? 0 : mcmc::PickRows::bits_for(size);
  const mcmc::PickedRows picked = view(size);
  Kokkos::parallel_for(Kokkos::RangePolicy<Exec>(0, blocks * mcmc::PickRows::per_block),
                       mcmc::PickRows{{seed, 64, number},
                                      rows,
                                      size,
                                      first_block,
                                      bits,
                                      picked,
                                      view(std::int64_t{1} << bits)});
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), picked);
  std::vector<std::vector<int>> out;
  for (std::int64_t c = 0; c < blocks * mcmc::block_chains; ++c) {
    out.emplace_back();
    for (std::int64_t k = 0; k < size; ++k) {
      out.back().push_back(host(c / mcmc::block_chains, c % mcmc::block_chains, k));
    }
  }
  return out;
}

/// A sum of squares with so many degrees of freedom as a normal number: Wilson and Hilferty (1931).
double as_normal(double chi_squared, double freedom) {
  const double part = 2 / (9 * freedom);
  return (std::cbrt(chi_squared / freedom) - (1 - part)) / std::sqrt(part);
}

TEST(Batches, WithoutReplacementAreAllSetsEquallyOften) {
  std::map<std::vector<int>, double> counts;
  double all = 0;
  for (std::uint64_t number = 0; number < 40; ++number) {
    for (auto batch : picks(7, 3, false, 16, number)) {
      std::sort(batch.begin(), batch.end());
      counts[batch] += 1;
      all += 1;
    }
  }
  ASSERT_EQ(counts.size(), 35U);
  double squares = 0;
  for (const auto& [batch, count] : counts) {
    EXPECT_TRUE(batch[0] < batch[1] && batch[1] < batch[2] && batch[0] >= 0 && batch[2] < 7);
    squares += std::pow(count - all / 35, 2) / (all / 35);
  }
  EXPECT_LT(std::abs(as_normal(squares, 34)), 5) << squares;
}

TEST(Batches, WithReplacementAreIndependentRows) {
  std::map<std::vector<int>, double> counts;
  double all = 0;
  for (std::uint64_t number = 0; number < 40; ++number) {
    for (const auto& batch : picks(5, 2, true, 16, number)) {
      counts[batch] += 1;
      all += 1;
    }
  }
  ASSERT_EQ(counts.size(), 25U);
  double squares = 0;
  for (const auto& [batch, count] : counts) {
    squares += std::pow(count - all / 25, 2) / (all / 25);
  }
  EXPECT_LT(std::abs(as_normal(squares, 24)), 5) << squares;
}

TEST(Batches, OfManyRowsHaveEachAndEachPairEquallyOften) {
  constexpr int rows = 1000;
  constexpr int size = 201;
  std::vector<double> counts(rows);
  double all = 0;
  double near = 0;  // pairs of neighbours in a batch
  double squares = 0;
  for (std::uint64_t number = 0; number < 5; ++number) {
    for (const auto& batch : picks(rows, size, false, 8, number)) {
      const std::set<int> set(batch.begin(), batch.end());
      ASSERT_EQ(set.size(), static_cast<std::size_t>(size));
      ASSERT_TRUE(*set.begin() >= 0 && *set.rbegin() < rows);
      double pairs = 0;
      for (const int row : set) {
        counts[static_cast<std::size_t>(row)] += 1;
        pairs += static_cast<double>(set.count(row + 1));
      }
      all += 1;
      near += pairs;
      squares += pairs * pairs;
    }
  }
  const double part = static_cast<double>(size) / rows;
  double off = 0;
  for (const double count : counts) off += std::pow(count - all * part, 2);
  off *= (rows - 1.0) / rows / (all * part * (1 - part));
  EXPECT_LT(std::abs(as_normal(off, rows - 1)), 5) << off;
  const double mean = near / all;
  const double error = std::sqrt((squares / all - mean * mean) / all);
  EXPECT_LT(std::abs(mean - part * (size - 1)), 5 * error) << mean << ' ' << error;
}

TEST(Batches, AreOfAllRowsWhereTheyHaveAsMany) {
  for (auto batch : picks(13, 13, false, 1, 4)) {
    std::sort(batch.begin(), batch.end());
    for (int row = 0; row < 13; ++row) EXPECT_EQ(batch[static_cast<std::size_t>(row)], row);
  }
}

TEST(Batches, AreThoseOfTheChainAndTheStep) {
  const auto all = picks(100, 5, false, 3, 8);
  const auto one = picks(100, 5, false, 1, 8, 2);
  for (std::size_t c = 0; c < mcmc::block_chains; ++c) {
    EXPECT_EQ(one[c], all[2 * mcmc::block_chains + c]);
  }
  EXPECT_NE(all[0], all[1]);
  EXPECT_NE(all[0], picks(100, 5, false, 1, 9)[0]);
}

/// At lane width 1, and by another set than the kernel's.
TEST(Batches, AreThoseOfFloydsAlgorithm) {
  constexpr std::int64_t rows = 60;
  constexpr std::int64_t size = 31;
  const auto found = picks(rows, size, false, 2, 17);
  for (std::size_t c = 0; c < found.size(); ++c) {
    std::set<int> batch;
    for (std::int64_t k = 0; k < size; ++k) {
      const random::Stream stream(seed, random::Purpose::subsample, static_cast<int>(k / 2));
      const auto words = stream.words<double>(random::Ids<double>{64 + c}, 17);
      const std::int64_t last = rows - size + k;
      const auto uniform = random::uniform(words.word[k % 2]);
      const auto row = static_cast<int>(uniform * static_cast<double>(last + 1));
      const int taken = batch.count(row) == 0 ? row : static_cast<int>(last);
      batch.insert(taken);
      ASSERT_EQ(found[c][static_cast<std::size_t>(k)], taken);
    }
  }
}

/// What batches say of one point, each chain by its own.
struct Estimates {
  std::vector<double> potentials;
  std::vector<std::vector<double>> gradients;  ///< (coordinate, chain)
};

Estimates estimates_at(const mcmc::BatchDensity& batches, const std::vector<double>& x,
                       std::int64_t blocks, std::uint64_t number,
                       const std::vector<double>& scale = {}) {
  mcmc::RowLayout layout{.dim = static_cast<int>(x.size()),
                         .theta = 0,
                         .vectors = mcmc::Slot::own,
                         .numbers = mcmc::Number::own,
                         .is_scaled = !scale.empty()};
  const mcmc::ChainRows rows("rows", static_cast<std::size_t>(blocks),
                             static_cast<std::size_t>(layout.rows()), mcmc::block_chains);
  const auto host = Kokkos::create_mirror_view(rows);
  const std::int64_t chains = blocks * mcmc::block_chains;
  const auto at = [&](std::int64_t c, int row) -> double& {
    return host(c / mcmc::block_chains, row, c % mcmc::block_chains);
  };
  for (std::int64_t c = 0; c < chains; ++c) {
    for (int i = 0; i < layout.dim; ++i) {
      const auto k = static_cast<std::size_t>(i);
      at(c, layout.vector(mcmc::Slot::position) + i) = scale.empty() ? x[k] : x[k] / scale[k];
    }
  }
  Kokkos::deep_copy(rows, host);
  const auto held = on_device("scale", scale);
  mcmc::Evaluation what{rows, layout};
  what.lanes = chains / width_of<Lane<double>>;
  what.map.scale = held.data();
  batches.estimate(what, {seed, 0, number});
  Kokkos::deep_copy(host, rows);
  Estimates out;
  out.gradients.resize(x.size());
  for (std::int64_t c = 0; c < chains; ++c) {
    out.potentials.push_back(at(c, layout.number(mcmc::Number::potential)));
    for (int i = 0; i < layout.dim; ++i) {
      out.gradients[static_cast<std::size_t>(i)].push_back(
          at(c, layout.vector(mcmc::Slot::gradient) + i));
    }
  }
  return out;
}

const char* const models[] = {
    "name = 'linear'\ndata = 'numbers.csv'\nnoise_sd = 0.7\nprior_sd = [3, 1]",
    "name = 'linear'\ndata = 'numbers.csv'\nnoise_sd = 0.7\ndesign_prior = 0.8",
    "name = 'logistic'\ndata = 'binary.csv'\npositive = 'yes'",
    "name = 'logistic'\ndata = 'binary.csv'\npositive = 'yes'\ndesign_prior = 2.0",
    "name = 'probit'\ndata = 'binary.csv'\npositive = 'no'\nprior_sd = [10, 1]",
    "name = 'poisson'\ndata = 'counts.csv'",
    "name = 'softmax'\ndata = 'classes.csv'\nprior_sd = [5, 1, 2]",
};

std::vector<double> some_point(int dim) {
  std::vector<double> out;
  for (int i = 0; i < dim; ++i) out.push_back(0.3 * std::cos(2.0 * i) + 0.1);
  return out;
}

/// An anchor that is no mode.
mcmc::Anchor anchor_of(const mcmc::Density& density) {
  mcmc::Anchor out;
  for (int i = 0; i < density.dim(); ++i) out.x.push_back(0.2 * std::sin(1.0 + i));
  const auto there = mcmc::evaluate_at(density, out.x);
  out.potential = there.potentials[0];
  out.gradient = there.gradients;
  return out;
}

TEST(Estimates, AreExactWhereABatchHasAllRows) {
  test::write_made_data();
  for (const char* const model : models) {
    const auto target = test::target_of(model);
    const auto density = target->density();
    const auto x = some_point(density->dim());
    const auto exact = mcmc::evaluate_at(*density, x);
    for (const bool control : {false, true}) {
      const auto batches = density->batches({target->rows(), false, control}, anchor_of(*density));
      const auto found = estimates_at(*batches, x, 1, 3);
      for (std::size_t c = 0; c < mcmc::block_chains; ++c) {
        EXPECT_NEAR(found.potentials[c], exact.potentials[0], 1e-13 * exact.potentials[0]) << model;
        for (std::size_t i = 0; i < x.size(); ++i) {
          EXPECT_NEAR(found.gradients[i][c], exact.gradients[i], 1e-12) << model;
        }
      }
    }
  }
}

TEST(Estimates, HaveGradientsThatAreThoseOfTheirPotentials) {
  test::write_made_data();
  const std::vector<double> scales{0.5, 2.0, 0.25, 3.0, 1.5, 0.7};
  for (const char* const model : models) {
    const auto density = test::target_of(model)->density();
    const auto x = some_point(density->dim());
    const std::vector<double> scale(scales.begin(), scales.begin() + density->dim());
    for (const bool control : {false, true}) {
      const auto batches = density->batches({9, true, control}, anchor_of(*density));
      const auto here = estimates_at(*batches, x, 1, 3, scale);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double h = 1e-4;
        auto moved = x;
        moved[i] += h;
        const auto above = estimates_at(*batches, moved, 1, 3);
        moved[i] -= 2 * h;
        const auto below = estimates_at(*batches, moved, 1, 3);
        for (std::size_t c = 0; c < mcmc::block_chains; ++c) {
          const double slope = (above.potentials[c] - below.potentials[c]) / (2 * h);
          EXPECT_NEAR(here.gradients[i][c], scale[i] * slope, 1e-5) << model << ' ' << i;
        }
      }
    }
  }
}

/// The gradients of the terms of all rows of a logistic regression: (coordinate, row).
std::vector<std::vector<double>> terms_of(const std::vector<std::vector<double>>& x,
                                          const std::vector<int>& y,
                                          const std::vector<double>& beta) {
  std::vector<std::vector<double>> out(beta.size());
  for (std::size_t r = 0; r < x.size(); ++r) {
    double eta = 0;
    for (std::size_t i = 0; i < beta.size(); ++i) eta += x[r][i] * beta[i];
    for (std::size_t i = 0; i < beta.size(); ++i) {
      out[i].push_back(x[r][i] * (1 / (1 + std::exp(-eta)) - y[r]));
    }
  }
  return out;
}

TEST(Estimates, HaveTheMeanAndTheVarianceOfTheirBatches) {
  constexpr int rows = 40;
  constexpr int size = 6;
  constexpr double n = rows;
  std::mt19937_64 engine(8);
  std::normal_distribution<double> normal;
  std::vector<std::vector<double>> x;
  std::vector<int> y;
  std::string text;
  for (int r = 0; r < rows; ++r) {
    x.push_back({std::round(1e3 * normal(engine)) / 1e3, std::round(1e3 * normal(engine)) / 1e3});
    y.push_back(r % 3 == 0 ? 1 : 0);
    text += std::to_string(x.back()[0]) + "," + std::to_string(x.back()[1]) + "," +
            std::to_string(y.back()) + "\n";
  }
  test::write_data("forty.csv", text);
  const auto density = test::target_of(
                           "name = 'logistic'\ndata = 'forty.csv'\nheader = false\n"
                           "standardise = false\nintercept = false")
                           ->density();
  const std::vector<double> beta{0.8, -0.5};
  const auto exact = mcmc::evaluate_at(*density, beta);
  const mcmc::Anchor anchor = anchor_of(*density);
  for (const bool replacement : {false, true}) {
    for (const bool control : {false, true}) {
      auto terms = terms_of(x, y, beta);
      if (control) {
        const auto there = terms_of(x, y, anchor.x);
        for (std::size_t i = 0; i < 2; ++i) {
          for (std::size_t r = 0; r < rows; ++r) terms[i][r] -= there[i][r];
        }
      }
      const auto batches = density->batches({size, replacement, control}, anchor);
      const auto found = estimates_at(*batches, beta, 1024, 5);
      const auto chains = static_cast<double>(found.potentials.size());
      for (std::size_t i = 0; i < 2; ++i) {
        double mean = 0;
        for (const double t : terms[i]) mean += t / n;
        double variance = 0;
        for (const double t : terms[i]) variance += (t - mean) * (t - mean) / n;
        variance *= n * n / size * (replacement ? 1 : (n - size) / (n - 1));
        double sum = 0;
        double squares = 0;
        double fourths = 0;
        for (const double g : found.gradients[i]) {
          const double d = g - exact.gradients[i];
          sum += d / chains;
          squares += d * d / chains;
          fourths += d * d * d * d / chains;
        }
        EXPECT_LT(std::abs(sum), 5 * std::sqrt(variance / chains)) << replacement << control;
        const double error = std::sqrt((fourths - squares * squares) / chains);
        EXPECT_LT(std::abs(squares - variance), 5 * error)
            << replacement << control << ' ' << squares << ' ' << variance;
        EXPECT_LT(error, 0.01 * variance);
      }
      double level = 0;
      double levels = 0;
      for (const double u : found.potentials) {
        level += (u - exact.potentials[0]) / chains;
        levels += std::pow(u - exact.potentials[0], 2) / chains;
      }
      EXPECT_LT(std::abs(level), 5 * std::sqrt(levels / chains));
    }
  }
}

TEST(ControlVariates, LeaveNoVarianceAtTheAnchor) {
  test::write_made_data();
  for (const char* const model : models) {
    const auto density = test::target_of(model)->density();
    const mcmc::Anchor anchor = anchor_of(*density);
    const auto batches = density->batches({5, false, true}, anchor);
    const auto found = estimates_at(*batches, anchor.x, 2, 11);
    for (std::size_t i = 0; i < anchor.x.size(); ++i) {
      for (const double g : found.gradients[i]) EXPECT_EQ(g, anchor.gradient[i]) << model;
    }
    for (const double u : found.potentials) EXPECT_NEAR(u, anchor.potential, 1e-12) << model;
  }
}

TEST(ControlVariates, MakeGradientsOfLinearRegressionsExactIfRowsExplainAlike) {
  test::write_made_data();
  test::write_data("mean.csv", "one,y\n1,2.5\n1,-0.3\n1,0.9\n1,1.1\n1,-2.0\n");
  const auto density =
      test::target_of("name = 'linear'\ndata = 'mean.csv'\nintercept = false\nstandardise = false")
          ->density();
  const auto batches = density->batches({2, false, true}, anchor_of(*density));
  const std::vector<double> x{1.7};
  const double exact = mcmc::evaluate_at(*density, x).gradients[0];
  const auto found = estimates_at(*batches, x, 1, 0);
  for (const double g : found.gradients[0]) EXPECT_NEAR(g, exact, 1e-13);
}

TEST(Modes, AreFoundToAFractionOfAStandardDeviation) {
  test::write_made_data();
  for (const char* const model : models) {
    const auto density = test::target_of(model)->density();
    const mcmc::Anchor mode = mcmc::mode_of(*density);
    const auto there = mcmc::evaluate_at(*density, mode.x);
    EXPECT_EQ(there.potentials[0], mode.potential);
    EXPECT_EQ(there.gradients, mode.gradient);
    // A step of the size of a standard deviation changes a gradient by the inverse of that.
    for (std::size_t i = 0; i < mode.x.size(); ++i) {
      auto moved = mode.x;
      moved[i] += 1e-3;
      const double curvature =
          (mcmc::evaluate_at(*density, moved).gradients[i] - mode.gradient[i]) / 1e-3;
      EXPECT_GT(curvature, 0);
      EXPECT_LT(std::abs(mode.gradient[i]), 2e-3 * std::sqrt(curvature)) << model;
    }
  }
}

TEST(Modes, OfColumnsOfDifferentScaleAreFound) {
  std::mt19937_64 engine(2);
  std::normal_distribution<double> normal;
  std::string text;
  for (int r = 0; r < 300; ++r) {
    const double a = normal(engine);
    const double b = normal(engine);
    text += std::to_string(1000 * a) + "," + std::to_string(0.01 * b) + "," +
            std::to_string(a - 2 * b + normal(engine)) + "\n";
  }
  test::write_data("scales.csv", text);
  const auto density = test::target_of(
                           "name = 'linear'\ndata = 'scales.csv'\nheader = false\n"
                           "standardise = false\nintercept = false\nprior_sd = [1e6]")
                           ->density();
  const mcmc::Anchor mode = mcmc::mode_of(*density);
  // Of a parabola the least value is U - g H^-1 g / 2; columns are almost independent.
  const double sd[] = {1e-3 / std::sqrt(300), 100 / std::sqrt(300)};
  for (std::size_t i = 0; i < 2; ++i) EXPECT_LT(std::abs(mode.gradient[i]) * sd[i], 2e-3);
}

}  // namespace
