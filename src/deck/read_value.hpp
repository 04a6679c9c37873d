// SPDX-License-Identifier: BSD-3-Clause
/// One value of a deck, converted and checked. Internal to the layer.
#pragma once

#include <string>

#include "deck/schema.hpp"
#include "deck/value.hpp"

namespace driftwood::deck {

/// Stores `value` in the member that `key` binds. Throws `Problem` when it is of the wrong type or
/// fails a check; the member then keeps what it had.
void read_value(const Key& key, const std::string& path, const Value& value);

/// A number, or the table of a distribution. Throws `Problem` for anything else.
[[nodiscard]] Distribution read_distribution(const std::string& path, const Value& value);

/// Where the values of a distribution lie.
struct Interval {
  double low;
  double high;
};
[[nodiscard]] Interval support(const Distribution& law);

/// The problem of a name that is not one of `names`.
[[nodiscard]] Problem not_a_choice(const std::string& path, const Value& value,
                                   const std::vector<std::string>& names);

}  // namespace driftwood::deck
