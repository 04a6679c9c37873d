// SPDX-License-Identifier: BSD-3-Clause
// Claims: letters arrive whole, in order between two ranks, and none is left after draining, even
// while they are kept for a while.
#include "comm/mailbox.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace driftwood {
namespace {

using comm::Bytes;
using comm::Mailbox;

Bytes text_of(int number, std::size_t length) {
  Bytes out(length, static_cast<std::byte>(number));
  return out;
}

/// Every rank sends `count` letters to each, itself included, of growing lengths.
void exchange(Mailbox& box, int count) {
  std::map<int, int> heard;
  const auto take = [&](const Mailbox::Letter& letter) {
    const int number = heard[letter.from]++;
    EXPECT_EQ(letter.tag, 3 + number % 2);
    EXPECT_EQ(letter.bytes, text_of(number, static_cast<std::size_t>(number) * 1000));
  };
  for (int number = 0; number < count; ++number) {
    for (int to = 0; to < box.size(); ++to) {
      box.post(to, 3 + number % 2, text_of(number, static_cast<std::size_t>(number) * 1000));
    }
    while (const auto letter = box.next()) take(*letter);
  }
  box.drain(take);
  EXPECT_EQ(static_cast<int>(heard.size()), box.size());
  for (const auto& [from, number] : heard) EXPECT_EQ(number, count) << "from " << from;
  EXPECT_FALSE(box.next());
  comm::Communicator::world().barrier();  // else others may have begun to send again
}

TEST(Mailbox, DeliversLettersInOrder) {
  Mailbox box;
  exchange(box, 40);
  exchange(box, 3);
}

TEST(Mailbox, DrainsWhatItKeepsForAWhile) {
  Mailbox box;
  std::mt19937_64 bits(static_cast<std::uint64_t>(box.rank()));
  box.delay_by([&] { return std::chrono::microseconds(bits() % 3000); });
  exchange(box, 20);
}

TEST(Mailbox, MayBeLeftWithLettersInIt) {
  Mailbox box;
  for (int to = 0; to < box.size(); ++to) box.post(to, 1, text_of(1, 1 << 20));
}

}  // namespace
}  // namespace driftwood
