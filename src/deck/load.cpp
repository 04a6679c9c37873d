// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <stdexcept>

#include "base/suggest.hpp"
#include "deck/outline.hpp"
#include "deck/read_value.hpp"
#include "deck/schema.hpp"
#include "deck/text.hpp"
#include "deck/value.hpp"

namespace driftwood::deck {
namespace {

constexpr std::int64_t known_format = 1;

/// Tables by which decks of one driver are told from those of another.
struct Mark {
  std::string_view table;
  std::string_view driver;
};
constexpr auto marks = std::to_array<Mark>({{"order", "sde_order"},
                                            {"gradient", "sde_gradient"},
                                            {"fit", "sde_gradient"},
                                            {"task", "sde_ensemble"},
                                            {"time", "sde_ensemble"},
                                            {"ensemble", "sde_ensemble"},
                                            {"events", "sde_ensemble"},
                                            {"observe", "sde_ensemble"},
                                            {"target", "langevin_chains"},
                                            {"sampler", "langevin_chains"},
                                            {"chains", "langevin_chains"}});

/// What one table may hold once its tags are read: the items of its schema and those of the
/// alternatives that the tags chose.
struct Level {
  std::vector<const Item*> items;
  std::deque<Schema> chosen;
  bool settled = true;  ///< every tag was understood
};

/// Fills the described objects from the parsed deck. Goes on after a problem and keeps the one that
/// stands first in the file; keys that are missing count after everything that is there.
class Loader {
 public:
  explicit Loader(const Schema& root) : root_(root) {}

  void load(const Value& deck) {
    check_format(deck);
    read_table(root_, &deck, deck.at, "");
    if (wrong_) throw *wrong_;
    if (missing_) throw *missing_;
  }

 private:
  static void check_format(const Value& deck) {
    const Value* format = deck.find("format");
    if (format == nullptr) return;
    const auto* number = std::get_if<std::int64_t>(&format->data);
    if (number != nullptr && *number == known_format) return;
    throw Problem{format->at, "the deck has format " + shown(*format),
                  "this version reads format 1",
                  "write format = 1, and compare the keys with --help-deck"};
  }

  /// `table` is null where the deck does not give it; `at` is then the table around it.
  void read_table(const Schema& schema, const Value* table, const Position& at,
                  const std::string& path) {
    if (table != nullptr && table->members() == nullptr)
      return report_no_table(schema, *table, path);
    Level level;
    settle(schema, table, at, path, level);
    for (const Item* item : level.items) {
      std::visit([&](const auto& one) { read(one, table, at, path); }, *item);
    }
    if (table != nullptr && level.settled) check_unknown(level, *table, path);
  }

  void settle(const Schema& schema, const Value* table, const Position& at, const std::string& path,
              Level& level) {
    for (const Item& item : schema.items()) {
      const auto same = [&](const Item* other) { return name_of(*other) == name_of(item); };
      if (std::any_of(level.items.begin(), level.items.end(), same)) {
        throw std::logic_error("deck name '" + joined(path, name_of(item)) +
                               "' is described twice");
      }
      level.items.push_back(&item);
      const auto* choice = std::get_if<Choice>(&item);
      if (choice == nullptr) continue;
      const auto index = read_tag(*choice, table, at, path);
      if (index) {
        Schema& inner = level.chosen.emplace_back();
        choice->choose(*index, inner);
        settle(inner, table, at, path, level);
      } else {
        level.settled = false;
      }
    }
  }

