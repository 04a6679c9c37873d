// SPDX-License-Identifier: BSD-3-Clause
// Claim: where a path starts is a function of the seed, its id and the component, with the law that
// the deck gives.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sde/launch/fill_states.hpp"
#include "support/kokkos_environment.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;
using Kind = deck::Distribution::Kind;

constexpr std::uint64_t seed = 77;
constexpr std::int64_t paths = 400'000;

const InitialState sample = std::vector<deck::Distribution>{1.25,
                                                            {Kind::normal, -2, 0.5},
                                                            {Kind::lognormal, 0.3, 0.4},
                                                            {Kind::uniform, 3, 7},
                                                            {Kind::normal, -2, 0.5}};

template <class T>
std::vector<std::vector<double>> filled(std::size_t rows, std::uint64_t first, std::int64_t count,
                                        std::uint64_t with_seed = seed) {
  const States<T> states("states", rows, static_cast<std::size_t>(count));
  fill_states(states, upload(sample), with_seed, random::Purpose::initial, {first, count});
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), states);
  std::vector<std::vector<double>> out(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::int64_t p = 0; p < count; ++p) out[i].push_back(static_cast<double>(host(i, p)));
  }
  return out;
}

/// Within 5 standard errors, a false alarm of 6e-7 each; the seed is fixed.
void expect_moments(const std::vector<double>& x, double mean, double variance, double kurtosis) {
  const auto n = static_cast<double>(x.size());
  double sum = 0;
  double square = 0;
  for (const double one : x) sum += one;
  for (const double one : x) square += (one - sum / n) * (one - sum / n);
  EXPECT_NEAR(sum / n, mean, 5 * std::sqrt(variance / n)) << "seed " << seed;
  EXPECT_NEAR(square / (n - 1), variance, 5 * variance * std::sqrt((kurtosis - 1) / n));
}

TEST(InitialState, HasTheMomentsOfItsLaws) {
  const auto x = filled<double>(5, 0, paths);
  for (const double one : x[0]) ASSERT_EQ(one, 1.25);
  expect_moments(x[1], -2, 0.25, 3);
  const double e = std::exp(0.16);
  expect_moments(x[2], std::exp(0.3 + 0.08), std::exp(0.6 + 0.16) * (e - 1),
                 e * e * e * e + 2 * e * e * e + 3 * e * e - 3);
  expect_moments(x[3], 5, 16.0 / 12, 1.8);
  for (const double one : x[3]) ASSERT_TRUE(one > 3 && one < 7);
}

TEST(InitialState, ComponentsAreIndependent) {
  const auto x = filled<double>(5, 0, paths);
  double product = 0;
  for (std::size_t p = 0; p < x[1].size(); ++p) product += (x[1][p] + 2) * (x[4][p] + 2);
  EXPECT_NEAR(product / static_cast<double>(paths), 0, 5 * 0.25 / std::sqrt(paths));
}

TEST(InitialState, DependsOnThePathAndNotOnItsPlace) {
  const auto all = filled<double>(5, 0, 1000);
  const auto some = filled<double>(5, 300, 200);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(std::equal(some[i].begin(), some[i].end(), all[i].begin() + 300));
  }
  EXPECT_NE(filled<double>(5, 0, 1000, seed + 1)[1], all[1]);
}

TEST(InitialState, SinglePrecisionRoundsTheSameDraws) {
  const auto wide = filled<double>(5, 0, 1000);
  const auto narrow = filled<float>(5, 0, 1000);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t p = 0; p < 1000; ++p) {
      ASSERT_EQ(narrow[i][p], static_cast<double>(static_cast<float>(wide[i][p])));
    }
  }
}

TEST(InitialState, AntitheticPathsStartAlike) {
  const States<double> pairs("pairs", 5, 100);
  fill_states(pairs, upload(sample), seed, random::Purpose::initial, {7, 100, true});
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), pairs);
  const auto single = filled<double>(5, 3, 51);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t p = 0; p < 100; ++p) ASSERT_EQ(host(i, p), single[i][(7 + p) / 2 - 3]);
  }
}

TEST(InitialState, CopiesOfAStateAreTheSame) {
  const auto x = filled<double>(10, 5, 100);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(x[i], x[i + 5]);
}
}  // namespace
