// SPDX-License-Identifier: BSD-3-Clause
#include "formula/parse.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numbers>
#include <utility>

#include "base/error.hpp"
#include "base/suggest.hpp"

namespace driftwood::formula {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) {
    text += (i > 0 ? ", " : "") + names[i];
  }
  return names.size() > most ? text + ", ..." : text;
}

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

std::string meaning(std::string_view word, const Pairs& pairs) {
  for (const auto& [written, meant] : pairs) {
    if (word == written) return std::string(meant);
  }
  return "";
}

class Parser {
 public:
  Parser(std::string_view text, const Scope& scope) : text_(text), scope_(scope) {}

  Expression parse() {
    if (text_.size() > longest_formula) {
      fail(longest_formula,
           "the formula is longer than " + std::to_string(longest_formula) + " bytes",
           "it has " + std::to_string(text_.size()), "split it");
    }
    skip_space();
    if (at_end()) fail(0, "the formula is empty", "", "write 0 where it is zero");
    sum();
    if (!at_end()) unexpected();
    return std::move(out_);
  }

 private:
  /// One level deeper during its lifetime.
  struct Level {
    Parser& parser;
    explicit Level(Parser& p) : parser(p) {
      if (++p.depth_ > deepest_formula) {
        p.fail(p.offset_, "the formula is nested deeper than " + std::to_string(deepest_formula),
               "", "write it with fewer parentheses, signs and powers");
      }
    }
    ~Level() { --parser.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
  };

  [[noreturn]] static void fail(std::size_t offset, std::string problem, std::string why = {},
                                std::string suggestion = {},
                                std::optional<std::size_t> opened = {}) {
    throw Problem{offset, std::move(problem), std::move(why), std::move(suggestion), opened};
  }

  // ---- characters and tokens -----------------------------------------------------------------
  [[nodiscard]] bool at_end() const { return offset_ == text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return offset_ + ahead < text_.size() ? text_[offset_ + ahead] : '\0';
  }
  void skip_space() {
    while (!at_end() && std::string_view(" \t\r\n").find(peek()) != std::string_view::npos) {
      ++offset_;
    }
  }
  /// Passes the token of so many bytes and the space behind it.
  std::size_t advance(std::size_t bytes) {
    const std::size_t at = offset_;
    before_ = text_.substr(at, bytes);
    offset_ += bytes;
    skip_space();
    return at;
  }
  [[nodiscard]] std::size_t length_of_name() const {
    std::size_t n = 0;
    while (is_letter(peek(n)) || (n > 0 && is_digit(peek(n)))) ++n;
    return n;
  }
  /// Digits, with _ between them.
  [[nodiscard]] std::size_t length_of_digits(std::size_t from) const {
    std::size_t n = from;
    while (is_digit(peek(n)) || (n > from && peek(n) == '_' && is_digit(peek(n + 1)))) ++n;
    return n;
  }
  [[nodiscard]] std::size_t length_of_number() const {
    std::size_t n = length_of_digits(0);
    if (peek(n) == '.') {
      if (!is_digit(peek(n + 1))) {
        const std::string whole(text_.substr(offset_, n));
        fail(offset_ + n, "digits are missing after the point", "", "write " + whole + ".0");
      }
      n = length_of_digits(n + 1);
    }
    const bool has_exponent = peek(n) == 'e' || peek(n) == 'E';
    const std::size_t sign = peek(n + 1) == '+' || peek(n + 1) == '-' ? 1 : 0;
    if (has_exponent && is_digit(peek(n + 1 + sign))) n = length_of_digits(n + 1 + sign);
    return n;
  }
  /// What stands here as a message quotes it.
  [[nodiscard]] std::string here() const {
    const auto first = static_cast<unsigned char>(peek());
    if (is_letter(peek())) return quoted(text_.substr(offset_, length_of_name()));
    if (is_digit(peek())) return quoted(text_.substr(offset_, length_of_digits(0)));
    if (first < 0x20 || first == 0x7f) return "character " + std::to_string(first);
    std::size_t n = 1;
    while (first >= 0x80 && (static_cast<unsigned char>(peek(n)) & 0xc0U) == 0x80U && n < 4) ++n;
    return quoted(text_.substr(offset_, n));
  }

