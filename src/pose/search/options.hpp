// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "deck/duration.hpp"

namespace driftwood::deck {
class Schema;
class Source;
}  // namespace driftwood::deck

namespace driftwood::pose {

/// `[search] gap`: what is not worth searching for.
struct GapOptions {
  std::int64_t absolute = 0;
  std::optional<double> relative;

  void describe(deck::Schema& s);
};

/// The deck's table `[search]`.
struct SearchOptions {
  std::string mode = "certified";
  GapOptions gap;
  std::optional<deck::Duration> time_limit;
  std::optional<std::int64_t> max_nodes;
  std::int64_t block = 0;
  bool nested = true;
  std::int64_t samples = 40'000;
  double pairs = 1;
  std::int64_t level = 4;
  std::int64_t batch = 16;
  std::int64_t frontier = 4'194'304;
  std::string termination = "mattern";

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck) const;

  /// Correspondences of a block, for so many of which so many are known to agree: the larger the
  /// share of outliers, the larger the blocks must be for cliques to stand out.
  [[nodiscard]] int block_for(std::int64_t correspondences, std::int64_t inliers) const;
};

}  // namespace driftwood::pose
