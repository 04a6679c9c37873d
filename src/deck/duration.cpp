// SPDX-License-Identifier: BSD-3-Clause
#include "deck/duration.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace driftwood::deck {

std::optional<Duration> parse_duration(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);

  double unit = 0;
  if (text == "s") unit = 1;
  if (text == "min") unit = 60;
  if (text == "h") unit = 3600;
  const double seconds = number * unit;
  if (unit == 0 || !std::isfinite(seconds)) return std::nullopt;
  return Duration{seconds};
}

std::string to_text(Duration duration) { return fmt::format("{} s", duration.seconds); }

}  // namespace driftwood::deck
