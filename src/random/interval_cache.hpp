// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

#include "random/interval_plan.hpp"

namespace driftwood::random {

/// Which nodes have their values in which of at most `capacity` slots: the least recently used ones
/// give theirs up. Every operation takes constant time. Slots are numbered as in plans.
class IntervalCache {
 public:
  explicit IntervalCache(int capacity) : capacity_(capacity), slots_(first_slot) {}

  /// Slots that hold something.
  [[nodiscard]] int size() const { return static_cast<int>(slots_.size()) - first_slot; }

  /// The slot was used.
  void touch(int slot) {
    if (slots_.front().next == slot) return;
    unlink(slot);
    link_front(slot);
  }

  /// A slot for `node`, whose former node is told to `gone(node)`. Up to a quarter of the slots
  /// whose nodes `spared(node)` names count as used now.
  template <class Spared, class Gone>
  int take(int node, const Spared& spared, const Gone& gone) {
    if (size() < capacity_) {
      const auto slot = static_cast<int>(slots_.size());
      slots_.push_back({node});
      link_front(slot);
      return slot;
    }
    for (int i = most_spared(); i > 0 && spared(slots_[oldest()].node); --i) {
      touch(static_cast<int>(oldest()));
    }
    const auto slot = static_cast<int>(oldest());
    gone(slots_[oldest()].node);
    slots_[oldest()].node = node;
    touch(slot);
    return slot;
  }

  /// All slots are free again.
  void clear() { slots_.assign(first_slot, {}); }

 private:
  static constexpr int first_slot = IntervalStep::first_slot;

  /// Slots form a ring from the most recently used to the least; slot 0 is between both.
  struct Slot {
    int node = 0;
    int next = 0;
    int previous = 0;
  };

  [[nodiscard]] std::size_t oldest() const {
    return static_cast<std::size_t>(slots_.front().previous);
  }
  /// Few enough for what was used last to stay.
  [[nodiscard]] int most_spared() const { return capacity_ / 4 < 8 ? capacity_ / 4 : 8; }

  void unlink(int slot) {
    const Slot& s = at(slot);
    at(s.previous).next = s.next;
    at(s.next).previous = s.previous;
  }
  void link_front(int slot) {
    const int second = at(0).next;
    at(slot).next = second;
    at(slot).previous = 0;
    at(0).next = slot;
    at(second).previous = slot;
  }
  [[nodiscard]] Slot& at(int slot) { return slots_[static_cast<std::size_t>(slot)]; }

  int capacity_;
  std::vector<Slot> slots_;
};

}  // namespace driftwood::random
