// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace driftwood::sde {

/// What a reaction takes and what it leaves: species by name, with how many of each.
struct ReactionEquation {
  std::map<std::string, int> reactants;
  std::map<std::string, int> products;
};

/// Reads "2 A + B -> C", where either side may be empty or 0. Throws `Error` that says what is
/// wrong with the text.
[[nodiscard]] ReactionEquation parse_reaction(std::string_view text);

}  // namespace driftwood::sde
