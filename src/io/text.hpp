// SPDX-License-Identifier: BSD-3-Clause
/// Words of the texts that users give.
#pragma once

#include <string>
#include <string_view>

namespace driftwood::io {

inline constexpr std::string_view blanks = " \t\r";

/// Without the blanks around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// As a message shows it: in quotes, its first 40 characters, '?' for those that control terminals.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace driftwood::io
