// SPDX-License-Identifier: BSD-3-Clause
// Claims: spectra have mean 1 and the shape of their rule; an aligned prior has null risk 1;
// parameters out of range and unknown names are refused.
#include "natgrad/spectrum.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "base/error.hpp"

namespace {
using namespace driftwood;
using natgrad::Spectrum;

std::vector<double> eigenvalues(const char* kind, double parameter, std::size_t d) {
  std::vector<double> x(d);
  Spectrum::named(kind, parameter).fill(x);
  return x;
}

TEST(Spectrum, HasMeanOneAndItsShape) {
  for (const char* kind : {"identity", "twopoint", "geometric", "power"}) {
    const auto x = eigenvalues(kind, 3, 401);
    EXPECT_NEAR(std::accumulate(x.begin(), x.end(), 0.0), 401, 1e-10) << kind;
  }
  EXPECT_EQ(eigenvalues("identity", 0, 3), (std::vector<double>{1, 1, 1}));
  EXPECT_EQ(eigenvalues("twopoint", 3, 4), (std::vector<double>{1.5, 1.5, 0.5, 0.5}));
  EXPECT_EQ(eigenvalues("twopoint", 4, 3), (std::vector<double>{2, 0.5, 0.5}));
  const auto geometric = eigenvalues("geometric", 100, 10);
  for (std::size_t i = 1; i < 10; ++i) {
    EXPECT_NEAR(geometric[i] / geometric[i - 1], std::pow(100, -0.1), 1e-14);
  }
  const auto power = eigenvalues("power", 2, 10);
  EXPECT_NEAR(power[4] / power[9], 4, 1e-13);
}

TEST(Spectrum, RefusesWhatIsNone) {
  EXPECT_THROW(static_cast<void>(Spectrum::named("geometrical")), UsageError);
  EXPECT_THROW(static_cast<void>(Spectrum::named("twopoint", 0)), UsageError);
  EXPECT_THROW(static_cast<void>(Spectrum::named("geometric", -2)), UsageError);
  EXPECT_THROW(static_cast<void>(Spectrum::named("power", NAN)), UsageError);
  EXPECT_THROW(eigenvalues("power", 400, 10), UsageError);
  try {
    static_cast<void>(Spectrum::named("geometrc", 3));
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(
        error.what(),
        "there is no spectrum 'geometrc' (there are identity, twopoint, geometric, power); "
        "did you mean 'geometric'?");
  }
}

TEST(Alignment, HasNullRiskOneAndFollowsThePower) {
  const auto x = eigenvalues("geometric", 100, 50);
  for (const double r : {1.0, 0.0, -0.5, -1.0}) {
    std::vector<double> theta(x.size());
    natgrad::fill_aligned(x, r, theta);
    EXPECT_NEAR(std::inner_product(x.begin(), x.end(), theta.begin(), 0.0) / 50, 1, 1e-14);
    EXPECT_NEAR(theta[3] / theta[40], std::pow(x[3] / x[40], r), 1e-12 * std::pow(x[3] / x[40], r));
  }
  std::vector<double> theta(x.size());
  EXPECT_THROW(natgrad::fill_aligned(x, 1000, theta), UsageError);
}
}  // namespace
