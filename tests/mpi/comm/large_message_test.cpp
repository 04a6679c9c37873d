// SPDX-License-Identifier: BSD-3-Clause
// Claim: messages beyond what an int can count arrive whole. Takes 2.3 GiB of memory per rank.
#include <gtest/gtest.h>

#include "comm/communicator.hpp"

namespace {
using namespace driftwood;

constexpr std::size_t length = (std::size_t{9} << 28) + 5;  // 2.25 GiB and a bit
constexpr std::size_t stride = 4093;                        // between the bytes that are set

std::byte mark(std::size_t i) { return static_cast<std::byte>((i * 2654435761U) >> 13 | 1U); }

TEST(LargeMessage, ArrivesWhole) {
  const auto comm = comm::Communicator::world();
  ASSERT_EQ(comm.size(), 2);
  if (comm.is_root()) {
    comm::Bytes message(length);
    for (std::size_t i = 0; i < length; i += stride) message[i] = mark(i);
    comm.send(message, 1);
    return;
  }
  const auto message = comm.receive(0);
  ASSERT_EQ(message.size(), length);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < length; i += stride) {
    if (message[i] != mark(i)) ++wrong;
  }
  EXPECT_EQ(wrong, 0U);
}
}  // namespace
