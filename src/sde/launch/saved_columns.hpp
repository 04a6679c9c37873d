// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "sde/states.hpp"
#include "stats/bytes.hpp"

namespace driftwood::sde {

/// Appends the first `columns` of all rows. Defined for double and float.
template <class T>
void save_columns(stats::ByteWriter& out, const States<T>& states, std::int64_t columns);

/// Puts back what `save_columns` appended for as many rows. Throws `Error` for another shape.
template <class T>
void restore_columns(stats::ByteReader& in, const States<T>& states, std::int64_t columns);

}  // namespace driftwood::sde
