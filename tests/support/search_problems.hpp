// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "bnb/problem.hpp"

namespace driftwood::test {

/// The part of the domain that a node covers, in units of which the whole has `domain()`.
struct Tile {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

/// Whether tiles cover [0, whole), each unit once.
inline bool do_tile(std::vector<Tile> tiles, std::uint64_t whole) {
  std::sort(tiles.begin(), tiles.end(),
            [](const Tile& a, const Tile& b) { return a.first < b.first; });
  std::uint64_t reached = 0;
  for (const Tile& tile : tiles) {
    if (tile.first != reached) return false;
    reached += tile.count;
  }
  return reached == whole;
}

/// The most valuable items of at most some weight, each taken or left; bounds by the fractional
/// relaxation (Dantzig 1957). Items are decided in the order of value per weight.
template <bnb::SearchValue V>
class Knapsack {
 public:
  using Value = V;
  using Payload = std::uint64_t;  ///< the items taken, bit by bit
  struct Node {
    std::uint64_t prefix = 1;  ///< a one, then the decisions
    V value = 0;
    V bound = 0;
    std::int32_t weight = 0;
    std::int32_t level = 0;
  };

  Knapsack(std::vector<V> values, std::vector<std::int32_t> weights, std::int32_t capacity)
      : values_(std::move(values)), weights_(std::move(weights)), capacity_(capacity) {
    std::vector<std::size_t> order(values_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto ratio = [&](std::size_t i) { return static_cast<double>(values_[i]) / weights_[i]; };
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return ratio(a) > ratio(b); });
    const auto v = values_;
    const auto w = weights_;
    for (std::size_t i = 0; i < order.size(); ++i) {
      values_[i] = v[order[i]];
      weights_[i] = w[order[i]];
    }
  }

  /// `items` of random weights, each worth that and a constant, so that bounds decide late:
  /// "strongly correlated" instances (Pisinger 2005, "Where are the hard knapsack problems?").
  static Knapsack random(int items, std::uint64_t seed) {
    std::mt19937_64 bits(seed);
    std::vector<V> values;
    std::vector<std::int32_t> weights;
    std::int32_t sum = 0;
    for (int i = 0; i < items; ++i) {
      weights.push_back(1 + static_cast<std::int32_t>(bits() % 1000));
      values.push_back(static_cast<V>(weights.back() + 100));
      sum += weights.back();
    }
    return Knapsack(std::move(values), std::move(weights), sum / 2);
  }

  /// The optimum by dynamic programming over weights.
  [[nodiscard]] V optimum() const {
    std::vector<V> best(static_cast<std::size_t>(capacity_) + 1, V{0});
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const auto w = static_cast<std::size_t>(weights_[i]);
      for (std::size_t c = best.size() - 1; c >= w; --c) {
        best[c] = std::max(best[c], best[c - w] + values_[i]);
      }
    }
    return best.back();
  }

