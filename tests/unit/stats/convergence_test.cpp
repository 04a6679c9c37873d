// SPDX-License-Identifier: BSD-3-Clause
#include "stats/convergence.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "base/error.hpp"
#include "stats/beta_quantile.hpp"
#include "stats/rank_normal.hpp"
#include "unit/stats/chains.hpp"

namespace {
using namespace driftwood;
using test::Chains;
using Values = std::vector<double>;

// ---- known values -------------------------------------------------------------------------------

TEST(Convergence, OfChainsFromMinstd) {
  const Chains x = test::minstd_chains();
  EXPECT_NEAR(x.values[0], 1.36826518, 5e-9);
  EXPECT_NEAR(x.values[1], 1.97823648, 5e-9);
  EXPECT_NEAR(x.values[2], 1.64736671, 5e-9);
  EXPECT_NEAR(x.values[3999], 0.42527376, 5e-9);

  EXPECT_NEAR(stats::summarise(x.view()).mean, -0.00240251, 5e-9);
  EXPECT_NEAR(stats::split_rhat(x.view()), 1.003689, 6e-7);
  EXPECT_NEAR(stats::rank_rhat(x.view()).bulk, 1.003634, 6e-7);
  EXPECT_NEAR(stats::rank_rhat(x.view()).folded, 1.003178, 6e-7);
  EXPECT_NEAR(stats::ess_mean(x.view()), 748.9, 0.06);
  EXPECT_NEAR(stats::ess_bulk(x.view()), 750.2, 0.06);
  EXPECT_NEAR(stats::ess_tail(x.view()), 1386, 0.6);
}

TEST(Convergence, OfChainsFromMinstdWithOneElsewhere) {
  Chains x = test::minstd_chains();
  for (std::size_t i = 3000; i < 4000; ++i) x.values[i] += 1;
  EXPECT_NEAR(stats::split_rhat(x.view()), 1.054796, 6e-7);
  EXPECT_NEAR(stats::rank_rhat(x.view()).bulk, 1.054432, 6e-7);
  EXPECT_NEAR(stats::rank_rhat(x.view()).folded, 1.005399, 6e-7);
  EXPECT_NEAR(stats::ess_mean(x.view()), 86.8, 0.06);
  EXPECT_NEAR(stats::ess_bulk(x.view()), 89.1, 0.06);
  EXPECT_NEAR(stats::ess_tail(x.view()), 737.7, 0.06);
}

// ---- the definitions, word by word --------------------------------------------------------------

using Table = std::vector<Values>;  // half chains

Table halves(const Chains& x) {
  Table result;
  const auto n = static_cast<std::size_t>(x.draws);
  for (std::size_t c = 0; c < static_cast<std::size_t>(x.chains); ++c) {
    const auto begin = x.values.begin() + static_cast<std::ptrdiff_t>(c * n);
    const auto half = static_cast<std::ptrdiff_t>(n / 2);
    result.emplace_back(begin, begin + half);
    result.emplace_back(begin + static_cast<std::ptrdiff_t>(n) - half,
                        begin + static_cast<std::ptrdiff_t>(n));
  }
  return result;
}

double mean_of(const Values& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}
double variance_of(const Values& x) {
  double sum = 0;
  for (const double v : x) sum += (v - mean_of(x)) * (v - mean_of(x));
  return sum / static_cast<double>(x.size() - 1);
}

double plain_rhat(const Table& x) {
  Values means;
  Values variances;
  for (const auto& chain : x) {
    means.push_back(mean_of(chain));
    variances.push_back(variance_of(chain));
  }
  const auto n = static_cast<double>(x[0].size());
  const double within = mean_of(variances);
  const double between = n * variance_of(means);
  return std::sqrt(((n - 1) / n * within + between / n) / within);
}

double plain_ess(const Table& x) {
  const std::size_t n = x[0].size();
  const auto draws = static_cast<double>(n);
  Values covariance(n, 0.0);
  Values means;
  for (const auto& chain : x) {
    const double mean = mean_of(chain);
    means.push_back(mean);
    for (std::size_t t = 0; t < n; ++t) {
      double sum = 0;
      for (std::size_t i = 0; i + t < n; ++i) sum += (chain[i] - mean) * (chain[i + t] - mean);
      covariance[t] += sum / draws / static_cast<double>(x.size());
    }
  }
  const double within = covariance[0] * draws / (draws - 1);
  const double total = within * (draws - 1) / draws + variance_of(means);
  const auto rho = [&](std::size_t t) { return 1 - (within - covariance[t]) / total; };
  Values kept(n + 1, 0.0);
  kept[0] = 1;
  kept[1] = rho(1);
  double even = 1;
  double odd = kept[1];
  std::size_t t = 0;
  while (t + 5 < n && even + odd > 0) {
    t += 2;
    even = rho(t);
    odd = rho(t + 1);
    if (even + odd >= 0) {
      kept[t] = even;
      kept[t + 1] = odd;
    }
  }
  const std::size_t end = t;
  if (even > 0) kept[end] = even;
  for (t = 2; t + 2 <= end; t += 2) {
    if (kept[t] + kept[t + 1] > kept[t - 2] + kept[t - 1]) {
      kept[t] = (kept[t - 2] + kept[t - 1]) / 2;
      kept[t + 1] = kept[t];
    }
  }
  double time = -1 + kept[end];
  for (t = 0; t < end; ++t) time += 2 * kept[t];
  const double all = draws * static_cast<double>(x.size());
  return all / std::max(time, 1 / std::log10(all));
}

Table scores(const Table& x) {
  Values all;
  for (const auto& chain : x) all.insert(all.end(), chain.begin(), chain.end());
  const Values z = stats::normal_scores(all);
  Table result;
  for (std::size_t c = 0; c < x.size(); ++c) {
    const auto begin = z.begin() + static_cast<std::ptrdiff_t>(c * x[0].size());
    result.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(x[0].size()));
  }
  return result;
}

