// SPDX-License-Identifier: BSD-3-Clause
/// Parts of a run of sde_ensemble that its plan needs too.
#pragma once

#include <cstdint>
#include <vector>

#include "io/provenance.hpp"
#include "run/clock.hpp"
#include "run/context.hpp"
#include "run/pace.hpp"
#include "sde/propagator_options.hpp"
#include "sde_ensemble_deck.hpp"

namespace driftwood::sde_ensemble {

/// What was simulated.
struct Work {
  std::int64_t paths;
  std::int64_t path_steps;
};

/// Where the time of a run went.
struct Watches {
  run::Stopwatch statistics;
  run::Stopwatch writing;
};

/// Counts and times that a run records beside its provenance, without those of checkpoints.
[[nodiscard]] std::vector<io::Quantity> quantities_of(const Deck& deck, const Watches& watches);

/// What the run leaves beside its results.
[[nodiscard]] io::Provenance record_of(run::Context& context, const Deck& deck,
                                       const deck::Source& source, const Work& work,
                                       const std::vector<io::Quantity>& more);

/// How paths are taken in waves of so many blocks at most.
[[nodiscard]] sde::PropagatorOptions propagator_options(const Deck& deck,
                                                        const sde::WatchPlan& watched,
                                                        const deck::Source& source,
                                                        std::int64_t most_blocks);

}  // namespace driftwood::sde_ensemble
