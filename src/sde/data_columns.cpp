// SPDX-License-Identifier: BSD-3-Clause
#include "sde/data_columns.hpp"

#include "base/error.hpp"
#include "io/column.hpp"

namespace driftwood::sde {
namespace {

/// Walks through a table and what is in it.
class Walk {
 public:
  explicit Walk(const deck::Source& deck) : deck_(deck) {}

  void table(const std::string& path, const deck::Schema& schema) const {
    for (const deck::Item& item : schema.items()) {
      const std::string inner = path + "." + std::string(deck::name_of(item));
      std::visit([&](const auto& one) { visit(inner, one); }, item);
    }
  }

 private:
  void visit(const std::string& path, const deck::Key& key) const {
    if (const auto* one = std::get_if<deck::Distribution*>(&key.slot.pointer)) law(path, **one);
    if (const auto* list = std::get_if<std::vector<deck::Distribution>*>(&key.slot.pointer)) {
      for (std::size_t i = 0; i < (*list)->size(); ++i) {
        law(path + "[" + std::to_string(i) + "]", (**list)[i]);
      }
    }
  }
  void visit(const std::string& path, const deck::Table& inner) const {
    if (inner.optional && !inner.present()) return;
    deck::Schema schema;
    inner.bind(schema);
    table(path, schema);
  }
  void visit(const std::string& path, const deck::NamedTables& tables) const {
    for (const std::string& name : tables.names()) {
      deck::Schema schema;
      tables.bind(name, schema);
      table(path + "." + name, schema);
    }
  }
  void visit(const std::string&, const deck::Choice&) const {}
  void visit(const std::string&, const deck::Reserved&) const {}

  void law(const std::string& key, const deck::Distribution& law) const {
    if (!law.column) return;
    try {
      static_cast<void>(io::read_column(*law.column, io::folder_of(deck_.file())));
    } catch (const Error& error) {
      throw deck_.error(key, error.what(), "", "file names start from the folder of the deck");
    }
  }

  const deck::Source& deck_;
};

}  // namespace

void require_columns(const deck::Source& deck, const std::string& path,
                     const deck::Schema& schema) {
  Walk(deck).table(path, schema);
}

}  // namespace driftwood::sde
