// SPDX-License-Identifier: BSD-3-Clause
#include "sde/data_columns.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "io/column.hpp"
#include "io/disk.hpp"

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
    if (const auto* one = std::get_if<deck::Distribution*>(&key.slot.pointer))
      law(path, key, **one);
    if (const auto* list = std::get_if<std::vector<deck::Distribution>*>(&key.slot.pointer)) {
      for (std::size_t i = 0; i < (*list)->size(); ++i) {
        law(path + "[" + std::to_string(i) + "]", key, (**list)[i]);
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

  void law(const std::string& path, const deck::Key& key, deck::Distribution& law) const {
    if (!law.column) return;
    try {
      law.column->values = std::make_shared<const std::vector<double>>(
          io::read_column(*law.column, io::disk::folder_of(deck_.file())));
    } catch (const Error& error) {
      throw deck_.error(path, error.what(), "", "file names start from the folder of the deck");
    }
    require_inside(path, key, *law.column);
  }

  void require_inside(const std::string& path, const deck::Key& key,
                      const deck::Column& column) const {
    const std::vector<double>& values = *column.values;
    for (const deck::Check& check : key.checks) {
      const auto* range = std::get_if<deck::Range>(&check);
      if (range == nullptr) continue;
      const auto outside = std::find_if(values.begin(), values.end(), [&](double value) {
        return !deck::inside(*range, static_cast<long double>(value));
      });
      if (outside == values.end()) continue;
      throw deck_.error(path, "'" + path + "' must be " + deck::check_text(check),
                        fmt::format("entry {} of '{}' of '{}' is {}", outside - values.begin(),
                                    column.dataset, column.file, *outside));
    }
  }

  const deck::Source& deck_;
};

}  // namespace

void read_columns(const deck::Source& deck, const std::string& path, const deck::Schema& schema) {
  Walk(deck).table(path, schema);
}

}  // namespace driftwood::sde
