// SPDX-License-Identifier: BSD-3-Clause
// Claims: bias and variance of a drawn design are the traces that define them, whatever the
// preconditioner, ridge, time and shape, and whichever way they are computed; a design is a
// function of its key, of any of three laws; what is singular is refused and said to be.
#include "natgrad/ensemble/replica.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "unit/natgrad/designs.hpp"
#include "unit/natgrad/populations.hpp"

namespace {
using namespace driftwood;
using natgrad::BiasVariance;
using natgrad::DesignKey;
using natgrad::Replica;
using test::as_vector;
using test::estimator;
using test::Matrix;
using test::Named;
using test::Vector;

constexpr DesignKey key{.seed = 17, .design = 3, .replica = 5};

Matrix as_matrix(const natgrad::Dense& x) {
  return Eigen::Map<const Matrix>(x.data(), static_cast<Eigen::Index>(x.rows()),
                                  static_cast<Eigen::Index>(x.columns()));
}

/// Unlabelled rows of the same design.
Matrix unlabelled(std::size_t u, const Named& named) {
  Matrix z(static_cast<Eigen::Index>(u), static_cast<Eigen::Index>(named.features.size()));
  std::vector<double> scales;
  natgrad::fill_roots(named.features, scales);
  natgrad::draw_rows(key, natgrad::RowSource::unlabelled, natgrad::FeatureLaw::normal, 0, u, scales,
                     z.data());
  return z;
}

/// P X^T by Eigen.
Matrix preconditioned(const natgrad::Preconditioner& of, const Matrix& x, const Named& named) {
  using Kind = natgrad::Preconditioner::Kind;
  const Eigen::Index d = x.cols();
  const auto n = static_cast<double>(x.rows());
  if (of.kind == Kind::fisher_sample) {
    const Matrix sample = x.transpose() * x / n;
    const double rho = 1e-6 * sample.trace() / static_cast<double>(d);
    return (sample + rho * Matrix::Identity(d, d)).llt().solve(x.transpose());
  }
  if (of.kind == Kind::fisher_estimate) {
    const Matrix z = unlabelled(static_cast<std::size_t>(of.rows), named);
    return (z.transpose() * z / static_cast<double>(of.rows)).llt().solve(x.transpose());
  }
  std::vector<double> p(named.features.size());
  of.fill(named.features, named.prior, p);
  return as_vector(p).asDiagonal() * x.transpose();
}

void expect_near(const BiasVariance& found, const BiasVariance& expected, double relative,
                 const std::string& where) {
  EXPECT_NEAR(found.bias, expected.bias, relative * (1e-3 + expected.bias)) << where;
  EXPECT_NEAR(found.variance, expected.variance, relative * expected.variance) << where;
}

struct Filter {
  double ridge;
  double time;
};
constexpr Filter filters[] = {{0, INFINITY}, {0.2, INFINITY}, {0, 1.5},
                              {0.2, 1.5},    {0.01, 60},      {0, 0}};

class OfOneDesign : public ::testing::TestWithParam<const char*> {};

TEST_P(OfOneDesign, AreTheTracesThatDefineThem) {
  for (const std::size_t d : {30, 48, 96}) {
    constexpr std::size_t n = 48;
    const Named named("geometric", 0.5, 1, d);
    const Named other("geometric", -1, 1, d);
    const Matrix features = as_vector(named.features).asDiagonal();
    Replica replica;
    Replica by_eigenvalues(true);
    replica.draw(key, n, named.features);
    by_eigenvalues.draw(key, n, named.features);
    const Matrix x = as_matrix(replica.rows());
    for (const Named* prior : {&named, &other}) {
      const auto p = natgrad::Preconditioner::parse(GetParam());
      const Matrix px = preconditioned(p, x, *prior);
      for (const Filter& filter : filters) {
        const std::string where = "d " + std::to_string(d) + " ridge " +
                                  std::to_string(filter.ridge) + " time " +
                                  std::to_string(filter.time);
        const auto expected = test::of_design(x, test::estimate(x, px, filter.ridge, filter.time),
                                              features, as_vector(prior->prior).asDiagonal());
        // a square design has a smallest eigenvalue of about d^-2 to be divided by
        const double tolerance = d == n ? 1e-6 : 1e-9;
        expect_near(replica(prior->prior, {p, filter.ridge, filter.time}), expected, tolerance,
                    where);
        expect_near(by_eigenvalues(prior->prior, {p, filter.ridge, filter.time}), expected,
                    tolerance, where);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, OfOneDesign,
                         ::testing::Values("gd", "ngd", "opt", "add:0.3", "pow:0.5",
                                           "fisher_estimate:120", "fisher_sample"));

TEST(OneDesign, IsAFunctionOfItsKey) {
  const Named named("geometric", 1, 2, 40);
  const auto gd = estimator("gd");
  Replica first;
  first.draw(key, 20, named.features);
  const auto expected = first(named.prior, gd);
  Replica second;
  for (const DesignKey& other : {DesignKey{18, 3, 5}, DesignKey{17, 4, 5}, DesignKey{17, 3, 6}}) {
    second.draw(other, 20, named.features);
    EXPECT_NE(second(named.prior, gd).bias, expected.bias);
  }
  second.draw(key, 20, named.features);
  // nor does it matter what else has been asked
  static_cast<void>(second(named.prior, estimator("ngd", 0.1, 3)));
  static_cast<void>(second(named.prior, estimator("fisher_estimate:50")));
  const auto found = second(named.prior, gd);
  EXPECT_EQ(found.bias, expected.bias);
  EXPECT_EQ(found.variance, expected.variance);
}

TEST(OneDesign, HasRowsThatAnyPartOfItRepeats) {
  const std::vector<double> scales = {1, 2, 0.5, 3, 0.25};
  for (const auto law : {natgrad::FeatureLaw::normal, natgrad::FeatureLaw::rademacher,
                         natgrad::FeatureLaw::student}) {
    std::vector<double> whole(50 * scales.size());
    natgrad::draw_rows(key, natgrad::RowSource::design, law, 0, 50, scales, whole.data());
    std::vector<double> part(7 * 3);
    natgrad::draw_rows(key, natgrad::RowSource::design, law, 13, 7, std::span(scales).first(3),
                       part.data());
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(part[i + 7 * j], whole[13 + i + 50 * j]);
    }
    natgrad::draw_rows(key, natgrad::RowSource::unlabelled, law, 13, 7, std::span(scales).first(3),
                       part.data());
    if (law != natgrad::FeatureLaw::rademacher) {
      EXPECT_NE(part[0], whole[13]);
    }
  }
}

/// Sample moments of independent entries against their law's, within 5 standard errors: a false
/// alarm of 6e-7 each.
void expect_moment(const std::vector<double>& z, double power, double mean, double variance) {
  double sum = 0;
  for (const double v : z) sum += std::pow(v, power);
  const auto count = static_cast<double>(z.size());
  EXPECT_NEAR(sum / count, mean, 5 * std::sqrt(variance / count) + 1e-12) << "power " << power;
}

TEST(Laws, HaveTheirMoments) {
  const std::vector<double> ones(51, 1.0);
  const auto entries = [&](natgrad::FeatureLaw law) {
    std::vector<double> z(4001 * ones.size());
    natgrad::draw_rows(key, natgrad::RowSource::design, law, 0, 4001, ones, z.data());
    return z;
  };

  const auto normal = entries(natgrad::FeatureLaw::normal);
  expect_moment(normal, 1, 0, 1);
  expect_moment(normal, 2, 1, 2);
  expect_moment(normal, 3, 0, 15);
  expect_moment(normal, 4, 3, 96);

  const auto signs = entries(natgrad::FeatureLaw::rademacher);
  expect_moment(signs, 1, 0, 1);
  for (const double v : signs) EXPECT_EQ(std::abs(v), 1);

  // Of Student's t with 8 degrees of freedom, of variance 1: E z^4 = 4.5 and E z^6 = 67.5. That of
  // z^8 is infinite, so that instead of the fourth power its tail is looked at: |t| exceeds 3.355
  // with probability 0.01.
  const auto student = entries(natgrad::FeatureLaw::student);
  expect_moment(student, 1, 0, 1);
  expect_moment(student, 2, 1, 3.5);
  expect_moment(student, 3, 0, 67.5);
  const auto count = static_cast<double>(student.size());
  double beyond = 0;
  for (const double v : student) beyond += std::abs(v) > 3.35539 * std::sqrt(0.75) ? 1 : 0;
  EXPECT_NEAR(beyond / count, 0.01, 5 * std::sqrt(0.01 * 0.99 / count));
}

TEST(Laws, HaveEntriesThatAreUncorrelated) {
  // of neighbours along rows and columns, and of their squares; unlabelled rows are others
  const std::vector<double> ones(40, 1.0);
  for (const auto law : {natgrad::FeatureLaw::normal, natgrad::FeatureLaw::rademacher,
                         natgrad::FeatureLaw::student}) {
    constexpr std::size_t n = 2000;
    std::vector<double> z(n * ones.size());
    std::vector<double> other(z.size());
    natgrad::draw_rows(key, natgrad::RowSource::design, law, 0, n, ones, z.data());
    natgrad::draw_rows(key, natgrad::RowSource::unlabelled, law, 0, n, ones, other.data());
    const auto expect_none = [&](const auto& pair, std::size_t count, double variance) {
      double sum = 0;
      for (std::size_t i = 0; i < count; ++i) sum += pair(i);
      const auto terms = static_cast<double>(count);
      EXPECT_NEAR(sum / terms, 0, 5 * std::sqrt(variance / terms));
    };
    expect_none([&](std::size_t i) { return z[i] * z[i + 1]; }, z.size() - 1, 1);
    expect_none([&](std::size_t i) { return z[i] * z[i + n]; }, z.size() - n, 1);
    expect_none([&](std::size_t i) { return z[i] * other[i]; }, z.size(), 1);
    // E z^4 = 4.5 at most, whence (z^2 - 1)(z'^2 - 1) has a variance of 3.5^2
    const auto squares = [&](std::size_t i, std::size_t apart) {
      return (z[i] * z[i] - 1) * (z[i + apart] * z[i + apart] - 1);
    };
    expect_none([&](std::size_t i) { return squares(i, 1); }, z.size() - 1, 3.5 * 3.5);
    expect_none([&](std::size_t i) { return squares(i, n); }, z.size() - n, 3.5 * 3.5);
  }
}

TEST(Laws, GiveTheSameRisks) {
  // Universality: whatever the law, means over designs are what theory says, within 4 standard
  // errors of 24 designs and 3/n of the value.
  constexpr std::size_t rows = 100;
  const Named named("geometric", 0, 2, 2 * rows);
  natgrad::Predictor predict;
  for (const auto law : {natgrad::FeatureLaw::normal, natgrad::FeatureLaw::rademacher,
                         natgrad::FeatureLaw::student}) {
    Replica replica;
    for (const Filter& filter : {Filter{0, INFINITY}, Filter{0.1, INFINITY}, Filter{0.1, 2}}) {
      const auto by = estimator("pow:0.5", filter.ridge, filter.time);
      test::MeanBiasVariance found;
      for (std::uint32_t r = 0; r < 24; ++r) {
        replica.draw({key.seed, 9, r}, rows, named.features, law);
        found.add(replica(named.prior, by));
      }
      const auto expected = predict(named.population(), by);
      EXPECT_NEAR(found.bias.value(), expected.bias,
                  4 * found.bias.standard_error() + 3.0 / rows * expected.bias);
      EXPECT_NEAR(found.variance.value(), expected.variance,
                  4 * found.variance.standard_error() + 3.0 / rows * expected.variance);
    }
  }
}

TEST(OneDesign, MayLackDirectionsOfTheSignal) {
  // a sparse prior as its own preconditioner: what it lacks neither helps nor harms
  const std::vector<double> features(60, 1.0);
  std::vector<double> prior(60, 0.0);
  std::fill_n(prior.begin(), 40, 1.5);
  Replica whole;
  whole.draw(key, 20, features);
  Replica part;
  part.draw(key, 20, std::span(features).first(40));

  for (const double ridge : {0.0, 0.3}) {
    const auto found = whole(prior, estimator("opt", ridge));
    const auto expected = part(std::span(prior).first(40), estimator("opt", ridge));
    EXPECT_NEAR(found.bias, expected.bias * 40 / 60, 1e-12);
    EXPECT_NEAR(found.variance, expected.variance, 1e-12);
  }
}

TEST(OneDesign, IsRefusedWhereItIsSingular) {
  std::vector<double> features(40, 0.0);
  std::fill_n(features.begin(), 12, 1.0);
  const std::vector<double> prior(40, 1.0);
  for (const bool many_filters : {false, true}) {
    Replica replica(many_filters);
    replica.draw(key, 20, features);
    try {
      static_cast<void>(replica(prior, estimator("gd")));
      ADD_FAILURE() << "20 rows in 12 directions";
    } catch (const NumericsError& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find(many_filters ? "eigenvalue 0 is" : "pivot 12 is"), std::string::npos)
          << text;
      EXPECT_NE(text.find("design 3, replica 5, seed 17, 20 rows of 40 features"),
                std::string::npos)
          << text;
    }
    // with a ridge or a time there is nothing to refuse
    EXPECT_NO_THROW(static_cast<void>(replica(prior, estimator("gd", 0.1))));
    EXPECT_NO_THROW(static_cast<void>(replica(prior, estimator("gd", 0, 4))));
  }
  Replica wide;
  wide.draw(key, 50, features);
  EXPECT_THROW(static_cast<void>(wide(prior, estimator("gd"))), NumericsError);
}

TEST(OneDesign, RefusesWhatIsOutOfRange) {
  const Named named("identity", 0, 2, 40);
  Replica replica;
  EXPECT_THROW(static_cast<void>(replica(named.prior, estimator("gd"))), Error);
  EXPECT_THROW(replica.draw(key, 0, named.features), UsageError);
  EXPECT_THROW(replica.draw(key, 20, std::vector<double>{1, -1}), UsageError);
  replica.draw(key, 20, named.features);
  const auto refused = [&](const natgrad::Estimator& by) {
    EXPECT_THROW(static_cast<void>(replica(named.prior, by)), UsageError);
  };
  refused(estimator("gd", -0.1));
  refused(estimator("gd", 0, -1));
  refused(estimator("gd", NAN));
  refused(estimator("fisher_estimate:19"));
  refused(estimator("fisher_estimate:39", 0.1));
  refused(estimator("fisher_estimate:39", 0, 2));
  EXPECT_NO_THROW(static_cast<void>(replica(named.prior, estimator("fisher_estimate:22"))));
  EXPECT_NO_THROW(static_cast<void>(replica(named.prior, estimator("fisher_estimate:40", 0.1))));
  std::vector<double> negative(40, 1.0);
  negative[7] = -1;
  EXPECT_THROW(static_cast<void>(replica(negative, estimator("opt"))), UsageError);
}
}  // namespace
