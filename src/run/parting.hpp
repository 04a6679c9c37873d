// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "comm/communicator.hpp"
#include "run/exit_code.hpp"

namespace driftwood::run {

/// Why a rank gave up.
struct Failure {
  int code = exit_failure;
  std::string message;
  bool on_all_ranks = false;  ///< known already: every rank fails in the same way
};

/// Runs `work` and turns whatever it throws into a `Failure`.
[[nodiscard]] std::optional<Failure> caught(const std::function<void()>& work) noexcept;

/// Lets the ranks of a run end together, however each of them fared.
///
/// A rank that throws outside `comm::Communicator::agree` may leave others in a collective call
/// that never completes. So a failed rank waits for the others to arrive here too, and when they do
/// not come in time, ends the whole run.
class Parting {
 public:
  /// A failed rank waits this long for the others [s]: those that throw the same error come at
  /// once, those that wait for this rank never.
  static constexpr double patience = 5;
  /// The same where all others are known to come, though perhaps slowly [s].
  static constexpr double long_patience = 15;
  /// Ranks lose patience one after the other, so that the first speaks for all [s].
  static constexpr double stagger = 0.1;
  static constexpr int staggered_ranks = 30;

  /// Collective.
  Parting() : comm_(comm::Communicator::world()) {}

  [[nodiscard]] int rank() const noexcept { return comm_.rank(); }

  /// How the run failed: the failure of the lowest failing rank, known to all; empty if none
  /// failed. Collective; where others do not come, calls `last_words` and ends the whole run with
  /// `exit_failure`.
  [[nodiscard]] std::optional<Failure> agree(const std::optional<Failure>& mine,
                                             const std::function<void()>& last_words) const;

 private:
  [[nodiscard]] bool arrives(MPI_Request& request, const Failure& mine) const;

  comm::Communicator comm_;
};

}  // namespace driftwood::run
