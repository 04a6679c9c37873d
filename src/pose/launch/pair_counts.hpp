// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <span>

#include "pose/bounds/pair.hpp"

namespace driftwood::pose {

/// How many pairs of a list a rotation may be consistent with, of many boxes at once: the surrogate
/// objective of a search that decouples rotation from translation. O(pairs) each.
class PairCounts {
 public:
  /// Pairs of one kind only count always or never.
  explicit PairCounts(std::span<const Pair> pairs);
  PairCounts(PairCounts&&) noexcept;
  PairCounts& operator=(PairCounts&&) noexcept;
  ~PairCounts();

  /// No rotation of a box has more pairs in wedge and sector than `upper` of it. In single
  /// precision, leaning to the side that keeps a box.
  void most(std::span<const BoxKey> boxes, std::span<int> upper);
  /// How many the middle of each box has; in double precision, without any leaning.
  void at_middles(std::span<const BoxKey> boxes, std::span<int> reached);

  [[nodiscard]] int size() const;

 private:
  struct Launches;
  std::unique_ptr<Launches> launches_;
};

}  // namespace driftwood::pose
