// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace driftwood::io {

/// Finite numbers of a file, in their order. Of a text: between blanks, commas, semicolons and ends
/// of lines; # begins a comment, and a first line without numbers is a header. Of an HDF5 file: the
/// vector `dataset`. Throws `UsageError` "FILE:LINE: PROBLEM (WHY); SUGGESTION" where one is
/// missing or is no number, and where there are none.
[[nodiscard]] std::vector<double> read_number_list(const std::string& file,
                                                   const std::string& dataset);

}  // namespace driftwood::io
