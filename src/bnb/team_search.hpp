// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "bnb/search.hpp"
#include "bnb/team.hpp"
#include "bnb/termination.hpp"
#include "bnb/thief.hpp"
#include "comm/mailbox.hpp"
#include "comm/wave.hpp"

namespace driftwood::bnb {

/// Branch and bound by all ranks:
///
///     TeamSearch search(problem, options);
///     search.begin();                                 // or resume(parts)
///     while (search.advance()) {
///       if (!checkpoints.pass([&] { return search.save(); })) return Outcome::stopped;
///     }
///     if (!checkpoints.wait_for_others([&] { return search.save(); })) return Outcome::stopped;
///     search.finish();                                // results, or the error of any rank
///
/// Each rank searches nodes of its own; who has none asks others. Which rank searches which node is
/// left to chance; what a complete search says of the problem does not depend on it.
template <Problem P>
class TeamSearch {
 public:
  using Node = typename P::Node;
  using Value = typename P::Value;
  using Found = CandidateOf<P>;

  /// On communicators of its own; `options.max_nodes` are those of all ranks. Collective. `problem`
  /// must outlive this.
  TeamSearch(P& problem, const SearchOptions& options, const TeamOptions& team = {})
      : problem_(&problem),
        local_(problem, own_options(options)),
        team_(team),
        max_nodes_(options.max_nodes),
        comm_(comm::Communicator::world()),
        wave_(sums, maxima),
        thief_(comm_.rank(), comm_.size(), team.seed) {
    if (team_.delay) mailbox_.delay_by(team_.delay);
  }

  /// A value that this rank knows to be reached; before `begin` or later.
  void offer(const Found& candidate) { local_.offer(candidate); }

  /// Evaluates the roots, and level by level their descendants until there are some for every rank,
  /// each by one rank. Collective.
  void begin() {
    agree_on_incumbent();
    std::vector<Node> level = problem_->roots();
    for (int depth = 0; !level.empty(); ++depth) {
      std::vector<Node> mine;
      std::copy_if(level.begin(), level.end(), std::back_inserter(mine), [&](const Node& node) {
        return owner_of(problem_->key(node), comm_.size()) == comm_.rank();
      });
      comm_.agree([&] { local_.evaluate(mine); });
      level = of_all(mine);
      std::erase_if(level, [&](const Node& node) { return !is_branched(node); });
      const bool are_enough =
          level.size() >= team_.start_nodes * static_cast<std::size_t>(comm_.size());
      if (are_enough || depth == deepest_start) {
        local_.put(mine);
        break;
      }
      replace_by_children(mine, level);
    }
    agree_on_bound();
  }

  /// Goes on from what ranks saved, each part given to one rank. Collective.
  void resume(std::span<const comm::Bytes> parts) {
    comm_.agree([&] {
      for (const comm::Bytes& part : parts) {
        stats::ByteReader reader(part);
        while (!reader.at_end()) local_.absorb(reader);
      }
    });
    agree_on_incumbent();
    agree_on_bound();
  }

  /// A batch, or some if they are short, where this rank has nodes; and what messages ask for.
  /// False once the search has ended, on every rank after as many waves; then `finish` is to
  /// follow. Where the problem throws, the search ends on all ranks.
  bool advance() {
    if (ending_ != Ending::none) return false;
    const auto began = Clock::now();
    while (auto letter = mailbox_.next()) read(*letter);
    const bool works = has_work();
    if (works) work(began);
    tell_news();
    feed_lifelines();
    if (!has_work()) steal();
    pass_token();
    vote();
    if (!works && !has_work() && ending_ == Ending::none) std::this_thread::sleep_for(pause);
    const std::chrono::duration<double> took = Clock::now() - began;
    share_.seconds += took.count();
    if (!works) share_.idle_seconds += took.count();
    return ending_ == Ending::none;
  }

  /// This rank wishes the search to stop; it does so on all ranks.
  void stop() noexcept { wishes_to_stop_ = true; }
  [[nodiscard]] Ending ending() const noexcept { return ending_; }

  /// What is known of all ranks together, as of a moment ago.
  [[nodiscard]] const Progress<Value>& progress() const noexcept { return progress_; }
  /// This rank's part.
  [[nodiscard]] Search<P>& mine() noexcept { return local_; }
  [[nodiscard]] const Search<P>& mine() const noexcept { return local_; }
  [[nodiscard]] const TeamShare& share() const noexcept { return share_; }

  /// This rank's part of what is needed to go on; all parts together are whole. Collective, and
  /// possible between any two calls of `advance`, or after the last.
  [[nodiscard]] comm::Bytes save() {
    settle_messages();
    stats::ByteWriter bytes;
    local_.save(bytes);
    return bytes.take();
  }

  /// Ends what `advance` left. Where a rank threw, every rank throws that. Collective.
  void finish() {
    settle_messages();
    comm_.agree([&] {
      if (error_) std::rethrow_exception(error_);
    });
    add_up();
    if (ending_ == Ending::complete && result_.open > 0) {
      throw std::logic_error("a search was ended with nodes that are open");
    }
  }

