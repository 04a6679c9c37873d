// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "deck/schema.hpp"

namespace driftwood::sde {

/// Throws `UsageError` at the first key of the table `path` and the tables in it that names a data
/// file which is not there or not fit.
void require_columns(const deck::Source& deck, const std::string& path, const deck::Schema& schema);

}  // namespace driftwood::sde
