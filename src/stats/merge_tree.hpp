// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "comm/communicator.hpp"
#include "stats/bytes.hpp"

namespace driftwood::stats {

/// Nodes that a `MergeTree` holds of the blocks [first, last) alone.
[[nodiscard]] constexpr int nodes_of(std::int64_t first, std::int64_t last) {
  int count = 0;
  for (; first < last; first = (first + 1) >> 1, last >>= 1) {
    // A node without its sibling in the range stays; of the others their parents are left.
    count += static_cast<int>(first & 1) + static_cast<int>(last & 1);
  }
  return count;
}

/// Merges the records of blocks in one fixed order, however the blocks are shared out.
///
/// The order is a binary tree over block indices: node (k, i) covers the blocks [i 2^k, (i+1) 2^k)
/// and is `merge(left child, right child)`, where a child none of whose blocks exist is the
/// identity. Every node is a function of the records of its blocks alone, so `root()` has the same
/// bits for any number of ranks and any grouping into waves.
///
/// Held are only the largest complete nodes, as in a binary counter: at most 2 log2 B records for B
/// consecutive blocks, log2 B when they start at 0. `Merge` is called as merge(std::span<T> left,
/// std::span<const T> right) and replaces left.
template <class T, class Merge>
class MergeTree {
 public:
  using Record = std::vector<T>;

  /// Told of every complete node that starts at block 0: how many blocks it covers, and its record.
  /// These are how the result formed, and like it do not depend on the number of ranks.
  using OnPrefix = std::function<void(std::int64_t blocks, const Record& record)>;

  explicit MergeTree(std::size_t record_size, Merge merge = {}, OnPrefix on_prefix = {})
      : record_size_(record_size), merge_(std::move(merge)), on_prefix_(std::move(on_prefix)) {}

  /// Adds one block. Throws `Error` for a block that is already there or a wrong length.
  void push(std::int64_t block, Record record) { insert(block, 0, std::move(record)); }

  /// Adds the blocks of another tree, usually the one of the ranks to the right.
  void absorb(MergeTree other) {
    for (auto& [first, node] : other.nodes_) insert(first, node.level, std::move(node.record));
  }

  /// Adds the blocks of a tree that was turned into bytes.
  void absorb(std::span<const std::byte> bytes) {
    ByteReader in(bytes);
    const auto count = in.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto first = in.get<std::int64_t>();
      const auto level = in.get<std::int32_t>();
      insert(first, level, in.get_all<T>(record_size_));
    }
    if (!in.at_end()) throw Error("saved statistics are longer than their layout");
  }

  /// For messages and checkpoints of the same build.
  [[nodiscard]] std::vector<std::byte> bytes() const {
    ByteWriter out;
    out.put(static_cast<std::uint64_t>(nodes_.size()));
    for (const auto& [first, node] : nodes_) {
      out.put(first);
      out.put(static_cast<std::int32_t>(node.level));
      out.put_all(std::span<const T>(node.record));
    }
    return out.take();
  }

  /// All ranks' blocks on rank 0, an empty tree elsewhere, in O(log ranks) rounds. Collective.
  [[nodiscard]] MergeTree collected(const comm::Communicator& comm) const {
    const auto merge = [this](const comm::Bytes& left, const comm::Bytes& right) {
      MergeTree both(record_size_, merge_, on_prefix_);
      both.absorb(left);
      both.absorb(right);
      return both.bytes();
    };
    const comm::Bytes all = comm.tree_merge(bytes(), merge);
    MergeTree collected(record_size_, merge_, on_prefix_);
    if (comm.is_root()) collected.absorb(all);
    return collected;
  }

  [[nodiscard]] bool empty() const { return nodes_.empty(); }
  [[nodiscard]] std::size_t records_held() const { return nodes_.size(); }

  /// The blocks added so far, as ranges in order.
  [[nodiscard]] std::vector<comm::Share> covered() const {
    std::vector<comm::Share> out;
    for (const auto& [first, node] : nodes_) {
      const std::int64_t last = first + width(node.level);
      if (!out.empty() && out.back().last == first) {
        out.back().last = last;
      } else {
        out.push_back({first, last});
      }
    }
    return out;
  }

  /// Number of blocks added so far.
  [[nodiscard]] std::int64_t blocks() const {
    std::int64_t sum = 0;
    for (const auto& [first, node] : nodes_) sum += std::int64_t{1} << node.level;
    return sum;
  }

  /// The record of everything added so far; empty when there is nothing. The tree stays as it is.
  [[nodiscard]] Record root() const {
    if (nodes_.empty()) return {};
    std::vector<Item> row(nodes_.begin(), nodes_.end());
    for (int level = 0; row.size() > 1; ++level) row = climb(std::move(row), level);
    return std::move(row.front().second.record);
  }

 private:
  struct Node {
    int level;
    Record record;
  };
  using Item = std::pair<std::int64_t, Node>;  // first block, node

  static constexpr int max_level = 62;

  static std::int64_t width(int level) { return std::int64_t{1} << level; }
  static bool is_right(std::int64_t first, int level) { return (first & width(level)) != 0; }

  void insert(std::int64_t first, int level, Record record) {
    require_free(first, level, record.size());
    for (;; ++level) {
      if (first == 0 && on_prefix_) on_prefix_(width(level), record);
      const auto sibling = nodes_.find(first ^ width(level));
      if (sibling == nodes_.end() || sibling->second.level != level) break;
      if (is_right(first, level)) {
        merge_(std::span<T>(sibling->second.record), std::span<const T>(record));
        record = std::move(sibling->second.record);
      } else {
        merge_(std::span<T>(record), std::span<const T>(sibling->second.record));
      }
      nodes_.erase(sibling);
      first &= ~width(level);
    }
    nodes_.emplace(first, Node{level, std::move(record)});
  }

  void require_free(std::int64_t first, int level, std::size_t size) const {
    if (size != record_size_) {
      throw Error("a block's record has the wrong length",
                  std::to_string(size) + " where " + std::to_string(record_size_) + " is due");
    }
    if (level < 0 || level >= max_level || first < 0 || (first & (width(level) - 1)) != 0) {
      throw Error("no node of the merge tree starts at block " + std::to_string(first));
    }
    const auto after = nodes_.lower_bound(first);
    const bool meets_next = after != nodes_.end() && after->first - first < width(level);
    const bool meets_previous =
        after != nodes_.begin() &&
        first - std::prev(after)->first < width(std::prev(after)->second.level);
    if (meets_next || meets_previous) {
      throw Error("block " + std::to_string(first) + " is already merged",
                  "every block counts once");
    }
  }

  /// Turns the nodes at `level` into their parents; a missing sibling is the identity.
  std::vector<Item> climb(std::vector<Item> row, int level) const {
    std::vector<Item> next;
    for (auto& [first, node] : row) {
      if (node.level > level) {
        next.emplace_back(first, std::move(node));
        continue;
      }
      if (is_right(first, level) && !next.empty() && next.back().first == (first ^ width(level))) {
        merge_(std::span<T>(next.back().second.record), std::span<const T>(node.record));
      } else {
        next.emplace_back(first & ~width(level), Node{level + 1, std::move(node.record)});
      }
    }
    return next;
  }

  std::size_t record_size_;
  Merge merge_;
  OnPrefix on_prefix_;
  std::map<std::int64_t, Node> nodes_;  // by first block; no two complete siblings
};

}  // namespace driftwood::stats
