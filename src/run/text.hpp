// SPDX-License-Identifier: BSD-3-Clause
/// How this layer writes quantities for people.
#pragma once

#include <string>
#include <string_view>

namespace driftwood::run {

/// A span of wall time with about two digits that matter: "0.25 s", "3.4 s", "48 s",
/// "2 min 05 s", "1 h 02 min", "3 d 04 h". Negative or not finite: "?".
[[nodiscard]] std::string duration_text(double seconds);

/// A count or rate with three digits and a decimal prefix: "0.12", "12", "1.2 k", "20 M", "1.65 G".
[[nodiscard]] std::string count_text(double count);

/// "value +/- standard_error", both to two digits of the error: "0.1353 +/- 0.0012". An error that
/// is zero or not finite is left out, and the value gets six digits.
[[nodiscard]] std::string estimate_text(double value, double standard_error);

/// `text` as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace driftwood::run
