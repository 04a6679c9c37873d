// SPDX-License-Identifier: BSD-3-Clause
// Claim: reductions, messages and ordered merges give the same on any number of ranks.
#include "comm/communicator.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace {
using namespace driftwood;
using comm::Bytes;
using comm::Communicator;

Bytes bytes(const std::string& text) {
  const auto raw = std::as_bytes(std::span(text));
  return {raw.begin(), raw.end()};
}

std::string text(const Bytes& bytes) {
  std::string letters;
  for (const auto byte : bytes) letters.push_back(static_cast<char>(byte));
  return letters;
}

TEST(Communicator, IsItsOwn) {
  const auto comm = Communicator::world();
  int same = MPI_IDENT;
  MPI_Comm_compare(comm.get(), MPI_COMM_WORLD, &same);
  EXPECT_EQ(same, MPI_CONGRUENT);
  EXPECT_EQ(comm.is_root(), comm.rank() == 0);
}

TEST(Communicator, MovesAndIsThenUsable) {
  auto first = Communicator::world();
  const auto second = std::move(first);
  EXPECT_EQ(second.all_reduce_sum(std::int64_t{1}), second.size());
}

TEST(Communicator, TurnsMpiErrorsIntoExceptions) {
  const auto comm = Communicator::world();
  std::string name = "x";
  EXPECT_THROW(comm.broadcast(name, comm.size()), Error);  // there is no such rank
  try {
    comm.send(bytes("x"), comm.size());
    FAIL() << "a message to nobody was sent";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("MPI failed to send to another rank (MPI_ERR_RANK"),
              0U)
        << error.what();
  }
}

TEST(Communicator, SharesFitTogether) {
  const auto comm = Communicator::world();
  const auto mine = comm.share(11);
  EXPECT_EQ(comm.all_reduce_sum(mine.count()), 11);
  EXPECT_EQ(comm.all_reduce_min(mine.first), 0);
  EXPECT_EQ(comm.all_reduce_max(mine.last), 11);
}

TEST(Communicator, ReducesElementByElement) {
  const auto comm = Communicator::world();
  const std::int64_t size = comm.size();
  const std::int64_t rank = comm.rank();

  std::vector<std::int64_t> sums = {1, rank, -rank};
  comm.all_reduce_sum(sums);
  EXPECT_EQ(sums, (std::vector<std::int64_t>{size, size * (size - 1) / 2, -size * (size - 1) / 2}));

  std::vector<double> least = {0.5 * static_cast<double>(rank), -static_cast<double>(rank)};
  comm.all_reduce_min(least);
  EXPECT_EQ(least, (std::vector<double>{0, -static_cast<double>(size - 1)}));

  std::vector<std::uint64_t> most = {static_cast<std::uint64_t>(rank), 7};
  comm.all_reduce_max(most);
  EXPECT_EQ(most, (std::vector<std::uint64_t>{static_cast<std::uint64_t>(size - 1), 7}));
}

TEST(Communicator, ReducesFullRangeOf64Bits) {
  const auto comm = Communicator::world();
  const auto top = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(comm.all_reduce_max(comm.is_root() ? top : 0), top);
  const auto bottom = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(comm.all_reduce_min(comm.is_root() ? bottom : std::int64_t{0}), bottom);
}

TEST(Communicator, ReducesNothing) {
  const auto comm = Communicator::world();
  std::vector<double> none;
  comm.all_reduce_max(none);
  EXPECT_TRUE(none.empty());
}

TEST(Communicator, BroadcastsFromAnyRank) {
  const auto comm = Communicator::world();
  for (int from = 0; from < comm.size(); ++from) {
    std::string name = comm.rank() == from ? "text of rank " + std::to_string(from) : "other";
    comm.broadcast(name, from);
    EXPECT_EQ(name, "text of rank " + std::to_string(from));
  }
  std::string empty = comm.is_root() ? "" : "not empty";
  comm.broadcast(empty);
  EXPECT_EQ(empty, "");
}

TEST(Communicator, PassesMessagesAroundTheRing) {
  const auto comm = Communicator::world();
  if (comm.size() == 1) GTEST_SKIP() << "needs a second rank";
  std::string passed = "0";
  if (comm.is_root()) {
    comm.send(bytes(passed), 1);
    passed = text(comm.receive(comm.size() - 1));
  } else {
    passed = text(comm.receive(comm.rank() - 1)) + std::to_string(comm.rank());
    comm.send(bytes(passed), (comm.rank() + 1) % comm.size());
  }
  EXPECT_EQ(passed, std::string("0123456789")
                        .substr(0, comm.is_root() ? static_cast<std::size_t>(comm.size())
                                                  : static_cast<std::size_t>(comm.rank()) + 1));
}

TEST(Communicator, PassesEmptyMessages) {
  const auto comm = Communicator::world();
  if (comm.size() == 1) GTEST_SKIP() << "needs a second rank";
  if (comm.rank() == 1) comm.send({}, 0);
  if (comm.is_root()) {
    EXPECT_TRUE(comm.receive(1).empty());
  }
}

TEST(TreeMerge, KeepsTheOrderOfRanks) {
  const auto comm = Communicator::world();
  // Concatenation is associative and not commutative: it shows any change of order.
  const auto merged =
      comm.tree_merge(bytes(std::to_string(comm.rank())), [](Bytes left, Bytes right) {
        left.insert(left.end(), right.begin(), right.end());
        return left;
      });
  const auto all = std::string("0123456789").substr(0, static_cast<std::size_t>(comm.size()));
  EXPECT_EQ(text(merged), comm.is_root() ? all : "");
}

TEST(TreeMerge, MergesNeighboursInATree) {
  const auto comm = Communicator::world();
  const auto merged = comm.tree_merge(
      bytes(std::to_string(comm.rank())),
      [](Bytes left, Bytes right) { return bytes("(" + text(left) + text(right) + ")"); });
  const std::string expected[] = {"0", "(01)", "((01)2)", "((01)(23))"};
  ASSERT_LE(comm.size(), 4);
  EXPECT_EQ(text(merged), comm.is_root() ? expected[comm.size() - 1] : "");
}

TEST(TreeMerge, AFailingMergeFailsEverywhere) {
  const auto comm = Communicator::world();
  if (comm.size() == 1) GTEST_SKIP() << "one rank merges nothing";
  for (int failing = 0; failing + 1 < comm.size(); failing += 2) {
    std::string message;
    try {
      (void)comm.tree_merge(Bytes(1), [&](Bytes left, const Bytes&) {
        if (comm.rank() == failing) throw NumericsError("merge failed");
        return left;
      });
    } catch (const NumericsError& error) {
      message = error.what();
    }
    EXPECT_EQ(message, "merge failed");
  }
}
}  // namespace