double quantile_of(Values x, double p) {
  std::sort(x.begin(), x.end());
  const double at = p * static_cast<double>(x.size() - 1);
  const auto k = static_cast<std::size_t>(at);
  return k + 1 == x.size() ? x[k] : x[k] + (at - static_cast<double>(k)) * (x[k + 1] - x[k]);
}

double plain_tail(const Chains& x) {
  double least = std::numeric_limits<double>::infinity();
  for (const double p : {0.05, 0.95}) {
    const double q = quantile_of(x.values, p);
    least = std::min(least, plain_ess(halves(x.map([q](double v) { return v <= q ? 1. : 0.; }))));
  }
  return least;
}

void expect_definitions(const Chains& x) {
  const double median = stats::median(stats::sort_with_places(x.values));
  const auto folded = x.map([median](double v) { return std::abs(v - median); });
  const double small = 1e-12;
  EXPECT_NEAR(stats::split_rhat(x.view()), plain_rhat(halves(x)), small);
  EXPECT_NEAR(stats::rank_rhat(x.view()).bulk, plain_rhat(scores(halves(x))), small);
  EXPECT_NEAR(stats::rank_rhat(x.view()).folded, plain_rhat(scores(halves(folded))), small);
  EXPECT_NEAR(stats::ess_mean(x.view()) / plain_ess(halves(x)), 1, 1e-10);
  EXPECT_NEAR(stats::ess_bulk(x.view()) / plain_ess(scores(halves(x))), 1, 1e-10);
  EXPECT_NEAR(stats::ess_tail(x.view()) / plain_tail(x), 1, 1e-10);
}

TEST(Convergence, FollowsItsDefinitions) {
  std::uint64_t seed = 100;
  for (const double phi : {-0.9, -0.3, 0.0, 0.7, 0.98}) {
    for (const std::int64_t draws : {12, 25, 200, 501}) {
      for (const std::int64_t chains : {1, 3}) {
        SCOPED_TRACE(testing::Message() << "phi " << phi << ", draws " << draws << ", chains "
                                        << chains << ", seed " << seed);
        expect_definitions(test::ar1(chains, draws, phi, seed++));
      }
    }
  }
}

TEST(Convergence, FollowsItsDefinitionsWithTies) {
  for (const std::int64_t draws : {60, 121}) {
    SCOPED_TRACE(testing::Message() << "draws " << draws << ", seed 7");
    expect_definitions(test::ar1(4, draws, 0.5, 7).map([](double v) { return std::round(2 * v); }));
  }
}

// ---- theory -------------------------------------------------------------------------------------

// Over 60 seeds, 5 standard errors of the mean: a false alarm in 2 million. The sum is cut where
// noise begins, which costs up to 1.5 %.
TEST(EffectiveSize, OfAnAutoregressionIsThatOfTheory) {
  for (const double phi : {-0.5, 0.0, 0.7, 0.9}) {
    const double theory = 4 * 5000 * (1 - phi) / (1 + phi);
    Values ratio;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      ratio.push_back(stats::ess_mean(test::ar1(4, 5000, phi, seed).view()) / theory);
    }
    const double error = std::sqrt(variance_of(ratio) / 60);
    EXPECT_NEAR(mean_of(ratio), 1, 5 * error + 0.015) << "phi " << phi << ", seeds 1 to 60";
    RecordProperty("ess_over_theory_phi_" + std::to_string(phi), std::to_string(mean_of(ratio)));
    const auto once = test::ar1(4, 5000, phi, 1);
    EXPECT_DOUBLE_EQ(stats::autocorrelation_time(once.view()),
                     20000 / stats::ess_mean(once.view()));
  }
}