  int emit(Op op, std::size_t at, int a = -1, int b = -1) {
    out_.nodes.push_back({op, static_cast<std::uint32_t>(at), a, b});
    return static_cast<int>(out_.nodes.size()) - 1;
  }

  // ---- the grammar ---------------------------------------------------------------------------
  int sum() {
    int left = product();
    while (peek() == '+' || peek() == '-') {
      const Op op = peek() == '+' ? Op::add : Op::subtract;
      const std::size_t at = advance(1);
      left = emit(op, at, left, product());
    }
    return left;
  }

  int product() {
    int left = signed_power();
    while (peek() == '*' || peek() == '/') {
      if (peek() == '*' && peek(1) == '*') {
        fail(offset_, "'**' is not an operator", "", "write ^ for powers");
      }
      const Op op = peek() == '*' ? Op::multiply : Op::divide;
      const std::size_t at = advance(1);
      left = emit(op, at, left, signed_power());
    }
    if (is_letter(peek()) || is_digit(peek()) || peek() == '(') missing_operator();
    return left;
  }

  int signed_power() {
    if (peek() != '+' && peek() != '-') return power();
    const Level level(*this);
    const bool minus = peek() == '-';
    const std::size_t at = advance(1);
    const int operand = signed_power();
    return minus ? emit(Op::negate, at, operand) : operand;
  }

  int power() {
    const int base = primary();
    if (peek() != '^') return base;
    const Level level(*this);
    const std::size_t at = advance(1);
    return raised(at, base, signed_power());
  }

  /// base^exponent, the exponent being the last node.
  int raised(std::size_t at, int base, int exponent) {
    bool minus = false;
    int e = exponent;
    for (; out_.nodes[index(e)].op == Op::negate; e = out_.nodes[index(e)].a) minus = !minus;
    const Node literal = out_.nodes[index(e)];
    if (literal.op != Op::number || literal.index == 0) return emit(Op::power, at, base, exponent);
    constexpr int most = std::numeric_limits<int>::max();
    if (literal.number > most) {
      fail(literal.at, "the exponent is too large",
           "whole exponents go up to " + std::to_string(most));
    }
    out_.nodes.resize(index(base) + 1);  // drops the exponent
    const int node = emit(Op::whole_power, at, base);
    const int n = static_cast<int>(literal.number);
    out_.nodes[index(node)].index = minus ? -n : n;
    return node;
  }
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  int primary() {
    if (is_digit(peek())) return number();
    if (is_letter(peek())) return name();
    if (peek() == '.' && is_digit(peek(1))) {
      const std::size_t end = length_of_digits(1);
      fail(offset_, "digits are missing before the point", "",
           "write 0" + std::string(text_.substr(offset_, end)));
    }
    if (peek() != '(') missing_operand();
    const Level level(*this);
    const std::size_t opened = advance(1);
    const int inside = sum();
    close(opened);
    return inside;
  }

  /// Counted from 1.
  [[nodiscard]] std::ptrdiff_t character(std::size_t offset) const {
    const std::string_view before = text_.substr(0, offset);
    return 1 + std::count_if(before.begin(), before.end(), [](char c) {
             return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
           });
  }

  void close(std::size_t opened) {
    if (at_end()) {
      fail(offset_, "a parenthesis is not closed",
           "it opens at character " + std::to_string(character(opened)) + " of the formula",
           "add )", opened);
    }
    if (peek() != ')') unexpected();
    advance(1);
  }

  int number() {
    const std::size_t length = length_of_number();
    const std::string_view written = text_.substr(offset_, length);
    std::string digits(written);
    digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
    double value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (result.ec != std::errc{}) {
      const std::string shown(digits.size() > 40 ? "the number" : written);
      fail(offset_, shown + " is beyond the range of double precision");
    }
    const bool whole = digits.find_first_not_of("0123456789") == std::string::npos;
    const int node = emit(Op::number, advance(length));
    out_.nodes.back().number = value;
    out_.nodes.back().index = whole ? 1 : 0;
    return node;
  }

