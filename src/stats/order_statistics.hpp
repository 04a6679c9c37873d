// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "comm/communicator.hpp"
#include "stats/float_bits.hpp"

namespace driftwood::stats {

/// An `ordered_key` that occurs `count` times.
struct CountedKey {
  std::uint64_t key;
  std::int64_t count;
};

[[nodiscard]] constexpr std::uint64_t key_of(std::uint64_t key) { return key; }
[[nodiscard]] constexpr std::uint64_t key_of(const CountedKey& item) { return item.key; }
[[nodiscard]] constexpr std::int64_t count_of(std::uint64_t) { return 1; }
[[nodiscard]] constexpr std::int64_t count_of(const CountedKey& item) { return item.count; }

/// Position, from 0, of the p-quantile among n > 0 sorted values: max(1, ceil(p n)) - 1.
///
/// The product may exceed an integer it should equal by rounding (0.07 * 100 > 7), so it is lowered
/// by 2^-51 of itself first.
[[nodiscard]] inline std::int64_t quantile_position(double p, std::int64_t n) {
  const double product = p * static_cast<double>(n) * (1 - 0x1p-51);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(product)), 1, n) - 1;
}

/// Cuts an interval of keys into 256 parts, in increasing order.
///
/// Equal steps of the key are logarithmic in the value, and 8 more bits of the key are settled.
/// Where the interval has values of both signs, most of its keys are unused tiny numbers: equal
/// steps of the value then serve better, but they promise nothing, so they are for the first cut
/// only.
class Cut {
 public:
  static constexpr std::size_t parts = 256;

  Cut() = default;
  Cut(std::uint64_t low, std::uint64_t high, bool first_cut)
      : low_(low), shift_(std::max(0, static_cast<int>(std::bit_width(high - low)) - 8)) {
    origin_ = from_ordered_key(low);
    scale_ = static_cast<double>(parts) / (from_ordered_key(high) - origin_);
    // Not for spans that overflow, or so small that their inverse does.
    linear_ = first_cut && origin_ < 0 && low_ < high && from_ordered_key(high) > 0 && scale_ > 0 &&
              is_finite(scale_);
  }

  [[nodiscard]] bool linear() const { return linear_; }
  [[nodiscard]] std::size_t part_by_value(std::uint64_t key) const {
    const auto part = static_cast<std::int32_t>((from_ordered_key(key) - origin_) * scale_);
    return static_cast<std::size_t>(std::min(part, static_cast<std::int32_t>(parts - 1)));
  }
  [[nodiscard]] std::size_t part_by_key(std::uint64_t key) const {
    return static_cast<std::size_t>((key - low_) >> shift_);
  }

 private:
  std::uint64_t low_ = 0;
  int shift_ = 0;
  double origin_ = 0;
  double scale_ = 0;
  bool linear_ = false;
};

/// Finds order statistics of doubles, given as ordered keys, that are spread over ranks.
///
/// A radix selection: the interval that holds the wanted key is cut into 256 parts, the keys in
/// each are counted over all ranks, and the part with the wanted position becomes the next
/// interval, shrunk to the smallest and largest key in it. No rank sees another's keys, nothing is
/// sorted, and a search ends after about 1 + log256(n) rounds, 9 at most. All searches of a batch
/// go through a round together.
template <class Item>
class OrderStatistics {
 public:
  explicit OrderStatistics(const comm::Communicator& comm) : comm_(comm) {}

  /// Starts a search among `items` (this rank's part) for the keys at `positions` (from 0, the same
  /// on all ranks, below the total count). Owns the items if it is given a vector.
  void search(std::span<const Item> items, std::span<const std::int64_t> positions) {
    Group group;
    group.items = items;
    for (const auto position : positions) group.wanted.push_back({position, answers_++});
    if (!group.wanted.empty()) groups_.push_back(std::move(group));
  }
  void search(std::vector<Item> items, std::span<const std::int64_t> positions) {
    search(std::span<const Item>(items), positions);
    if (!positions.empty()) groups_.back().owned = std::move(items);
  }

