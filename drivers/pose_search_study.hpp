// SPDX-License-Identifier: BSD-3-Clause
/// The searches of pose_search, one problem after the other.
#pragma once

#include <utility>
#include <vector>

#include "comm/communicator.hpp"
#include "pose/input/check.hpp"
#include "pose/search/results.hpp"
#include "pose_search_deck.hpp"
#include "run/checkpoints.hpp"
#include "run/context.hpp"
#include "run/progress.hpp"

namespace driftwood::pose_search {

/// What is done, and what a search that is not done has left to go on from.
class Study {
 public:
  Study(const comm::Communicator& comm, const std::vector<pose::PoseProblem>& problems)
      : comm_(comm), problems_(problems), sum_of_problems_(pose::checksum_of(problems)) {}

  /// Takes what ranks saved. Collective.
  void resume(const std::vector<comm::Bytes>& parts);
  /// This rank's part of it, with that of a search that goes on.
  [[nodiscard]] comm::Bytes saved(const comm::Bytes& search) const;

  /// Problems that are done.
  [[nodiscard]] std::int64_t done() const { return std::ssize(found_); }
  /// The first that is not.
  [[nodiscard]] const pose::PoseProblem& problem() const {
    return problems_[static_cast<std::size_t>(done())];
  }
  /// Its number on all ranks, and leaves on this one.
  void put(pose::Finding finding, std::vector<pose::Leaf> leaves);

  /// What a search of the next problem saved on this rank's behalf: once.
  [[nodiscard]] std::vector<comm::Bytes> take_begun() { return std::exchange(begun_, {}); }
  /// Time that went into it, by earlier jobs, or as noted [s].
  void note_seconds(double seconds) { seconds_before_ = seconds; }
  [[nodiscard]] double seconds_before() const { return seconds_before_; }

  [[nodiscard]] const std::vector<pose::Finding>& findings() const { return found_; }
  [[nodiscard]] const std::vector<pose::LeavesOfProblem>& leaves() const { return leaves_; }

 private:
  const comm::Communicator& comm_;
  const std::vector<pose::PoseProblem>& problems_;
  std::uint64_t sum_of_problems_;  ///< of what they are, as files may change between jobs
  std::vector<pose::Finding> found_;
  std::vector<pose::LeavesOfProblem> leaves_;
  std::vector<comm::Bytes> begun_;
  double seconds_before_ = 0;
};

/// Searches the study's next problem. False: the run is to stop. Collective.
[[nodiscard]] bool search(run::Context& context, const Deck& deck, Study& study,
                          run::Checkpoints& checkpoints, run::Progress& progress);

}  // namespace driftwood::pose_search