  int name() {
    const std::string_view word = text_.substr(offset_, length_of_name());
    const std::size_t at = advance(word.size());
    const Function* function = find_function(word);
    if (function != nullptr) return call(*function, at);
    if (word == "t") return emit(Op::time, at);
    if (word == "pi") {
      const int node = emit(Op::number, at);
      out_.nodes.back().number = std::numbers::pi;
      return node;
    }
    const Scope::Entry* entry = scope_.find(word);
    if (entry == nullptr) unknown(word, at);
    if (entry->op == Op::number) {
      fail(at, quoted(word) + " cannot be used here", "it is a " + entry->kind);
    }
    const int node = emit(entry->op, at);
    out_.nodes.back().index = entry->index;
    return node;
  }

  int call(const Function& function, std::size_t at) {
    const std::string f(function.name);
    const bool is_table = function.op == Op::table;
    const std::string example = is_table                  ? "('file.csv', x)"
                                : function.arguments == 1 ? "(x)"
                                                          : "(a, b)";
    if (peek() != '(') {
      fail(at, quoted(f) + " is a function", "its argument stands in parentheses",
           "write " + f + example);
    }
    const Level level(*this);
    const std::size_t opened = advance(1);
    std::array<int, 2> operands{-1, -1};
    std::string_view file;
    int count = 0;
    if (peek() != ')') {
      while (true) {
        const bool is_file = is_table && count == 0;
        if (is_file) file = file_name(example);
        const int operand = is_file ? -1 : sum();
        if (count < 2) operands[index(count)] = operand;
        ++count;
        if (peek() != ',') break;
        advance(1);
      }
    }
    close(opened);
    if (count != function.arguments) {
      fail(at, f + " takes " + (function.arguments == 1 ? "1 argument" : "2 arguments"),
           "it has " + std::to_string(count), "write " + f + example);
    }
    if (is_table) return table(at, file, operands[1]);
    if (function.op == Op::power) return raised(at, operands[0], operands[1]);
    return emit(function.op, at, operands[0], operands[1]);
  }

  /// The name that begins here, without its quotes.
  std::string_view file_name(const std::string& example) {
    const char quote = peek();
    if (quote != '"' && quote != '\'') {
      const std::string_view rest = text_.substr(offset_);
      const std::string_view bare = rest.substr(0, rest.find_first_of(",) \t\r\n'\""));
      const bool is_name = bare.size() < 60 && bare.find_first_of("./") != std::string_view::npos;
      fail(offset_, "the file name of a table stands in quotes", "",
           "write " + (is_name ? quoted(bare) : "table" + example));
    }
    const std::size_t end = text_.find_first_of(std::string{quote, '\n'}, offset_ + 1);
    if (end == std::string_view::npos || text_[end] != quote) {
      fail(offset_, "the quote of the file name is not closed", "",
           std::string("add ") + quote + " after the name");
    }
    const std::string_view name = text_.substr(offset_ + 1, end - offset_ - 1);
    if (name.empty()) fail(offset_, "the file name is empty", "", "write table" + example);
    advance(end + 1 - offset_);
    if (!at_end() && peek() != ',' && peek() != ')') {
      fail(offset_, "a comma is missing between " + std::string(before_) + " and " + here());
    }
    return name;
  }

  int table(std::size_t at, std::string_view file, int operand) {
    const auto quote = static_cast<std::size_t>(file.data() - text_.data()) - 1;
    if (!scope_.tables()) fail(quote, "tables cannot be used here");
    const int node = emit(Op::table, at, operand);
    out_.nodes.back().index = static_cast<int>(out_.tables.size());
    try {
      out_.tables.push_back(scope_.tables()(std::string(file)));
    } catch (const Error& error) {
      fail(quote, "the table cannot be read", error.what());
    }
    return node;
  }

