// SPDX-License-Identifier: BSD-3-Clause
#include "comm/wave.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace driftwood {
namespace {

using comm::Wave;

TEST(Wave, AddsAndFindsTheLargest) {
  const auto comm = comm::Communicator::world();
  const std::int64_t rank = comm.rank();
  const std::int64_t size = comm.size();
  Wave wave(2, 1);
  for (std::int64_t round = 0; round < 50; ++round) {
    wave.cast(std::vector<std::int64_t>{round, rank}, std::vector<std::int64_t>{round - rank});
    EXPECT_TRUE(wave.is_open());
    if (round % 2 == 0) {
      wave.wait();
    } else {
      while (!wave.is_answered()) {
      }
    }
    EXPECT_FALSE(wave.is_open());
    EXPECT_EQ(wave.sums()[0], round * size);
    EXPECT_EQ(wave.sums()[1], size * (size - 1) / 2);
    EXPECT_EQ(wave.maxima()[0], round);
  }
}

TEST(Wave, IsOfTheNumbersThatItWasMadeFor) {
  Wave wave(1, 0);
  EXPECT_FALSE(wave.is_answered()) << "nothing was asked";
  EXPECT_THROW(wave.cast({}, {}), std::logic_error);
  wave.cast(std::vector<std::int64_t>{1}, {});
  EXPECT_THROW(wave.cast(std::vector<std::int64_t>{1}, {}), std::logic_error);
  wave.wait();
  EXPECT_EQ(wave.sums()[0], comm::Communicator::world().size());
}

TEST(Wave, MayBeLeftOpen) {
  Wave wave(1, 1);
  if (comm::Communicator::world().is_root()) {
    wave.cast(std::vector<std::int64_t>{1}, std::vector<std::int64_t>{1});
  }
}

}  // namespace
}  // namespace driftwood
