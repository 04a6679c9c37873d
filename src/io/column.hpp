// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "deck/distribution.hpp"

namespace driftwood::io {

/// The numbers of a column, all of them. A relative file name starts from `folder`. Throws `Error`
/// "PROBLEM" when there is no such file or dataset, when its shape does not go with the indices,
/// and for entries that are not finite numbers; HDF5 converts from any type of numbers.
[[nodiscard]] std::vector<double> read_column(const deck::Column& column,
                                              const std::string& folder);

}  // namespace driftwood::io
