// SPDX-License-Identifier: BSD-3-Clause
/// Parts of a run of langevin_chains that its plan needs too.
#pragma once

#include <optional>
#include <vector>

#include "io/provenance.hpp"
#include "io/result_file.hpp"
#include "langevin_chains_deck.hpp"
#include "mcmc/chain_run.hpp"
#include "run/context.hpp"

namespace driftwood::langevin_chains {

/// What a run finds out.
struct Found {
  mcmc::ChainFindings chains;                       ///< at each look, too
  std::optional<mcmc::TemperingFindings> replicas;  ///< where there are any
  mcmc::DiscrepancyFindings apart;                  ///< where the deck asks for them
};

/// What is found out only once, when the chains have ended. Collective.
void find_at_end(const comm::Communicator& comm, const Deck& deck, const mcmc::Density& density,
                 const mcmc::ChainRun& run, Found& found);

/// Writes it. Collective.
void write(io::ResultFile& file, const Deck& deck, const mcmc::ChainRun& run, const Found& found);

/// What the run leaves beside its results. Collective.
[[nodiscard]] io::Provenance record_of(run::Context& context, const Deck& deck,
                                       const deck::Source& source, const mcmc::ChainRun& run,
                                       const Found& found, const std::vector<io::Quantity>& more);

}  // namespace driftwood::langevin_chains