  /// What `finish` found; the same on every rank.
  [[nodiscard]] const TeamResult<Value>& result() const noexcept { return result_; }
  [[nodiscard]] const std::optional<Found>& incumbent() const noexcept {
    return local_.incumbent();
  }

 private:
  using Clock = std::chrono::steady_clock;

  /// Between two looks for messages while there is nothing to do: leaves the core to others.
  static constexpr std::chrono::microseconds pause{50};
  /// Between two looks while there is something to do, at least but for long batches.
  static constexpr std::chrono::microseconds slice{200};
  /// Between two waves of a rank that has work, at least.
  static constexpr std::chrono::milliseconds wave_period{1};
  /// Levels until which every rank sees all nodes, at most.
  static constexpr int deepest_start = 24;

  enum Tag : int { question = 1, nodes, news, token };
  enum Sum : std::size_t { sent, received, active, wishes, failures, evaluated, sums };
  enum Maximum : std::size_t { bound, value, ring_ended, maxima };

  static SearchOptions own_options(SearchOptions options) {
    options.max_nodes = std::numeric_limits<std::int64_t>::max();
    return options;
  }

  [[nodiscard]] bool has_work() const { return !error_ && !local_.is_complete(); }
  [[nodiscard]] bool is_active() const { return !local_.is_complete(); }
  [[nodiscard]] bool is_branched(const Node& node) const {
    return problem_->bound(node) > local_.enough() && !problem_->is_minimal(node);
  }

  [[nodiscard]] std::vector<Node> of_all(const std::vector<Node>& mine) const {
    stats::ByteWriter bytes;
    bytes.put_all(std::span<const Node>(mine));
    const comm::Bytes all = comm::gathered_by_all(comm_, bytes.take());
    return stats::ByteReader(all).get_all<Node>(all.size() / sizeof(Node));
  }

  void replace_by_children(std::vector<Node>& mine, std::vector<Node>& level) {
    const auto rest =
        std::partition(mine.begin(), mine.end(), [&](const Node& n) { return is_branched(n); });
    std::for_each(mine.begin(), rest, [&](const Node& node) { local_.count_branched(node); });
    local_.put({rest, mine.end()});
    const std::vector<Node> parents = std::exchange(level, {});
    for (const Node& node : parents) problem_->children(node, level);
  }

