// SPDX-License-Identifier: BSD-3-Clause
#include "comm/vote.hpp"

#include <array>

namespace driftwood::comm {

void Vote::cast(const Ballot& mine) {
  wave_.cast({}, std::array<std::int64_t, 2>{mine.wish, mine.is_done ? 0 : 1});
}

std::optional<Vote::Ballot> Vote::answer() {
  if (!wave_.is_answered()) return std::nullopt;
  return read();
}

Vote::Ballot Vote::wait() {
  wave_.wait();
  return read();
}

}  // namespace driftwood::comm
