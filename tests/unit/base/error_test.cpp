// SPDX-License-Identifier: BSD-3-Clause
#include "base/error.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "base/handle.hpp"

namespace {
using namespace driftwood;

TEST(Error, ComposesProblemWhyAndSuggestion) {
  EXPECT_STREQ(Error("it broke", "it was old", "buy another").what(),
               "it broke (it was old); buy another");
  EXPECT_STREQ(Error("it broke", "", "buy another").what(), "it broke; buy another");
  EXPECT_STREQ(Error("it broke").what(), "it broke");
}

TEST(Error, KnowsWhoseFaultItIs) {
  EXPECT_EQ(UsageError("x").fault(), Fault::usage);
  EXPECT_EQ(IoError("x").fault(), Fault::failure);
  EXPECT_EQ(NumericsError("x").fault(), Fault::failure);
}

int released = 0;
struct CountedTraits {
  using type = int;
  static int null() noexcept { return -1; }
  static void release(int) noexcept { ++released; }
};
using Counted = UniqueHandle<CountedTraits>;

TEST(UniqueHandle, ReleasesOnceHoweverItTravels) {
  released = 0;
  {
    Counted a(7);
    Counted b(std::move(a));
    EXPECT_FALSE(a);  // NOLINT(bugprone-use-after-move): moved-from handles are null
    EXPECT_EQ(b.get(), 7);
    Counted c;
    c = std::move(b);
    EXPECT_EQ(c.get(), 7);
    EXPECT_EQ(released, 0);
  }
  EXPECT_EQ(released, 1);
}

TEST(UniqueHandle, ResetReleasesAtOnce) {
  released = 0;
  Counted a(7);
  a.reset();
  EXPECT_EQ(released, 1);
  a.reset();
  EXPECT_EQ(released, 1);
}
}  // namespace
