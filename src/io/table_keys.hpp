// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "deck/schema.hpp"
#include "io/data_table.hpp"

namespace driftwood::io {

/// The keys `skip`, `header` and `dataset` of decks that name a table; `matrix`: what the last one
/// is of.
void describe_form(deck::Schema& s, TableRequest& table, const std::string& matrix = "the matrix");

}  // namespace driftwood::io
