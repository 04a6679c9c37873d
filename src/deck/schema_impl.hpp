// SPDX-License-Identifier: BSD-3-Clause
/// The typed edge of `Schema`: turns members into the closures that the untyped rest works with.
#pragma once

#include "deck/schema.hpp"

namespace driftwood::deck {

/// Deleter that owns the chosen alternative and remembers under which tag it was made.
template <class Base>
struct Tagged {
  std::shared_ptr<Base> object;
  std::size_t index;

  void operator()(Base*) noexcept { object.reset(); }
};

/// Which alternative `held` is: by its tag if the deck chose it, else by its type.
template <class Base>
[[nodiscard]] std::optional<std::size_t> index_of(
    const std::shared_ptr<Base>& held, const std::vector<Alternative<Base>>& alternatives) {
  if (!held) return std::nullopt;
  if (const auto* tagged = std::get_deleter<Tagged<Base>>(held)) return tagged->index;
  for (std::size_t i = 0; i < alternatives.size(); ++i) {
    const std::shared_ptr<Base> made = alternatives[i].make();
    const Base& a = *made;
    const Base& b = *held;
    if (typeid(a) == typeid(b)) return i;
  }
  return std::nullopt;
}

template <Described D>
void Schema::keep(std::shared_ptr<D> object) {
  object->describe(*this);
  kept_.push_back(std::move(object));
}

template <Described D>
void Schema::table(std::string name, D& member, std::string sentence) {
  const auto bind = [&member](Schema& inner) { member.describe(inner); };
  add(Table{std::move(name), std::move(sentence), false, [] { return true; }, bind, bind});
}

template <Described D>
void Schema::table(std::string name, std::optional<D>& member, std::string sentence) {
  const auto bind = [&member](Schema& inner) {
    if (!member) member.emplace();
    member->describe(inner);
  };
  const auto sample = [](Schema& inner) { inner.keep(std::make_shared<D>()); };
  add(Table{std::move(name), std::move(sentence), true, [&member] { return member.has_value(); },
            bind, sample});
}

template <Described D>
void Schema::named_tables(std::string name, std::map<std::string, D>& member,
                          std::string sentence) {
  const auto names = [&member] {
    std::vector<std::string> list;
    for (const auto& entry : member) list.push_back(entry.first);
    return list;
  };
  const auto bind = [&member](const std::string& key, Schema& inner) {
    member[key].describe(inner);
  };
  const auto sample = [](Schema& inner) { inner.keep(std::make_shared<D>()); };
  add(NamedTables{std::move(name), std::move(sentence), names, [&member] { member.clear(); }, bind,
                  sample});
}

template <class T>
void Schema::named_keys(std::string name, std::map<std::string, T>& member,
                        std::vector<Check> checks, std::string sentence, std::string each) {
  const auto describe = [checks = std::move(checks), each = std::move(each)](
                            Schema& inner, const std::string& key, T& value) {
    Key& described = inner.key(key, value, each);
    for (const Check& check : checks) described.also(check);
  };
  const auto bind = [&member, describe](Schema& inner) {
    for (auto& [key, value] : member) describe(inner, key, value);
  };
  const auto sample = [describe](Schema& inner) {
    const auto one = std::make_shared<T>();
    inner.kept_.push_back(one);
    describe(inner, "NAME", *one);
  };
  const auto open = [&member](const std::vector<std::string>& names) {
    member.clear();
    for (const std::string& key : names) member[key];
  };
  add(Table{std::move(name), std::move(sentence), true, [&member] { return !member.empty(); }, bind,
            sample, open});
}

template <class Base>
void Schema::one_of(std::string name, std::shared_ptr<Base>& member,
                    std::vector<Alternative<Base>> alternatives, std::string sentence) {
  std::vector<Choice::Named> named;
  for (const auto& one : alternatives) named.push_back({one.name, one.summary});
  const auto shared =
      std::make_shared<const std::vector<Alternative<Base>>>(std::move(alternatives));
  const auto current = [&member, shared] { return index_of(member, *shared); };
  const auto choose = [&member, shared](std::size_t i, Schema& inner) {
    if (index_of(member, *shared) != i) {
      auto made = (*shared)[i].make();
      Base* const raw = made.get();
      member = std::shared_ptr<Base>(raw, Tagged<Base>{std::move(made), i});
    }
    member->describe(inner);
  };
  const auto sample = [&member, shared](std::size_t i, Schema& inner) {
    inner.keep(index_of(member, *shared) == i ? member : (*shared)[i].make());
  };
  add(Choice{std::move(name), std::move(sentence), std::move(named), current, choose, sample});
}

}  // namespace driftwood::deck
