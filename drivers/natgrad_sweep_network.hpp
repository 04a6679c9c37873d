// SPDX-License-Identifier: BSD-3-Clause
/// Decks of natgrad_sweep with a table `[network]`.
#pragma once

#include <cstdint>
#include <string>

#include "natgrad_sweep_deck.hpp"
#include "run/context.hpp"

namespace driftwood::natgrad_sweep {

/// Trains or linearises the networks of the deck. Collective.
[[nodiscard]] run::Outcome study_network(run::Context& context, const Deck& deck,
                                         const deck::Source& source);

}  // namespace driftwood::natgrad_sweep