  /// What the items are worth, or nothing where they are too heavy.
  [[nodiscard]] V value_of(Payload taken) const {
    V value = 0;
    std::int64_t weight = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if ((taken >> i & 1) == 0) continue;
      value += values_[i];
      weight += weights_[i];
    }
    return weight <= capacity_ ? value : bnb::nothing<V>;
  }

  [[nodiscard]] std::vector<Node> roots() const { return {Node{}}; }

  void children(const Node& node, std::vector<Node>& out) const {
    const auto i = static_cast<std::size_t>(node.level);
    Node left = node;
    ++left.level;
    left.prefix = node.prefix << 1;
    Node taken = left;
    taken.prefix |= 1;
    taken.value += values_[i];
    taken.weight += weights_[i];
    out.push_back(taken);
    out.push_back(left);
  }

  void evaluate(std::span<Node> batch, V /*enough*/) {
    if (before_evaluating) before_evaluating();
    for (Node& node : batch) node.bound = bound_of(node);
  }

  [[nodiscard]] V bound(const Node& node) const { return node.bound; }
  [[nodiscard]] bool goes_first(const Node& a, const Node& b) const { return a.prefix > b.prefix; }
  [[nodiscard]] std::uint64_t key(const Node& node) const { return node.prefix; }
  [[nodiscard]] bool is_minimal(const Node& node) const {
    return static_cast<std::size_t>(node.level) == values_.size();
  }

  /// Takes what still fits, in order.
  [[nodiscard]] std::optional<bnb::Candidate<V, Payload>> try_improve(const Node& node) {
    Payload taken = 0;
    for (int i = 0; i < node.level; ++i) taken |= (node.prefix >> (node.level - 1 - i) & 1) << i;
    V value = node.value;
    std::int32_t weight = node.weight;
    for (auto i = static_cast<std::size_t>(node.level); i < values_.size(); ++i) {
      if (weight + weights_[i] > capacity_) continue;
      weight += weights_[i];
      value += values_[i];
      taken |= Payload{1} << i;
    }
    return bnb::Candidate<V, Payload>{value, taken};
  }
  [[nodiscard]] bool prefers(Payload a, Payload b) const { return a < b; }

  [[nodiscard]] std::uint64_t domain() const { return std::uint64_t{1} << values_.size(); }
  [[nodiscard]] Tile tile(const Node& node) const {
    const std::size_t below = values_.size() - static_cast<std::size_t>(node.level);
    return {(node.prefix << below) - domain(), std::uint64_t{1} << below};
  }

  std::function<void()> before_evaluating;  ///< for tests of time and of failures

 private:
  [[nodiscard]] V bound_of(const Node& node) const {
    if (node.weight > capacity_) return bnb::nothing<V>;
    double more = 0;
    std::int32_t room = capacity_ - node.weight;
    for (auto i = static_cast<std::size_t>(node.level); i < values_.size() && room > 0; ++i) {
      const std::int32_t part = std::min(room, weights_[i]);
      more += static_cast<double>(values_[i]) * part / weights_[i];
      room -= part;
    }
    // Outward, as sums are rounded; nothing is added where nothing is left to decide.
    return node.value + static_cast<V>(more * (1 + 1e-12));
  }

  std::vector<V> values_;
  std::vector<std::int32_t> weights_;
  std::int32_t capacity_;
};

/// The most queens on a board, none attacking another, with squares on which none may stand. Rows
/// are decided one after the other; the bound counts later rows with a square that is free. Bounds
/// may be made too large by `slack`, as if they could not be made tight.
class Queens {
 public:
  using Value = std::int32_t;
  using Payload = std::uint64_t;  ///< the squares in base n + 1, 0 where a row has no queen
  struct Node {
    std::uint64_t prefix = 1;
    std::uint32_t columns = 0;
    std::uint32_t rising = 0;   ///< diagonals, moved by a column per row
    std::uint32_t falling = 0;  ///< likewise
    std::int32_t queens = 0;
    std::int32_t bound = 0;
    std::int32_t row = 0;
  };

  explicit Queens(int n, std::int32_t slack = 0)
      : n_(n), slack_(slack), blocked_(static_cast<std::size_t>(n), 0u) {}

  /// A board in which each square is blocked with probability `part`.
  static Queens random(int n, double part, std::uint64_t seed) {
    std::mt19937_64 bits(seed);
    Queens board(n);
    for (auto& row : board.blocked_) {
      for (int c = 0; c < n; ++c) {
        if (static_cast<double>(bits() >> 11) * 0x1p-53 < part) row |= 1u << c;
      }
    }
    return board;
  }

  /// By trying everything.
  [[nodiscard]] std::int32_t optimum() const { return most_from(Node{}); }

  [[nodiscard]] std::vector<Node> roots() const { return {Node{}}; }

