// SPDX-License-Identifier: BSD-3-Clause
// Claims: N3, of what the ensemble draws: exact means over 2000 designs of n = 20 rows and d = 40
// features within 4 standard errors (of 12 means each misses by chance with probability 6e-5), and
// what holds of every design to 1e-10. Seeds are fixed.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>

#include "natgrad/ensemble/replica.hpp"
#include "natgrad/theory/estimated_fisher.hpp"
#include "unit/natgrad/designs.hpp"
#include "unit/natgrad/populations.hpp"

namespace {
using namespace driftwood;
using natgrad::Replica;
using test::estimator;
using test::Named;

constexpr std::size_t rows = 20;
constexpr std::size_t columns = 40;
constexpr std::uint32_t designs = 2000;
constexpr std::uint64_t seed = 2006;

void expect_mean(const std::string& what, const test::Mean& found, double expected) {
  std::cout << what << ": " << found.value() << " +- " << found.standard_error() << ", exactly "
            << expected << " (seed " << seed << ")\n";
  EXPECT_NEAR(found.value(), expected, 4 * found.standard_error()) << what;
  EXPECT_LT(found.standard_error(), 0.02 * expected) << what;
}

test::MeanBiasVariance over_designs(const Named& named, std::size_t n, const char* preconditioner) {
  test::MeanBiasVariance out;
  Replica replica;
  const auto by = estimator(preconditioner);
  for (std::uint32_t r = 0; r < designs; ++r) {
    replica.draw({seed, 0, r}, n, named.features);
    out.add(replica(named.prior, by));
  }
  return out;
}

TEST(ReplicaN3, Item1NaturalGradientIsExactAtEverySize) {
  const auto found = over_designs(Named("geometric", 0.5, 2, columns), rows, "ngd");

  expect_mean("bias", found.bias, 0.5);
  expect_mean("variance", found.variance, 20.0 / 19);
}

TEST(ReplicaN3, Item6TheFisherMatrixOfTheSampleChangesNothing) {
  const Named named("geometric", 0, 2, columns);
  Replica replica;
  for (std::uint32_t r = 0; r < 50; ++r) {
    replica.draw({seed, 1, r}, rows, named.features);
    const auto plain = replica(named.prior, estimator("gd"));
    const auto found = replica(named.prior, estimator("fisher_sample"));
    EXPECT_NEAR(found.bias, plain.bias, 1e-10 * plain.bias);
    EXPECT_NEAR(found.variance, plain.variance, 1e-10 * plain.variance);
    EXPECT_GT(std::abs(replica(named.prior, estimator("ngd")).bias - plain.bias), 1e-3);
  }
}

TEST(ReplicaN3, Item7RowsOfTheSampleAmongTheUnlabelledChangeNothing) {
  // What 80 unlabelled rows give, to which no row of the sample is added, is what they give with
  // it.
  const Named named("geometric", 0, 2, columns);
  const test::Matrix features = test::as_vector(named.features).asDiagonal();
  const test::Matrix prior = test::as_vector(named.prior).asDiagonal();
  std::vector<double> scales;
  natgrad::fill_roots(named.features, scales);
  Replica replica;
  test::Matrix z(80, columns);
  for (std::uint32_t r = 0; r < 50; ++r) {
    const natgrad::DesignKey key{seed, 2, r};
    replica.draw(key, rows, named.features);
    natgrad::draw_rows(key, natgrad::RowSource::unlabelled, natgrad::FeatureLaw::normal, 0, 80,
                       scales, z.data());
    const test::Matrix x = Eigen::Map<const test::Matrix>(replica.rows().data(), rows, columns);
    const test::Matrix both = z.transpose() * z + x.transpose() * x;
    const auto expected =
        test::of_design(x, test::estimate(x, both.llt().solve(x.transpose())), features, prior);

    const auto found = replica(named.prior, estimator("fisher_estimate:80"));

    EXPECT_NEAR(found.bias, expected.bias, 1e-10);
    EXPECT_NEAR(found.variance, expected.variance, 1e-10);
  }
}

TEST(ReplicaN3, Item8EstimatedFisherMatrices) {
  const Named named("geometric", 0.5, 2, columns);
  for (const int u : {30, 80}) {
    const std::string name = "fisher_estimate:" + std::to_string(u);
    const auto found = over_designs(named, rows, name.c_str());

    const auto exact = natgrad::estimated_fisher(rows, columns, u);
    expect_mean("bias, " + name, found.bias, exact.bias);
    expect_mean("variance, " + name, found.variance, exact.variance);
  }
}

TEST(ReplicaN3, FewerFeaturesThanRowsAreLeastSquares) {
  const Named named("geometric", 0.5, 0.5, rows);
  for (const char* preconditioner : {"gd", "ngd", "fisher_estimate:30", "fisher_sample"}) {
    const auto found = over_designs(named, columns, preconditioner);

    expect_mean("variance", found.variance, 20.0 / 19);
    EXPECT_EQ(found.bias.value(), 0);
  }
}
}  // namespace
