// SPDX-License-Identifier: BSD-3-Clause
/// A description with every table and alternative unfolded. Internal to the layer.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "deck/schema.hpp"

namespace driftwood::deck {

/// The keys of one table, or those that one alternative adds to it.
struct Section {
  std::string path;       ///< "observe.payoffs.NAME"; empty at the top of the deck
  std::string condition;  ///< `name = "heston"` for the keys and tables of an alternative
  std::string sentence;
  bool optional = false;
  std::vector<const Item*> items;  ///< keys, choices and reserved names
};

/// Unfolds a description; its sections live as long as this and the schema it was made from.
class Outline {
 public:
  explicit Outline(const Schema& schema) { unfold(schema, {}); }

  [[nodiscard]] const std::vector<Section>& sections() const noexcept { return sections_; }

 private:
  void unfold(const Schema& schema, Section section);
  void unfold(const Item& item, const std::string& path, const std::string& condition);

  std::vector<Section> sections_;
  std::deque<Schema> schemas_;
};

/// `name = "heston"`
[[nodiscard]] std::string condition_text(std::string_view key, std::string_view name);

/// Type and range of a key in one line: "number, > 0".
[[nodiscard]] std::string takes_text(const Key& key);

/// "required", "unset", or the default as TOML.
[[nodiscard]] std::string default_text(const Key& key);
[[nodiscard]] std::string default_text(const Choice& choice);

}  // namespace driftwood::deck
