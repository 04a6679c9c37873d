// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <vector>

#include "comm/communicator.hpp"

namespace driftwood::comm {

/// Hands tasks of very uneven cost, one at a time, to whichever rank has time for one. Rank 0 keeps
/// count and works itself: it answers between its own tasks. Every other rank asks for a task
/// before it does the one before, so that it waits only where a task of rank 0 takes longer than
/// its own. Which rank does which task is left to chance; results must not depend on it.
class TaskFarm {
 public:
  /// On a communicator of its own. Collective.
  TaskFarm();

  /// Does tasks in this order, the costliest best first, which is the same on all ranks. Calls
  /// `pass()` after every task and while it waits; where that is false, on all ranks after as many
  /// answers of a vote, it ends and returns false, and tasks that are left have not begun. True:
  /// all tasks have been handed out, and this rank has done its own. Where a task throws, no more
  /// are handed out; `settle` is to follow. Collective.
  bool run(const std::vector<std::int64_t>& tasks, const std::function<void(std::int64_t)>& work,
           const std::function<bool()>& pass);

  /// What tasks of the last `run` threw, if any did: that of the lowest failing rank, on every
  /// rank. No rank may still need others for what it does in `pass`. Collective.
  void settle() const;

 private:
  bool hand_out(const std::vector<std::int64_t>& tasks,
                const std::function<void(std::int64_t)>& work, const std::function<bool()>& pass);
  bool take(const std::vector<std::int64_t>& tasks, const std::function<void(std::int64_t)>& work,
            const std::function<bool()>& pass);
  /// Whether it was done, and threw nothing.
  bool does(std::int64_t task, const std::function<void(std::int64_t)>& work);
  /// Answers who has asked; whether anyone had.
  bool answer(std::int64_t tasks);

  Communicator comm_;
  std::int64_t next_ = 0;      ///< the first task that nobody has
  std::int64_t finished_ = 0;  ///< ranks that were told that there is none
  std::exception_ptr error_;   ///< what a task of this rank threw
};

}  // namespace driftwood::comm
