// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "comm/communicator.hpp"

namespace driftwood::comm {

/// This rank's part of the items in `all` that no rank has `taken`: ranges in order, as many items
/// on each rank up to one, ranks in the order of the items. With nothing taken it is
/// `share(all.count())`, moved. Collective; `taken` may be in any order and reach beyond `all`.
[[nodiscard]] std::vector<Share> share_rest(const Communicator& comm, const Share& all,
                                            const std::vector<Share>& taken);

/// The items of `all` that no rank has `taken`, as ranges in order, on every rank. Collective.
[[nodiscard]] std::vector<Share> rest_of(const Communicator& comm, const Share& all,
                                         const std::vector<Share>& taken);
/// The same where all that is taken is known.
[[nodiscard]] std::vector<Share> rest_of(const Share& all, std::vector<Share> taken);

/// The items number `part.first` to `part.last` of those in `ranges`, as ranges in order.
[[nodiscard]] std::vector<Share> part_of(const std::vector<Share>& ranges, const Share& part);

/// Items in all ranges.
[[nodiscard]] std::int64_t count_of(const std::vector<Share>& ranges);

}  // namespace driftwood::comm
