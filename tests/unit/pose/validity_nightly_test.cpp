// SPDX-License-Identifier: BSD-3-Clause
// Claims (A1, A2, A9), in full: no bound is below what a pose in its box reaches, of 1e5 boxes with
// 64 members each, in both precisions; the lemmas hold for 1e7 samples and are tight; bounds of 1e5
// boxes at once are between those of double precision and those of twice the leaning.
#include <gtest/gtest.h>

#include <string>

#include "support/kokkos_environment.hpp"
#include "unit/pose/lemmas.hpp"
#include "unit/pose/one_box.hpp"
#include "unit/pose/validity.hpp"

namespace {
using namespace driftwood::pose::testing;

constexpr int boxes = 100000;
constexpr int members = 64;

template <class T>
struct ManyBounds : ::testing::Test {};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(ManyBounds, Precisions);

TYPED_TEST(ManyBounds, OfPairs) {
  EXPECT_EQ(failures_of_pairs<TypeParam>(1070, boxes, members), 0);
}
TYPED_TEST(ManyBounds, OfPairsWithTinyAndHugeThresholds) {
  EXPECT_EQ((failures_of_pairs<TypeParam>(1075, boxes, members, 1e-7, 0.7)), 0);
}
TYPED_TEST(ManyBounds, OfBlocks) {
  EXPECT_EQ(failures_of_blocks<TypeParam>(1071, boxes, members), 0);
}
TYPED_TEST(ManyBounds, OfCells) {
  EXPECT_EQ(failures_of_cells<TypeParam>(1072, boxes, members), 0);
}
TYPED_TEST(ManyBounds, OfCentres) {
  EXPECT_EQ(failures_of_centres<TypeParam>(1073, boxes, members), 0);
}
TEST(ManyHeights, OfLines) { EXPECT_EQ(failures_of_heights(1074, boxes, members), 0); }

TEST(ManySamples, OfLemmas) {
  const auto found = check_lemmas(1060, 10000000);
  RecordProperty("plane", std::to_string(found.plane));
  RecordProperty("wedge", std::to_string(found.wedge));
  RecordProperty("sector", std::to_string(found.sector));
  EXPECT_GT(found.samples, 9000000);
  EXPECT_EQ(found.violations, 0);
  for (const double tightness : {found.plane, found.wedge, found.sector}) {
    EXPECT_GE(tightness, 0.999);
    EXPECT_LE(tightness, 1 + 1e-9);
  }
}

TEST(ManyBoxes, AtOnceAreThoseOfOne) {
  EXPECT_EQ((failures_of_launch<1>(1041, 150, 0.6, boxes)), 0);
  EXPECT_EQ((failures_of_launch<2>(1042, 150, 0.8, boxes / 10)), 0);
}

}  // namespace
