// SPDX-License-Identifier: BSD-3-Clause
#include "sde/reaction_equation.hpp"

#include <cctype>
#include <charconv>
#include <utility>

#include "base/error.hpp"

namespace driftwood::sde {
namespace {

constexpr int most_of_one = 9;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_name(std::string_view text) {
  const auto good = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front()))) return false;
  for (const char c : text) {
    if (!good(c)) return false;
  }
  return true;
}

/// "A", "2 A" or "2A".
void read_term(std::string_view text, std::map<std::string, int>& side) {
  const std::string_view term = trimmed(text);
  int count = 1;
  const auto [end, error] = std::from_chars(term.data(), term.data() + term.size(), count);
  const bool counted = error == std::errc{};
  const std::string_view name =
      trimmed(counted ? term.substr(static_cast<std::size_t>(end - term.data())) : term);
  if (term.empty()) throw Error("a term is empty", "", "write for example 'A + B -> C'");
  if (!is_name(name)) {
    throw Error("'" + std::string(term) + "' is not a species", "",
                "write a name, or a number and a name, such as '2 A'");
  }
  if (counted && (count < 1 || count > most_of_one)) {
    throw Error("'" + std::string(term) + "' counts " + std::to_string(count) + " of a species",
                "1 to " + std::to_string(most_of_one) + " are possible");
  }
  side[std::string(name)] += count;
}

std::map<std::string, int> read_side(std::string_view text) {
  std::map<std::string, int> side;
  text = trimmed(text);
  if (text.empty() || text == "0") return side;
  while (true) {
    const auto plus = text.find('+');
    read_term(text.substr(0, plus), side);
    if (plus == std::string_view::npos) return side;
    text.remove_prefix(plus + 1);
  }
}

/// Refuses arrows to both sides, to the left, and of other shapes.
void refuse_other_arrows(std::string_view text) {
  const std::string whole = "'" + std::string(text) + "'";
  for (const std::string_view both : {"<-->", "<->", "<=>", "<>", "\u21cc", "\u21c4", "\u2194"}) {
    const auto at = text.find(both);
    if (at == std::string_view::npos) continue;
    const std::string left(trimmed(text.substr(0, at)));
    const std::string right(trimmed(text.substr(at + both.size())));
    throw Error(
        whole + " goes both ways", "each direction has a rate and a noise of its own",
        "write two reactions, '" + left + " -> " + right + "' and '" + right + " -> " + left + "'");
  }
  if (text.find("->") != std::string_view::npos && text.find("-->") == std::string_view::npos)
    return;
  for (const std::string_view other : {"-->", "<--", "<-", "=>", "<=", "\u2192", "\u2190"}) {
    const auto at = text.find(other);
    if (at == std::string_view::npos) continue;
    std::string left(trimmed(text.substr(0, at)));
    std::string right(trimmed(text.substr(at + other.size())));
    if (other.front() == '<' || other == "\u2190") std::swap(left, right);
    throw Error(whole + " is not a reaction", "the arrow is ->",
                "write '" + left + " -> " + right + "'");
  }
}

}  // namespace

ReactionEquation parse_reaction(std::string_view text) {
  refuse_other_arrows(text);
  const auto arrow = text.find("->");
  if (arrow == std::string_view::npos || text.find("->", arrow + 2) != std::string_view::npos) {
    throw Error("'" + std::string(text) + "' is not a reaction", "it has not exactly one arrow",
                "write for example 'A + B -> C'");
  }
  return {read_side(text.substr(0, arrow)), read_side(text.substr(arrow + 2))};
}

}  // namespace driftwood::sde
