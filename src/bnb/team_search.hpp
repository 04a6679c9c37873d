// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>

#include "bnb/exchange.hpp"
#include "bnb/search.hpp"
#include "bnb/start.hpp"
#include "bnb/team.hpp"
#include "bnb/termination.hpp"
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
        exchange_(local_, team),
        wave_(sums, maxima) {}

  /// A value that this rank knows to be reached; before `begin` or later.
  void offer(const Found& candidate) { local_.offer(candidate); }

  /// Evaluates the roots, and level by level their descendants until there are some for every rank.
  /// Collective.
  void begin() {
    agree_on_incumbent();
    Start<P>(*problem_, local_, comm_, team_.start_nodes).deal();
    agree_on_bound();
    look_for_open();
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
    look_for_open();
  }

  /// A batch, or some if they are short, where this rank has nodes; and what messages ask for.
  /// False once the search has ended, on every rank after as many waves; then `finish` is to
  /// follow. Where the problem throws, the search ends on all ranks.
  bool advance() {
    if (ending_ != Ending::none) return false;
    const auto began = Clock::now();
    exchange_.read(!error_);
    const bool works = has_work();
    if (works) work(began);
    exchange_.tell_news();
    if (has_work()) {
      exchange_.feed_lifelines();
    } else if (!error_) {
      exchange_.steal();
    }
    if (team_.termination == Termination::ring && local_.is_complete()) exchange_.pass_token();
    vote();
    if (!works && !has_work() && ending_ == Ending::none) std::this_thread::sleep_for(pause);
    const std::chrono::duration<double> took = Clock::now() - began;
    exchange_.share().seconds += took.count();
    if (!works) exchange_.share().idle_seconds += took.count();
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
  [[nodiscard]] const TeamShare& share() const noexcept { return exchange_.share(); }

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
  enum Sum : std::size_t { sent, received, active, wishes, failures, evaluated, sums };
  enum Maximum : std::size_t { bound, value, ring_ended, maxima };

  static SearchOptions own_options(SearchOptions options) {
    options.max_nodes = std::numeric_limits<std::int64_t>::max();
    return options;
  }

  [[nodiscard]] bool has_work() const { return !error_ && !local_.is_complete(); }

  void work(Clock::time_point began) {
    try {
      while (local_.step() && Clock::now() < began + slice) {
      }
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  void vote() {
    if (!wave_.is_open()) {
      const auto now = Clock::now();
      if (has_work() && now < last_wave_ + wave_period) return;
      last_wave_ = now;
      const auto& best = local_.incumbent();
      wave_.cast(
          std::array<std::int64_t, sums>{exchange_.sent(), exchange_.received(),
                                         local_.is_complete() ? 0 : 1, wishes_to_stop_ ? 1 : 0,
                                         error_ ? 1 : 0, local_.counts().evaluated},
          std::array<std::int64_t, maxima>{order_of(local_.upper_bound()),
                                           order_of(best ? best->value : nothing<Value>),
                                           exchange_.ring_has_ended() ? 1 : 0});
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

  /// Leaves no message on its way. Collective.
  void settle_messages() {
    exchange_.settle();
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
    exchange_.note_told();
  }

  /// Nothing is under way. A job that is to stop soon has no time for the waves that would say the
  /// same, and neither would those after it.
  void look_for_open() {
    const bool is_open = comm_.all_reduce_max(std::int64_t{local_.is_complete() ? 0 : 1}) != 0;
    if (!is_open) ending_ = Ending::complete;
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
  Exchange<P> exchange_;
  comm::Wave wave_;
  FourCounters counters_;
  bool wishes_to_stop_ = false;
  std::exception_ptr error_;
  Ending ending_ = Ending::none;
  Clock::time_point last_wave_{};
  std::int64_t last_bound_ = 0;
  Progress<Value> progress_;
  TeamResult<Value> result_;
};

}  // namespace driftwood::bnb
