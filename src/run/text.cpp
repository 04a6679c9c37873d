// SPDX-License-Identifier: BSD-3-Clause
#include "run/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace driftwood::run {
namespace {

constexpr double minute = 60;
constexpr double hour = 3600;
constexpr double day = 86400;

/// "2 min 05 s" from a span and its two units.
std::string two_units(double seconds, double large, const char* large_name, double small,
                      const char* small_name) {
  const auto total = std::llround(seconds / small);
  const auto per_large = std::llround(large / small);
  return fmt::format("{} {} {:02} {}", total / per_large, large_name, total % per_large,
                     small_name);
}

/// Length of the UTF-8 character that `text` begins with; 0 if it begins with none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  if (length < 3) return length;
  const unsigned second = byte(1);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second >= 0xa0;
  const bool too_large = lead == 0xf4 && second >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

std::string json_escape(char character) {
  switch (character) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    default:
      return fmt::format("\\u{:04x}", static_cast<unsigned char>(character));
  }
}

bool needs_escape(char character) {
  return character == '"' || character == '\\' || static_cast<unsigned char>(character) < 0x20;
}

}  // namespace

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  if (seconds < 0.0995) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 0.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  if (seconds < minute - 0.5) return fmt::format("{:.0f} s", seconds);
  if (seconds < hour - 0.5) return two_units(seconds, minute, "min", 1, "s");
  if (seconds < day - minute / 2) return two_units(seconds, hour, "h", minute, "min");
  return two_units(seconds, day, "d", hour, "h");
}

std::string count_text(double count) {
  if (!std::isfinite(count) || count < 0) return "?";
  if (count < 999.5) {
    return count == std::floor(count) ? fmt::format("{:.0f}", count) : fmt::format("{:.3g}", count);
  }
  constexpr std::array prefixes{"k", "M", "G", "T", "P", "E"};
  std::size_t i = 0;
  count /= 1000;
  while (count >= 999.5 && i + 1 < prefixes.size()) {
    count /= 1000;
    ++i;
  }
  const int decimals = count < 9.995 ? 2 : count < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", count, decimals, prefixes[i]);
}

std::string bytes_text(double bytes) {
  if (!std::isfinite(bytes) || bytes < 0) return "?";
  if (bytes < 1023.5) return fmt::format("{:.0f} B", bytes);
  constexpr std::array prefixes{"Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  std::size_t i = 0;
  bytes /= 1024;
  while (bytes >= 1023.5 && i + 1 < prefixes.size()) {
    bytes /= 1024;
    ++i;
  }
  const int decimals = bytes < 9.995 ? 2 : bytes < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}B", bytes, decimals, prefixes[i]);
}

std::string estimate_text(double value, double standard_error) {
  if (!(standard_error > 0) || !std::isfinite(standard_error) || !std::isfinite(value)) {
    return fmt::format("{:.6g}", value);
  }
  const auto exponent = [](double x) { return static_cast<int>(std::floor(std::log10(x))); };
  const int digits = 1 - exponent(standard_error);  // decimals that show two digits of the error
  if (digits <= 6 && std::abs(value) < 1e7 && standard_error < 1e7) {
    const int decimals = std::max(digits, 0);
    return fmt::format("{:.{}f} +/- {:.{}f}", value, decimals, standard_error, decimals);
  }
  const int lead = value == 0 ? 0 : exponent(std::abs(value)) + digits;
  return fmt::format("{:.{}e} +/- {:.1e}", value, std::clamp(lead, 1, 15), standard_error);
}

std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      quoted += "\xef\xbf\xbd";
    } else if (needs_escape(text.front())) {
      quoted += json_escape(text.front());
    } else {
      quoted += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return quoted + '"';
}

}  // namespace driftwood::run
