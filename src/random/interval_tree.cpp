// SPDX-License-Identifier: BSD-3-Clause
#include "random/interval_tree.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "base/error.hpp"

namespace driftwood::random {
namespace {

std::string text(double x) {
  std::array<char, 32> out;
  return {out.data(), std::to_chars(out.data(), out.data() + out.size(), x).ptr};
}

[[noreturn]] void refuse(double s, double t, double begin, double end) {
  throw Error("no Brownian increment over [" + text(s) + ", " + text(t) + "]",
              "the path has the times [" + text(begin) + ", " + text(end) + "]");
}

}  // namespace

IntervalTree::IntervalTree(const IntervalOptions& options)
    : options_(options), cache_(options.cache) {
  check();
  tick_ = std::ldexp(length(), -options.depth);
  nodes_.push_back({0, ticks(), none, none, IntervalStep::root_slot});
  if (!options_.dyadic) step_ = options_.step / length() * static_cast<double>(ticks());
}

void IntervalTree::check() const {
  const auto wrong = [](const std::string& why) { throw Error("no Brownian Interval", why); };
  const double duration = options_.end - options_.begin;
  if (!(options_.begin < options_.end) || !std::isfinite(duration)) {
    wrong("it is [" + text(options_.begin) + ", " + text(options_.end) + "]");
  }
  if (options_.cache < 3) wrong("its cache has " + std::to_string(options_.cache) + " values");
  if (options_.depth < 1 || options_.depth > 52) {
    wrong("its depth is " + std::to_string(options_.depth));
  }
  if (!(options_.step >= 0)) wrong("its step is " + text(options_.step));
}

/// In ticks, not rounded.
double IntervalTree::place(double t) const {
  return (t - options_.begin) / length() * static_cast<double>(ticks());
}

void IntervalTree::query(double s, double t, IntervalPlan& plan) { over(s, t, false, plan); }

void IntervalTree::query(float s, float t, IntervalPlan& plan) {
  const auto exact = [&](float x) {
    if (x == static_cast<float>(options_.begin)) return options_.begin;
    if (x == static_cast<float>(options_.end)) return options_.end;
    return static_cast<double>(x);
  };
  over(exact(s), exact(t), false, plan);
}

void IntervalTree::query_mirrored(double s, double t, IntervalPlan& plan) {
  if (!(-options_.end <= s && s <= t && t <= -options_.begin)) {
    refuse(s, t, -options_.end, -options_.begin);
  }
  over(-t, -s, true, plan);
}

void IntervalTree::query_ticks(std::int64_t first, std::int64_t last, IntervalPlan& plan) {
  if (last < first || first < 0 || last > ticks()) {
    throw Error("no Brownian increment over ticks [" + std::to_string(first) + ", " +
                    std::to_string(last) + ")",
                "the path has the ticks [0, " + std::to_string(ticks()) + ")");
  }
  answer({first, last, static_cast<double>(first), static_cast<double>(last - first)}, false, plan);
}

void IntervalTree::over(double s, double t, bool mirrored, IntervalPlan& plan) {
  if (!(options_.begin <= s && s <= t && t <= options_.end)) {
    refuse(s, t, options_.begin, options_.end);
  }
  const double start = place(s);
  const double stop = place(t);
  answer({std::llround(start), std::llround(stop), start, stop - start}, mirrored, plan);
}

void IntervalTree::answer(const Query& query, bool mirrored, IntervalPlan& plan) {
  ++counters_.queries;
  const auto number = static_cast<std::uint64_t>(plan.queries++);
  if (query.first == query.last) {
    plan.steps.push_back({number, IntervalStep::Kind::zero, IntervalStep::root_slot});
    return;
  }
  learn(query.length);
  pending_.assign(1, {covering(query.first, query.last), query.last});
  for (std::int64_t from = query.first; !pending_.empty();) {
    const auto [node, last] = pending_.back();
    pending_.pop_back();
    hint_ = piece(node, from, last, query);
    make_values(hint_, plan);
    const Node& found = at(hint_);
    plan.steps.push_back({number, IntervalStep::Kind::answer, found.slot, none, none,
                          time_of(from - query.first), time_of(found.end - from), pending_.empty(),
                          mirrored});
    from = found.end;
  }
}

/// The lowest node above the last one that covers the interval.
int IntervalTree::covering(std::int64_t first, std::int64_t last) {
  int node = hint_;
  for (; first < at(node).begin || at(node).end < last; ++counters_.hops) node = at(node).parent;
  return node;
}

/// The node below `node` that begins at `first` and ends at `last` or as far before it as one of
/// those that are there or made now does; what is after it is pending.
int IntervalTree::piece(int node, std::int64_t first, std::int64_t last, const Query& query) {
  while (first != at(node).begin || last != at(node).end) {
    if (at(node).left == none) split(node, cut(at(node), first, last, query));
    const int left = at(node).left;
    const std::int64_t middle = at(left).end;
    if (first < middle && middle < last) {
      pending_.push_back({left + 1, last});
      last = middle;
    }
    node = last <= middle ? left : left + 1;
    ++counters_.hops;
  }
  return node;
}

/// Where a leaf is split of which [first, last) is a part.
std::int64_t IntervalTree::cut(const Node& leaf, std::int64_t first, std::int64_t last,
                               const Query& query) {
  if (options_.dyadic) return leaf.begin + (leaf.end - leaf.begin) / 2;
  const double longest = 2 * std::max(step_, static_cast<double>(last - first));
  if (static_cast<double>(leaf.end - leaf.begin) <= longest) {
    return first == leaf.begin ? last : first;
  }
  ++counters_.planted;
  return planted_cut(leaf, query);
}

/// Near the middle, where later queries would begin or end if all were as long as this one: without
/// such splits the tree would be a chain, of which sweeps backwards know no end.
std::int64_t IntervalTree::planted_cut(const Node& leaf, const Query& query) const {
  const std::int64_t middle = leaf.begin + (leaf.end - leaf.begin) / 2;
  // Rounding errors of a length, times a large number of steps, could be ticks.
  const bool known = std::abs(query.length - step_) <= 1e-6 * step_;
  const double step = known ? step_ : query.length;
  const double steps = std::round((static_cast<double>(middle) - query.start) / step);
  const std::int64_t aligned = std::llround(query.start + steps * step);
  return leaf.begin < aligned && aligned < leaf.end ? aligned : middle;
}

void IntervalTree::split(int node, std::int64_t at_tick) {
  if (nodes_.size() + 2 > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw Error("too many nodes of a Brownian Interval", std::to_string(nodes_.size()));
  }
  const auto left = static_cast<int>(nodes_.size());
  nodes_.push_back({at(node).begin, at_tick, node});
  nodes_.push_back({at_tick, at(node).end, node});
  at(node).left = left;
  counters_.nodes += 2;
}

/// Steps shorter than half of what was known make leaves shorter from here on. One short query is
/// not enough to doubt what the caller knew.
void IntervalTree::learn(double length) {
  if (options_.dyadic) return;
  double& oldest = recent_[learnt_ % recent_.size()];
  recent_sum_ = std::max(recent_sum_ + length - oldest, length);
  oldest = length;
  const std::size_t n = std::min(++learnt_, recent_.size());
  constexpr std::size_t few = 10;
  if (options_.step > 0 && n < few) return;
  const double mean = recent_sum_ / static_cast<double>(n);
  if (step_ == 0 || mean < step_ / 2) step_ = mean;
}

/// Plans the bridges that it takes for the values of a node to be in a slot.
void IntervalTree::make_values(int node, IntervalPlan& plan) {
  chain_.clear();
  for (int n = node; at(n).slot == none; n = at(n).parent) chain_.push_back(n);
  counters_.hops += static_cast<std::int64_t>(chain_.size());
  const int known = chain_.empty() ? node : at(chain_.back()).parent;
  if (known != 0) cache_.touch(at(known).slot);
  for (auto child = chain_.rbegin(); child != chain_.rend(); ++child) bridge(*child, plan);
}

/// Plans the bridge that gives `child` its values, and its sibling, which is likely to be asked
/// for.
void IntervalTree::bridge(int child, IntervalPlan& plan) {
  const int parent = at(child).parent;
  const int left = at(parent).left;
  const int sibling = child == left ? left + 1 : left;
  const int from = at(parent).slot;
  // The parent's slot may go to a child: values are read before they are written.
  int other = none;
  if (at(sibling).slot == none) other = slot_for(sibling, at(child));
  const int mine = slot_for(child, at(child));
  const auto length = [&](int node) { return time_of(at(node).end - at(node).begin); };
  plan.steps.push_back({draw_of(parent), IntervalStep::Kind::bridge, from,
                        child == left ? mine : other, child == left ? other : mine, length(left),
                        length(left + 1)});
  ++counters_.bridges;
}

/// A slot for the values of a node. Nodes that hang from the way between the root and `place` are
/// spared: the next queries are likely to go there.
int IntervalTree::slot_for(int node, const Node& place) {
  const auto near = [&](int kept) {
    const Node& above = at(at(kept).parent);
    return above.begin <= place.begin && place.end <= above.end;
  };
  const int slot = cache_.take(node, near, [&](int gone) { at(gone).slot = none; });
  at(node).slot = slot;
  return slot;
}

void IntervalTree::forget() {
  for (Node& node : nodes_) node.slot = none;
  at(0).slot = IntervalStep::root_slot;
  cache_.clear();
}

/// Draw 0 is the root's own. A dyadic node has the number that no history changes: 2^level + index.
std::uint64_t IntervalTree::draw_of(int node) const {
  if (!options_.dyadic) return static_cast<std::uint64_t>(node) + 1;
  const Node& n = at(node);
  const auto size = static_cast<std::uint64_t>(n.end - n.begin);
  return static_cast<std::uint64_t>(ticks() + n.begin) >> std::countr_zero(size);
}

}  // namespace driftwood::random
