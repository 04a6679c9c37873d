// SPDX-License-Identifier: BSD-3-Clause
// Claims: ranks that come to a vote at different times learn the largest wish, all in the same
// order; and whether all are done.
#include "comm/vote.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "comm/share_rest.hpp"

namespace {
using namespace driftwood;
using comm::Share;
using comm::Vote;

TEST(Votes, AnswerWithTheLargestWish) {
  const auto comm = comm::Communicator::world();
  Vote vote;

  vote.cast({comm.rank(), false});
  const Vote::Ballot answer = vote.wait();

  EXPECT_EQ(answer.wish, comm.size() - 1);
  EXPECT_FALSE(answer.is_done);
}

TEST(Votes, AreDoneOnceEveryRankIs) {
  const auto comm = comm::Communicator::world();
  Vote vote;

  vote.cast({0, comm.is_root()});
  const bool first = vote.wait().is_done;
  vote.cast({0, true});
  const bool second = vote.wait().is_done;

  EXPECT_EQ(first, comm.size() == 1);
  EXPECT_TRUE(second);
}

/// Rank r works for 10 (r + 1) turns, and wishes for number t at turn t if it is rank 0.
TEST(Votes, AreTheSameForRanksThatWorkForDifferentTimes) {
  const auto comm = comm::Communicator::world();
  Vote vote;
  std::vector<std::int64_t> answers;

  const std::int64_t turns = 10 * (comm.rank() + 1);
  for (std::int64_t t = 1; t <= turns; ++t) {
    if (!vote.is_open()) vote.cast({comm.is_root() ? t : 0, false});
    if (const auto answer = vote.answer()) answers.push_back(answer->wish);
  }
  for (bool done = false; !done;) {
    if (!vote.is_open()) vote.cast({0, true});
    const Vote::Ballot answer = vote.wait();
    answers.push_back(answer.wish);
    done = answer.is_done;
  }

  const auto count = static_cast<std::int64_t>(answers.size());
  EXPECT_EQ(comm.all_reduce_max(count), comm.all_reduce_min(count));
  for (std::int64_t i = 0; i < comm.all_reduce_min(count); ++i) {
    const std::int64_t wish = answers[static_cast<std::size_t>(i)];
    EXPECT_EQ(comm.all_reduce_max(wish), comm.all_reduce_min(wish)) << "round " << i;
  }
}

TEST(Votes, RefuseASecondBallot) {
  Vote vote;
  vote.cast({});

  EXPECT_THROW(vote.cast({}), std::logic_error);

  static_cast<void>(vote.wait());
}

TEST(SharesOfTheRest, AreWhatNobodyHasTakenOnceEach) {
  const auto comm = comm::Communicator::world();
  const std::int64_t r = comm.rank();
  const std::vector<Share> taken = {{10 * r + 3, 10 * r + 5}, {100 + r, 101 + r}};

  const auto mine = comm::share_rest(comm, {0, 120}, taken);

  std::vector<std::int64_t> holders(120, 0);
  for (const Share& s : mine) {
    for (std::int64_t i = s.first; i < s.last; ++i) ++holders[static_cast<std::size_t>(i)];
  }
  for (const Share& s : taken) {
    for (std::int64_t i = s.first; i < s.last; ++i) holders[static_cast<std::size_t>(i)] += 100;
  }
  comm.all_reduce_sum(holders);
  for (const std::int64_t n : holders) EXPECT_TRUE(n == 1 || n == 100) << n;
  const std::int64_t count = comm::count_of(mine);
  EXPECT_LE(comm.all_reduce_max(count) - comm.all_reduce_min(count), 1);
}

TEST(SharesOfTheRest, AreOrdinaryOnesWhereNothingIsTaken) {
  const auto comm = comm::Communicator::world();

  const auto mine = comm::share_rest(comm, {7, 107}, {});

  const Share all = comm.share(100);
  ASSERT_EQ(mine.size(), 1U);
  EXPECT_EQ(mine.front(), (Share{all.first + 7, all.last + 7}));
}

TEST(Rests, LeaveOutWhatIsTakenInAnyOrder) {
  EXPECT_TRUE(comm::rest_of({0, 4}, {{2, 9}, {-3, 2}}).empty());
  EXPECT_EQ(comm::rest_of({0, 9}, {{5, 6}, {1, 2}, {1, 3}}),
            (std::vector<Share>{{0, 1}, {3, 5}, {6, 9}}));
  EXPECT_EQ(comm::part_of({{0, 2}, {5, 9}}, {1, 4}), (std::vector<Share>{{1, 2}, {5, 7}}));
}

}  // namespace
