// SPDX-License-Identifier: BSD-3-Clause
/// Decks of sde_gradient with `[task] kind = "error_table"`.
#pragma once

#include "run/checkpoints.hpp"
#include "run/context.hpp"
#include "sde_gradient_deck.hpp"

namespace driftwood::sde_gradient {

/// Errors of gradients by several schemes and modes on several grids, which ranks share.
/// Collective.
[[nodiscard]] run::Outcome study_errors(run::Context& context, const Deck& deck,
                                        const deck::Source& source, run::Checkpoints& checkpoints);

}  // namespace driftwood::sde_gradient
