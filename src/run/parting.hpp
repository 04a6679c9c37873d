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
  bool agreed = false;  ///< every rank is known to fail in the same way
};

/// Runs `work` and turns whatever it throws into a `Failure`.
[[nodiscard]] std::optional<Failure> caught(const std::function<void()>& work);

/// Lets the ranks of a run end together, however each of them fared.
///
/// A rank that throws outside an agreed region may have left others waiting in a collective call that
/// never completes. So a failed rank offers to part, and when not all others come in time, ends
/// the whole run.
class Parting {
 public:
  /// A failed rank waits this long for the others before it ends the run [s]: those that throw the
  /// same error come at once, those that wait for this rank never.
  static constexpr double patience = 4;
  /// The same where all ranks are known to have failed, and one of them may only be slow [s].
  static constexpr double agreed_patience = 15;
  /// Failed ranks lose patience one after the other, so that one speaks for all [s].
  static constexpr double stagger = 0.25;

  /// Collective. Its messages do not mix with those of `comm`.
  explicit Parting(const comm::Communicator& comm);

  /// How the run failed: the failure of the lowest failing rank, known to all; empty if none
  /// failed. Collective; where others do not come, `last_words` is called with this rank's failure
  /// and the whole run ends with exit code 1.
  [[nodiscard]] std::optional<Failure> agree(
      const std::optional<Failure>& mine,
      const std::function<void(const Failure&)>& last_words) const;

 private:
  comm::Communicator comm_;
};

}  // namespace driftwood::run
