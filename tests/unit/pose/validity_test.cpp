// SPDX-License-Identifier: BSD-3-Clause
// Claims (A1): no bound is below what a pose in its box reaches: pairs by plane, wedge and sector,
// on directions and on rays, by balls and by Taylor's formula; cores of blocks; Hopf cells with
// their angle swept; boxes of centres by balls, planes and lines; and these nested in boxes of
// rotations. In both precisions. At night with 1e5 boxes of 64 members.
#include "unit/pose/validity.hpp"

#include <gtest/gtest.h>

namespace {
using namespace driftwood::pose::testing;

template <class T>
struct Bounds : ::testing::Test {};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(Bounds, Precisions);

TYPED_TEST(Bounds, OfPairs) { EXPECT_EQ(failures_of_pairs<TypeParam>(70, 5000, 64), 0); }
TYPED_TEST(Bounds, OfPairsWithTinyAndHugeThresholds) {
  EXPECT_EQ((failures_of_pairs<TypeParam>(75, 2000, 64, 1e-7, 0.7)), 0);
}
TYPED_TEST(Bounds, OfBlocks) { EXPECT_EQ(failures_of_blocks<TypeParam>(71, 1000, 16), 0); }
TYPED_TEST(Bounds, OfCells) { EXPECT_EQ(failures_of_cells<TypeParam>(72, 1000, 16), 0); }
TYPED_TEST(Bounds, OfCentres) { EXPECT_EQ(failures_of_centres<TypeParam>(73, 3000, 64), 0); }
TEST(Heights, OfLines) { EXPECT_EQ(failures_of_heights(74, 3000, 64), 0); }

}  // namespace