  void children(const Node& node, std::vector<Node>& out) const {
    for (int c = 0; c <= n_; ++c) out.push_back(child(node, c));
  }
  void evaluate(std::span<Node> batch, Value /*enough*/) {
    if (before_evaluating) before_evaluating();
    for (Node& node : batch) {
      if (node.bound == bnb::nothing<Value>) continue;
      node.bound = node.queens;
      for (int row = node.row; row < n_; ++row) {
        if (free_in(node, row) != 0) ++node.bound;
      }
      node.bound += slack_;
    }
  }
  [[nodiscard]] Value bound(const Node& node) const { return node.bound; }
  [[nodiscard]] bool goes_first(const Node& a, const Node& b) const {
    return a.row > b.row || (a.row == b.row && a.prefix < b.prefix);
  }
  [[nodiscard]] std::uint64_t key(const Node& node) const { return node.prefix; }
  [[nodiscard]] bool is_minimal(const Node& node) const { return node.row == n_; }
  [[nodiscard]] std::optional<bnb::Candidate<Value, Payload>> try_improve(const Node& node) {
    if (node.row < n_) return std::nullopt;
    return bnb::Candidate<Value, Payload>{node.queens, node.prefix};
  }
  [[nodiscard]] bool prefers(Payload a, Payload b) const { return a < b; }

  [[nodiscard]] std::uint64_t domain() const { return power(n_); }
  [[nodiscard]] Tile tile(const Node& node) const {
    const std::uint64_t count = power(n_ - node.row);
    return {node.prefix * count - domain(), count};
  }

  std::function<void()> before_evaluating;

 private:
  [[nodiscard]] std::uint64_t power(int exponent) const {
    std::uint64_t out = 1;
    for (int i = 0; i < exponent; ++i) out *= static_cast<std::uint64_t>(n_ + 1);
    return out;
  }
  [[nodiscard]] std::uint32_t free_in(const Node& node, int row) const {
    const int ahead = row - node.row;
    const std::uint32_t attacked = node.columns | node.rising << ahead | node.falling >> ahead |
                                   blocked_[static_cast<std::size_t>(row)];
    return ~attacked & ((1u << n_) - 1);
  }
  /// `c` 0: no queen in the row; else one in column c - 1, which holds nothing if it is attacked.
  [[nodiscard]] Node child(const Node& node, int c) const {
    Node next = node;
    next.prefix = node.prefix * static_cast<std::uint64_t>(n_ + 1) + static_cast<std::uint64_t>(c);
    const std::uint32_t square = c == 0 ? 0u : 1u << (c - 1);
    next.columns |= square;
    next.rising = (node.rising | square) << 1;
    next.falling = (node.falling | square) >> 1;
    next.queens += c == 0 ? 0 : 1;
    ++next.row;
    next.bound = (free_in(node, node.row) & square) == square ? 0 : bnb::nothing<Value>;
    return next;
  }
  [[nodiscard]] std::int32_t most_from(const Node& node) const {
    if (node.row == n_) return node.queens;
    std::int32_t most = 0;
    for (int c = 0; c <= n_; ++c) {
      const Node next = child(node, c);
      if (next.bound != bnb::nothing<Value>) most = std::max(most, most_from(next));
    }
    return most;
  }

  int n_;
  std::int32_t slack_;
  std::vector<std::uint32_t> blocked_;
};

static_assert(bnb::Problem<Knapsack<std::int64_t>>);
static_assert(bnb::Problem<Knapsack<double>>);
static_assert(bnb::Problem<Queens>);

/// Whether the closed and unresolved nodes of searches cover the domain of a problem, each part
/// once.
template <class P, class Nodes>
bool leaves_tile(const P& problem, const Nodes& leaves) {
  std::vector<Tile> tiles;
  for (const auto& leaf : leaves) tiles.push_back(problem.tile(leaf));
  return do_tile(std::move(tiles), problem.domain());
}

}  // namespace driftwood::test
