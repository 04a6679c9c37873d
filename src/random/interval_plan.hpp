// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace driftwood::random {

/// One step of what is to be done to the values of Brownian Intervals, those of any paths.
struct IntervalStep {
  enum class Kind : std::int32_t {
    bridge,  ///< the values of a node make those of its children
    answer,  ///< a node is a piece of what was asked for
    zero,    ///< nothing was asked for: an interval without length
  };

  static constexpr int root_slot = 0;
  static constexpr int sum_slot = 1;    ///< where pieces are joined
  static constexpr int first_slot = 2;  ///< of the cache
  static constexpr int nowhere = -1;

  std::uint64_t number = 0;  ///< bridge: the draw of its normals; else: which query it answers
  Kind kind = Kind::zero;
  int from = root_slot;  ///< slot of the node
  int left = nowhere;    ///< slots of the children, where they are wanted
  int right = nowhere;
  double before = 0;      ///< bridge: length of the left child; answer: of the pieces before [time]
  double after = 0;       ///< bridge: length of the right child; answer: of this piece [time]
  bool last = true;       ///< answer: the query has no further piece
  bool mirrored = false;  ///< answer: of the path run backwards

  [[nodiscard]] constexpr bool is_only_piece() const { return last && before == 0; }
};

/// What answers a sequence of queries: made once by an `IntervalTree`, carried out for one batch of
/// paths after another.
struct IntervalPlan {
  std::vector<IntervalStep> steps;
  std::int64_t queries = 0;

  void clear() {
    steps.clear();
    queries = 0;
  }
};

}  // namespace driftwood::random
