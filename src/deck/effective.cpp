// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include "deck/schema.hpp"
#include "deck/text.hpp"

namespace driftwood::deck {
namespace {

/// Writes one table: first its own keys, as TOML wants them, then the tables inside it.
class Writer {
 public:
  explicit Writer(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] std::string write(const Schema& schema) {
    if (!path_.empty()) keys_ = fmt::format("\n[{}]\n", path_);
    visit(schema);
    return keys_ + tables_;
  }

 private:
  void visit(const Schema& schema) {
    for (const Item& item : schema.items()) {
      std::visit([this](const auto& one) { add(one); }, item);
    }
  }

  void add(const Key& key) {
    if (const auto value = toml_value(key.slot)) keys_ += key.name + " = " + *value + '\n';
  }

  void add(const Choice& choice) {
    const auto current = choice.current();
    if (!current) return;
    keys_ += choice.name + " = " + toml_string(choice.alternatives[*current].name) + '\n';
    Schema inner;
    choice.choose(*current, inner);
    visit(inner);
  }

  void add(const Table& table) {
    if (!table.present()) return;
    Schema inner;
    table.bind(inner);
    tables_ += Writer(joined(path_, table.name)).write(inner);
  }

  void add(const NamedTables& named) {
    const std::string here = joined(path_, named.name);
    const auto names = named.names();
    if (names.empty()) tables_ += fmt::format("\n[{}]\n", here);
    for (const auto& name : names) {
      Schema inner;
      named.bind(name, inner);
      tables_ += Writer(joined(here, name)).write(inner);
    }
  }

  void add(const Reserved&) {}

  std::string path_;
  std::string keys_;
  std::string tables_;
};

}  // namespace

std::string effective_of(const Schema& schema) { return "format = 1\n" + Writer("").write(schema); }

}  // namespace driftwood::deck
