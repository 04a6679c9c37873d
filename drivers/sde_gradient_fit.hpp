// SPDX-License-Identifier: BSD-3-Clause
/// Decks of sde_gradient with `[task] kind = "fit"`.
#pragma once

#include "run/checkpoints.hpp"
#include "run/context.hpp"
#include "sde_gradient_deck.hpp"

namespace driftwood::sde_gradient {

/// Parameters at which moments of the model are those of data. Collective.
[[nodiscard]] run::Outcome study_fit(run::Context& context, const Deck& deck,
                                     const deck::Source& source, run::Checkpoints& checkpoints);

}  // namespace driftwood::sde_gradient
