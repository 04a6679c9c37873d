// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "deck/schema.hpp"

namespace driftwood::sde {

/// Reads the columns that keys of the table `path` and the tables in it name, into their laws.
/// Relative names of files start from the folder of the deck. Throws `UsageError` at the first key
/// whose file is not there or not fit, or holds a number that the key does not take.
void read_columns(const deck::Source& deck, const std::string& path, const deck::Schema& schema);

}  // namespace driftwood::sde
