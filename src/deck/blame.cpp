// SPDX-License-Identifier: BSD-3-Clause
#include "deck/blame.hpp"

#include <memory>
#include <optional>
#include <string_view>

#include "deck/value.hpp"

namespace driftwood::deck {
namespace {

std::optional<std::string> culprit(const std::vector<std::string>& overrides,
                                   const Passes& passes) {
  for (std::size_t i = overrides.size(); i-- > 0;) {
    auto others = overrides;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    if (passes(others)) return overrides[i];
  }
  if (!overrides.empty() && passes({})) return overrides.back();  // several together
  return std::nullopt;
}

}  // namespace

UsageError blame(const UsageError& error, const Text& text,
                 const std::vector<std::string>& overrides, const Passes& passes) {
  constexpr std::string_view mark = ": error: ";
  const std::string_view said = error.what();
  const std::size_t end = said.find(mark);
  if (end == said.npos || !said.starts_with(text.file + ':')) return error;
  const auto set = culprit(overrides, passes);
  if (!set) return error;
  return to_error(text.file, {{0, 0, std::make_shared<const std::string>(*set)},
                              std::string(said.substr(end + mark.size())),
                              "",
                              "see " + std::string(said.substr(0, end))});
}

}  // namespace driftwood::deck
