// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "bnb/frontier.hpp"
#include "bnb/problem.hpp"
#include "bnb/value.hpp"
#include "stats/bytes.hpp"

namespace driftwood::bnb {

struct SearchOptions {
  Gap gap{};
  std::size_t batch = 8;  ///< nodes that are branched together; all their children are evaluated so
  std::size_t frontier_most = std::size_t{1} << 22;  ///< see `Frontier`
  bool keeps_closed = false;                         ///< whether closed nodes are kept
  std::int64_t max_nodes = std::numeric_limits<std::int64_t>::max();  ///< that are evaluated
};

/// What a search did, or what searches together did.
struct SearchCounts {
  std::int64_t evaluated = 0;   ///< nodes that were given a bound
  std::int64_t branched = 0;    ///< nodes that were replaced by their children
  std::int64_t closed = 0;      ///< nodes whose bounds are enough
  std::int64_t tried = 0;       ///< nodes that were asked for a value
  std::int64_t candidates = 0;  ///< values they gave
  std::int64_t batches = 0;

  void add(const SearchCounts& other) {
    evaluated += other.evaluated;
    branched += other.branched;
    closed += other.closed;
    tried += other.tried;
    candidates += other.candidates;
    batches += other.batches;
  }
};

/// Branch and bound on one rank, or one rank's part of it. At any time the nodes that are open,
/// closed or unresolved cover the domain; where none is open, the largest value lies between that
/// of the incumbent and `upper_bound()`.
template <Problem P>
class Search {
 public:
  using Node = typename P::Node;
  using Value = typename P::Value;
  using Found = CandidateOf<P>;

  /// `problem` must outlive this.
  Search(P& problem, const SearchOptions& options)
      : problem_(&problem), options_(options), frontier_(problem, options.frontier_most) {
    if (options.batch == 0) throw UsageError("a batch of a search is of no node");
  }

  /// Evaluates nodes that are to be searched: roots.
  void begin(std::span<const Node> nodes) {
    std::vector<Node> copy(nodes.begin(), nodes.end());
    evaluate(copy);
    put(copy);
  }

  /// Adds nodes that are evaluated.
  void put(std::span<Node> nodes) {
    const auto open = std::partition(nodes.begin(), nodes.end(),
                                     [&](const Node& n) { return problem_->bound(n) > enough_; });
    for (auto i = open; i != nodes.end(); ++i) close(*i);
    frontier_.put_children({nodes.begin(), open});
  }

  /// Takes a batch of the best nodes, looks for a better value, and replaces those that are still
  /// open by their children, or sets them aside where they are minimal. False: nothing was to be
  /// done, or `max_nodes` are evaluated. Where the problem throws, no node is lost.
  bool step() {
    if (frontier_.empty() || counts_.evaluated >= options_.max_nodes) return false;
    batch_.clear();
    children_.clear();
    frontier_.take(options_.batch, batch_);
    try {
      improve(batch_);
      branch(batch_);
      evaluate(children_);
    } catch (...) {
      put(batch_);
      throw;
    }
    for (const Node& node : batch_) {
      if (problem_->bound(node) <= enough_at_branching_) {
        close(node);
      } else {
        ++tally_[bucket_of<tally_digits>(problem_->bound(node))];
        if (problem_->is_minimal(node)) {
          set_aside(node);
        } else {
          ++counts_.branched;
        }
      }
    }
    put(children_);
    ++counts_.batches;
    return true;
  }

  /// Takes a value that is reached, if it is better, or preferred to an equal one. Whether the
  /// value is larger.
  bool offer(const Found& candidate) {
    const bool is_larger = !incumbent_ || candidate.value > incumbent_->value;
    if (!is_larger && !(candidate.value == incumbent_->value &&
                        problem_->prefers(candidate.payload, incumbent_->payload))) {
      return false;
    }
    incumbent_ = candidate;
    if (!is_larger) return false;
    enough_ = enough_of(candidate.value, options_.gap);
    frontier_.take_closed(enough_, [&](const Node& node) { close(node); });
    const std::vector<Node> unresolved = std::exchange(unresolved_, {});
    largest_unresolved_.reset();
    for (const Node& node : unresolved) set_aside(node);
    return true;
  }
  /// Takes what all ranks agreed on: no smaller than what is reached here, whatever is preferred.
  void adopt(const Found& candidate) {
    offer(candidate);
    incumbent_ = candidate;
  }

  [[nodiscard]] const std::optional<Found>& incumbent() const noexcept { return incumbent_; }
  /// A node whose bound is at most this is closed: the incumbent's value and the gap, or below
  /// every value.
  [[nodiscard]] Value enough() const noexcept { return enough_; }

  /// Whether no node is open.
  [[nodiscard]] bool is_complete() const noexcept { return frontier_.empty(); }
  [[nodiscard]] std::optional<Value> largest_open() const { return frontier_.largest(); }
  /// Of minimal nodes that could not be closed.
  [[nodiscard]] const std::optional<Value>& largest_unresolved() const noexcept {
    return largest_unresolved_;
  }
  [[nodiscard]] const std::optional<Value>& largest_closed() const noexcept {
    return largest_closed_;
  }
  /// What no value in the nodes of this search exceeds, nor the incumbent.
  [[nodiscard]] Value upper_bound() const {
    Value most = incumbent_ ? incumbent_->value : nothing<Value>;
    for (const auto& bound : {largest_open(), largest_unresolved_, largest_closed_}) {
      if (bound) most = std::max(most, *bound);
    }
    return most;
  }

