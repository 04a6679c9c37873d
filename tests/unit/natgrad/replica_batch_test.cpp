// SPDX-License-Identifier: BSD-3-Clause
// Claims: teams compute of many designs what `Replica` computes of each by BLAS, to 1e-10 of it;
// what a launch holds at once changes nothing; a singular design is named.
#include "natgrad/launch/replica_batch.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.hpp"
#include "natgrad/ensemble/replica.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/natgrad/populations.hpp"

namespace {
using namespace driftwood;
using natgrad::DesignKey;
using natgrad::FeatureLaw;
using natgrad::Replica;
using natgrad::ReplicaBatch;
using test::estimator;
using test::Named;

constexpr DesignKey first{.seed = 23, .design = 2, .replica = 40};

struct Size {
  std::size_t n;
  std::size_t d;
};

class OfSize : public ::testing::TestWithParam<Size> {};

TEST_P(OfSize, IsWhatReplicasAre) {
  constexpr std::size_t designs = 7;
  const auto [n, d] = GetParam();
  const Named aligned("geometric", 1, 2, d);
  const Named misaligned("geometric", -1, 2, d);
  const std::vector<std::vector<double>> priors = {aligned.prior, misaligned.prior};
  std::vector<double> p(d);
  for (const auto law : {FeatureLaw::normal, FeatureLaw::rademacher, FeatureLaw::student}) {
    const ReplicaBatch batch(n, aligned.features, law);
    for (const char* preconditioner : {"gd", "ngd", "pow:0.5"}) {
      for (const double ridge : {0.0, 0.3}) {
        const auto by = estimator(preconditioner, ridge);
        by.preconditioner.fill(aligned.features, aligned.prior, p);
        const auto found = batch(first, designs, p, ridge, priors);
        ASSERT_EQ(found.size(), designs * priors.size());
        Replica replica;
        for (std::size_t r = 0; r < designs; ++r) {
          replica.draw({first.seed, first.design, first.replica + static_cast<std::uint32_t>(r)}, n,
                       aligned.features, law);
          for (std::size_t k = 0; k < priors.size(); ++k) {
            const auto expected = replica(priors[k], by);
            const auto& got = found[r * priors.size() + k];
            EXPECT_NEAR(got.bias, expected.bias, 1e-10) << preconditioner << ridge;
            EXPECT_NEAR(got.variance, expected.variance, 1e-10 * (1 + expected.variance));
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, OfSize,
                         ::testing::Values(Size{1, 3}, Size{4, 32}, Size{20, 40}, Size{33, 71},
                                           Size{64, 128}),
                         [](const auto& of) { return "Rows" + std::to_string(of.param.n); });

TEST(Batch, DoesNotDependOnWhichDesignsAreComputedTogether) {
  const Named named("twopoint", 0, 2, 40);
  const ReplicaBatch batch(20, named.features);
  const std::vector<double> p(40, 1.0);
  const auto whole = batch(first, 9, p, 0, {named.prior});
  for (std::uint32_t r = 0; r < 9; ++r) {
    const DesignKey key{first.seed, first.design, first.replica + r};
    const auto alone = batch(key, 1, p, 0, {named.prior});
    EXPECT_EQ(alone[0].bias, whole[r].bias);
    EXPECT_EQ(alone[0].variance, whole[r].variance);
  }
  EXPECT_TRUE(batch(first, 0, p, 0, {named.prior}).empty());
}

TEST(Batch, NamesASingularDesign) {
  std::vector<double> features(40, 0.0);
  std::fill_n(features.begin(), 12, 1.0);
  const std::vector<double> ones(40, 1.0);
  const ReplicaBatch batch(20, features);
  try {
    static_cast<void>(batch(first, 3, ones, 0, {ones}));
    ADD_FAILURE() << "20 rows in 12 directions";
  } catch (const NumericsError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("pivot 12 is"), std::string::npos) << text;
    EXPECT_NE(text.find("design 2, replica 40, seed 23, 20 rows of 40 features"), std::string::npos)
        << text;
  }
  EXPECT_NO_THROW(static_cast<void>(batch(first, 3, ones, 0.1, {ones})));
}

TEST(Batch, RefusesWhatIsOutOfRange) {
  const std::vector<double> ones(40, 1.0);
  EXPECT_THROW(ReplicaBatch(41, ones), UsageError);
  EXPECT_THROW(ReplicaBatch(0, ones), UsageError);
  EXPECT_THROW(ReplicaBatch(1, std::vector<double>{1, -1}), UsageError);
  const ReplicaBatch batch(20, ones);
  EXPECT_THROW(static_cast<void>(batch(first, 1, ones, -1, {ones})), UsageError);
  EXPECT_THROW(static_cast<void>(batch(first, 1, std::vector<double>(40, -1.0), 0, {ones})),
               UsageError);
  EXPECT_THROW(static_cast<void>(batch(first, 1, ones, 0, {{1.0, 2.0}})), Error);
}
}  // namespace
