// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>

#include "deck/text.hpp"
#include "deck/toml_limits.hpp"

namespace driftwood::deck {
namespace {

/// One wording of toml++ and what to say instead. Empty `why`: what it saw, after `phrase`.
struct Wording {
  std::string_view phrase;
  std::string_view problem;
  std::string_view why;
  std::string_view suggestion;
  bool after_number = false;  ///< toml++ says so only behind the number
};

constexpr std::string_view quote_it = "put text in quotes";
constexpr std::string_view key_value = "write key = value";
constexpr std::string_view no_value = "this value is not valid TOML";

constexpr std::array wordings{
    Wording{"as dotted key-value pair", "this key reaches into a value that is already complete",
            "a dotted key can only extend tables made by dotted keys",
            "put all of it in one place"},
    Wording{"into existing inline table", "this table was already given between braces",
            "a { ... } table is complete where it closes", "put all of it in one place"},
    Wording{"could not determine value type", no_value,
            "numbers look like 1, 2.5 or 1e-3, strings need quotes", quote_it},
    Wording{"expected 'true', saw ", no_value, "true and false are lower case, strings need quotes",
            quote_it},
    Wording{"expected 'false', saw ", no_value,
            "true and false are lower case, strings need quotes", quote_it},
    Wording{"encountered end-of-file", "the text ends in the middle of a value",
            "a quote, bracket or brace is still open, or a value is missing", "close it"},
    Wording{"is not representable in 64 bits", "this whole number is too large",
            "TOML holds whole numbers up to 2^63 - 1",
            "write a smaller one, or a seed as a string, \"0x...\"", true},
    Wording{"could not be interpreted as a value", "this number is out of range",
            "numbers are at most 1.8e308", "write a smaller one", true},
    Wording{"leading zeroes are prohibited", "a number cannot start with 0", "as TOML has it",
            "remove the leading zeros", true},
    Wording{"expected decimal digit, saw ", "a digit is missing in this number", "",
            "write 0.5 instead of .5 and 5.0 instead of 5."},
    Wording{"control characters other than TAB", "a string is not closed on its line",
            "or it holds a control character", "close the quote, write \\n for a new line"},
    Wording{"unknown escape sequence", "a string holds an unknown escape",
            "a backslash starts an escape", "double the backslash, or use single quotes"},
    Wording{"expected '=', saw ", "a key must be followed by =", "", key_value},
    Wording{"expected value, saw ", "there is no value after =", "", key_value},
    Wording{"expected a comment or whitespace, saw ", "something follows where the line should end",
            "", "put each key on a line of its own, and text in quotes"},
    Wording{"expected keys, tables, whitespace or comments, saw ", "a line cannot start like this",
            "", "write key = value, [table] or # comment"},
    Wording{"expected value-terminator, saw ", "something follows where the value should end", "",
            quote_it},
    Wording{"expected bare key starting character or string delimiter, saw ",
            "a name is missing here", "", key_value},
    Wording{"expected comma or closing ']', saw ", "entries of a list need a comma between them",
            "", "add a comma, or close the list with ]"},
    Wording{"expected comma or closing '}', saw ", "keys between braces need a comma between them",
            "", "add a comma, or close the table with }"},
    Wording{"expected key or closing '}', saw ", "a table between braces must close on its line",
            "", "close it with }, or write it as [table]"},
    Wording{"(dangling comma)", "a table between braces cannot end in a comma", "as TOML has it",
            "remove the comma"},
    Wording{"expected value or closing ']', saw comma", "an entry is missing before this comma",
            "a list has one comma between two entries", "remove the comma"},
    Wording{"expected ']', saw ", "a table header must end in ]", "", "write [table]"},
    Wording{"blank bare keys", "the table header names no table", "it is empty", "write [table]"},
};

/// What toml++ saw, without its spelling of the end of a line.
std::string seen(std::string_view what) {
  return what == "'\\n'" || what == "'\\r'" ? "found the end of the line"
                                            : "found " + printable(what);
}

/// The line at `at`; empty where its columns are not its bytes.
std::string_view plain_line(std::string_view text, const Position& at) {
  std::size_t start = 0;
  for (int line = 1; line < at.line; ++line) start = text.find('\n', start) + 1;
  const std::string_view line = text.substr(start, text.find('\n', start) - start);
  const auto plain = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  return std::all_of(line.begin(), line.end(), plain) ? line : "";
}

/// The column at which the word that ends before `at` begins.
int start_of_word(std::string_view text, const Position& at) {
  const std::string_view line = plain_line(text, at);
  const auto end = static_cast<std::size_t>(at.column - 1);
  if (end > line.size()) return at.column;
  const std::size_t before = line.substr(0, end).find_last_of(" \t=,[{");
  return static_cast<int>(before == line.npos ? 0 : before + 1) + 1;
}

Problem explain_redefinition(std::string_view said, Problem problem, std::string_view text) {
  const std::size_t open = said.find('\'');
  const std::size_t close = said.rfind('\'');
  const std::string_view name = said.substr(open + 1, close - open - 1);
  const bool as_other = said.find("' as ") != std::string_view::npos;
  problem.problem = "'" + printable(name) + "' is given " +
                    (as_other ? "both as a table and as a value" : "twice");
  problem.why = "a name may stand once in its table";
  problem.suggestion = "remove one of them";
  // toml++ stops after the `=`; the key before it is what the reader looks for.
  const std::string_view line = plain_line(text, problem.at);
  const std::size_t found = line.rfind(name, static_cast<std::size_t>(problem.at.column));
  if (!name.empty() && found != line.npos) problem.at.column = static_cast<int>(found) + 1;
  return problem;
}

}  // namespace

Problem explain_toml_error(std::string_view said, const Position& at, std::string_view text) {
  Problem problem{at, "this is not valid TOML", "", ""};
  const std::size_t colon = said.find(": ");  // "Error while parsing SCOPE: REASON"
  if (colon != said.npos) said.remove_prefix(colon + 2);
  for (const Wording& wording : wordings) {
    const std::size_t found = said.find(wording.phrase);
    if (found == said.npos) continue;
    problem.problem = wording.problem;
    problem.why =
        wording.why.empty() ? seen(said.substr(found + wording.phrase.size())) : wording.why;
    problem.suggestion = wording.suggestion;
    if (wording.after_number) problem.at.column = start_of_word(text, at);
    return problem;
  }
  if (said.starts_with("cannot redefine")) {
    return explain_redefinition(said, std::move(problem), text);
  }
  problem.why = printable(said, 200);
  problem.suggestion = "see https://toml.io";
  return problem;
}

}  // namespace driftwood::deck
