// SPDX-License-Identifier: BSD-3-Clause
/// What runs and plans of `[task] kind = "gradient"` share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "comm/communicator.hpp"
#include "io/provenance.hpp"
#include "run/checkpoints.hpp"
#include "run/clock.hpp"
#include "run/context.hpp"
#include "run/progress.hpp"
#include "sde/gradient/study.hpp"
#include "sde_gradient_deck.hpp"

namespace driftwood::sde_gradient {

/// The work of one rank: blocks of paths that it takes wave by wave, round by round.
class Work {
 public:
  /// Throws `UsageError` where the deck asks for what has no gradients.
  Work(run::Context& context, const Deck& deck, const deck::Source& source);

  [[nodiscard]] sde::GradientStudy& study() { return *study_; }
  [[nodiscard]] const sde::GradientStudy& study() const { return *study_; }
  [[nodiscard]] double solve_seconds() const { return solving_.seconds(); }
  /// Of a wave, at most.
  [[nodiscard]] std::int64_t most_blocks() const { return most_blocks_; }
  /// Paths of all rounds so far.
  [[nodiscard]] std::int64_t paths() const {
    return std::min(last_ * stats::block_paths, deck_.ensemble.paths);
  }

  /// Goes on from what ranks of an earlier job saved. Collective.
  void restore(const std::vector<comm::Bytes>& parts, const deck::Source& source);
  [[nodiscard]] comm::Bytes saved() const;

  /// All blocks, in rounds where the run may stop early. False: the run is to stop. Collective.
  [[nodiscard]] bool finish(run::Context& context, run::Checkpoints& checkpoints);
  /// Of the first formula, where the run may stop early.
  [[nodiscard]] double error() const { return error_; }

 private:
  [[nodiscard]] bool finish_round(run::Checkpoints& checkpoints, run::Progress& progress);

  const comm::Communicator& comm_;
  const Deck& deck_;
  std::int64_t most_blocks_;
  std::int64_t last_;  ///< blocks of this round and those before
  double error_ = 0;
  run::Stopwatch solving_;
  std::optional<sde::GradientStudy> study_;
};

/// What a run of so many paths leaves beside its results. Collective.
[[nodiscard]] io::Provenance record_of(run::Context& context, const Deck& deck,
                                       const deck::Source& source, const Work& work,
                                       std::int64_t paths);

}  // namespace driftwood::sde_gradient
