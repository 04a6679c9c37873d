// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "comm/wave.hpp"

namespace driftwood::comm {

/// Rounds of agreement between ranks that do not wait for each other: each says what it wants when
/// it comes along, and learns later, at no cost in between, what the largest wish was. All ranks
/// get the same answers in the same order.
class Vote {
 public:
  /// What a rank says, or what all said.
  struct Ballot {
    std::int64_t wish = 0;  ///< the answer is the largest
    bool is_done = false;   ///< whether this rank has no more work; the answer: whether none has
  };

  /// On a communicator of its own. Collective.
  Vote() : wave_(0, 2) {}

  /// Whether this rank has cast its ballot and not learned the answer.
  [[nodiscard]] bool is_open() const noexcept { return wave_.is_open(); }

  /// Begins a round. Throws `std::logic_error` while one is open.
  void cast(const Ballot& mine);

  /// The answer, once all ranks have cast their ballots; ends the round.
  [[nodiscard]] std::optional<Ballot> answer();
  /// The same, waiting for it.
  [[nodiscard]] Ballot wait();

 private:
  [[nodiscard]] Ballot read() const { return {wave_.maxima()[0], wave_.maxima()[1] == 0}; }

  Wave wave_;
};

}  // namespace driftwood::comm