  // ---- what can be wrong ---------------------------------------------------------------------
  [[noreturn]] void unknown(std::string_view word, std::size_t at) const {
    const std::string shown = quoted(word.substr(0, 60));
    if (peek() == '(') {
      std::string meant = meaning(word, {{"ln", "log"},
                                         {"arctan", "atan"},
                                         {"fabs", "abs"},
                                         {"heaviside", "step"},
                                         {"logistic", "sigmoid"}});
      if (meant.empty()) meant = nearest(word, function_names());
      fail(at, "unknown function " + shown, "there are: " + listed(function_names()),
           meant.empty() ? "" : "did you mean '" + meant + "'?");
    }
    if (word == "e") fail(at, "unknown name 'e'", "", "write exp(1), or exp(x) for its powers");
    std::vector<std::string> names = scope_.names();
    names.insert(names.end(), {"t", "pi"});
    const std::string meant = nearest(word, names);
    fail(at, "unknown name " + shown, "there are: " + listed(names),
         meant.empty() ? "" : "did you mean '" + meant + "'?");
  }

  [[noreturn]] void missing_operator() const {
    const bool simple = before_ != ")" && peek() != '(';
    const std::string both = std::string(before_) + "*" + here().substr(1);
    fail(offset_, "an operator is missing between " + quoted(before_) + " and " + here(), "",
         simple ? "for a product write " + both.substr(0, both.size() - 1)
                : "for a product write * there");
  }

  [[noreturn]] void missing_operand() const {
    if (at_end()) fail(offset_, "an operand is missing", "after " + quoted(before_));
    if (std::string_view("*/^),").find(peek()) == std::string_view::npos) unexpected();
    fail(offset_, "an operand is missing",
         before_.empty() ? "before " + here() : "between " + quoted(before_) + " and " + here());
  }

  /// Fails at what is here and cannot stand anywhere, or not in this place.
  [[noreturn]] void unexpected() const {
    const char c = peek();
    if (c == ')') fail(offset_, "this parenthesis closes none", "", "remove it, or add (");
    if (c == ',') {
      const bool decimal = is_digit(before_.empty() ? ' ' : before_.back()) && is_digit(peek(1));
      fail(offset_, "a comma cannot stand here", "commas are between arguments of functions",
           decimal ? "write decimals with a point" : "");
    }
    if (c == '=' && peek(1) != '=') {
      fail(offset_, "'=' is not an operator", "a formula is one expression",
           "write what is right of = alone");
    }
    if (c == '<' || c == '>' || c == '=' || c == '!') {
      fail(offset_, "a formula has no comparisons", "",
           "write step(a - b), which is 1 where a >= b and 0 elsewhere");
    }
    if (c == '"' || c == '\'') {
      fail(offset_, "a text cannot stand here", "only the file name of a table is one");
    }
    if (static_cast<unsigned char>(c) >= 0x80) {
      const std::string shown = here();
      const std::string meant =
          meaning(std::string_view(shown).substr(1, shown.size() - 2), {{"\u2212", "-"},
                                                                        {"\u2013", "-"},
                                                                        {"\u00d7", "*"},
                                                                        {"\u00b7", "*"},
                                                                        {"\u00f7", "/"},
                                                                        {"\u03c0", "pi"},
                                                                        {"\u00b2", "^2"},
                                                                        {"\u00b3", "^3"}});
      fail(offset_, shown + " cannot stand in a formula", "formulas are written in ASCII",
           meant.empty() ? "" : "write " + meant);
    }
    fail(offset_, here() + " cannot stand here", "operators are + - * / ^");
  }

  std::string_view text_;
  const Scope& scope_;
  std::size_t offset_ = 0;
  std::string_view before_;  ///< the token before `offset_`
  int depth_ = 0;
  Expression out_;
};

}  // namespace

Expression parse(std::string_view text, const Scope& scope) { return Parser(text, scope).parse(); }

}  // namespace driftwood::formula