  [[nodiscard]] const Frontier<P>& frontier() const noexcept { return frontier_; }
  /// Where they are kept, as the search left them, each with the bound that closed it.
  [[nodiscard]] std::vector<Node>& closed() noexcept { return closed_; }
  /// Minimal nodes whose bounds are more than enough.
  [[nodiscard]] const std::vector<Node>& unresolved() const noexcept { return unresolved_; }

  [[nodiscard]] const SearchCounts& counts() const noexcept { return counts_; }

  /// Branched and unresolved nodes whose bounds are more than enough now: in the end those that any
  /// search must branch, whatever its order, if no child's bound exceeds its parent's. Of real
  /// numbers up to a fraction 2^-16 of the bound.
  [[nodiscard]] std::int64_t critical() const {
    const auto last = bucket_of<tally_digits>(enough_);
    std::int64_t sum = 0;
    for (auto i = tally_.upper_bound(last); i != tally_.end(); ++i) sum += i->second;
    return sum;
  }
  /// Counts a node that others branch, as at the start of a search by many ranks.
  void count_branched(const Node& node) {
    ++tally_[bucket_of<tally_digits>(problem_->bound(node))];
    ++counts_.branched;
  }

  /// Gives a bound to nodes that are not in the search yet.
  void evaluate(std::span<Node> nodes) {
    if (nodes.empty()) return;
    problem_->evaluate(nodes, std::as_const(enough_));
    if constexpr (std::is_floating_point_v<Value>) {
      for (const Node& node : nodes) {
        if (std::isnan(problem_->bound(node))) {
          throw NumericsError("a bound is not a number",
                              "node " + std::to_string(problem_->key(node)));
        }
      }
    }
    counts_.evaluated += static_cast<std::int64_t>(nodes.size());
  }

  /// Half of the open nodes, by number and by how good they are; none where there is but one. For
  /// another search, which gets them by `put`.
  [[nodiscard]] std::vector<Node> split_off(std::size_t most) {
    std::vector<Node> out;
    frontier_.split(most, out);
    return out;
  }

  /// All there is to go on from, as bytes: nodes, incumbent, counts.
  void save(stats::ByteWriter& to) const {
    std::vector<Node> open;
    open.reserve(frontier_.size());
    frontier_.for_each([&](const Node& node) { open.push_back(node); });
    to.put(layout);
    to.put_vector(open);
    to.put_vector(unresolved_);
    to.put_vector(closed_);
    to.put(std::uint8_t{incumbent_.has_value()});
    if (incumbent_) to.put(*incumbent_);
    to.put(std::uint8_t{largest_closed_.has_value()});
    if (largest_closed_) to.put(*largest_closed_);
    to.put(counts_);
    to.put(std::uint64_t{tally_.size()});
    for (const auto& [bucket, count] : tally_) {
      to.put(bucket);
      to.put(count);
    }
  }

  /// Adds what a search of the same problem saved.
  void absorb(stats::ByteReader& from) {
    if (from.get<std::uint64_t>() != layout) {
      throw Error("a saved search is of another layout", "it was saved by another version");
    }
    auto open = from.get_vector<Node>();
    const auto unresolved = from.get_vector<Node>();
    const auto closed = from.get_vector<Node>();
    closed_.insert(closed_.end(), closed.begin(), closed.end());
    if (from.get<std::uint8_t>() != 0) offer(from.get<Found>());
    if (from.get<std::uint8_t>() != 0) raise(largest_closed_, from.get<Value>());
    counts_.add(from.get<SearchCounts>());
    for (auto n = from.get<std::uint64_t>(); n > 0; --n) {
      const auto bucket = from.get<std::int64_t>();
      tally_[bucket] += from.get<std::int64_t>();
    }
    for (const Node& node : unresolved) set_aside(node);
    put(open);
  }

 private:
  static constexpr int tally_digits = 16;
  static constexpr std::uint64_t layout = 0x626e620000000001;

  static void raise(std::optional<Value>& largest, const Value& bound) {
    if (!largest || bound > *largest) largest = bound;
  }

  /// A minimal node.
  void set_aside(const Node& node) {
    if (problem_->bound(node) <= enough_) return close(node);
    unresolved_.push_back(node);
    raise(largest_unresolved_, problem_->bound(node));
  }

  void close(const Node& node) {
    ++counts_.closed;
    raise(largest_closed_, problem_->bound(node));
    if (options_.keeps_closed) closed_.push_back(node);
  }

  /// Asks the best node, and the minimal ones, for a value.
  void improve(std::span<const Node> nodes) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (i > 0 && !problem_->is_minimal(nodes[i])) continue;
      if (problem_->bound(nodes[i]) <= enough_) continue;
      ++counts_.tried;
      if (const std::optional<Found> found = problem_->try_improve(nodes[i])) {
        ++counts_.candidates;
        offer(*found);
      }
    }
  }

  void branch(std::span<const Node> nodes) {
    enough_at_branching_ = enough_;
    for (const Node& node : nodes) {
      if (problem_->bound(node) <= enough_ || problem_->is_minimal(node)) continue;
      problem_->children(node, children_);
    }
  }

  P* problem_;
  SearchOptions options_;
  Frontier<P> frontier_;
  std::vector<Node> closed_;
  std::vector<Node> unresolved_;
  std::optional<Found> incumbent_;
  Value enough_ = nothing<Value>;
  Value enough_at_branching_ = nothing<Value>;
  std::optional<Value> largest_closed_;
  std::optional<Value> largest_unresolved_;
  SearchCounts counts_;
  std::map<std::int64_t, std::int64_t> tally_;  ///< bounds of branched and unresolved nodes
  std::vector<Node> batch_;
  std::vector<Node> children_;
};

}  // namespace driftwood::bnb
