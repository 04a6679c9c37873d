// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "comm/communicator.hpp"
#include "run/context.hpp"
#include "run/trial.hpp"
#include "sde_ensemble_deck.hpp"

namespace driftwood::sde_ensemble {

/// What one rank held after a trial, in the bytes of a checkpoint.
struct Held {
  std::int64_t part = 0;  ///< all of it
  std::int64_t wave = 0;  ///< of which the wave on its way
  std::int64_t keys = 0;  ///< values that exact quantiles keep
  std::int64_t bins = 0;  ///< of binned quantiles
  std::int64_t saved_paths = 0;
  int nodes = 0;              ///< of the merge tree
  std::int64_t record = 0;    ///< of one of these
  std::int64_t per_path = 0;  ///< keys of one path
  std::int64_t per_saved_path = 0;
};

/// The first waves of rank 0, really simulated, recorded, merged and written, and what that took.
struct Trial {
  /// Wall time [s].
  struct Seconds {
    double start = 0;  ///< of the program, without MPI
    double pilot = 0;
    double first_wave = 0;  ///< the first time memory is touched
    double later_blocks = 0;
    double merge = 0;
    double write = 0;
    double save = 0;  ///< making the bytes of a checkpoint
  };
  /// The most of this process until the end of each phase [byte].
  struct Memory {
    std::int64_t libraries = 0;  ///< before the trial, all of it
    std::int64_t simulating = 0;
    std::int64_t merging = 0;
    std::int64_t writing = 0;
    std::int64_t saving = 0;
  };

  std::int64_t blocks_of_run = 0;   ///< all ranks'; where it may stop, those it seems to need
  std::int64_t blocks_of_rank = 0;  ///< the most that a rank may get
  std::int64_t wave_blocks = 0;     ///< the most of a wave
  std::int64_t blocks = 0;          ///< tried
  std::int64_t first_blocks = 0;    ///< in the first wave
  std::int64_t last_wave = 0;       ///< blocks in the last one
  double part_of_wave = 1;          ///< steps that were taken of the first wave, if not all
  std::int64_t first_bins = 0;      ///< after the first wave [byte]
  run::DiskSpeed disk;
  std::int64_t results_bytes = 0;
  std::int64_t checkpoint_bytes = 0;
  Held held;
  Seconds seconds;
  Memory memory;
  comm::Communicator::Traffic traffic;  ///< of merging and writing

  /// In words.
  [[nodiscard]] std::string what() const;
  /// Wall time of a rank with so many blocks [s].
  [[nodiscard]] double seconds_of(std::int64_t rank_blocks) const;
  /// What the keys of so many blocks occupy of the room for all [byte].
  [[nodiscard]] std::int64_t keys_in_memory(std::int64_t some_blocks) const;
};

/// Simulates for about two seconds. Files are written beside the output, and removed.
[[nodiscard]] Trial try_out(run::Context& context, const Deck& deck, const deck::Source& source,
                            std::int64_t ranks);

}  // namespace driftwood::sde_ensemble