TEST(EffectiveSize, OfAntitheticDrawsIsCapped) {
  Values x;
  for (int i = 0; i < 1000; ++i) x.push_back((i % 2 == 0 ? 1 : -1) * (1 + 1e-3 * (i % 7)));
  EXPECT_DOUBLE_EQ(stats::ess_mean({x, 1, 1000}), 1000 * std::log10(1000));
}

// What 600 repetitions vary by, over the mean of the standard errors that they state. The standard
// error of a standard deviation is 1 / sqrt(1200) = 2.9 %: 15 % is 5 of them, a false alarm in 2
// million each.
TEST(StandardErrors, AreWhatEstimatesVaryBy) {
  constexpr std::uint64_t seeds = 600;
  Values mean, sd, q90, mcse_mean, mcse_sd, mcse_q90;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto x = test::ar1(4, 500, 0.5, 1000 + seed);
    const auto summary = stats::summarise(x.view());
    mean.push_back(summary.mean);
    sd.push_back(summary.sd);
    q90.push_back(quantile_of(x.values, 0.9));
    mcse_mean.push_back(summary.mcse);
    mcse_sd.push_back(stats::mcse_sd(x.view()));
    mcse_q90.push_back(stats::mcse_quantile(x.view(), 0.9));
  }
  EXPECT_NEAR(std::sqrt(variance_of(mean)) / mean_of(mcse_mean), 1, 0.15) << "seeds 1001 to 1600";
  EXPECT_NEAR(std::sqrt(variance_of(sd)) / mean_of(mcse_sd), 1, 0.15) << "seeds 1001 to 1600";
  EXPECT_NEAR(std::sqrt(variance_of(q90)) / mean_of(mcse_q90), 1, 0.15) << "seeds 1001 to 1600";
}

TEST(BetaQuantile, InvertsPolynomials) {
  // Beta(2, 2): 3 x^2 - 2 x^3. Beta(a, 1) would be x^a.
  EXPECT_NEAR(stats::beta_cdf(0.3, 2, 2), 3 * 0.09 - 2 * 0.027, 1e-14);
  EXPECT_NEAR(stats::beta_cdf(0.9, 2, 2), 3 * 0.81 - 2 * 0.729, 1e-14);
  EXPECT_NEAR(stats::beta_cdf(0.6, 5, 1), std::pow(0.6, 5), 1e-14);
  for (const double p : {0.01, 0.5, 0.84}) {
    EXPECT_NEAR(stats::beta_cdf(stats::beta_quantile(p, 300, 2e5), 300, 2e5), p, 1e-9);
  }
}

// ---- what must not matter -----------------------------------------------------------------------

TEST(Ranks, DoNotSeeMonotoneMaps) {
  const Chains x = test::ar1(3, 301, 0.8, 9);
  const Chains y = x.map([](double v) { return std::exp(3 * v); });
  EXPECT_EQ(stats::rank_rhat(x.view()).bulk, stats::rank_rhat(y.view()).bulk);
  EXPECT_EQ(stats::ess_bulk(x.view()), stats::ess_bulk(y.view()));
  EXPECT_EQ(stats::ess_tail(x.view()), stats::ess_tail(y.view()));
  EXPECT_EQ(stats::ess_quantile(x.view(), 0.37), stats::ess_quantile(y.view(), 0.37));
  EXPECT_NE(stats::split_rhat(x.view()), stats::split_rhat(y.view()));
}

TEST(Ranks, AreDefinedWithoutMoments) {
  // Cauchy draws: the plain R-hat cannot see the shift of the last chain.
  Chains x = test::ar1(4, 1000, 0.0, 10).map([](double v) {
    return std::tan(3.14159265358979 * (std::erfc(-v * 0.7071067811865476) / 2 - 0.5));
  });
  for (std::size_t i = 3000; i < 4000; ++i) x.values[i] += 2;
  EXPECT_LT(stats::split_rhat(x.view()), 1.01);
  EXPECT_GT(stats::rank_rhat(x.view()).value(), 1.05);
}

