// SPDX-License-Identifier: BSD-3-Clause
// Claim: the collectors find what sorting finds, for values of any distribution.
#include "stats/quantiles.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "stats/order_statistics.hpp"

namespace {
using namespace driftwood;
using Values = std::vector<double>;

struct Distribution {
  std::string name;
  std::function<double(std::mt19937_64&)> draw;
};

std::vector<Distribution> distributions() {
  using Bits = std::mt19937_64;
  return {
      {"normal", [](Bits& b) { return std::normal_distribution<double>()(b); }},
      {"far from zero", [](Bits& b) { return std::normal_distribution<double>(1e6, 1)(b); }},
      {"heavy tails", [](Bits& b) { return std::cauchy_distribution<double>()(b); }},
      {"wide positive", [](Bits& b) { return std::lognormal_distribution<double>(0, 40)(b); }},
      {"ties", [](Bits& b) { return static_cast<double>(b() % 7) - 3; }},
      {"mostly zero", [](Bits& b) { return b() % 10 == 0 ? std::normal_distribution<>()(b) : 0; }},
      {"neighbours", [](Bits& b) { return std::bit_cast<double>(0x3ff0000000000000 + b() % 300); }},
      {"any bits", [](Bits& b) { return std::bit_cast<double>(b()); }},
      {"clusters", [](Bits& b) { return std::ldexp(b() % 2 == 0 ? 1.0 : -1.0, -int(b() % 1000)); }},
  };
}

Values finite_sorted(Values values) {
  std::erase_if(values, [](double x) { return !std::isfinite(x); });
  std::ranges::sort(values);
  return values;
}

void compare(const Values& values, const Values& probabilities) {
  const auto comm = comm::Communicator::world();
  const auto exact = stats::make_exact_quantiles({1, 1}, std::ssize(values));
  const auto binned = stats::make_binned_quantiles({1, 1});
  exact->add(0, 0, values);
  binned->add(0, 0, values);
  const auto found = exact->quantiles(comm, probabilities);
  const auto near = binned->quantiles(comm, probabilities);
  const auto sorted = finite_sorted(values);
  for (std::size_t q = 0; q < probabilities.size(); ++q) {
    const auto k = stats::quantile_position(probabilities[q], std::ssize(sorted));
    const double expected = sorted[static_cast<std::size_t>(k)];
    ASSERT_EQ(found[q], expected) << "probability " << probabilities[q];
    const double denormal = 0x1p-1022;
    ASSERT_LE(std::abs(near[q] - expected), std::max(0x1p-10 * std::abs(expected), denormal))
        << "probability " << probabilities[q];
  }
}

TEST(Quantiles, AgreeWithSorting) {
  for (const auto& distribution : distributions()) {
    for (unsigned seed = 1; seed <= 8; ++seed) {
      SCOPED_TRACE(testing::Message() << distribution.name << ", seed " << seed);
      std::mt19937_64 bits(seed);
      Values values(seed == 8 ? 50'000 : 1 + bits() % 3000);
      for (auto& x : values) x = distribution.draw(bits);
      Values probabilities{0, 1, 0.5};
      while (probabilities.size() < 10) {
        probabilities.push_back(std::uniform_real_distribution<double>()(bits));
      }
      compare(values, probabilities);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
