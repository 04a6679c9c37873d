// SPDX-License-Identifier: BSD-3-Clause
/// Decks of natgrad_sweep with a table `[rkhs]`.
#pragma once

#include "natgrad_sweep_deck.hpp"
#include "run/context.hpp"

namespace driftwood::natgrad_sweep {

/// Runs the descents of the deck and counts their steps. Collective.
[[nodiscard]] run::Outcome study_rkhs(run::Context& context, const Deck& deck,
                                      const deck::Source& source);

}  // namespace driftwood::natgrad_sweep
