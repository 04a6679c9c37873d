// SPDX-License-Identifier: BSD-3-Clause
// Claims: nested R-hat from sums of chains, block by block, is that of the draws, for superchains
// that lie within blocks, are blocks, and lie across them; chains that are lost count as if they
// were not there; the merge of neighbours is that of all, in any grouping, but for rounding.
#include "mcmc/superchains.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "stats/convergence.hpp"
#include "stats/merge_tree.hpp"

namespace {
using namespace driftwood;

constexpr std::int64_t draws = 7;
constexpr std::size_t parameters = 2;
constexpr double centre = 3.0;

/// (parameter, chain, draw)
using Draws = std::vector<std::vector<double>>;

Draws some_draws(std::int64_t chains, std::int64_t each) {
  std::mt19937_64 engine(11);
  std::normal_distribution<double> normal;
  Draws out(parameters);
  for (std::size_t i = 0; i < parameters; ++i) {
    for (std::int64_t c = 0; c < chains; ++c) {
      const double start = centre + 0.4 * static_cast<double>(c / each % 5 - 2);
      for (std::int64_t d = 0; d < draws; ++d) out[i].push_back(start + normal(engine));
    }
  }
  return out;
}

std::vector<double> sums_of(const Draws& x, std::int64_t chain) {
  std::vector<double> out(2 * parameters);
  for (std::size_t i = 0; i < parameters; ++i) {
    for (std::int64_t d = 0; d < draws; ++d) {
      const double above = x[i][static_cast<std::size_t>(chain * draws + d)] - centre;
      out[i] += above;
      out[parameters + i] += above * above;
    }
  }
  return out;
}

std::vector<double> record_of(const mcmc::Superchains& groups, const Draws& x, std::int64_t chains,
                              std::int64_t block, const std::vector<std::int64_t>& lost = {}) {
  stats::MergeTree<double, mcmc::Superchains> tree(groups.record_size(), groups);
  for (std::int64_t first = 0; first < chains; first += block) {
    std::vector<std::vector<double>> of_block;
    for (std::int64_t c = first; c < std::min(first + block, chains); ++c) {
      const bool is_lost = std::find(lost.begin(), lost.end(), c) != lost.end();
      of_block.push_back(is_lost ? std::vector<double>{} : sums_of(x, c));
    }
    tree.push(first / block, groups.record(first, of_block, draws));
  }
  return tree.root();
}

std::vector<double> by_blocks(const Draws& x, std::int64_t chains, std::int64_t each,
                              std::int64_t block, const std::vector<std::int64_t>& lost = {}) {
  const mcmc::Superchains groups(each, parameters);
  return groups.rhat(record_of(groups, x, chains, block, lost));
}

struct Shape {
  std::int64_t chains;
  std::int64_t each;

  friend std::ostream& operator<<(std::ostream& out, const Shape& one) {
    return out << one.chains << " chains, groups of " << one.each;
  }
};

class NestedRhat : public ::testing::TestWithParam<Shape> {};

TEST_P(NestedRhat, IsThatOfTheDraws) {
  const auto [chains, each] = GetParam();
  const Draws x = some_draws(chains, each);
  for (const std::int64_t block : {1, 5, 64}) {
    const std::vector<double> found = by_blocks(x, chains, each, block);
    for (std::size_t i = 0; i < parameters; ++i) {
      const double known = stats::nested_rhat({x[i], chains, draws}, chains / each);
      EXPECT_GT(known, 1.01);
      EXPECT_NEAR(found[i], known, 1e-13) << "blocks of " << block;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Groups, NestedRhat,
                         ::testing::Values(Shape{60, 1}, Shape{60, 3}, Shape{640, 64},
                                           Shape{600, 100}, Shape{390, 130}, Shape{700, 350}),
                         [](const auto& one) {
                           return std::to_string(one.param.chains) + "of" +
                                  std::to_string(one.param.each);
                         });

TEST(NestedRhat, LeavesOutLostChains) {
  // Of groups of 4, the last of each is lost: what is left are groups of 3.
  const std::int64_t groups = 40;
  const Draws x = some_draws(4 * groups, 4);
  Draws rest(parameters);
  std::vector<std::int64_t> lost;
  for (std::int64_t c = 0; c < 4 * groups; ++c) {
    if (c % 4 == 3) {
      lost.push_back(c);
      continue;
    }
    for (std::size_t i = 0; i < parameters; ++i) {
      const auto from = x[i].begin() + static_cast<std::ptrdiff_t>(c * draws);
      rest[i].insert(rest[i].end(), from, from + draws);
    }
  }
  const std::vector<double> found = by_blocks(x, 4 * groups, 4, 64, lost);
  const std::vector<double> known = by_blocks(rest, 3 * groups, 3, 64);
  for (std::size_t i = 0; i < parameters; ++i) EXPECT_NEAR(found[i], known[i], 1e-13);
  // A superchain of which nothing is left does not count either.
  for (std::int64_t c = 0; c < 4; ++c) lost.push_back(c);
  for (std::size_t i = 0; i < parameters; ++i) {
    rest[i].erase(rest[i].begin(), rest[i].begin() + 3 * draws);
    EXPECT_NEAR(by_blocks(x, 4 * groups, 4, 64, lost)[i],
                stats::nested_rhat({rest[i], 3 * (groups - 1), draws}, groups - 1), 1e-13);
  }
}

TEST(NestedRhat, ErrorsAreThoseOfTheMeansOfSuperchains) {
  constexpr std::int64_t each = 15;
  constexpr std::int64_t count = 40;
  const Draws x = some_draws(count * each, each);
  const mcmc::Superchains groups(each, parameters);
  const std::vector<double> found = groups.standard_errors(record_of(groups, x, count * each, 64));
  for (std::size_t i = 0; i < parameters; ++i) {
    double sum = 0;
    double squares = 0;
    for (std::int64_t k = 0; k < count; ++k) {
      const auto first = x[i].begin() + static_cast<std::ptrdiff_t>(k * each * draws);
      const double mean = std::accumulate(first, first + each * draws, 0.0) / (each * draws);
      sum += mean;
      squares += mean * mean;
    }
    const double known = std::sqrt((squares - sum * sum / count) / (count - 1) / count);
    EXPECT_NEAR(found[i], known, 1e-12);
  }
}

TEST(NestedRhat, IsNotANumberWithoutTwoGroupsOrWithEqualDraws) {
  EXPECT_TRUE(std::isnan(by_blocks(some_draws(10, 10), 10, 10, 64)[0]));
  const Draws equal(parameters, std::vector<double>(10 * draws, centre));
  EXPECT_TRUE(std::isnan(by_blocks(equal, 10, 5, 64)[0]));
}

}  // namespace
