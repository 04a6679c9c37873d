// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/options.hpp"

#include <cmath>

#include "deck/schema.hpp"

namespace driftwood::pose {

void GapOptions::describe(deck::Schema& s) {
  s.key("absolute", absolute, deck::non_negative,
        "inliers that a pose may have more than the one found")
      .instead_of({"relative"});
  s.key("relative", relative, deck::Range{.low = 0, .high = 1, .high_open = true},
        "the same as a share of the inliers found, rounded down")
      .instead_of({"absolute"});
}

void SearchOptions::describe(deck::Schema& s) {
  s.key("mode", mode, deck::one_of({"certified", "paper", "exhaustive"}),
        "certified: no pose has more inliers, proven; paper: most consistent pairs, then most "
        "inliers at that rotation, a surrogate; exhaustive: every box of rotations, a few points");
  s.table("gap", gap, "what is not worth searching for");
  s.key("time_limit", time_limit, deck::positive, "of each problem [s]").may_change();
  s.key("max_nodes", max_nodes, deck::at_least(1), "boxes to look at, for each problem")
      .may_change();
  s.key("block", block,
        "correspondences whose pairs are tested together: 64, 128, 192 or 256; 0: "
        "by the share of inliers");
  s.key("nested", nested,
        "whether small boxes are searched over camera centres, too; without, gaps may stay open");
  s.key("samples", samples, deck::between(0, 100'000),
        "triples that are tried for a first pose, fewer where that does");
  s.key("pairs", pairs, deck::between(0.1, 64), "per correspondence, of mode \"paper\"");
  s.key("level", level, deck::between(1, 8), "of mode \"exhaustive\": boxes of half size 2^-level");
  s.key("batch", batch, deck::between(1, 65536), "boxes that are branched together");
  s.key("frontier", frontier, deck::between(1000, std::int64_t{1} << 32),
        "open boxes of a rank, 16 bytes each, before the search goes deep instead of wide")
      .may_change();
  s.key("termination", termination, deck::one_of({"mattern", "dijkstra_safra"}),
        "how ranks find out that all are done")
      .may_change();
}

void SearchOptions::validate(const deck::Source& deck) const {
  if (gap.relative && gap.absolute != 0) {
    throw deck.error("search.gap.relative", "there are two gaps", "absolute and relative",
                     "leave one out");
  }
  if (block != 0 && block != 64 && block != 128 && block != 192 && block != 256) {
    throw deck.error("search.block", "a block cannot have " + std::to_string(block) + " of them",
                     "its rows are words of 64 bits", "choose 64, 128, 192, 256, or 0");
  }
}

int SearchOptions::block_for(std::int64_t correspondences, std::int64_t inliers) const {
  if (block != 0) return static_cast<int>(block);
  const double share = static_cast<double>(inliers) / static_cast<double>(correspondences);
  if (share >= 0.25) return 64;
  return share >= 0.15 ? 128 : 256;
}

}  // namespace driftwood::pose
