// SPDX-License-Identifier: BSD-3-Clause
/// Text that is not TOML: every message, literally.
#include <gtest/gtest.h>

#include "unit/deck/expect_error.hpp"
#include "unit/deck/sample_deck.hpp"

namespace {
using namespace driftwood;
using test::Case;

const Case syntax_errors[] = {
    Case{"NoEqualsSign", "[time]\nend 2.0",
         "d.toml:2:5: error: a key must be followed by = (found '2'); write key = value"},
    Case{"NoValue", "[time]\nend =\n",
         "d.toml:2:6: error: there is no value after = (found the end of the line); write key = "
         "value"},
    Case{"BareWord", "[time]\nend = abc",
         "d.toml:2:7: error: this value is not valid TOML (numbers look like 1, 2.5 or 1e-3, "
         "strings need quotes); put text in quotes"},
    Case{"TwoValues", "[time]\nend = 2.0 abc",
         "d.toml:2:11: error: something follows where the line should end (found 'a'); put each "
         "key on a line of its own, and text in quotes"},
    Case{"OpenHeader", "[time\nend = 2",
         "d.toml:1:6: error: a table header must end in ] (found the end of the line); write "
         "[table]"},
    Case{"EmptyHeader", "[]",
         "d.toml:1:2: error: the table header names no table (it is empty); write [table]"},
    Case{"OpenString", "a = \"abc\nb = 1",
         "d.toml:1:9: error: a string is not closed on its line (or it holds a control "
         "character); close the quote, write \\n for a new line"},
    Case{"OpenList", "a = [1, 2\n",
         "d.toml:1:11: error: the text ends in the middle of a value (a quote, bracket or brace "
         "is still open, or a value is missing); close it"},
    Case{"OpenMultiLineString", "a = \"\"\"x\n",
         "d.toml:1:10: error: the text ends in the middle of a value (a quote, bracket or brace "
         "is still open, or a value is missing); close it"},
    Case{"OpenBrace", "a = { x = 1\n}",
         "d.toml:1:12: error: a table between braces must close on its line (found the end of "
         "the line); close it with }, or write it as [table]"},
    Case{"NoKey", "= 3",
         "d.toml:1:1: error: a line cannot start like this (found '='); write key = value, "
         "[table] or # comment"},
    Case{"StrayBracket", "]",
         "d.toml:1:1: error: a line cannot start like this (found ']'); write key = value, "
         "[table] or # comment"},
    Case{"LeadingZero", "a = 007",
         "d.toml:1:5: error: a number cannot start with 0 (as TOML has it); remove the leading "
         "zeros"},
    Case{"TooManyDigits", "a = 99999999999999999999",
         "d.toml:1:5: error: this whole number is too large (TOML holds whole numbers up to "
         "2^63 - 1); write a smaller one, or a seed as a string, \"0x...\""},
    Case{"NumberOverflow", "a = 1e999",
         "d.toml:1:5: error: this number is out of range (numbers are at most 1.8e308); write a "
         "smaller one"},
    Case{"LeadingPoint", "a = .5",
         "d.toml:1:5: error: a digit is missing in this number (found '.'); write 0.5 instead of "
         ".5 and 5.0 instead of 5."},
    Case{"TrailingPoint", "a = 5.",
         "d.toml:1:7: error: the text ends in the middle of a value (a quote, bracket or brace "
         "is still open, or a value is missing); close it"},
    Case{"DoubleUnderscore", "a = 1__0",
         "d.toml:1:7: error: this is not valid TOML (underscores may only follow digits); see "
         "https://toml.io"},
    Case{"DuplicateKey", "b = 1\n  a = 1\n  a = 2",
         "d.toml:3:3: error: 'a' is given twice (a name may stand once in its table); remove one "
         "of them"},
    Case{"DuplicateTable", "[run]\n\n[run]",
         "d.toml:3:2: error: 'run' is given twice (a name may stand once in its table); remove "
         "one of them"},
    Case{"DuplicateInBraces", "time = { end = 1, end = 2 }",
         "d.toml:1:19: error: 'end' is given twice (a name may stand once in its table); remove "
         "one of them"},
    Case{"TableAndValue", "run = 1\n[run]",
         "d.toml:2:2: error: 'run' is given both as a table and as a value (a name may stand "
         "once in its table); remove one of them"},
    Case{"DottedIntoValue", "a = 1\na.c = 2",
         "d.toml:2:1: error: this key reaches into a value that is already complete (a dotted "
         "key can only extend tables made by dotted keys); put all of it in one place"},
    Case{"HeaderIntoBraces", "a = { b = 1 }\n[a.c]",
         "d.toml:2:6: error: this table was already given between braces (a { ... } table is "
         "complete where it closes); put all of it in one place"},
    Case{"DanglingComma", "a = { b = 1, }",
         "d.toml:1:14: error: a table between braces cannot end in a comma (as TOML has it); "
         "remove the comma"},
    Case{"DoubleComma", "a = [1,,2]",
         "d.toml:1:8: error: an entry is missing before this comma (a list has one comma between "
         "two entries); remove the comma"},
    Case{"NoComma", "a = [1 2]",
         "d.toml:1:8: error: entries of a list need a comma between them (found '2'); add a "
         "comma, or close the list with ]"},
    Case{"NoCommaInBraces", "a = { b = 1 c = 2 }",
         "d.toml:1:13: error: keys between braces need a comma between them (found 'c'); add a "
         "comma, or close the table with }"},
    Case{"UnknownEscape", "a = \"C:\\data\"",
         "d.toml:1:9: error: a string holds an unknown escape (a backslash starts an escape); "
         "double the backslash, or use single quotes"},
    Case{"MisspeltTruth", "a = tru",
         "d.toml:1:8: error: the text ends in the middle of a value (a quote, bracket or brace "
         "is still open, or a value is missing); close it"},
    Case{"UpperCaseTruth", "a = TRUE",
         "d.toml:1:5: error: this value is not valid TOML (true and false are lower case, "
         "strings need quotes); put text in quotes"},
    Case{"MissingName", "a. = 1",
         "d.toml:1:4: error: a name is missing here (found '='); write key = value"},
    Case{"NotADate", "a = 2020-13-01",
         "d.toml:1:12: error: this is not valid TOML (expected month between 1 and 12 "
         "(inclusive), saw 13); see https://toml.io"},
    Case{"DurationWithoutQuotes", "a = 10 min",
         "d.toml:1:8: error: something follows where the line should end (found 'm'); put each "
         "key on a line of its own, and text in quotes"},
    Case{
        "LetterOutsideQuotes", "a = \"ä\" # ö\nb = größe",
        "d.toml:2:7: error: 'ö' cannot stand outside quotes (names and signs are plain ASCII); put "
        "text in quotes, use ordinary blanks"},
    Case{"BlankThatIsNone", "a =\u00a01",
         "d.toml:1:4: error: '\u00a0' cannot stand outside quotes (names and signs are plain "
         "ASCII); "
         "put text in quotes, use ordinary blanks"},
    Case{"AfterMultiByteCharacters", "a = \"äöü\" b",
         "d.toml:1:11: error: something follows where the line should end (found 'b'); put each "
         "key on a line of its own, and text in quotes"},
};

class SyntaxError : public ::testing::TestWithParam<Case> {};

TEST_P(SyntaxError, IsReportedInPlainWordsWhereItStands) {
  EXPECT_EQ(test::error_of(GetParam().deck), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Deck, SyntaxError, ::testing::ValuesIn(syntax_errors), test::case_name);

}  // namespace
