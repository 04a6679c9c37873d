// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The Brownian Interval: Brownian increments over any intervals, in any order, each exact given
/// all that were asked for before. Kidger, Foster, Li and Lyons (2021), "Efficient and accurate
/// gradients for neural SDEs", section 4.
///
/// The interval is a binary tree, whose nodes are split where queries begin and end. What a node is
/// split by is a pure function of the seed, the path, the component and the number of the node, so
/// that values that were forgotten can be had again. This file is the structure, which all paths
/// share; values are in random/launch/interval_batch.hpp.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "random/interval_cache.hpp"
#include "random/interval_plan.hpp"

namespace driftwood::random {

struct IntervalOptions {
  double begin = 0;  ///< [time]
  double end = 1;    ///< [time]
  /// Length of most queries, if known [time]. Else, and where they get shorter, it is found out.
  double step = 0;
  int cache = 45;  ///< values kept, at most
  /// Times are rounded to multiples of 2^-depth of the interval.
  int depth = 40;
  /// Nodes are halved until they end where queries do: answers then depend on the seed alone, not
  /// on what was asked before, and take up to 2 depth bridges each.
  bool dyadic = false;
};

/// What a tree has done so far.
struct IntervalCounters {
  std::int64_t queries = 0;
  std::int64_t bridges = 0;  ///< each makes the values of both children of a node
  std::int64_t nodes = 1;
  std::int64_t planted = 0;  ///< splits that no query asked for
  std::int64_t hops = 0;     ///< from node to node
};

/// The structure of a Brownian Interval, and where its values are. Plans of queries must be carried
/// out in the order in which they were made.
///
/// Without `dyadic` a path depends on the seed and on where nodes were split, in which order: the
/// same queries in the same order give the same path. Asking again gives the same bits always.
class IntervalTree {
 public:
  /// Throws `Error` for an interval without length, a cache below 3, a depth outside [1, 52] and a
  /// step below 0.
  explicit IntervalTree(const IntervalOptions& options);

  /// Adds to `plan` what answers the increment (and area) over [s, t] after rounding; zero where
  /// that has no length. Throws `Error` for t < s and for times outside the interval.
  void query(double s, double t, IntervalPlan& plan);
  /// The same for times in single precision, where the rounded begin and end stand for themselves.
  void query(float s, float t, IntervalPlan& plan);
  /// The same of the path run backwards, B'(s, t) = B(-t, -s), for times in [-end, -begin]: its
  /// increments are those of B; its areas, as it sees the path from the other side, minus those.
  void query_mirrored(double s, double t, IntervalPlan& plan);
  /// The same over ticks [first, last), of which the interval has 2^depth.
  void query_ticks(std::int64_t first, std::int64_t last, IntervalPlan& plan);

  /// All values but the root's count as forgotten.
  void forget();

  [[nodiscard]] std::int64_t ticks() const { return std::int64_t{1} << options_.depth; }
  [[nodiscard]] double length() const { return options_.end - options_.begin; }
  [[nodiscard]] const IntervalCounters& counters() const { return counters_; }
  /// Values that are kept, besides the root's.
  [[nodiscard]] int cached() const { return cache_.size(); }

 private:
  static constexpr int none = -1;

  struct Node {
    std::int64_t begin;  ///< [ticks]
    std::int64_t end;    ///< [ticks]
    int parent;
    int left = none;  ///< the right child is the next node
    int slot = none;  ///< of its values
  };
  /// A query: its times in ticks, and before rounding.
  struct Query {
    std::int64_t first;
    std::int64_t last;
    double start;
    double length;
  };
  struct Pending {
    int node;
    std::int64_t last;  ///< [ticks]
  };

  void check() const;
  [[nodiscard]] double place(double t) const;
  void over(double s, double t, bool mirrored, IntervalPlan& plan);
  void answer(const Query& query, bool mirrored, IntervalPlan& plan);
  [[nodiscard]] int covering(std::int64_t first, std::int64_t last);
  [[nodiscard]] int piece(int node, std::int64_t first, std::int64_t last, const Query& query);
  [[nodiscard]] std::int64_t cut(const Node& leaf, std::int64_t first, std::int64_t last,
                                 const Query& query);
  [[nodiscard]] std::int64_t planted_cut(const Node& leaf, const Query& query) const;
  void split(int node, std::int64_t at);
  void learn(double length);
  void make_values(int node, IntervalPlan& plan);
  void bridge(int child, IntervalPlan& plan);
  [[nodiscard]] int slot_for(int node, const Node& place);
  [[nodiscard]] std::uint64_t draw_of(int node) const;
  [[nodiscard]] double time_of(std::int64_t ticks) const {
    return static_cast<double>(ticks) * tick_;
  }
  [[nodiscard]] Node& at(int node) { return nodes_[static_cast<std::size_t>(node)]; }
  [[nodiscard]] const Node& at(int node) const { return nodes_[static_cast<std::size_t>(node)]; }

  IntervalOptions options_;
  double tick_ = 0;  ///< [time]
  std::vector<Node> nodes_;
  IntervalCache cache_;
  IntervalCounters counters_;
  int hint_ = 0;                      ///< where the last query ended
  double step_ = 0;                   ///< by which leaves are planted [ticks]; 0: not known yet
  std::array<double, 100> recent_{};  ///< lengths of the last queries [ticks]
  double recent_sum_ = 0;
  std::size_t learnt_ = 0;        ///< lengths that were put there
  std::vector<Pending> pending_;  ///< parts of a query still to be found
  std::vector<int> chain_;        ///< nodes whose values are to be made
};

}  // namespace driftwood::random
