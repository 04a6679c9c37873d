// SPDX-License-Identifier: BSD-3-Clause
#include "formula/parse.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numbers>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "base/suggest.hpp"

namespace driftwood::formula {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) {
    text += (i > 0 ? ", " : "") + names[i];
  }
  return names.size() > most ? text + ", ..." : text;
}

using Pair = std::pair<std::string_view, std::string_view>;

std::string meaning(std::string_view word, std::span<const Pair> pairs) {
  for (const auto& [written, meant] : pairs) {
    if (word == written) return std::string(meant);
  }
  return "";
}

/// Functions of other programs that have another name here.
constexpr auto other_names = std::to_array<Pair>({{"ln", "log"},
                                                  {"arctan", "atan"},
                                                  {"fabs", "abs"},
                                                  {"absolute", "abs"},
                                                  {"heaviside", "step"},
                                                  {"Heaviside", "step"},
                                                  {"logistic", "sigmoid"},
                                                  {"expit", "sigmoid"},
                                                  {"power", "pow"},
                                                  {"maximum", "max"},
                                                  {"fmax", "max"},
                                                  {"minimum", "min"},
                                                  {"fmin", "min"}});

constexpr const char* both_hold = "step(a)*step(b), which is 1 where a >= 0 and b >= 0";
constexpr const char* one_holds = "max(step(a), step(b)), which is 1 where a >= 0 or b >= 0";
constexpr const char* fails_to_hold = "1 - step(a), which is 1 where a < 0";
constexpr const char* chosen = "b + (a - b)*step(x - c), which is a where x >= c and b elsewhere";
constexpr const char* noise_place =
    "noises act through 'diffusion': write there what multiplies them";

/// Functions of other programs that formulas do not have, and what says the same.
constexpr auto other_functions = std::to_array<Pair>({
    {"log10", "log(x)/log(10)"},
    {"log2", "log(x)/log(2)"},
    {"exp2", "2^x"},
    {"exp10", "10^x"},
    {"sign", "2*step(x) - 1"},
    {"sgn", "2*step(x) - 1"},
    {"signum", "2*step(x) - 1"},
    {"square", "x^2"},
    {"cbrt", "x^(1/3), for x > 0"},
    {"hypot", "sqrt(x^2 + y^2)"},
    {"cot", "1/tan(x)"},
    {"sec", "1/cos(x)"},
    {"csc", "1/sin(x)"},
    {"coth", "1/tanh(x)"},
    {"sech", "1/cosh(x)"},
    {"csch", "1/sinh(x)"},
    {"asin", "atan(x/sqrt(1 - x^2))"},
    {"arcsin", "atan(x/sqrt(1 - x^2))"},
    {"acos", "pi/2 - atan(x/sqrt(1 - x^2))"},
    {"arccos", "pi/2 - atan(x/sqrt(1 - x^2))"},
    {"atan2", "atan(y/x), for x > 0"},
    {"arctan2", "atan(y/x), for x > 0"},
    {"asinh", "log(x + sqrt(x^2 + 1))"},
    {"arcsinh", "log(x + sqrt(x^2 + 1))"},
    {"acosh", "log(x + sqrt(x^2 - 1))"},
    {"arccosh", "log(x + sqrt(x^2 - 1))"},
    {"atanh", "log((1 + x)/(1 - x))/2"},
    {"arctanh", "log((1 + x)/(1 - x))/2"},
    {"relu", "max(x, 0)"},
    {"softplus", "log1p(exp(x))"},
    {"clip", "min(max(x, low), high)"},
    {"clamp", "min(max(x, low), high)"},
    {"factorial", "its value, such as 6 for 3!"},
    {"ifelse", chosen},
    {"where", chosen},
    {"piecewise", chosen},
});

/// What is no function and no name here, and what to do instead.
constexpr auto other_words = std::to_array<Pair>({
    {"e", "write exp(1), or exp(x) for its powers"},
    {"time", "write t"},
    {"dt", "a drift is per unit of time: leave dt out"},
    {"True", "write 1"},
    {"true", "write 1"},
    {"False", "write 0"},
    {"false", "write 0"},
});

/// dW, dw, dB, dW1, dW_t, ...
bool is_increment(std::string_view word) {
  return word.size() >= 2 && word[0] == 'd' &&
         std::string_view("wWB").find(word[1]) != std::string_view::npos &&
         std::all_of(word.begin() + 2, word.end(),
                     [](char c) { return is_digit(c) || c == '_' || c == 't'; });
}