  std::optional<std::size_t> read_tag(const Choice& choice, const Value* table, const Position& at,
                                      const std::string& path) {
    const Value* tag = table == nullptr ? nullptr : table->find(choice.name);
    std::vector<std::string> names;
    for (const auto& one : choice.alternatives) names.push_back(one.name);
    if (tag == nullptr) {
      const auto held = choice.current();
      if (!held)
        report_missing(at, path, choice.name, choice.sentence, added(choice.name, path, names));
      return held;
    }
    const auto* text = std::get_if<std::string>(&tag->data);
    const auto found = text == nullptr ? names.end() : std::find(names.begin(), names.end(), *text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    report(not_a_choice(joined(path, choice.name), *tag, names));
    return std::nullopt;
  }

  void read(const Key& key, const Value* table, const Position& at, const std::string& path) {
    const Value* value = table == nullptr ? nullptr : table->find(key.name);
    if (value != nullptr && gives_way(key, *value, *table)) return;
    if (value != nullptr) {
      try {
        read_value(key, joined(path, key.name), *value);
      } catch (const Problem& problem) {
        report(problem);
      }
    } else if (key.is_required) {
      report_missing(at, path, key.name, key.sentence, added(key, path));
    }
  }

  /// Whether the command line gives a rival of this key of the file.
  static bool gives_way(const Key& key, const Value& value, const Value& table) {
    return value.at.set == nullptr &&
           std::any_of(key.rivals.begin(), key.rivals.end(), [&](const std::string& name) {
             const Value* rival = table.find(name);
             return rival != nullptr && rival->at.set != nullptr;
           });
  }

  void read(const Table& item, const Value* table, const Position& at, const std::string& path) {
    const Value* inner = table == nullptr ? nullptr : table->find(item.name);
    if (inner == nullptr && item.optional && !item.present()) return;
    const std::string here = joined(path, item.name);
    if (item.open && inner != nullptr && inner->members() != nullptr) {
      std::vector<std::string> names;
      for (const Member& member : *inner->members()) {
        if (is_name(member, here)) names.push_back(member.name);
      }
      item.open(names);
    }
    Schema schema;
    item.bind(schema);
    read_table(schema, inner, inner == nullptr ? at : inner->at, here);
  }

  /// Whether the user may choose this name; reports it if not.
  bool is_name(const Member& member, const std::string& table) {
    if (is_identifier(member.name)) return true;
    report({member.at, "'" + printable(member.name) + "' is not a valid name in [" + table + "]",
            "names are " + check_text(Rule::identifier), "rename it"});
    return false;
  }

  void read(const NamedTables& item, const Value* table, const Position&, const std::string& path) {
    const Value* all = table == nullptr ? nullptr : table->find(item.name);
    if (all == nullptr) return;
    const std::string here = joined(path, item.name);
    const auto* members = all->members();
    if (members == nullptr) {
      return report({all->at, "'" + here + "' must be a table", "found " + shown(*all),
                     "give each a table of its own, [" + here + ".NAME]"});
    }
    item.clear();
    for (const Member& member : *members) {
      if (!is_name(member, here)) continue;
      Schema schema;
      item.bind(member.name, schema);
      read_table(schema, &member.value, member.value.at, joined(here, member.name));
    }
  }

  void read(const Choice&, const Value*, const Position&, const std::string&) {}  // in `settle`

  void read(const Reserved& item, const Value* table, const Position&, const std::string& path) {
    const auto* members = table == nullptr ? nullptr : table->members();
    if (members == nullptr) return;
    for (const Member& member : *members) {
      if (member.name != item.name) continue;
      report(
          {member.at, "'" + joined(path, item.name) + "' cannot be used", item.why, "remove it"});
    }
  }

  /// Reports the first member that nothing describes.
  void check_unknown(const Level& level, const Value& table, const std::string& path) {
    std::vector<std::string> names;
    for (const Item* item : level.items) names.emplace_back(name_of(*item));
    if (path.empty()) names.emplace_back("format");
    for (const Member& member : *table.members()) {
      if (std::find(names.begin(), names.end(), member.name) != names.end()) continue;
      const bool is_table = member.value.members() != nullptr;
      const std::string full = printable(joined(path, member.name));
      report({member.at, fmt::format("unknown {} '{}'", is_table ? "table" : "key", full),
              (path.empty() ? "the deck has: " : "[" + path + "] has: ") + listed(names),
              suggestion_for(member, path, level, table)});
      return;
    }
  }

  [[nodiscard]] std::string suggestion_for(const Member& member, const std::string& path,
                                           const Level& level, const Value& table) const {
    const std::string& name = member.name;
    const Outline outline(root_);
    std::string meant = driver_of(member, path);
    if (meant.empty()) meant = place_in(outline, name, path, table);
    if (!meant.empty()) return meant;
    std::vector<std::string> names;
    for (const Item* item : level.items) names.emplace_back(name_of(*item));
    if (path.empty()) names.emplace_back("format");
    meant = nearest(name, names);
    if (!meant.empty()) return "did you mean '" + meant + "'?";
    meant = own_name(level, member);
    if (meant.empty()) meant = place_with_tag(outline, name, path);
    if (!meant.empty()) return meant;
    meant = inner_table(outline, name);
    return meant.empty() ? "see --help-deck" : "did you mean '" + meant + "'?";
  }

  /// What to do with a table that decks of another driver have.
  static std::string driver_of(const Member& member, const std::string& path) {
    if (!path.empty() || member.value.members() == nullptr) return {};
    for (const Mark& mark : marks) {
      if (mark.table != member.name) continue;
      return fmt::format("decks with [{}] are for {}: run '{} DECK'", mark.table, mark.driver,
                         mark.driver);
    }
    return {};
  }

  /// Where a key of that name belongs, whatever the tags say or as those of `table` say, which is
  /// at `path`; empty where it belongs nowhere.
  static std::string place_in(const Outline& outline, const std::string& name,
                              const std::string& path, const Value& table) {
    for (const Section& section : outline.sections()) {
      if (!has(section, name)) continue;
      const bool inside = section.path.starts_with(path + ".") && holds(table, section.condition);
      if (section.condition.empty() || inside) return "it belongs in " + place(section.path);
    }
    return {};
  }

  /// The same where the tag says something else. Deep inside what a tag holds, a name means
  /// something else.
  static std::string place_with_tag(const Outline& outline, const std::string& name,
                                    const std::string& path) {
    if (path.find('.') != path.npos) return {};
    for (const Section& section : outline.sections()) {
      if (section.path.find('.') != path.npos || !has(section, name)) continue;
      return "it belongs in " + place(section.path) + " with " + section.condition;
    }
    return {};
  }

  static bool has(const Section& section, const std::string& name) {
    return std::any_of(section.items.begin(), section.items.end(), [&](const Item* item) {
      return name_of(*item) == name && !std::holds_alternative<Reserved>(*item);
    });
  }

  /// Whether the table has the tag of a section.
  static bool holds(const Value& table, const std::string& condition) {
    const auto& members = *table.members();
    return std::any_of(members.begin(), members.end(), [&](const Member& member) {
      const auto* text = std::get_if<std::string>(&member.value.data);
      return text != nullptr && condition_text(member.name, *text) == condition;
    });
  }

  /// How to give a value a name of one's own, where an inner table takes such names.
  static std::string own_name(const Level& level, const Member& member) {
    using Element = Shape::Element;
    const bool is_text = std::holds_alternative<std::string>(member.value.data);
    const bool is_number = std::holds_alternative<std::int64_t>(member.value.data) ||
                           std::holds_alternative<double>(member.value.data);
    if (!is_identifier(member.name)) return {};
    for (const Item* item : level.items) {
      const auto* inner = std::get_if<Table>(item);
      if (inner == nullptr || !inner->open) continue;
      Schema schema;
      inner->sample(schema);
      const Shape shape = shape_of(std::get<Key>(schema.items().front()).slot);
      if (shape.lists > 0 || !(shape.element == Element::string ? is_text : is_number)) continue;
      return "names of your own belong in '" + inner->name + "': " + inner->name + "." +
             member.name;
    }
    return {};
  }

  /// The path of a table of that name inside another; empty if there is none.
  static std::string inner_table(const Outline& outline, const std::string& name) {
    for (const Section& section : outline.sections()) {
      const std::size_t dot = (section.path + ".").find("." + name + ".");
      if (dot != std::string::npos) return section.path.substr(0, dot + 1 + name.size());
    }
    return {};
  }

  /// What to add where a key is missing.
  static std::string added(const std::string& name, const std::string& path,
                           const std::vector<std::string>& names) {
    return "add " + name + " in " + place(path) + ", one of " + listed(names, "\"");
  }

  static std::string added(const Key& key, const std::string& path) {
    for (const Check& check : key.checks) {
      const auto* choices = std::get_if<Choices>(&check);
      if (choices != nullptr) return added(key.name, path, choices->names);
    }
    return "add " + key.name + " = " + example_of(key) + " in " + place(path);
  }

  static std::string place(const std::string& path) {
    return path.empty() ? "the top of the deck" : "[" + path + "]";
  }

  void report_no_table(const Schema& schema, const Value& value, const std::string& path) {
    report({value.at, "'" + path + "' must be a table", "found " + shown(value),
            "write " + as_table(schema, value, path)});
  }

  /// How to give the table: a header would swallow the keys below a nested one.
  static std::string as_table(const Schema& schema, const Value& value, const std::string& path) {
    std::string name = "KEY";
    std::string example = "VALUE";
    for (const Item& item : schema.items()) {
      const auto* key = std::get_if<Key>(&item);
      if (key == nullptr) continue;
      name = key->name;
      example = example_of(*key);
      if (!key->is_required) example = toml_value(key->slot).value_or(example);
      break;
    }
    if (value.at.set != nullptr) return override_text(joined(path, name), example);
    const std::size_t dot = path.rfind('.');
    if (dot == path.npos) return "[" + path + "] on a line of its own";
    return path.substr(dot + 1) + " = { " + name + " = " + example + " }";
  }

  void report_missing(const Position& at, const std::string& path, const std::string& name,
                      const std::string& sentence, const std::string& remedy) {
    Problem problem{at, "'" + joined(path, name) + "' is missing", sentence, remedy};
    if (!missing_ || before(at, missing_->at)) missing_ = std::move(problem);
  }

  void report(Problem problem) {
    if (!wrong_ || before(problem.at, wrong_->at)) wrong_ = std::move(problem);
  }

  const Schema& root_;
  std::optional<Problem> wrong_;
  std::optional<Problem> missing_;
};

}  // namespace

Source load_into(Schema& schema, const Text& text, const std::vector<std::string>& overrides) {
  try {
    Value root = parse_toml(text.content);
    for (const auto& one : overrides) apply_override(root, one);
    Loader(schema).load(root);
    return {text, std::make_shared<const Value>(std::move(root))};
  } catch (const Problem& problem) {
    throw to_error(text.file, problem);
  }
}

}  // namespace driftwood::deck
