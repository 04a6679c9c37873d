// SPDX-License-Identifier: BSD-3-Clause
#include "comm/task_farm.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <string>
#include <thread>

#include "base/error.hpp"
#include "comm/vote.hpp"

namespace driftwood {
namespace {

std::vector<std::int64_t> tasks_of(std::int64_t count) {
  std::vector<std::int64_t> out(static_cast<std::size_t>(count));
  std::iota(out.rbegin(), out.rend(), 10);  // any numbers
  return out;
}

TEST(TaskFarm, DoesEveryTaskOnceWhateverItsCost) {
  const auto comm = comm::Communicator::world();
  for (const std::int64_t count : {0, 1, 2, 7, 200}) {
    std::vector<std::int64_t> done(static_cast<std::size_t>(count + 10));
    comm::TaskFarm farm;
    const bool is_whole = farm.run(
        tasks_of(count),
        [&](std::int64_t task) {
          ++done[static_cast<std::size_t>(task)];
          if (task % 13 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(3));
        },
        [] { return true; });
    EXPECT_TRUE(is_whole);
    comm.all_reduce_sum(std::span(done));
    for (std::int64_t t = 0; t < count; ++t) EXPECT_EQ(done[static_cast<std::size_t>(t + 10)], 1);
  }
}

TEST(TaskFarm, GivesMoreTasksToRanksThatAreFaster) {
  const auto comm = comm::Communicator::world();
  if (comm.size() == 1) GTEST_SKIP() << "of several ranks";
  constexpr int slow = 20;  // [ms]
  std::int64_t mine = 0;
  comm::TaskFarm farm;
  farm.run(
      tasks_of(30 * comm.size()),
      [&](std::int64_t) {
        ++mine;
        std::this_thread::sleep_for(std::chrono::milliseconds(comm.rank() == 1 ? slow : 1));
      },
      [] { return true; });
  std::vector<std::int64_t> counts(static_cast<std::size_t>(comm.size()));
  counts[static_cast<std::size_t>(comm.rank())] = mine;
  comm.all_reduce_sum(std::span(counts));
  EXPECT_LT(counts[1], 15);  // of 30 in equal shares; 2 of its 20 ms each where others never pause
  EXPECT_GT(counts[0], 30);
}

TEST(TaskFarm, KeepsAllRanksBusyWhereTasksAreAlike) {
  const auto comm = comm::Communicator::world();
  constexpr std::int64_t share = 40;
  std::int64_t mine = 0;
  comm::TaskFarm farm;
  farm.run(
      tasks_of(share * comm.size()),
      [&](std::int64_t) {
        ++mine;
        std::this_thread::sleep_for(std::chrono::milliseconds(4));
      },
      [] { return true; });
  // Rank 0 does more where it leaves questions for later: 53, 60 and 64 of 2, 3 and 4 ranks where
  // it answers after every other task only.
  if (comm.is_root()) {
    EXPECT_LE(mine, 48);
  }
}

TEST(TaskFarm, StopsOnAllRanksWhereOneWishesIt) {
  const auto comm = comm::Communicator::world();
  std::int64_t done = 0;
  comm::Vote vote;
  const auto pass = [&] {
    if (!vote.is_open()) vote.cast({.wish = comm.rank() == comm.size() - 1 && done >= 3 ? 1 : 0});
    const auto answer = vote.answer();
    return !answer || answer->wish == 0;
  };
  comm::TaskFarm farm;
  const bool is_whole = farm.run(
      tasks_of(100'000),
      [&](std::int64_t) {
        ++done;
        std::this_thread::sleep_for(std::chrono::microseconds(100));
      },
      pass);
  EXPECT_FALSE(is_whole);
  EXPECT_LT(comm.all_reduce_sum(done), 100'000);
}

TEST(TaskFarm, ThrowsOnAllRanksWhatATaskThrewOnOne) {
  const auto comm = comm::Communicator::world();
  constexpr std::int64_t count = 20'000;
  for (int failing = 0; failing < comm.size(); ++failing) {
    std::int64_t done = 0;
    comm::TaskFarm farm;
    const bool is_whole = farm.run(
        tasks_of(count),
        [&](std::int64_t) {
          if (comm.rank() == failing && done >= 3) throw UsageError("the task is bad");
          ++done;
          std::this_thread::sleep_for(std::chrono::microseconds(100));
        },
        [] { return true; });
    EXPECT_TRUE(is_whole);  // nobody was asked to stop
    std::string said;
    try {
      farm.settle();
    } catch (const UsageError& error) {
      said = error.what();
    }
    EXPECT_EQ(said, "the task is bad") << "rank " << failing << " failed";
    EXPECT_LT(comm.all_reduce_sum(done), count);
    EXPECT_GE(comm.all_reduce_sum(done), 3);
    // The same farm goes on as if nothing had been.
    EXPECT_TRUE(farm.run(
        tasks_of(5), [](std::int64_t) {}, [] { return true; }));
    EXPECT_NO_THROW(farm.settle());
  }
}

}  // namespace
}  // namespace driftwood
