// SPDX-License-Identifier: BSD-3-Clause
// Claims: gamma, Poisson and non-central chi-squared variates have their exact laws, also for
// extreme parameters, and are pure functions of seed, component, path and step.
//
// False alarms over seeds: moments are compared within 6 standard errors, which follow from the
// law; a normal error is beyond with 2e-9, and the skewness of the estimators, below 0.15, raises
// that to less than 3e-7. Tests of distributions are at 5.5e-8. There are 168 and 25 of them: below
// 6e-5 for the whole file. The seed is fixed.
#include "random/chi_squared.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <limits>
#include <numbers>
#include <vector>

namespace {
using namespace driftwood;
using random::Cursor;
using random::Purpose;
using random::Stream;

constexpr std::uint64_t seed = 1985;
constexpr std::size_t draws = 1 << 20;
constexpr double sigmas = 6;

struct ChiSquared : ::testing::Test {
  static void SetUpTestSuite() { std::cout << "seed " << seed << '\n'; }

  /// One variate per path in each of two steps, of another component than the samples before.
  template <class Sampler>
  std::vector<double> sample(const Sampler& sampler) {
    const Stream stream(seed, Purpose::transition, samples_taken++);
    std::vector<double> out(draws);
    for (std::size_t i = 0; i < draws; ++i) {
      Cursor cursor(stream, i / 2, i % 2);
      out[i] = sampler(cursor);
    }
    return out;
  }