  void work(Clock::time_point began) {
    try {
      while (local_.step() && Clock::now() < began + slice) {
      }
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  void read(const comm::Mailbox::Letter& letter) {
    switch (letter.tag) {
      case question:
        return answer(letter.from, stats::ByteReader(letter.bytes).get<bool>());
      case nodes:
        return receive(letter);
      case news:
        return hear(letter, true);
      default:
        token_ = stats::ByteReader(letter.bytes).get<RingMember::Token>();
    }
  }

  void answer(int from, bool is_lifeline) {
    ++share_.questions_heard;
    if (has_work() && give(from, is_lifeline)) return;
    if (is_lifeline) {
      waiting_.push_back(from);
    } else {
      post_nodes(from, false, {});
    }
  }

  /// Whether there was something to give.
  bool give(int to, bool is_lifeline) {
    const std::vector<Node> given = local_.split_off(most_given);
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

  void receive(const comm::Mailbox::Letter& letter) {
    stats::ByteReader reader(letter.bytes);
    const bool is_lifeline = reader.get<bool>();
    std::vector<Node> given = reader.get_vector<Node>();
    thief_.answered(letter.from, is_lifeline, !given.empty());
    if (given.empty()) return;
    ++received_;
    ring_.received();
    share_.nodes_taken += static_cast<std::int64_t>(given.size());
    local_.put(given);
  }

  void feed_lifelines() {
    if (!has_work()) return;
    while (!waiting_.empty() && give(waiting_.back(), true)) waiting_.pop_back();
  }

  void steal() {
    if (error_) return;
    while (const auto asks = thief_.ask()) {
      ++share_.questions;
      stats::ByteWriter bytes;
      bytes.put(asks->is_lifeline);
      mailbox_.post(asks->to, question, bytes.take());
    }
  }

  /// Tells all ranks of a value that this one found.
  void tell_news() {
    const auto& best = local_.incumbent();
    if (!best || (told_ && best->value <= *told_)) return;
    told_ = best->value;
    pass_news(comm_.rank(), *best);
  }

  /// To this rank's children in the binomial tree of rank `origin`.
  void pass_news(int origin, const Found& found) {
    for (const int to : binomial_children(comm_.rank(), origin, comm_.size())) {
      stats::ByteWriter bytes;
      bytes.put(origin);
      bytes.put(found);
      mailbox_.post(to, news, bytes.take());
    }
  }

  void hear(const comm::Mailbox::Letter& letter, bool passes_on) {
    stats::ByteReader reader(letter.bytes);
    const int origin = reader.get<int>();
    const Found found = reader.get<Found>();
    local_.offer(found);
    if (!told_ || found.value > *told_) told_ = found.value;
    if (passes_on) pass_news(origin, found);
  }

  void pass_token() {
    if (team_.termination != Termination::ring || is_active() || ring_ended_) return;
    const int next = (comm_.rank() + 1) % comm_.size();
    if (comm_.size() == 1) {
      ring_ended_ = true;
    } else if (comm_.is_root()) {
      if (token_) ring_ended_ = ring_.has_ended(*token_);
      if (!ring_ended_ && (token_ || !has_begun_ring_)) post_token(next, ring_.begin());
      has_begun_ring_ = true;
      token_.reset();
    } else if (token_) {
      post_token(next, ring_.pass(*token_));
      token_.reset();
    }
  }

  void post_token(int to, const RingMember::Token& passed) {
    stats::ByteWriter bytes;
    bytes.put(passed);
    mailbox_.post(to, token, bytes.take());
  }

  void vote() {
    if (!wave_.is_open()) {
      const auto now = Clock::now();
      if (has_work() && now < last_wave_ + wave_period) return;
      last_wave_ = now;
      const auto& best = local_.incumbent();
      wave_.cast(std::array<std::int64_t, sums>{sent_, received_, is_active() ? 1 : 0,
                                                wishes_to_stop_ ? 1 : 0, error_ ? 1 : 0,
                                                local_.counts().evaluated},
                 std::array<std::int64_t, maxima>{order_of(local_.upper_bound()),
                                                  order_of(best ? best->value : nothing<Value>),
                                                  ring_ended_ ? 1 : 0});
    }
    if (wave_.is_answered()) judge();
  }

  void judge() {
    const auto sum = wave_.sums();
    const auto maximum = wave_.maxima();
    const bool is_quiet = counters_.has_ended({sum[sent], sum[received], sum[active]});
    if (counters_.was_settled()) {
      progress_.upper_bound = std::min(progress_.upper_bound, value_of_order<Value>(last_bound_));
    }
    last_bound_ = maximum[bound];
    progress_.evaluated = sum[evaluated];
    progress_.reached = value_of_order<Value>(maximum[value]);
    const bool has_ended =
        team_.termination == Termination::ring ? maximum[ring_ended] != 0 : is_quiet;
    if (sum[failures] > 0) {
      ending_ = Ending::failed;
    } else if (has_ended) {
      ending_ = Ending::complete;
    } else if (sum[wishes] > 0) {
      ending_ = Ending::stopped;
    } else if (sum[evaluated] >= max_nodes_) {
      ending_ = Ending::node_limit;
    }
  }

  /// Takes what is on its way; questions are forgotten by who asked and who was asked. Collective.
  void settle_messages() {
    mailbox_.drain([&](const comm::Mailbox::Letter& letter) {
      if (letter.tag == question) return;
      if (letter.tag == news) return hear(letter, false);
      read(letter);
    });
    thief_.forget();
    waiting_.clear();
    agree_on_incumbent();
  }

  void agree_on_incumbent() {
    const auto best =
        best_of_all<Found>(comm_, local_.incumbent(), [&](const Found& a, const Found& b) {
          return a.value > b.value ||
                 (a.value == b.value && problem_->prefers(a.payload, b.payload));
        });
    if (!best) return;
    local_.adopt(*best);
    told_ = best->value;
  }

  void agree_on_bound() {
    last_bound_ = comm_.all_reduce_max(order_of(local_.upper_bound()));
    progress_.upper_bound = value_of_order<Value>(last_bound_);
  }

  void add_up() {
    const SearchCounts& own = local_.counts();
    std::array<std::int64_t, 9> all{own.evaluated,
                                    own.branched,
                                    own.closed,
                                    own.tried,
                                    own.candidates,
                                    own.batches,
                                    local_.critical(),
                                    static_cast<std::int64_t>(local_.unresolved().size()),
                                    static_cast<std::int64_t>(local_.frontier().size())};
    comm_.all_reduce_sum(std::span<std::int64_t>(all));
    result_.counts = {all[0], all[1], all[2], all[3], all[4], all[5]};
    result_.critical = all[6];
    result_.unresolved = all[7];
    result_.open = all[8];
    agree_on_bound();
    result_.upper_bound = progress_.upper_bound;
    progress_.evaluated = all[0];
    if (local_.incumbent()) progress_.reached = local_.incumbent()->value;
  }

  P* problem_;
  Search<P> local_;
  TeamOptions team_;
  std::int64_t max_nodes_;
  comm::Communicator comm_;
  comm::Mailbox mailbox_;
  comm::Wave wave_;
  Thief thief_;
  std::vector<int> waiting_;  ///< ranks whose lifeline this one is, and that want work
  std::int64_t sent_ = 0;     ///< messages with nodes
  std::int64_t received_ = 0;
  std::optional<Value> told_;  ///< the largest value that all ranks know, or are told
  FourCounters counters_;
  RingMember ring_;
  std::optional<RingMember::Token> token_;
  bool has_begun_ring_ = false;
  bool ring_ended_ = false;
  bool wishes_to_stop_ = false;
  std::exception_ptr error_;
  Ending ending_ = Ending::none;
  Clock::time_point last_wave_{};
  std::int64_t last_bound_ = 0;
  Progress<Value> progress_;
  TeamShare share_;
  TeamResult<Value> result_;
};

}  // namespace driftwood::bnb
