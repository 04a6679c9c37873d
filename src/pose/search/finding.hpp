// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pose/estimate/consensus.hpp"
#include "pose/search/leaf.hpp"
#include "stats/bytes.hpp"

namespace driftwood::pose {

/// How a search ended.
enum class Status : std::uint8_t {
  optimal,    ///< no pose has more inliers
  gap,        ///< some pose may have more, up to the upper bound
  surrogate,  ///< nothing is known of poses but the one that was found
  limit,      ///< its time or number of nodes was up
};
[[nodiscard]] constexpr std::string_view name_of(Status status) {
  constexpr std::string_view names[] = {"optimal", "gap", "surrogate", "time_limit"};
  return names[static_cast<int>(status)];
}

/// What a search looked like at one moment.
struct Look {
  double seconds;  ///< since it began
  std::int64_t consensus;
  std::int64_t upper_bound;
  std::int64_t nodes;
  std::int64_t open;
};

/// What searching took, over all ranks.
struct Effort {
  std::int64_t nodes = 0;
  std::int64_t critical = 0;
  double seconds = 0;
  double seed_seconds = 0;
  std::int64_t block = 0;
  std::int64_t h_index = 0;  ///< boxes bounded by it
  std::int64_t core = 0;
  std::int64_t nested = 0;
  std::int64_t cells = 0;   ///< of centres that were looked at
  std::int64_t steals = 0;  ///< messages of nodes
  std::int64_t moved = 0;   ///< nodes in them
  double idle = 0;          ///< share of the ranks' time
  double imbalance = 1;     ///< most nodes of a rank by their mean
};

/// What is known of one problem: the same on all ranks.
struct Finding {
  Found best;                   ///< the certified incumbent
  std::vector<char> is_inlier;  ///< of each correspondence
  std::int64_t upper_bound = 0;
  std::int64_t gap = 0;  ///< that was allowed
  Status status = Status::gap;
  Pose<double> refined{};
  std::int64_t refined_inliers = 0;
  double refined_rms = 0;          ///< of residuals of inliers [rad]
  std::vector<double> covariance;  ///< (6, 6)
  bool refined_converged = false;
  std::optional<Pose<double>> reference;  ///< what errors are told against
  std::optional<Found> second;  ///< another pose that explains nearly as many
  Effort effort;
  std::vector<Look> trace;
  std::vector<int> order;  ///< of correspondences in blocks
  std::uint64_t checksum = 0;
};

/// As bytes, for checkpoints.
void save(const Finding& finding, stats::ByteWriter& to);
[[nodiscard]] Finding read_finding(stats::ByteReader& from);

}  // namespace driftwood::pose