TEST(FoldedRhat, SeesScales) {
  Chains x = test::ar1(4, 1000, 0.0, 11);
  for (std::size_t i = 3000; i < 4000; ++i) x.values[i] *= 3;
  EXPECT_LT(stats::rank_rhat(x.view()).bulk, 1.01);
  EXPECT_GT(stats::rank_rhat(x.view()).folded, 1.05);
  EXPECT_EQ(stats::rank_rhat(x.view()).value(), stats::rank_rhat(x.view()).folded);
}

TEST(SplitRhat, DoesNotDependOnUnits) {
  const Chains x = test::ar1(2, 400, 0.3, 12);
  const Chains y = x.map([](double v) { return 0x1p-40 * v; });
  EXPECT_EQ(stats::split_rhat(x.view()), stats::split_rhat(y.view()));
  EXPECT_EQ(stats::ess_mean(x.view()), stats::ess_mean(y.view()));
}

TEST(Summary, IsItsParts) {
  for (const std::int64_t draws : {400, 401}) {
    const Chains x = test::ar1(3, draws, 0.6, 13);
    const auto summary = stats::summarise(x.view());
    EXPECT_NEAR(summary.mean, mean_of(x.values), 1e-14);
    EXPECT_NEAR(summary.sd, std::sqrt(variance_of(x.values)), 1e-14);
    std::vector<double> sorted(x.values.begin(), x.values.end());
    std::sort(sorted.begin(), sorted.end());
    const auto quantile = [&](double p) {  // the definition of Hyndman and Fan (1996) no. 7
      const double at = p * static_cast<double>(sorted.size() - 1);
      const auto below = static_cast<std::size_t>(at);
      return sorted[below] + (at - std::floor(at)) * (sorted[below + 1] - sorted[below]);
    };
    EXPECT_NEAR(summary.q5, quantile(0.05), 1e-12);
    EXPECT_NEAR(summary.median, quantile(0.5), 1e-12);
    EXPECT_NEAR(summary.q95, quantile(0.95), 1e-12);
    EXPECT_EQ(summary.mcse, stats::mcse_mean(x.view()));
    EXPECT_EQ(summary.mcse, summary.sd / std::sqrt(stats::ess_mean(x.view())));
    EXPECT_EQ(summary.rhat, stats::rank_rhat(x.view()).value());
    EXPECT_EQ(summary.ess_bulk, stats::ess_bulk(x.view()));
    EXPECT_EQ(summary.ess_tail, stats::ess_tail(x.view()));
  }
}

// ---- other diagnostics --------------------------------------------------------------------------

TEST(NestedRhat, OfASmallTable) {
  // Chain means 1 3 | 5 9, variances 2 0 | 8 2: B = var(2, 7) = 12.5, W = ((2 + 1) + (8 + 5)) / 2.
  const Values x = {0, 2, 3, 3, 3, 7, 8, 10};
  EXPECT_DOUBLE_EQ(stats::nested_rhat({x, 4, 2}, 2), std::sqrt(1 + 12.5 / 8));
}

TEST(NestedRhat, OfOneDrawOrOneChainEach) {
  const Values x = {1, 3, 5, 9};
  EXPECT_DOUBLE_EQ(stats::nested_rhat({x, 4, 1}, 2), std::sqrt(1 + 12.5 / 5));  // W = (2 + 8) / 2
  EXPECT_DOUBLE_EQ(stats::nested_rhat({x, 2, 2}, 2), std::sqrt(1 + 12.5 / 5));
  EXPECT_EQ(stats::nested_rhat({x, 4, 1}, 4), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(stats::nested_rhat({x, 4, 1}, 1)));
  EXPECT_TRUE(std::isnan(stats::nested_rhat({Values(4, 1.0), 4, 1}, 2)));
  EXPECT_THROW((void)stats::nested_rhat({x, 4, 1}, 3), Error);
  EXPECT_THROW((void)stats::nested_rhat({x, 4, 1}, 0), Error);
}

TEST(NestedRhat, OfManyShortChainsThatAgree) {
  // B has 63 degrees of freedom, of size W / 128: nR - 1 is about 1 / 256, never twice that by
  // chance.
  const auto x = test::ar1(64 * 128, 1, 0.0, 14);
  const double rhat = stats::nested_rhat(x.view(), 64);
  EXPECT_GT(rhat, 1.0015);
  EXPECT_LT(rhat, 1.0080);
}

TEST(Ebfmi, OfASmallTable) {
  const Values x = {0, 1, 3, 0, 5, 5, 5, 5};  // moves 1 4 9; about the mean 1, 1 0 4 1
  const auto e = stats::e_bfmi({x, 2, 4});
  ASSERT_EQ(e.size(), 2U);
  EXPECT_DOUBLE_EQ(e[0], 14.0 / 6);
  EXPECT_TRUE(std::isnan(e[1]));
}