bool is_random(std::string_view word) {
  constexpr std::array<std::string_view, 8> words{"rand",  "randn",   "random",   "normal",
                                                  "gauss", "normrnd", "gaussian", "noise"};
  return std::find(words.begin(), words.end(), word) != words.end();
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
    if (is_letter(peek())) return in_quotes(text_.substr(offset_, length_of_name()));
    if (is_digit(peek())) return in_quotes(text_.substr(offset_, length_of_digits(0)));
    if (first < 0x20 || first == 0x7f) return "character " + std::to_string(first);
    std::size_t n = 1;
    while (first >= 0x80 && (static_cast<unsigned char>(peek(n)) & 0xc0U) == 0x80U && n < 4) ++n;
    return in_quotes(text_.substr(offset_, n));
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
    if (entry == nullptr) {
      if (is_prefix()) prefixed(at);
      unknown(word, at);
    }
    if (entry->op == Op::number) {
      fail(at, in_quotes(word) + " cannot be used here", "it is a " + entry->kind,
           entry->kind == "noise" ? noise_place : "");
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
      fail(at, in_quotes(f) + " is a function", "its argument stands in parentheses",
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
           "it has " + std::to_string(count), "write " + said_with(function, count, f + example));
    }
    if (is_table) return table(at, file, operands[1]);
    if (function.op == Op::power) return raised(at, operands[0], operands[1]);
    return emit(function.op, at, operands[0], operands[1]);
  }

  /// What a call with another number of arguments may have meant.
  static std::string said_with(const Function& function, int count, const std::string& example) {
    const std::string f(function.name);
    const bool nests = function.op == Op::minimum || function.op == Op::maximum;
    if (nests && count == 1) return "its argument alone";
    if (nests && count > 2) return f + "(a, " + f + "(b, c))";
    if (function.op == Op::log && count == 2)
      return "log(x)/log(b) for the logarithm to the base b";
    if (function.op == Op::atan && count == 2) return "atan(y/x), for x > 0";
    return example;
  }

  /// The name that begins here, without its quotes.
  std::string_view file_name(const std::string& example) {
    const char quote = peek();
    if (quote != '"' && quote != '\'') {
      const std::string_view rest = text_.substr(offset_);
      const std::string_view bare = rest.substr(0, rest.find_first_of(",) \t\r\n'\""));
      const bool is_name = bare.size() < 60 && bare.find_first_of("./") != std::string_view::npos;
      fail(offset_, "the file name of a table stands in quotes", "",
           "write " + (is_name ? in_quotes(bare) : "table" + example));
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
  /// Whether a name as of a module or a namespace ends here.
  [[nodiscard]] bool is_prefix() const {
    return (peek() == '.' && is_letter(peek(1))) || (peek() == ':' && peek(1) == ':');
  }

  /// Fails at names such as np.exp, which begin at `at`.
  [[noreturn]] void prefixed(std::size_t at) {
    while (is_prefix()) {
      advance(peek() == '.' ? 1 : 2);
      advance(length_of_name());
    }
    const std::string_view last = before_;
    const auto end = static_cast<std::size_t>(last.data() + last.size() - text_.data());
    std::string instead = meaning(last, other_functions);
    if (instead.empty()) instead = meaning(last, other_names);
    const bool is_known = find_function(last) != nullptr || last == "pi";
    if (instead.empty() && is_known) instead = std::string(last);
    if (last == "e") instead = "exp(1)";
    fail(at, in_quotes(text_.substr(at, std::min<std::size_t>(end - at, 60))) + " is not a name",
         instead.empty() ? "there are: " + listed(function_names()) : "functions have no prefix",
         is_random(last)   ? noise_place
         : instead.empty() ? ""
                           : "write " + instead);
  }

  [[noreturn]] void unknown(std::string_view word, std::size_t at) const {
    const std::string shown = in_quotes(word.substr(0, 60));
    no_condition(word, at);
    std::string hint = meaning(word, other_words);
    if (hint.empty() && is_increment(word)) hint = noise_place;
    if (peek() == '(') {
      const std::string instead = meaning(word, other_functions);
      std::string meant = meaning(word, other_names);
      if (meant.empty()) meant = nearest(word, function_names());
      if (hint.empty() && is_random(word)) hint = noise_place;
      if (hint.empty() && !instead.empty()) hint = "write " + instead;
      if (hint.empty() && !meant.empty()) hint = "did you mean '" + meant + "'?";
      fail(at, "unknown function " + shown, "there are: " + listed(function_names()), hint);
    }
    if (word == "e") fail(at, "unknown name 'e'", "", hint);
    std::vector<std::string> names = scope_.names();
    names.insert(names.end(), {"t", "pi"});
    const std::string meant = nearest(word, names);
    if (hint.empty() && !meant.empty()) hint = "did you mean '" + meant + "'?";
    fail(at, "unknown name " + shown, "there are: " + listed(names), hint);
  }

  /// Fails at words that join conditions or choose by them.
  static void no_condition(std::string_view word, std::size_t at) {
    constexpr auto words = std::to_array<Pair>({
        {"and", both_hold},
        {"or", one_holds},
        {"not", fails_to_hold},
        {"if", chosen},
        {"else", chosen},
    });
    const std::string instead = meaning(word, words);
    if (instead.empty()) return;
    fail(at, "a formula has no conditions", "found " + in_quotes(word), "write " + instead);
  }

  /// Fails at signs of comparisons and of what is made of them.
  void no_comparison(bool after_operand) const {
    constexpr auto comparisons = std::to_array<Pair>({
        {">=", "step(a - b), which is 1 where a >= b and 0 elsewhere"},
        {">", "1 - step(b - a), which is 1 where a > b and 0 elsewhere"},
        {"<=", "step(b - a), which is 1 where a <= b and 0 elsewhere"},
        {"<", "1 - step(a - b), which is 1 where a < b and 0 elsewhere"},
        {"==", "step(a - b)*step(b - a), which is 1 where a = b"},
        {"!=", "1 - step(a - b)*step(b - a), which is 0 where a = b"},
    });
    const bool twice = peek(1) == '=' || (peek(1) == peek() && peek() != '<' && peek() != '>');
    const std::string_view sign = text_.substr(offset_, twice ? 2 : 1);
    const std::string compared = meaning(sign, comparisons);
    if (!compared.empty()) fail(offset_, "a formula has no comparisons", "", "write " + compared);
    if (sign == "|" && !after_operand) {
      fail(offset_, "'|' cannot stand here", "", "write abs(x) for |x|");
    }
    if (sign == "!" && after_operand) {
      fail(offset_, "a formula has no factorials", "", "write the value, such as 6 for 3!");
    }
    constexpr auto conditions = std::to_array<Pair>({{"&&", both_hold},
                                                     {"&", both_hold},
                                                     {"||", one_holds},
                                                     {"|", one_holds},
                                                     {"!", fails_to_hold},
                                                     {"?", chosen}});
    const std::string joined = meaning(sign, conditions);
    if (joined.empty()) return;
    fail(offset_, "a formula has no conditions", "found " + in_quotes(sign), "write " + joined);
  }

  [[noreturn]] void missing_operator() const {
    if (is_letter(peek())) no_condition(text_.substr(offset_, length_of_name()), offset_);
    const bool simple = before_ != ")" && peek() != '(';
    const std::string both = std::string(before_) + "*" + here().substr(1);
    const bool of_time =
        text_.substr(offset_).starts_with("(t)") && scope_.find(before_) != nullptr;
    fail(offset_, "an operator is missing between " + in_quotes(before_) + " and " + here(), "",
         of_time  ? "components are at the time t already: write " + std::string(before_)
         : simple ? "for a product write " + both.substr(0, both.size() - 1)
                  : "for a product write * there");
  }

  [[noreturn]] void missing_operand() const {
    if (at_end()) fail(offset_, "an operand is missing", "after " + in_quotes(before_));
    if (std::string_view("*/^),").find(peek()) == std::string_view::npos) unexpected();
    fail(offset_, "an operand is missing",
         before_.empty() ? "before " + here() : "between " + in_quotes(before_) + " and " + here());
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
    const bool after_operand = !before_.empty() && (is_letter(before_.back()) ||
                                                    is_digit(before_.back()) || before_ == ")");
    no_comparison(after_operand);
    if (c == '[' || c == '{') {
      fail(offset_, here() + " cannot stand here", "",
           after_operand ? "components are called by their names, without indices"
                         : "parentheses are ( and )");
    }
    if (c == '"' || c == '\'') {
      fail(offset_, "a text cannot stand here", "only the file name of a table is one");
    }
    if (static_cast<unsigned char>(c) >= 0x80) {
      const std::string shown = here();
      constexpr auto signs = std::to_array<Pair>({{"\u2212", "-"},
                                                  {"\u2013", "-"},
                                                  {"\u00d7", "*"},
                                                  {"\u00b7", "*"},
                                                  {"\u00f7", "/"},
                                                  {"\u03c0", "pi"},
                                                  {"\u00b2", "^2"},
                                                  {"\u00b3", "^3"}});
      const std::string meant = meaning(std::string_view(shown).substr(1, shown.size() - 2), signs);
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
