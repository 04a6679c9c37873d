// SPDX-License-Identifier: BSD-3-Clause
#include "bnb/value.hpp"

#include <gtest/gtest.h>

namespace driftwood {
namespace {

using bnb::enough_of;
using bnb::nothing;

TEST(Value, OrdersAsIntegers) {
  const double reals[] = {nothing<double>, -1e300, -2.5, -2.4, -0.0, 1e-300, 3.0, 1e300};
  for (std::size_t i = 0; i < std::size(reals); ++i) {
    EXPECT_EQ(bnb::value_of_order<double>(bnb::order_of(reals[i])), reals[i]);
    if (i == 0) continue;
    EXPECT_LT(bnb::order_of(reals[i - 1]), bnb::order_of(reals[i]));
    EXPECT_LE(bnb::bucket_of<8>(reals[i - 1]), bnb::bucket_of<8>(reals[i]));
  }
  EXPECT_EQ(bnb::bucket_of<8>(1.0), bnb::bucket_of<8>(1.003));
  EXPECT_LT(bnb::bucket_of<8>(1.0), bnb::bucket_of<8>(1.004));
  for (const std::int32_t n : {nothing<std::int32_t>, -7, 0, 12}) {
    EXPECT_EQ(bnb::value_of_order<std::int32_t>(bnb::order_of(n)), n);
  }
  EXPECT_EQ(bnb::order_of(nothing<std::int32_t>), bnb::order_of(nothing<std::int64_t>));
}

TEST(Value, IsEnoughWithTheGap) {
  EXPECT_EQ(enough_of(100, {}), 100);
  EXPECT_EQ(enough_of(100, {.absolute = 2.9}), 102);
  EXPECT_EQ(enough_of(199, {.relative = 0.01}), 200) << "floor(1.99)";
  EXPECT_EQ(enough_of(200, {.absolute = 1, .relative = 0.02}), 204) << "the larger one";
  EXPECT_EQ(enough_of(-200, {.relative = 0.01}), -198);
  EXPECT_EQ(enough_of(std::numeric_limits<std::int32_t>::max() - 1, {.absolute = 1e10}),
            std::numeric_limits<std::int32_t>::max());
  EXPECT_DOUBLE_EQ(enough_of(2.0, {.absolute = 0.5}), 2.5);
  EXPECT_DOUBLE_EQ(enough_of(2.0, {.absolute = 0.01, .relative = 0.1}), 2.2);
}

}  // namespace
}  // namespace driftwood
