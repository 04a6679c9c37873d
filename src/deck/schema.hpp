// SPDX-License-Identifier: BSD-3-Clause
/// Decks, described once. A type that a deck fills has
///
///     void describe(deck::Schema& s) {
///       s.key("end", end, deck::positive, "end of the simulated interval [time]").required();
///     }
///
/// which binds references to its members; their values at that moment are the defaults. Parsing,
/// checks, error texts, `--help-deck`, the reference page and the effective deck all come from it.
/// The key `format` at the top of every deck is built in.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <variant>
#include <vector>

#include "deck/checks.hpp"
#include "deck/distribution.hpp"
#include "deck/duration.hpp"
#include "deck/source.hpp"

namespace driftwood::deck {

class Schema;

/// A type whose members a deck can fill.
template <class D>
concept Described = requires(D& object, Schema& schema) {
  object.describe(schema);
};

/// What a key can fill: one of these types, or an optional of it. Integers are accepted where a
/// `double` is bound. A `std::uint64_t` (a seed) may also be a text such as "0xffffffffffffffff",
/// as TOML integers end at 2^63 - 1.
template <class... T>
using PointerTo = std::variant<T*..., std::optional<T>*...>;
using SlotPointer = PointerTo<bool, std::int64_t, std::uint64_t, double, std::string, Duration,
                              Distribution, std::vector<double>, std::vector<Distribution>,
                              std::vector<std::string>, std::vector<std::vector<double>>>;

template <class T>
concept Bindable = std::constructible_from<SlotPointer, T*>;

/// The member that a key fills.
struct Slot {
  template <Bindable T>
  Slot(T& member) : pointer(&member) {}  // NOLINT(google-explicit-constructor): binds a reference

  SlotPointer pointer;
};

/// What a run may do that continues another one whose deck had another value.
enum class OnRestart {
  refuse,  ///< what was saved has another meaning
  allow,   ///< nothing that was saved depends on it
  grow,    ///< a larger number only
};

/// One `key = value`.
struct Key {
  std::string name;
  std::string sentence;
  Slot slot;
  std::vector<Check> checks;
  bool is_required = false;
  std::vector<std::string> rivals;  ///< keys of the same table that say the same in another way
  OnRestart on_restart = OnRestart::refuse;

  /// The deck must give this key (where it gives the table at all, if that is optional).
  Key& required() { return is_required = true, *this; }
  /// One more condition. Throws `std::logic_error` when it does not apply to this kind of value.
  Key& also(Check check);
  /// Keys that say the same in another way. One of the deck's file gives way to a rival of the
  /// command line; whoever owns both refuses them where they stand side by side.
  Key& instead_of(std::vector<std::string> names) { return rivals = std::move(names), *this; }
  /// A run may be continued with another value.
  Key& may_change() { return on_restart = OnRestart::allow, *this; }
  /// A run may be continued with a larger value.
  Key& may_grow() { return on_restart = OnRestart::grow, *this; }
};

/// A nested described object; with `optional`, one that exists only where the deck gives it.
struct Table {
  std::string name;
  std::string sentence;
  bool optional = false;
  std::function<bool()> present;
  std::function<void(Schema&)> bind;    ///< describes the object, created if absent
  std::function<void(Schema&)> sample;  ///< describes one to document
  /// Where the user chooses the names of the keys: holds these, before `bind`.
  std::function<void(const std::vector<std::string>&)> open = {};
};

/// Tables under names that the user chooses, all of one described type.
struct NamedTables {
  std::string name;
  std::string sentence;
  std::function<std::vector<std::string>()> names;
  std::function<void()> clear;
  std::function<void(const std::string&, Schema&)> bind;  ///< describes one, created if absent
  std::function<void(Schema&)> sample;
};

/// A tag key that says which alternative's keys the same table holds.
struct Choice {
  struct Named {
    std::string name;
    std::string summary;
  };
  std::string name;
  std::string sentence;
  std::vector<Named> alternatives;
  std::function<std::optional<std::size_t>()> current;  ///< the one held; empty before any is
  std::function<void(std::size_t, Schema&)> choose;     ///< holds that one, and describes it
  std::function<void(std::size_t, Schema&)> sample;     ///< describes one to document
};

/// A name that is known and refused.
struct Reserved {
  std::string name;
  std::string why;
};

using Item = std::variant<Key, Table, NamedTables, Choice, Reserved>;

[[nodiscard]] std::string_view name_of(const Item& item);

/// One value of a tagged union: its tag, one line about it, and how it is made. Without a tag in
/// the deck the default that the member already holds stays; a null member makes the tag required.
template <class Base>
struct Alternative {
  std::string name;
  std::string summary;
  std::function<std::shared_ptr<Base>()> make;
};

/// What one table of a deck may hold. Every method throws `std::logic_error` for a repeated name.
class Schema {
 public:
  Key& key(std::string name, Slot slot, std::string sentence);
  Key& key(std::string name, Slot slot, Check check, std::string sentence);

