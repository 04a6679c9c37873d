// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "deck/source.hpp"

namespace driftwood::deck {

/// Whether the deck is right with these overrides instead of all.
using Passes = std::function<bool(const std::vector<std::string>&)>;

/// The error to report of a deck that is wrong with its overrides: where it stands in the file but
/// an override brought it about, the same error at that `--set`, which then says where the file
/// comes in. An override is to blame if the deck is right without it.
[[nodiscard]] UsageError blame(const UsageError& error, const Text& text,
                               const std::vector<std::string>& overrides, const Passes& passes);

}  // namespace driftwood::deck
