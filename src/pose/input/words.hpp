// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace driftwood::pose {

/// Words between blanks of a text file, which may be compressed by gzip. What begins a line with #
/// is passed over. Errors are `UsageError` "FILE:LINE: PROBLEM (WHY); SUGGESTION".
class Words {
 public:
  /// Throws `UsageError` where the file cannot be read.
  explicit Words(std::string file);

  /// Goes to the next line that has words; false: there is none.
  bool next_line();
  /// Goes to the next line, though it may be empty; false: there is none.
  bool next_line_of_any();
  /// Words of the line that are left.
  [[nodiscard]] std::size_t left() const { return words_.size() - used_; }
  /// All that is left of the line.
  [[nodiscard]] std::string_view rest() const;

  // The next word, of this line or a later one. `what`, and its number if it has one, is what a
  // message calls it.
  std::string_view word(const char* what, std::int64_t number = -1);
  double real(const char* what, std::int64_t number = -1);
  std::int64_t whole(const char* what, std::int64_t number = -1);
  /// The same from 0 to count - 1; `of` is what there are so many of.
  std::int64_t index(std::int64_t count, const char* of, const char* what,
                     std::int64_t number = -1);

  /// Throws where words are left in the file.
  void expect_end();

  [[noreturn]] void fail(const std::string& problem, const std::string& why = "",
                         const std::string& suggestion = "") const;
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] std::int64_t line_number() const { return line_; }

 private:
  bool advance();

  std::string file_;
  std::string text_;
  std::string_view after_;  ///< of the text, the lines to come
  std::string_view current_;
  std::vector<std::string_view> words_;
  std::size_t used_ = 0;
  std::int64_t line_ = 0;
};

}  // namespace driftwood::pose
