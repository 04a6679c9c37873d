// SPDX-License-Identifier: BSD-3-Clause
/// How this layer writes quantities for people, and strings for JSON.
#pragma once

#include <string>
#include <string_view>

namespace driftwood::run {

/// A span of wall time to about two digits: "12 ms", "0.25 s", "3.4 s", "48 s", "2 min 05 s",
/// "1 h 02 min", "3 d 04 h". Negative or not finite: "?".
[[nodiscard]] std::string duration_text(double seconds);

/// A count or rate, at least 0, to three digits with a decimal prefix: "12", "0.125", "1.20 k",
/// "20.0 M". Ends with a space and the prefix, if any, so that a unit can follow.
[[nodiscard]] std::string count_text(double count);

/// A number of bytes to three digits with a binary prefix: "12 B", "1.20 KiB", "52.4 MiB".
[[nodiscard]] std::string bytes_text(double bytes);

/// "0.1353 +/- 0.0012": both to two digits of the error. An error that is not positive and finite
/// is left out, and the value gets six digits.
[[nodiscard]] std::string estimate_text(double value, double standard_error);

/// `text` as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace driftwood::run
