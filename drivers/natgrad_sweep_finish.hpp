// SPDX-License-Identifier: BSD-3-Clause
/// How studies of natgrad_sweep end.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io/provenance.hpp"
#include "io/result_file.hpp"
#include "natgrad/sweep.hpp"
#include "natgrad_sweep_deck.hpp"
#include "run/checkpoints.hpp"
#include "run/context.hpp"

namespace driftwood::natgrad_sweep {

/// What a study says of itself beside its results.
struct StudyRecord {
  std::vector<run::Work> work;  ///< that its cost is told for
  std::optional<std::uint64_t> seed;
  std::vector<io::Quantity> quantities;
};

/// That of a sweep.
[[nodiscard]] StudyRecord record_of(const Deck& deck, const natgrad::Grid& grid,
                                    std::int64_t designs);

/// What the run leaves beside its results. Collective.
[[nodiscard]] io::Provenance provenance_of(run::Context& context, const deck::Source& source,
                                           StudyRecord study);

/// Writes results by `write`, which all ranks call, and the record; removes what was saved on the
/// way, and prints `text`, which rank 0 alone makes. Collective.
run::Outcome finish(run::Context& context, const Deck& deck, const deck::Source& source,
                    run::Checkpoints& checkpoints, StudyRecord study,
                    const std::function<void(io::ResultFile&)>& write,
                    const std::function<std::string()>& text);

}  // namespace driftwood::natgrad_sweep
