// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>

#include "deck/outline.hpp"
#include "deck/schema.hpp"
#include "deck/text.hpp"

namespace driftwood::deck {
namespace {

constexpr std::size_t columns = 100;
constexpr std::string_view format_sentence = "version of the deck format";

std::vector<std::string> names_of(const Choice& choice) {
  std::vector<std::string> names;
  for (const auto& one : choice.alternatives) names.push_back(one.name);
  return names;
}

std::string heading(const Section& section, std::string_view quote) {
  const auto quoted = [&](const std::string& text) {
    return fmt::format("{0}{1}{0}", quote, text);
  };
  std::string text = section.path.empty() ? "Top of the deck" : quoted('[' + section.path + ']');
  if (!section.condition.empty()) text += " with " + quoted(section.condition);
  return section.optional ? text + ", optional" : text;
}

/// Whether the text begins with a formula: "dX = ...".
bool begins_with_formula(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  return std::any_of(word.begin(), word.end(), capital) ||
         text.substr(word.size()).starts_with(" =");
}

/// As a sentence of its own: with a capital, unless it is a formula, and a full stop.
std::string sentence(std::string text) {
  const bool lower = !text.empty() && text.front() >= 'a' && text.front() <= 'z';
  if (lower && !begins_with_formula(text)) {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  return text + '.';
}

// ---- Markdown ----

/// The text inside a cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

std::string row(std::string_view name, std::string_view takes, std::string_view standard,
                std::string_view sentence) {
  const bool word = standard == "required" || standard == "unset";
  const std::string value = word ? std::string(standard) : fmt::format("`{}`", standard);
  return fmt::format("| `{}` | {} | {} | {} |\n", name, cell(takes), cell(value), cell(sentence));
}

std::string markdown_row(const Item& item) {
  if (const auto* key = std::get_if<Key>(&item)) {
    return row(key->name, takes_text(*key), default_text(*key), key->sentence);
  }
  if (const auto* choice = std::get_if<Choice>(&item)) {
    return row(choice->name, "one of " + listed(names_of(*choice), "\""), default_text(*choice),
               choice->sentence);
  }
  const auto& reserved = std::get<Reserved>(item);
  return row(reserved.name, "reserved", "unset", reserved.why);
}

std::string markdown(const Section& section) {
  const std::string level = section.condition.empty() ? "##" : "###";
  std::string text = fmt::format("\n{} {}\n", level, heading(section, "`"));
  if (!section.sentence.empty()) text += '\n' + sentence(section.sentence) + '\n';
  std::string rows;
  if (section.path.empty() && section.condition.empty()) {
    rows += row("format", "whole number, 1", "1", format_sentence);
  }
  for (const Item* item : section.items) rows += markdown_row(*item);
  if (rows.empty()) return text;
  return text + "\n| key | takes | default | meaning |\n|---|---|---|---|\n" + rows;
}

// ---- Terminal ----

/// `text` broken between words, each line after `indent` blanks.
std::string wrapped(std::string_view text, std::size_t indent) {
  const std::string blanks(indent, ' ');
  std::string result;
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (!line.empty() && indent + line.size() + 1 + word.size() > columns) {
      result += blanks + line + '\n';
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result + blanks + line + '\n';
}

std::string entry(std::string_view name, std::string_view takes, std::string_view standard,
                  std::string_view sentence) {
  const bool word = standard == "required" || standard == "unset" || standard.empty();
  std::string facts = fmt::format("{}: {}", name, takes);
  if (!standard.empty()) facts += fmt::format("; {}{}", word ? "" : "default ", standard);
  return wrapped(facts, 2) + wrapped(sentence, 6);
}

std::string terminal_entry(const Item& item) {
  if (const auto* key = std::get_if<Key>(&item)) {
    return entry(key->name, takes_text(*key), default_text(*key), key->sentence);
  }
  if (const auto* choice = std::get_if<Choice>(&item)) {
    return entry(choice->name, "one of " + listed(names_of(*choice), "\""), default_text(*choice),
                 choice->sentence);
  }
  const auto& reserved = std::get<Reserved>(item);
  return entry(reserved.name, "reserved", "", reserved.why);
}

std::string terminal(const Section& section) {
  std::string text = '\n' + wrapped(heading(section, ""), 0);
  if (!section.sentence.empty()) text += wrapped(section.sentence, 2);
  if (section.path.empty() && section.condition.empty()) {
    text += entry("format", "whole number, 1", "1", format_sentence);
  }
  for (const Item* item : section.items) text += terminal_entry(*item);
  return text;
}

constexpr std::string_view introduction =
    "A deck is a TOML file. Whole numbers are accepted where numbers are. A duration is a number "
    "of seconds or \"<number> s\", \"<number> min\" or \"<number> h\". A seed above 2^63 - 1 is "
    "written as a string, \"0x...\". A distribution is { kind = \"normal\", mean = 0.0, sd = 1.0 "
    "}, { kind = \"lognormal\", log_mean = 0.0, log_sd = 1.0 }, { kind = \"uniform\", low = 0.0, "
    "high = 1.0 } or { kind = \"hdf5\", file = \"draws.h5\", dataset = \"/rate\" }; the last is a "
    "column of numbers, of which path p takes entry p, and after the last the first again. A "
    "dataset of more dimensions has its others fixed by for example at = [-1, 0]; a relative file "
    "name starts from the folder of the deck.";

}  // namespace

std::string reference_of(const Schema& schema, std::string_view title) {
  std::string text = fmt::format("# {}\n\n{}\n", title, introduction);
  const Outline outline(schema);
  for (const Section& section : outline.sections()) text += markdown(section);
  return text;
}

std::string help_of(const Schema& schema) {
  std::string text = wrapped(introduction, 0);
  const Outline outline(schema);
  for (const Section& section : outline.sections()) text += terminal(section);
  return text;
}

}  // namespace driftwood::deck
