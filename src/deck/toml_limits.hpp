// SPDX-License-Identifier: BSD-3-Clause
/// What surrounds the TOML parser. Internal to the layer.
#pragma once

#include <string_view>

#include "deck/value.hpp"

namespace driftwood::deck {

/// Throws `Problem` for what toml++ 3.3 must not be given: text nested deeper or holding more
/// entries than any deck needs (it limits brackets, but not the dots in names, and would exhaust
/// the stack or take minutes), and characters outside ASCII where only names and signs may stand
/// (it calls some of them unreachable).
void check_toml_limits(std::string_view text);

/// The parser's complaint `said` about `text`, in words for people who write decks.
[[nodiscard]] Problem explain_toml_error(std::string_view said, const Position& at,
                                         std::string_view text);

}  // namespace driftwood::deck
