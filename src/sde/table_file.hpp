// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "formula/table.hpp"

namespace driftwood::sde {

/// The points in a text file: two numbers on each line, the first ones increasing, separated by a
/// comma, a semicolon, a tab or blanks. Empty lines, lines that begin with # and one line of
/// headings are passed over. Throws `Error` for anything else, with the number of the line.
[[nodiscard]] formula::Table read_table(const std::string& path);

/// Reads each file once. Relative names start from `folder`.
[[nodiscard]] formula::OpenTable tables_in(const std::string& folder);

}  // namespace driftwood::sde
