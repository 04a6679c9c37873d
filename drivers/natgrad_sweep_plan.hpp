// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "natgrad_sweep_deck.hpp"
#include "run/context.hpp"

namespace driftwood::natgrad_sweep {

/// What the deck would cost on so many ranks: memory, files, communication, time and energy, as a
/// page to print. Draws some of its designs for about two seconds, and writes files beside the
/// output, which it removes. `context` must be alone.
[[nodiscard]] std::string plan(run::Context& context, Deck& deck, const deck::Source& source,
                               std::int64_t ranks);

}  // namespace driftwood::natgrad_sweep
