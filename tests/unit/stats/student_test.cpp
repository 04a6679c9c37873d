// SPDX-License-Identifier: BSD-3-Clause
// Claims: quantiles of Student's law are those of tables.
#include "stats/student.hpp"

#include <gtest/gtest.h>

namespace {
using driftwood::stats::student_quantile;

/// Abramowitz and Stegun (1964), table 26.10.
TEST(StudentQuantiles, AreThoseOfTables) {
  EXPECT_NEAR(student_quantile(0.975, 3), 3.182, 5e-4);
  EXPECT_NEAR(student_quantile(0.975, 10), 2.228, 5e-4);
  EXPECT_NEAR(student_quantile(0.975, 30), 2.042, 5e-4);
  EXPECT_NEAR(student_quantile(0.995, 5), 4.032, 5e-4);
  EXPECT_NEAR(student_quantile(0.975, 1e6), 1.96, 1e-4);
  EXPECT_NEAR(student_quantile(0.5, 7), 0, 1e-10);
  EXPECT_NEAR(student_quantile(0.1, 12), -student_quantile(0.9, 12), 1e-9);
}

}  // namespace
