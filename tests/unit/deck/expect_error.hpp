// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "unit/deck/sample_deck.hpp"

namespace driftwood::test {

/// A deck (or an override) and the error it must give.
struct Case {
  std::string name;
  std::string deck;
  std::string error;

  friend std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }
};

inline std::string case_name(const ::testing::TestParamInfo<Case>& info) { return info.param.name; }

/// A deck of four lines that loads; what is added to it lands in [time].
inline constexpr std::string_view minimal_text = "[model]\nname = \"decay\"\n[time]\nend = 2.0\n";

/// What loading a sample deck, known as "d.toml", complains about; empty if it loads.
inline std::string error_of(std::string_view text, const std::vector<std::string>& overrides = {}) {
  SampleDeck deck;
  try {
    const auto source = deck::load(deck, {"d.toml", std::string(text)}, overrides);
    return source.file() == "d.toml" ? "" : "the source has lost its name";
  } catch (const UsageError& error) {
    return error.what();
  }
}

}  // namespace driftwood::test
