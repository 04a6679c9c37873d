// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace driftwood::deck {

/// A span of wall-clock time. Decks give it as a number of seconds or as "<number> s|min|h".
struct Duration {
  double seconds = 0;

  [[nodiscard]] friend bool operator==(const Duration&, const Duration&) = default;
};

/// Reads "<number> s|min|h"; empty when `text` is anything else, or not finite.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

/// The text that `parse_duration` reads back to exactly the same seconds, such as "600 s".
[[nodiscard]] std::string to_text(Duration duration);

}  // namespace driftwood::deck
