// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "bnb/problem.hpp"
#include "bnb/value.hpp"

namespace driftwood::bnb {

/// Evaluated nodes that are still to be branched, in buckets of equal bounds (of nearly equal ones
/// where they are real numbers), each of them a heap. O(log) time to put and to take, and little
/// more memory than the nodes.
///
/// The best come first until `most` nodes are three quarters reached. From then until they are half
/// as many the search goes depth first: the best node, then the children last put, on a stack that
/// grows by at most the depth of the tree times the children of what is taken together, and by one
/// node's where `most` is reached. So `most` is kept but for that; no node is ever dropped.
template <Problem P>
class Frontier {
 public:
  using Node = typename P::Node;
  using Value = typename P::Value;

  /// `problem` must outlive this.
  Frontier(const P& problem, std::size_t most) : problem_(&problem), most_(most) {}

  [[nodiscard]] std::size_t size() const noexcept { return in_buckets_ + stack_.size(); }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  /// The most that there ever were.
  [[nodiscard]] std::size_t peak() const noexcept { return peak_; }
  [[nodiscard]] bool goes_deep() const noexcept { return goes_deep_; }

  /// The largest bound.
  [[nodiscard]] std::optional<Value> largest() const {
    std::optional<Value> found;
    if (!buckets_.empty()) found = problem_->bound(buckets_.begin()->second.front());
    for (const Node& node : stack_) {
      if (!found || problem_->bound(node) > *found) found = problem_->bound(node);
    }
    return found;
  }

  void put(const Node& node) {
    Bucket& bucket = buckets_[bucket_of<digits>(problem_->bound(node))];
    bucket.push_back(node);
    std::push_heap(bucket.begin(), bucket.end(), worse());
    ++in_buckets_;
    note_size();
  }

  /// Children of nodes that were taken, in any order.
  void put_children(std::span<Node> children) {
    if (!goes_deep_) {
      for (const Node& child : children) put(child);
      return;
    }
    std::sort(children.begin(), children.end(), worse());
    stack_.insert(stack_.end(), children.begin(), children.end());
    note_size();
  }

  /// Appends the next nodes to branch, at most `count`, the best first.
  void take(std::size_t count, std::vector<Node>& out) {
    choose_mode();
    if (goes_deep_) {
      if (stack_.empty() && in_buckets_ > 0) stack_.push_back(take_best());
      for (std::size_t n = size() < most_ ? count : 1; n > 0 && !stack_.empty(); --n) {
        out.push_back(stack_.back());
        stack_.pop_back();
      }
    } else {
      for (; count > 0 && in_buckets_ > 0; --count) out.push_back(take_best());
    }
  }

  /// Takes away all whose bounds are at most `enough`, and calls `close(node)` for each.
  template <class Close>
  void take_closed(const Value& enough, Close&& close) {
    auto i = buckets_.lower_bound(bucket_of<digits>(enough));
    while (i != buckets_.end()) {
      Bucket& bucket = i->second;
      in_buckets_ -= close_some(bucket, enough, close);
      std::make_heap(bucket.begin(), bucket.end(), worse());
      i = bucket.empty() ? buckets_.erase(i) : std::next(i);
    }
    close_some(stack_, enough, close);
  }

  /// Gives every second node away, from the best on and the very best excepted: half of the work.
  /// At most `most`.
  void split(std::size_t most, std::vector<Node>& out) {
    bool is_given = false;
    for (auto i = buckets_.begin(); i != buckets_.end() && out.size() < most; ++i) {
      Bucket& bucket = i->second;
      const std::size_t before = bucket.size();
      halve(bucket, most, is_given, out);
      in_buckets_ -= before - bucket.size();
      std::make_heap(bucket.begin(), bucket.end(), worse());
    }
    std::erase_if(buckets_, [](const auto& entry) { return entry.second.empty(); });
    halve(stack_, most, is_given, out);
  }

  /// Calls `visit(node)` for each, in any order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [index, bucket] : buckets_) std::for_each(bucket.begin(), bucket.end(), visit);
    std::for_each(stack_.begin(), stack_.end(), visit);
  }

 private:
  using Bucket = std::deque<Node>;
  static constexpr int digits = 8;

  [[nodiscard]] auto worse() const {
    return [problem = problem_](const Node& a, const Node& b) {
      const Value of_a = problem->bound(a);
      const Value of_b = problem->bound(b);
      return of_a < of_b || (of_a == of_b && problem->goes_first(b, a));
    };
  }

  [[nodiscard]] Node take_best() {
    const auto top = buckets_.begin();
    Bucket& bucket = top->second;
    std::pop_heap(bucket.begin(), bucket.end(), worse());
    const Node node = bucket.back();
    bucket.pop_back();
    if (bucket.empty()) buckets_.erase(top);
    --in_buckets_;
    return node;
  }

  /// How many.
  template <class Close>
  std::size_t close_some(Bucket& nodes, const Value& enough, Close& close) {
    return std::erase_if(nodes, [&](const Node& node) {
      if (problem_->bound(node) > enough) return false;
      close(node);
      return true;
    });
  }

  /// Moves every second of `nodes` to `out` while that has fewer than `most`.
  static void halve(Bucket& nodes, std::size_t most, bool& is_given, std::vector<Node>& out) {
    auto kept = nodes.begin();
    for (const Node& node : nodes) {
      if (is_given && out.size() < most) {
        out.push_back(node);
      } else {
        *kept++ = node;
      }
      is_given = !is_given;
    }
    nodes.erase(kept, nodes.end());
  }

  void choose_mode() {
    if (4 * size() > 3 * most_) goes_deep_ = true;
    if (!goes_deep_ || 2 * size() > most_) return;
    goes_deep_ = false;
    Bucket left;
    left.swap(stack_);
    for (const Node& node : left) put(node);
  }

  void note_size() { peak_ = std::max(peak_, size()); }

  const P* problem_;
  std::size_t most_;
  std::map<std::int64_t, Bucket, std::greater<>> buckets_;
  std::size_t in_buckets_ = 0;
  Bucket stack_;  ///< the next node last; empty unless it goes deep
  bool goes_deep_ = false;
  std::size_t peak_ = 0;
};

}  // namespace driftwood::bnb
