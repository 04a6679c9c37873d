// SPDX-License-Identifier: BSD-3-Clause
#include "comm/share.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace {
using driftwood::comm::Share;
using driftwood::comm::share;

TEST(Share, GivesTheLargerPartsToTheFirstRanks) {
  EXPECT_EQ(share(10, 0, 4), (Share{0, 3}));
  EXPECT_EQ(share(10, 1, 4), (Share{3, 6}));
  EXPECT_EQ(share(10, 2, 4), (Share{6, 8}));
  EXPECT_EQ(share(10, 3, 4), (Share{8, 10}));
}

TEST(Share, LeavesRanksEmptyWhenThereAreMoreRanksThanItems) {
  EXPECT_EQ(share(1, 0, 3), (Share{0, 1}));
  EXPECT_TRUE(share(1, 1, 3).empty());
  EXPECT_TRUE(share(1, 2, 3).empty());
  EXPECT_TRUE(share(0, 0, 1).empty());
}

TEST(Share, CoversEveryItemOnceInRankOrderWithSizesWithinOne) {
  for (const std::int64_t count : {0, 1, 7, 64, 1000}) {
    for (const int size : {1, 2, 3, 4, 7, 128}) {
      std::int64_t next = 0;
      for (int rank = 0; rank < size; ++rank) {
        const auto part = share(count, rank, size);
        EXPECT_EQ(part.first, next) << count << " items, rank " << rank << " of " << size;
        EXPECT_GE(part.count(), count / size);
        EXPECT_LE(part.count(), count / size + 1);
        next = part.last;
      }
      EXPECT_EQ(next, count) << count << " items, " << size << " ranks";
    }
  }
}

TEST(Share, HoldsAtTheLargestCounts) {
  const auto most = std::int64_t{1} << 62;
  const auto last = share(most, 4095, 4096);
  EXPECT_EQ(last.last, most);
  EXPECT_EQ(last.count(), most / 4096);
}
}  // namespace
