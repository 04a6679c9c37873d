// SPDX-License-Identifier: BSD-3-Clause
/// Decks of sde_gradient with `[task] kind = "gradient"`.
#pragma once

#include "run/checkpoints.hpp"
#include "run/context.hpp"
#include "sde_gradient_deck.hpp"

namespace driftwood::sde_gradient {

/// Means of the deck's formulas and their derivatives, over blocks of paths that ranks share.
/// Collective.
[[nodiscard]] run::Outcome study_means(run::Context& context, const Deck& deck,
                                       const deck::Source& source, run::Checkpoints& checkpoints);

}  // namespace driftwood::sde_gradient
