// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "run/context.hpp"
#include "sde_gradient_deck.hpp"

namespace driftwood::sde_gradient {

/// What the deck would cost on so many ranks: memory, files, communication, time and energy, as a
/// page to print. Solves for the first of its paths for about two seconds, and writes files beside
/// the output, which it removes. `context` must be alone. Throws `UsageError` for tasks other than
/// "gradient".
[[nodiscard]] std::string plan(run::Context& context, Deck& deck, const deck::Source& source,
                               std::int64_t ranks);

}  // namespace driftwood::sde_gradient
