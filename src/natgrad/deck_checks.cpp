// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/deck_checks.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace driftwood::natgrad {

std::string entry_of(const std::string& key, std::size_t i) {
  return fmt::format("{}[{}]", key, i);
}

Preconditioner parsed_at(const deck::Source& deck, const std::string& key,
                         const std::string& name) {
  try {
    return Preconditioner::parse(name);
  } catch (const UsageError& error) {
    throw deck.error(key, error.what());
  }
}

void check_memory_limit(const deck::Source& deck, const std::string& key, const std::string& what,
                        double bytes, double most, const std::string& why,
                        const std::string& suggestion) {
  if (bytes <= most * mebibyte) return;
  throw deck.error(
      key, fmt::format("{} would take {:.5g} MiB, more than {:g}", what, bytes / mebibyte, most),
      why, suggestion);
}

}  // namespace driftwood::natgrad
