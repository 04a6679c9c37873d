// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "comm/communicator.hpp"
#include "langevin_chains_deck.hpp"
#include "mcmc/draw_store.hpp"
#include "run/context.hpp"
#include "run/trial.hpp"

namespace driftwood::langevin_chains {

/// Draws that one rank keeps, and the work with them.
struct KeptDraws {
  std::int64_t blocks = 0;  ///< of chains, of which draws are kept
  std::int64_t thin = 1;    ///< one of so many steps
  std::int64_t draws = 0;   ///< of each chain, at the end
  double draw_bytes = 0;    ///< of one draw of a block

  [[nodiscard]] double bytes() const {
    return static_cast<double>(blocks) * static_cast<double>(draws) * draw_bytes;
  }
  /// Blocks that are looked at in each step, in the mean.
  [[nodiscard]] double looks() const {
    return static_cast<double>(blocks) / static_cast<double>(thin);
  }
};

/// Blocks of chains that really move, from their start through a warm-up, and that then stand for
/// all steps: what they find out and what is written is of the size at the end.
struct Trial {
  /// [s]
  struct Seconds {
    double start = 0;  ///< of the program without MPI, and of the chains
    double adapting = 0;
    double moving = 0;   ///< steps that count
    double look = 0;     ///< at a block of which draws are kept
    double finding = 0;  ///< what a look at all chains says
    double ending = 0;   ///< what is found out once
    double writing = 0;
    double saving = 0;  ///< making the bytes of a checkpoint
  };
  /// [byte]
  struct Memory {
    std::int64_t libraries = 0;  ///< before the trial, all of it
    // The most of this process beyond that, until the end of a phase:
    std::int64_t start = 0;
    std::int64_t lone = 0;  ///< a single block, without its draws
    std::int64_t moving = 0;
    std::int64_t freed = 0;  ///< of that, not held any more when it ends
    // The most beyond what was held when a phase began:
    std::int64_t finding = 0;
    std::int64_t left = 0;  ///< of that, still held when writing begins
    std::int64_t writing = 0;
    std::int64_t saving = 0;
  };
  /// Bytes of what is saved, without draws.
  struct Saved {
    double part = 0;   ///< all of it, with draws
    double rank = 0;   ///< of each rank
    double block = 0;  ///< of each block
    double once = 0;
  };
  /// Collective calls, and what one rank brings to them.
  struct Traffic {
    comm::Communicator::Traffic start;
    comm::Communicator::Traffic step;     ///< of the warm-up, each
    comm::Communicator::Traffic windows;  ///< more, where the warm-up adapts at the end of windows
    comm::Communicator::Traffic finding;
    comm::Communicator::Traffic ending;
  };

  std::int64_t per_block = 0;
  std::int64_t blocks = 0;
  std::int64_t warmup = 0;          ///< length of its warm-up
  std::int64_t adapting_steps = 0;  ///< taken of it
  std::int64_t moving_steps = 0;    ///< of those that count
  std::int64_t steps = 0;           ///< that count, for which it stands
  std::int64_t parameters = 0;
  std::int64_t rows = 0;  ///< of a draw: parameters, and what else is kept
  bool adapts = false;
  double step_size = 0;
  KeptDraws judged;
  KeptDraws stored;
  std::int64_t results_bytes = 0;
  std::int64_t checkpoint_bytes = 0;
  run::DiskSpeed disk;
  Saved saved;
  Seconds seconds;
  Memory memory;
  Traffic traffic;

  /// In words.
  [[nodiscard]] std::string what() const;
};

/// Moves chains for about two seconds, as many as the rank with the most has of so many ranks, or
/// as there is time and memory for. Files are written beside the output, and removed.
[[nodiscard]] Trial try_out(run::Context& context, const Deck& deck, const deck::Source& source,
                            std::int64_t ranks);

/// The draws for diagnostics of a run, of all ranks together.
[[nodiscard]] KeptDraws judged_draws(const Deck& deck, std::int64_t per_block, double memory,
                                     std::int64_t parameters, double draw_bytes);

}  // namespace driftwood::langevin_chains
