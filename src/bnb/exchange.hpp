// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bnb/search.hpp"
#include "bnb/team.hpp"
#include "bnb/termination.hpp"
#include "bnb/thief.hpp"
#include "comm/mailbox.hpp"
#include "stats/bytes.hpp"

namespace driftwood::bnb {

/// The letters between searches of ranks: questions for work, nodes, news of better values, and the
/// token of the ring.
template <Problem P>
class Exchange {
 public:
  using Node = typename P::Node;
  using Value = typename P::Value;
  using Found = CandidateOf<P>;

  /// For this rank's search `own`, which must outlive this. Collective.
  Exchange(Search<P>& own, const TeamOptions& options)
      : own_(&own), thief_(mailbox_.rank(), mailbox_.size(), options.seed) {
    if (options.delay) mailbox_.delay_by(options.delay);
  }

  [[nodiscard]] const TeamShare& share() const noexcept { return share_; }
  [[nodiscard]] TeamShare& share() noexcept { return share_; }
  /// Letters with nodes, sent and received.
  [[nodiscard]] std::int64_t sent() const noexcept { return sent_; }
  [[nodiscard]] std::int64_t received() const noexcept { return received_; }

  /// Reads what has come. Gives nodes away where `can_give`.
  void read(bool can_give) {
    while (const auto letter = mailbox_.next()) {
      switch (letter->tag) {
        case question:
          answer(*letter, can_give);
          break;
        case news:
          pass_news(hear(*letter));
          break;
        default:
          keep(*letter);
      }
    }
  }

  /// Gives nodes to ranks that wait for some.
  void feed_lifelines() {
    while (!waiting_.empty() && give(waiting_.back(), true)) waiting_.pop_back();
  }

  /// Asks others for work.
  void steal() {
    while (const auto asks = thief_.ask()) {
      ++share_.questions;
      stats::ByteWriter bytes;
      bytes.put(asks->is_lifeline);
      mailbox_.post(asks->to, question, bytes.take());
    }
  }

  /// Tells all ranks of a value that this one found.
  void tell_news() {
    const auto& best = own_->incumbent();
    if (!best || (told_ && best->value <= *told_)) return;
    told_ = best->value;
    pass_news({mailbox_.rank(), *best});
  }
  /// All ranks know the incumbent.
  void note_told() {
    if (own_->incumbent()) told_ = own_->incumbent()->value;
  }

  /// Sends the token on, or a first one, where this rank has no work.
  void pass_token() {
    const int next = (mailbox_.rank() + 1) % mailbox_.size();
    if (mailbox_.size() == 1) {
      ring_has_ended_ = true;
    } else if (mailbox_.rank() > 0) {
      if (token_) post_token(next, ring_.pass(*token_));
    } else if (!ring_has_ended_) {
      if (token_) ring_has_ended_ = ring_.has_ended(*token_);
      if (!ring_has_ended_ && (token_ || !has_begun_ring_)) post_token(next, ring_.begin());
      has_begun_ring_ = true;
    }
    token_.reset();
  }
  /// Whether the token says, on rank 0, that no rank has work.
  [[nodiscard]] bool ring_has_ended() const noexcept { return ring_has_ended_; }

  /// Takes what is on its way. Questions are forgotten by who asked and who was asked; news may not
  /// have reached all. Collective.
  void settle() {
    mailbox_.drain([&](const comm::Mailbox::Letter& letter) {
      if (letter.tag == question) return;
      if (letter.tag == news) {
        static_cast<void>(hear(letter));
      } else {
        keep(letter);
      }
    });
    thief_.forget();
    waiting_.clear();
  }

 private:
  enum Tag : int { question = 1, nodes, news, token };

  struct News {
    int origin = 0;
    Found found;
  };

  /// Nodes or the token.
  void keep(const comm::Mailbox::Letter& letter) {
    stats::ByteReader reader(letter.bytes);
    if (letter.tag == token) {
      token_ = reader.get<RingMember::Token>();
      return;
    }
    const bool is_lifeline = reader.get<bool>();
    std::vector<Node> given = reader.get_vector<Node>();
    thief_.answered(letter.from, is_lifeline, !given.empty());
    if (given.empty()) return;
    ++received_;
    ring_.received();
    share_.nodes_taken += static_cast<std::int64_t>(given.size());
    own_->put(given);
  }

  void answer(const comm::Mailbox::Letter& letter, bool can_give) {
    ++share_.questions_heard;
    const bool is_lifeline = stats::ByteReader(letter.bytes).get<bool>();
    if (can_give && give(letter.from, is_lifeline)) return;
    if (is_lifeline) {
      waiting_.push_back(letter.from);
    } else {
      post_nodes(letter.from, false, {});
    }
  }

  /// Whether there was something to give.
  bool give(int to, bool is_lifeline) {
    const std::vector<Node> given = own_->split_off(most_given);
    if (given.empty()) return false;
    ++sent_;
    ring_.sent();
    ++share_.gifts;
    share_.nodes_given += static_cast<std::int64_t>(given.size());
    post_nodes(to, is_lifeline, given);
    return true;
  }

  void post_nodes(int to, bool is_lifeline, const std::vector<Node>& given) {
    stats::ByteWriter bytes;
    bytes.put(is_lifeline);
    bytes.put_vector(given);
    mailbox_.post(to, nodes, bytes.take());
  }

  News hear(const comm::Mailbox::Letter& letter) {
    stats::ByteReader reader(letter.bytes);
    const int origin = reader.get<int>();
    const Found found = reader.get<Found>();
    own_->offer(found);
    if (!told_ || found.value > *told_) told_ = found.value;
    return {origin, found};
  }

  /// To this rank's children in the binomial tree of the rank that found it.
  void pass_news(const News& heard) {
    for (const int to : binomial_children(mailbox_.rank(), heard.origin, mailbox_.size())) {
      stats::ByteWriter bytes;
      bytes.put(heard.origin);
      bytes.put(heard.found);
      mailbox_.post(to, news, bytes.take());
    }
  }

  void post_token(int to, const RingMember::Token& passed) {
    stats::ByteWriter bytes;
    bytes.put(passed);
    mailbox_.post(to, token, bytes.take());
  }

  Search<P>* own_;
  comm::Mailbox mailbox_;
  Thief thief_;
  std::vector<int> waiting_;  ///< ranks whose lifeline this one is, and that want work
  std::int64_t sent_ = 0;
  std::int64_t received_ = 0;
  std::optional<Value> told_;  ///< the largest value that all ranks know, or are told
  RingMember ring_;
  std::optional<RingMember::Token> token_;
  bool has_begun_ring_ = false;
  bool ring_has_ended_ = false;
  TeamShare share_;
};

}  // namespace driftwood::bnb
