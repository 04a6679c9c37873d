// SPDX-License-Identifier: BSD-3-Clause
/// What decks of several studies are checked for.
#pragma once

#include <cstddef>
#include <string>

#include "deck/source.hpp"
#include "natgrad/preconditioner.hpp"

namespace driftwood::natgrad {

inline constexpr double mebibyte = 0x1p20;  ///< [byte]

/// "key[i]"
[[nodiscard]] std::string entry_of(const std::string& key, std::size_t i);

/// As `Preconditioner::parse`; what that throws is thrown at a key of the deck.
[[nodiscard]] Preconditioner parsed_at(const deck::Source& deck, const std::string& key,
                                       const std::string& name);

/// Throws `UsageError` "WHAT would take 123 MiB, more than 100 (WHY); SUGGESTION" at a key of the
/// deck where `bytes` are more than `most` [MiB].
void check_memory_limit(const deck::Source& deck, const std::string& key, const std::string& what,
                        double bytes, double most, const std::string& why,
                        const std::string& suggestion);

}  // namespace driftwood::natgrad
