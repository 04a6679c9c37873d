// SPDX-License-Identifier: BSD-3-Clause
// A communicator that is alone, in a process that never starts MPI.
#include <gtest/gtest.h>
#include <mpi.h>

#include <stdexcept>
#include <vector>

#include "base/error.hpp"
#include "comm/communicator.hpp"
#include "comm/share_rest.hpp"

namespace {
using namespace driftwood;

class Alone : public ::testing::Test {
 protected:
  void TearDown() override {
    int started = 1;
    MPI_Initialized(&started);
    EXPECT_EQ(started, 0);
  }
  comm::Communicator comm = comm::Communicator::alone();
};

TEST_F(Alone, IsRankZeroOfOne) {
  EXPECT_TRUE(comm.is_alone());
  EXPECT_TRUE(comm.is_root());
  EXPECT_EQ(comm.size(), 1);
  EXPECT_EQ(comm.share(7), (comm::Share{0, 7}));
}

TEST_F(Alone, LeavesWhatIsCollectiveAsItIs) {
  comm.barrier();
  std::string text = "as it was";
  comm.broadcast(text);
  EXPECT_EQ(text, "as it was");
  EXPECT_EQ(comm.all_reduce_sum(std::int64_t{-3}), -3);
  EXPECT_EQ(comm.all_reduce_max(2.5), 2.5);
  const comm::Bytes mine{std::byte{1}, std::byte{2}};
  const auto refuse = [](const comm::Bytes&, const comm::Bytes&) -> comm::Bytes {
    throw std::logic_error("there is nothing to merge");
  };
  EXPECT_EQ(comm.tree_merge(mine, refuse), mine);
  EXPECT_EQ(comm::share_rest(comm, {0, 5}, {{1, 3}}), (std::vector<comm::Share>{{0, 1}, {3, 5}}));
}

TEST_F(Alone, CountsCollectiveCallsAndTheirBytes) {
  std::vector<double> values(10);
  comm.all_reduce_min(values);
  comm.agree([] {});
  EXPECT_EQ(comm.traffic().calls, 2);
  EXPECT_EQ(comm.traffic().bytes, 88);
}

TEST_F(Alone, ThrowsWhatItAgreesOn) {
  EXPECT_EQ(comm.agree([] { return 4; }), 4);
  EXPECT_THROW(comm.agree([] { throw UsageError("no"); }), UsageError);
  EXPECT_THROW(comm.agree([] { throw std::runtime_error("no"); }), Error);
}

TEST_F(Alone, HasNobodyToTalkTo) {
  EXPECT_THROW(comm.send({}, 0), Error);
  EXPECT_THROW(static_cast<void>(comm.receive(0)), Error);
}
}  // namespace