TEST(Ebfmi, OfAnAutoregression) {
  // 2 (1 - phi), with a standard error below 0.01 for 1e5 draws.
  for (const double phi : {0.0, 0.9}) {
    EXPECT_NEAR(stats::e_bfmi(test::ar1(1, 100'000, phi, 15).view())[0], 2 * (1 - phi), 0.05);
  }
}

// ---- where nothing can be said ------------------------------------------------------------------

void expect_nothing(const stats::ChainDraws& x) {
  EXPECT_TRUE(std::isnan(stats::split_rhat(x)));
  EXPECT_TRUE(std::isnan(stats::rank_rhat(x).value()));
  EXPECT_TRUE(std::isnan(stats::ess_mean(x)));
  EXPECT_TRUE(std::isnan(stats::ess_bulk(x)));
  EXPECT_TRUE(std::isnan(stats::ess_tail(x)));
  EXPECT_TRUE(std::isnan(stats::ess_sd(x)));
  EXPECT_TRUE(std::isnan(stats::ess_quantile(x, 0.5)));
  EXPECT_TRUE(std::isnan(stats::autocorrelation_time(x)));
  EXPECT_TRUE(std::isnan(stats::mcse_mean(x)));
  EXPECT_TRUE(std::isnan(stats::mcse_sd(x)));
  EXPECT_TRUE(std::isnan(stats::mcse_quantile(x, 0.5)));
  const auto summary = stats::summarise(x);
  EXPECT_TRUE(std::isnan(summary.mcse));
  EXPECT_TRUE(std::isnan(summary.rhat));
  EXPECT_TRUE(std::isnan(summary.ess_bulk));
  EXPECT_TRUE(std::isnan(summary.ess_tail));
}

TEST(Convergence, OfNothingIsNan) {
  expect_nothing({{}, 0, 0});
  expect_nothing({{}, 0, 10});
  expect_nothing({{}, 3, 0});
  const Values three = {1, 5, 2, 3, 1, 4};
  expect_nothing({three, 2, 3});
  const Values equal(40, 0.1);
  expect_nothing({equal, 4, 10});
  EXPECT_EQ(stats::summarise({equal, 4, 10}).mean, 0.1);
  EXPECT_EQ(stats::summarise({equal, 4, 10}).sd, 0);
  EXPECT_TRUE(std::isnan(stats::summarise({Values{2}, 1, 1}).sd));
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    Chains x = test::ar1(2, 50, 0.2, 16);
    x.values[70] = bad;
    expect_nothing(x.view());
    EXPECT_TRUE(std::isnan(stats::summarise(x.view()).mean));
  }
}

TEST(Convergence, OfAFewDraws) {
  const auto four = test::ar1(2, 4, 0.0, 17);
  EXPECT_TRUE(std::isfinite(stats::split_rhat(four.view())));
  EXPECT_TRUE(std::isnan(stats::ess_mean(four.view())));
  const auto seven = test::ar1(2, 7, 0.0, 18);
  EXPECT_EQ(stats::ess_mean(seven.view()), 6);  // half of those in half chains
}

TEST(Convergence, OfConstantHalvesThatDiffer) {
  const Values x = {1, 1, 1, 1, 1, 1, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3};
  EXPECT_EQ(stats::split_rhat({x, 2, 6}), std::numeric_limits<double>::infinity());
  EXPECT_LT(stats::ess_mean({x, 2, 6}), 12);
}

TEST(Convergence, OfBinaryDraws) {
  const auto x = test::ar1(4, 500, 0.0, 19).map([](double v) { return v < 0.5 ? 1.0 : 0.0; });
  EXPECT_LT(stats::rank_rhat(x.view()).value(), 1.02);
  EXPECT_TRUE(std::isnan(stats::ess_tail(x.view())));  // all draws are at most the upper quantile
}

TEST(Convergence, RefusesShapesAndProbabilities) {
  const Values x(10, 1.0);
  EXPECT_THROW((void)stats::split_rhat({x, 3, 3}), Error);
  EXPECT_THROW((void)stats::summarise({x, 3, 3}), Error);
  EXPECT_THROW((void)stats::e_bfmi({x, 3, 3}), Error);
  EXPECT_THROW((void)stats::nested_rhat({x, 3, 3}, 1), Error);
  EXPECT_THROW((void)stats::ess_quantile({x, 1, 10}, 1.5), Error);
  EXPECT_THROW((void)stats::mcse_quantile({x, 1, 10}, -0.5), Error);
}
}  // namespace
