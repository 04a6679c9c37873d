// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "deck/schema.hpp"
#include "pose/input/options.hpp"
#include "pose/search/options.hpp"
#include "run/options.hpp"

namespace driftwood::pose_search {

/// The whole deck: one member per TOML table.
struct Deck {
  run::Options run;
  pose::CorrespondenceOptions correspondences;
  pose::SearchOptions search;

  void describe(deck::Schema& s) {
    s.table("run", run, "where results go, and what the run tolerates");
    s.table("correspondences", correspondences, "points of the world and where cameras saw them");
    s.table("search", search, "for the pose of each camera that explains the most of them");
  }
  void validate(const deck::Source& source) const {
    search.validate(source);
    correspondences.validate(source);
  }
};

}  // namespace driftwood::pose_search
