// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "langevin_chains_deck.hpp"
#include "run/context.hpp"

namespace driftwood::langevin_chains {

/// What the deck would cost on so many ranks: memory, files, communication, time and energy, as a
/// page to print. Moves some of its chains for about two seconds, and writes files of the real size
/// beside the output, which it removes. `context` must be alone.
[[nodiscard]] std::string plan(run::Context& context, Deck& deck, const deck::Source& source,
                               std::int64_t ranks);

}  // namespace driftwood::langevin_chains