  /// The keys found, in the order in which they were asked for. Collective.
  [[nodiscard]] std::vector<std::uint64_t> run() {
    std::vector<std::uint64_t> found(answers_);
    for (;;) {
      const auto intervals = agree_intervals();
      resolve(intervals, found);
      if (groups_.empty()) return found;
      narrow();
      ++rounds_;
    }
  }

  /// Rounds of counting so far.
  [[nodiscard]] int rounds() const { return rounds_; }

 private:
  static constexpr std::size_t parts = Cut::parts;

  struct Wanted {
    std::int64_t position;  // among the group's items, over all ranks
    std::size_t answer;
  };
  struct Group {
    std::vector<Item> owned;
    std::span<const Item> items;  // of this rank; in `owned` or the caller's
    std::vector<Wanted> wanted;
    Cut cut;
  };

  /// Smallest key and complement of the largest key of each group, over all ranks.
  [[nodiscard]] std::vector<std::uint64_t> agree_intervals() const {
    constexpr auto none = std::numeric_limits<std::uint64_t>::max();
    std::vector<std::uint64_t> bounds;
    bounds.reserve(2 * groups_.size());
    for (const auto& group : groups_) {
      std::uint64_t low = none;
      std::uint64_t high_complement = none;
      for (const auto& item : group.items) {
        low = std::min(low, key_of(item));
        high_complement = std::min(high_complement, ~key_of(item));
      }
      bounds.push_back(low);
      bounds.push_back(high_complement);
    }
    comm_.all_reduce_min(std::span<std::uint64_t>(bounds));
    return bounds;
  }

  /// Answers the groups whose keys are all equal and drops them; sets the interval of the others.
  void resolve(const std::vector<std::uint64_t>& bounds, std::vector<std::uint64_t>& found) {
    std::vector<Group> open;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      const std::uint64_t low = bounds[2 * g];
      const std::uint64_t high = ~bounds[2 * g + 1];
      if (low == high) {
        for (const auto& wanted : groups_[g].wanted) found[wanted.answer] = low;
        continue;
      }
      groups_[g].cut = Cut(low, high, rounds_ == 0);
      open.push_back(std::move(groups_[g]));
    }
    groups_ = std::move(open);
  }

  template <class Visit>
  static void for_each_part(const Group& group, const Visit& visit) {
    const Cut cut = group.cut;
    if (cut.linear()) {
      for (const auto& item : group.items) visit(cut.part_by_value(key_of(item)), item);
    } else {
      for (const auto& item : group.items) visit(cut.part_by_key(key_of(item)), item);
    }
  }

  void narrow() {
    std::vector<std::int64_t> counts(groups_.size() * parts, 0);
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      std::int64_t* const count = counts.data() + g * parts;
      for_each_part(groups_[g],
                    [count](std::size_t part, const Item& item) { count[part] += count_of(item); });
    }
    comm_.all_reduce_sum(std::span<std::int64_t>(counts));
    std::vector<Group> next;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      split(groups_[g], std::span(counts).subspan(g * parts, parts), next);
    }
    groups_ = std::move(next);
  }

  /// Appends a group for every part in which something is wanted.
  static void split(const Group& group, std::span<const std::int64_t> counts,
                    std::vector<Group>& next) {
    std::array<std::int64_t, parts> child;
    child.fill(-1);
    for (const auto& wanted : group.wanted) {
      std::size_t part = 0;
      std::int64_t position = wanted.position;
      while (position >= counts[part]) position -= counts[part++];
      if (child[part] < 0) {
        child[part] = static_cast<std::int64_t>(next.size());
        next.emplace_back();
      }
      next[static_cast<std::size_t>(child[part])].wanted.push_back({position, wanted.answer});
    }
    for_each_part(group, [&](std::size_t part, const Item& item) {
      const auto to = child[part];
      if (to >= 0) next[static_cast<std::size_t>(to)].owned.push_back(item);
    });
    for (const auto to : child) {
      if (to < 0) continue;
      auto& made = next[static_cast<std::size_t>(to)];
      made.items = made.owned;
    }
  }

  const comm::Communicator& comm_;
  std::vector<Group> groups_;
  std::size_t answers_ = 0;
  int rounds_ = 0;
};

}  // namespace driftwood::stats