  template <Described D>
  void table(std::string name, D& member, std::string sentence);
  template <Described D>
  void table(std::string name, std::optional<D>& member, std::string sentence);
  template <Described D>
  void named_tables(std::string name, std::map<std::string, D>& member, std::string sentence);
  /// A table of keys under names that the user chooses, all of one type; `each` is the sentence of
  /// one.
  template <class T>
  void named_keys(std::string name, std::map<std::string, T>& member, std::vector<Check> checks,
                  std::string sentence, std::string each);
  template <class Base>
  void one_of(std::string name, std::shared_ptr<Base>& member,
              std::vector<Alternative<Base>> alternatives, std::string sentence);
  void reserved(std::string name, std::string why) {
    add(Reserved{std::move(name), std::move(why)});
  }

  [[nodiscard]] const std::deque<Item>& items() const noexcept { return items_; }

  /// Describes an object that lives as long as this schema.
  template <Described D>
  void keep(std::shared_ptr<D> object);

 private:
  Item& add(Item item);

  std::deque<Item> items_;  // a deque: references to keys stay valid
  std::vector<std::shared_ptr<void>> kept_;
};

/// A key whose value differs between two effective decks; "(none)" where one does not have it.
struct Change {
  std::string key;
  std::string before;
  std::string now;
  OnRestart rule = OnRestart::refuse;
  bool is_allowed = false;  ///< by its rule
};

// ---- What follows from a description; the work is in the .cpp files. ----

[[nodiscard]] Source load_into(Schema& schema, const Text& text,
                               const std::vector<std::string>& overrides);
[[nodiscard]] std::string effective_of(const Schema& schema);
[[nodiscard]] std::vector<Change> changes_of(const Schema& schema, std::string_view saved);
[[nodiscard]] std::string reference_of(const Schema& schema, std::string_view title);
[[nodiscard]] std::string help_of(const Schema& schema);

template <Described D>
[[nodiscard]] Schema schema_of(D& object) {
  Schema schema;
  object.describe(schema);
  return schema;
}

/// Fills `object` from the deck, after each "table.key=VALUE" of `overrides` replaced or added its
/// key. Throws `UsageError` for the first thing that is wrong; `object` is then partly filled.
template <Described D>
[[nodiscard]] Source load(D& object, const Text& text,
                          const std::vector<std::string>& overrides = {}) {
  Schema schema = schema_of(object);
  return load_into(schema, text, overrides);
}

/// The deck that loads to the values `object` has now, with every default written out.
template <Described D>
[[nodiscard]] std::string effective(D& object) {
  return effective_of(schema_of(object));
}

/// What is different from the deck whose effective text was `saved`, in the order of names. Throws
/// `Error` for a text that is no deck.
template <Described D>
[[nodiscard]] std::vector<Change> changes(D& object, std::string_view saved) {
  return changes_of(schema_of(object), saved);
}

/// A Markdown page with every key. Call it on an object that holds its defaults.
template <Described D>
[[nodiscard]] std::string reference(D& object, std::string_view title) {
  return reference_of(schema_of(object), title);
}

/// The same for a terminal, at most 100 columns wide.
template <Described D>
[[nodiscard]] std::string help(D& object) {
  return help_of(schema_of(object));
}

}  // namespace driftwood::deck

#include "deck/schema_impl.hpp"
