// SPDX-License-Identifier: BSD-3-Clause
/// Decks of natgrad_sweep with a table `[kernel]`.
#pragma once

#include "natgrad_sweep_deck.hpp"
#include "run/context.hpp"

namespace driftwood::natgrad_sweep {

/// Fits the rows of the deck for each of its ridges. Collective.
[[nodiscard]] run::Outcome study_kernel(run::Context& context, const Deck& deck,
                                        const deck::Source& source);

}  // namespace driftwood::natgrad_sweep
