// SPDX-License-Identifier: BSD-3-Clause
/// Decks of natgrad_sweep with a table `[advise]`.
#pragma once

#include <string>

#include "natgrad_sweep_deck.hpp"
#include "run/context.hpp"

namespace driftwood::natgrad_sweep {

/// Says whether preconditioning pays on the deck's table, and tries that. Collective.
[[nodiscard]] run::Outcome study_advise(run::Context& context, const Deck& deck,
                                        const deck::Source& source);

/// The deck that `--advise DATA` stands for.
[[nodiscard]] std::string advise_deck(const std::string& data);

}  // namespace driftwood::natgrad_sweep
