// SPDX-License-Identifier: BSD-3-Clause
/// Parts of a run of natgrad_sweep that its plan needs too.
#pragma once

#include <cstdint>
#include <vector>

#include "io/provenance.hpp"
#include "natgrad/sweep.hpp"
#include "natgrad_sweep_deck.hpp"
#include "run/context.hpp"

namespace driftwood::natgrad_sweep {

/// What the run leaves beside its results. Collective.
[[nodiscard]] io::Provenance record_of(run::Context& context, const Deck& deck,
                                       const deck::Source& source, const natgrad::Grid& grid,
                                       std::int64_t designs, const std::vector<io::Quantity>& more);

}  // namespace driftwood::natgrad_sweep
