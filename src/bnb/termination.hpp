// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace driftwood::bnb {

/// How ranks learn that none has work and none is on its way.
enum class Termination {
  four_counters,  ///< two waves of sums in a row say so: Mattern (1987)
  ring,           ///< a token goes round: Safra, in Dijkstra's note EWD 998 (1987)
};

/// Messages that carry work, or news, and ranks that have work, summed over ranks that were asked
/// at different times.
struct WorkCount {
  std::int64_t sent = 0;
  std::int64_t received = 0;
  std::int64_t active = 0;
};

/// Judges the waves one after the other; all numbers of a wave are younger than those of the last.
/// F. Mattern (1987), "Algorithms for distributed termination detection".
class FourCounters {
 public:
  /// Whether everything has ended.
  [[nodiscard]] bool has_ended(const WorkCount& now) {
    const bool is_quiet = now.active == 0 && now.sent == now.received;
    const bool is_same = now.sent == last_.sent && now.received == last_.received;
    const bool ended = is_quiet && was_quiet_ && is_same;
    // Nothing was under way at the last wave, and until this one, where all that was sent by now
    // had been received by then.
    was_settled_ = has_last_ && last_.received == now.sent;
    was_quiet_ = is_quiet;
    last_ = now;
    has_last_ = true;
    return ended;
  }

  /// Whether no message was under way at the wave before the last one given.
  [[nodiscard]] bool was_settled() const noexcept { return was_settled_; }

 private:
  WorkCount last_;
  bool has_last_ = false;
  bool was_quiet_ = false;
  bool was_settled_ = false;
};

/// One rank's part in the token's rounds.
class RingMember {
 public:
  struct Token {
    std::int64_t excess = 0;  ///< messages sent less received, of the ranks that it visited
    bool is_black = false;    ///< whether one of them was woken since its last visit
  };

  void sent() noexcept { ++excess_; }
  void received() noexcept {
    --excess_;
    is_black_ = true;
  }

  /// What rank 0 sends to begin a round.
  [[nodiscard]] Token begin() noexcept {
    is_black_ = false;
    return {};
  }
  /// What another rank passes on, once it has no work.
  [[nodiscard]] Token pass(const Token& token) noexcept {
    const Token out{token.excess + excess_, token.is_black || is_black_};
    is_black_ = false;
    return out;
  }
  /// Whether a token that came back to rank 0, which has no work, says that everything has ended.
  [[nodiscard]] bool has_ended(const Token& token) const noexcept {
    return !token.is_black && !is_black_ && token.excess + excess_ == 0;
  }

 private:
  std::int64_t excess_ = 0;
  bool is_black_ = false;
};

}  // namespace driftwood::bnb
