// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "io/provenance.hpp"

namespace driftwood::deck {
class Source;
}

namespace driftwood::run {

class Context;
struct Cost;

/// The record of a run: build, machine, command line, decks, time and energy. The seed, the lane
/// width and the quantities are the study's to add.
[[nodiscard]] io::Provenance provenance(Context& context, const deck::Source& source,
                                        const Cost& cost);

}  // namespace driftwood::run