  int samples_taken = 0;
};

using Cumulants = std::array<double, 7>;  // [r] is the r-th, [0] unused

/// Mean, variance and third central moment, about the exact mean, against the closed forms. The
/// variance of the mean of (x - mean)^k is (m_2k - m_k^2) / n with central moments m.
void expect_moments(const std::vector<double>& x, const Cumulants& kappa) {
  std::array<double, 7> m = {1, 0, kappa[2], kappa[3], 0, 0, 0};
  m[4] = kappa[4] + 3 * m[2] * m[2];
  m[5] = kappa[5] + 10 * m[2] * m[3];
  m[6] = kappa[6] + 15 * kappa[4] * m[2] + 10 * m[3] * m[3] + 15 * m[2] * m[2] * m[2];
  const auto n = static_cast<double>(x.size());
  std::array<double, 4> sum{};
  for (const double v : x) {
    const double y = v - kappa[1];
    sum[1] += y;
    sum[2] += y * y;
    sum[3] += y * y * y;
  }
  for (std::size_t k = 1; k <= 3; ++k) {
    const double error = std::sqrt((m[2 * k] - m[k] * m[k]) / n);
    EXPECT_NEAR(sum[k] / n, m[k], sigmas * error) << "central moment " << k;
  }
}

/// P(sqrt(n) D > 2.95) = 2 exp(-2 2.95^2) = 5.5e-8 for the Kolmogorov distance D. It is taken at
/// every 16th value, which can but lower it.
template <class Cdf>
void expect_law(std::vector<double> x, const Cdf& cdf) {
  std::sort(x.begin(), x.end());
  const auto n = static_cast<double>(x.size());
  double distance = 0;
  for (std::size_t i = 0; i < x.size(); i += 16) {
    const double f = cdf(x[i]);
    distance =
        std::max({distance, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  EXPECT_LT(std::sqrt(n) * distance, 2.95);
}

/// Pearson's test in cells of `width` counts, those expected to be all but empty left to their
/// neighbour; its statistic is made normal by Wilson and Hilferty (1931): 4e-8 beyond 5.4.
template <class Mass>
void expect_counts(const std::vector<double>& x, double first, double width, int cells,
                   const Mass& mass) {
  const auto n = static_cast<double>(x.size());
  std::vector<double> found(static_cast<std::size_t>(cells));
  for (const double v : x) {
    const double cell = std::clamp(std::floor((v - first) / width), 0.0, cells - 1.0);
    found[static_cast<std::size_t>(cell)] += 1;
  }
  double chi2 = 0;
  int degrees = -1;
  double expected = 0;
  double seen = 0;
  double rest = n;  // the last cell is all that lies beyond
  for (int c = 0; c < cells; ++c) {
    double in_cell = 0;
    for (double k = first + c * width; k < first + (c + 1) * width; ++k) in_cell += n * mass(k);
    rest -= in_cell;
    expected += in_cell;
    seen += found[static_cast<std::size_t>(c)];
    const bool last = c == cells - 1 || rest < 30;
    if (expected < 30 && !last) continue;
    if (last) {
      expected += rest;
      while (++c < cells) seen += found[static_cast<std::size_t>(c)];
    }
    chi2 += (seen - expected) * (seen - expected) / expected;
    ++degrees;
    expected = seen = 0;
  }
  const double spread = 2.0 / (9.0 * degrees);
  EXPECT_LT((std::cbrt(chi2 / degrees) - (1 - spread)) / std::sqrt(spread), 5.4);
}

/// The gamma distribution function over x^shape exp(-x) / Gamma(shape + 1): a series of positive
/// terms.
double gamma_series(double shape, double x) {
  double sum = 1;
  double term = 1;
  for (double n = 1; term > 1e-17 * sum; ++n) sum += term *= x / (shape + n);
  return sum;
}
double gamma_density_next(double shape, double x) {
  return std::exp(shape * std::log(x) - x - std::lgamma(shape + 1));
}
double gamma_cdf(double shape, double x) {
  return x > 0 ? gamma_density_next(shape, x) * gamma_series(shape, x) : 0;
}
double normal_cdf(double x) { return std::erfc(-x * std::numbers::sqrt2 / 2) / 2; }

/// sum_j Poisson(j; lambda / 2) P(chi^2_{d + 2 j} < x), the probabilities from the last j down:
/// then every step of the recursion P(a) = P(a + 1) + x^a exp(-x) / Gamma(a + 1) adds.
double non_central_cdf(double d, double lambda, double x) {
  const double mean = lambda / 2;
  const double y = x / 2;
  const auto terms = static_cast<int>(mean + 10 * std::sqrt(mean) + 30);
  std::vector<double> weight = {std::exp(-mean)};
  std::vector<double> density = {gamma_density_next(d / 2, y)};
  for (int j = 1; j <= terms; ++j) {
    weight.push_back(weight.back() * mean / j);
    density.push_back(density.back() * y / (d / 2 + j));
  }
  double p = density.back() * (gamma_series(d / 2 + terms, y) - 1);
  double sum = 0;
  for (; !weight.empty(); weight.pop_back(), density.pop_back()) {
    p += density.back();
    sum += weight.back() * p;
  }
  return sum;
}

/// A Poisson mass by another way than the library's.
double poisson_mass(double k, double mean) {
  const auto m = static_cast<long double>(mean);
  const auto n = static_cast<long double>(k);
  return static_cast<double>(std::exp(n * std::log(m) - m - std::lgamma(n + 1)));
}

TEST_F(ChiSquared, GammaVariatesHaveTheirMoments) {
  for (const double shape : {0.05, 0.25, 0.5, 0.999, 1.0, 1.5, 7.0, 500.0, 2.5e8}) {
    SCOPED_TRACE(shape);
    const Cumulants kappa = {0, shape, shape, 2 * shape, 6 * shape, 24 * shape, 120 * shape};

    expect_moments(sample([&](Cursor& c) { return random::gamma(c, shape); }), kappa);
  }
}

TEST_F(ChiSquared, PoissonVariatesHaveTheirMoments) {
  for (const double mean : {0.02, 0.7, 5.0, 9.999, 10.0, 33.3, 1e3, 5e8}) {
    SCOPED_TRACE(mean);
    const Cumulants kappa = {0, mean, mean, mean, mean, mean, mean};

    expect_moments(sample([&](Cursor& c) { return random::poisson(c, mean); }), kappa);
  }
}

TEST_F(ChiSquared, NonCentralChiSquaredVariatesHaveTheirMoments) {
  for (const double d : {0.0, 0.1, 0.5, 0.999, 1.0, 1.5, 5.0, 1e4}) {
    for (const double lambda : {0.0, 0.3, 5.0, 50.0, 1e9}) {
      if (d == 0 && lambda == 0) continue;
      SCOPED_TRACE(testing::Message() << "d " << d << " lambda " << lambda);
      Cumulants kappa{};
      double factor = 1;  // 2^(r-1) (r-1)!
      for (int r = 1; r <= 6; ++r) {
        kappa[static_cast<std::size_t>(r)] = factor * (d + r * lambda);
        factor *= 2 * r;
      }

      const auto x =
          sample([&](Cursor& c) { return random::non_central_chi_squared(c, d, lambda); });

      expect_moments(x, kappa);
    }
  }
}

TEST_F(ChiSquared, GammaVariatesHaveTheirDistribution) {
  const auto gammas = [&](double shape) {
    return sample([&](Cursor& c) { return random::gamma(c, shape); });
  };

  expect_law(gammas(1), [](double x) { return -std::expm1(-x); });
  expect_law(gammas(0.5), [](double x) { return std::erf(std::sqrt(x)); });
  expect_law(gammas(0.1), [](double x) { return gamma_cdf(0.1, x); });
  expect_law(gammas(1.2), [](double x) { return gamma_cdf(1.2, x); });
  expect_law(gammas(40), [](double x) { return gamma_cdf(40, x); });
}

TEST_F(ChiSquared, PoissonVariatesHaveTheirDistribution) {
  for (const double mean : {0.1, 1.0, 9.999, 10.0, 12.5, 50.0, 1e3, 5e8}) {
    SCOPED_TRACE(mean);
    const double deviation = std::sqrt(mean);
    const double first = std::max(0.0, std::floor(mean - 6 * deviation));
    const double width = std::ceil(deviation / 8);

    const auto x = sample([&](Cursor& c) { return random::poisson(c, mean); });

    expect_counts(x, first, width, static_cast<int>(12 * deviation / width) + 12,
                  [&](double k) { return poisson_mass(k, mean); });
  }
}

TEST_F(ChiSquared, NonCentralChiSquaredVariatesHaveTheirDistribution) {
  const auto variates = [&](double d, double lambda) {
    return sample([&](Cursor& c) { return random::non_central_chi_squared(c, d, lambda); });
  };

  expect_law(variates(2, 0), [](double x) { return -std::expm1(-x / 2); });
  expect_law(variates(1, 7), [](double x) {
    return normal_cdf(std::sqrt(x) - std::sqrt(7.0)) - normal_cdf(-std::sqrt(x) - std::sqrt(7.0));
  });
  struct Case {
    double d;
    double lambda;
  };
  for (const Case& c : std::vector<Case>{
           {0.1, 0.3}, {0.5, 5}, {0.5, 50}, {0.9, 300}, {1.1, 0.3}, {2, 5}, {5, 50}, {20, 1}}) {
    SCOPED_TRACE(testing::Message() << "d " << c.d << " lambda " << c.lambda);
    expect_law(variates(c.d, c.lambda),
               [&](double x) { return non_central_cdf(c.d, c.lambda, x); });
  }
}

TEST_F(ChiSquared, WithoutDegreesOfFreedomThereIsAnAtomAtZero) {
  const double lambda = 3;
  const double atom = std::exp(-lambda / 2);
  auto x = sample([&](Cursor& c) { return random::non_central_chi_squared(c, 0, lambda); });

  const auto zeros = std::erase(x, 0.0);

  EXPECT_NEAR(static_cast<double>(zeros) / draws, atom,
              sigmas * std::sqrt(atom * (1 - atom) / draws));
  expect_law(std::move(x), [&](double v) {
    double sum = 0;
    for (int j = 1; j < 60; ++j) sum += poisson_mass(j, lambda / 2) * gamma_cdf(j, v / 2);
    return sum / (1 - atom);
  });
}

TEST_F(ChiSquared, PoissonMassesKeepTheirAccuracyForLargeMeans) {
  for (const double mean : {10.0, 37.5, 1e3, 1e5}) {
    for (double z = -6; z <= 6; z += 0.25) {
      const double k = std::max(0.0, std::floor(mean + z * std::sqrt(mean)));
      const auto n = static_cast<long double>(k);
      const auto m = static_cast<long double>(mean);
      const auto exact = static_cast<double>(n * std::log(m) - m - std::lgamma(n + 1));
      EXPECT_NEAR(random::log_poisson_mass(k, mean), exact, 1e-13 * (1 + std::abs(exact))) << k;
    }
  }
  // log of the mass at the mean: -log(2 pi mean) / 2 - 1 / (12 mean) + ...
  EXPECT_NEAR(random::log_poisson_mass(1e15, 1e15), -std::log(2e15 * std::numbers::pi) / 2, 1e-13);
}

TEST_F(ChiSquared, VariatesAreFunctionsOfSeedComponentPathAndStep) {
  const auto variate = [](std::uint64_t s, int component, std::uint64_t id, std::uint64_t step) {
    Cursor cursor(Stream(s, Purpose::transition, component), id, step);
    return random::non_central_chi_squared(cursor, 0.5, 30);
  };
  const double x = variate(seed, 0, 12, 345);

  EXPECT_EQ(x, variate(seed, 0, 12, 345));
  EXPECT_NE(x, variate(seed + 1, 0, 12, 345));
  EXPECT_NE(x, variate(seed, 1, 12, 345));
  EXPECT_NE(x, variate(seed, 0, 13, 345));
  EXPECT_NE(x, variate(seed, 0, 12, 346));
}

TEST_F(ChiSquared, CursorsHandOutTheDrawsOfTheirStepInOrder) {
  const Stream stream(seed, Purpose::transition, 2);
  constexpr std::uint64_t step = 0xfff'ffff'ffff;
  const random::Ids<double> id{77};
  Cursor cursor(stream, id.id, step);

  for (std::uint64_t draw = step << 20; draw < (step << 20) + 20;) {
    const auto words = stream.words<double>(id, draw++);
    const auto normals = random::normals<double>(stream, id, draw++, 1.0);
    EXPECT_EQ(cursor.uniform(), random::uniform(words.word[0]));
    EXPECT_EQ(cursor.normal(), normals.z[0]);
    EXPECT_EQ(cursor.uniform(), random::uniform(words.word[1]));
    EXPECT_EQ(cursor.normal(), normals.z[1]);
  }
}

TEST_F(ChiSquared, VariatesAreFiniteAndNotNegativeForExtremeParameters) {
  const Stream stream(seed, Purpose::transition, 0);
  for (const double d : {0.0, 1e-310, 1e-3, 0.5, std::nextafter(1.0, 0), 1.0,
                         std::nextafter(1.0, 2), 2.0, 100.0, 1e4}) {
    for (const double lambda : {0.0, 1e-310, 1e-3, 1.0, 19.99, 20.0, 1e4, 1e9, 1e18}) {
      for (std::uint64_t i = 0; i < 2000; ++i) {
        Cursor cursor(stream, i, 3);
        const double x = random::non_central_chi_squared(cursor, d, lambda);
        ASSERT_TRUE(std::isfinite(x) && x >= 0) << "d " << d << " lambda " << lambda;
      }
    }
  }
}

TEST_F(ChiSquared, ParametersThatAreNoNumbersGiveNone) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  Cursor cursor(Stream(seed, Purpose::transition, 0), 0, 0);

  EXPECT_TRUE(std::isnan(random::gamma(cursor, nan)));
  EXPECT_TRUE(std::isnan(random::poisson(cursor, nan)));
  EXPECT_TRUE(std::isnan(random::non_central_chi_squared(cursor, nan, 1)));
  EXPECT_TRUE(std::isnan(random::non_central_chi_squared(cursor, 0.5, nan)));
  EXPECT_TRUE(std::isnan(random::non_central_chi_squared(cursor, 5, nan)));
}
}  // namespace
