// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace driftwood::deck {

struct Value;

/// A deck as it was given: the name to report it by, and its text.
struct Text {
  std::string file;
  std::string content;
};

/// Reads a deck. Throws `UsageError` "FILE: error: ..." when it is missing, a directory,
/// unreadable, empty, larger than 16 MiB, or not text in UTF-8. A byte order mark is dropped.
[[nodiscard]] Text read_file(const std::string& path);

/// FNV-1a, 64 bit: tells whether two decks are the same; no protection against forgery.
[[nodiscard]] std::uint64_t content_hash(std::string_view text) noexcept;

/// Where the values of a loaded deck came from. Cheap to copy.
class Source {
 public:
  Source(Text text, std::shared_ptr<const Value> root);

  /// The error "FILE:LINE:COLUMN: error: PROBLEM (WHY); SUGGESTION" at the key that `key_path`
  /// names ("time.end", "observe.times[2]"), or at the nearest table around it where the deck does
  /// not give it. Values from the command line are reported as "--set KEY=VALUE: error: ...".
  [[nodiscard]] UsageError error(std::string_view key_path, std::string_view problem,
                                 std::string_view why = {}, std::string_view suggestion = {}) const;

  /// The same at a place in the text that the key holds: at the byte `offset` of the text itself,
  /// before which the deck may have escapes and line breaks.
  [[nodiscard]] UsageError error_inside(std::string_view key_path, std::size_t offset,
                                        std::string_view problem, std::string_view why = {},
                                        std::string_view suggestion = {}) const;

  /// Whether the deck, or a `--set`, gives this key or table.
  [[nodiscard]] bool gives(std::string_view key_path) const;

  [[nodiscard]] const std::string& file() const noexcept { return text_.file; }
  /// The deck as given, without what `--set` changed.
  [[nodiscard]] const std::string& text() const noexcept { return text_.content; }

 private:
  Text text_;
  std::shared_ptr<const Value> root_;
};

}  // namespace driftwood::deck
