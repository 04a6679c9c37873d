// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace driftwood::bnb {

/// The most nodes of one message.
inline constexpr std::size_t most_given = 8192;

/// Whom a rank without work asks for some: first one rank after another, by chance; then its
/// lifelines, the neighbours in a hypercube of ranks, which remember it and give once they can. So
/// it sends few questions however long it waits, and work that is left anywhere reaches everyone.
/// Saraswat, Kambadur, Kodali, Grove and Krishnamoorthy (2011), "Lifeline-based global load
/// balancing". Knows nothing of messages, so that simulations use it, too.
class Thief {
 public:
  struct Question {
    int to = 0;
    bool is_lifeline = false;  ///< not answered before there is work
  };

  /// `seed` may be the same on all ranks. Asks `tries` by chance before it turns to the lifelines.
  Thief(int rank, int size, std::uint64_t seed, int tries = 2)
      : rank_(rank), size_(size), tries_(tries), left_(tries) {
    state_ = seed + 0x9e3779b97f4a7c15 * (static_cast<std::uint64_t>(rank) + 1);
    for (int bit = 1; bit < size && bit > 0; bit *= 2) {
      if ((rank ^ bit) < size) lifelines_.push_back({rank ^ bit});
    }
  }

  /// Whom to ask next while there is no work; nobody where answers are to come.
  [[nodiscard]] std::optional<Question> ask() {
    if (size_ == 1 || waits_) return std::nullopt;
    if (left_ > 0) {
      --left_;
      waits_ = true;
      const auto other = static_cast<int>(next() % static_cast<std::uint64_t>(size_ - 1));
      return Question{other + (other >= rank_ ? 1 : 0), false};
    }
    for (Lifeline& lifeline : lifelines_) {
      if (lifeline.is_asked) continue;
      lifeline.is_asked = true;
      return Question{lifeline.to, true};
    }
    return std::nullopt;
  }

  /// Rank `from` gave work, or says that it has none.
  void answered(int from, bool is_lifeline, bool has_given) {
    if (is_lifeline) {
      for (Lifeline& lifeline : lifelines_) {
        if (lifeline.to == from) lifeline.is_asked = false;
      }
    } else {
      waits_ = false;
    }
    if (has_given) left_ = tries_;
  }

  /// All questions are forgotten, here and where they were sent.
  void forget() {
    waits_ = false;
    left_ = tries_;
    for (Lifeline& lifeline : lifelines_) lifeline.is_asked = false;
  }

 private:
  struct Lifeline {
    int to = 0;
    bool is_asked = false;
  };

  /// Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators".
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

  int rank_;
  int size_;
  int tries_;
  int left_;            ///< questions by chance, until there is work again
  bool waits_ = false;  ///< for the answer to one of these
  std::uint64_t state_ = 0;
  std::vector<Lifeline> lifelines_;
};

}  // namespace driftwood::bnb
