// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"

namespace driftwood::random {

/// The two words a counter is enciphered to, or the counter itself.
template <class C>
struct Block {
  C x0;
  C x1;
};

/// Key of a Threefry stream.
struct Key {
  std::uint64_t k0;
  std::uint64_t k1;
};

/// Threefry-2x64 with 13 rounds: Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as
/// easy as 1, 2, 3", section 4. `C` is `std::uint64_t` or a pack of them. Tested against Random123.
template <class C>
KOKKOS_FORCEINLINE_FUNCTION Block<C> threefry(Block<C> counter, const Key& key) {
  constexpr int rotations[8] = {16, 42, 12, 31, 16, 32, 24, 21};
  const std::uint64_t schedule[3] = {key.k0, key.k1, 0x1bd11bdaa9fc1a22 ^ key.k0 ^ key.k1};
  C x0 = counter.x0 + C(schedule[0]);
  C x1 = counter.x1 + C(schedule[1]);
#pragma GCC unroll 13
  for (int round = 0; round < 13; ++round) {
    x0 = x0 + x1;
    x1 = rotate_left(x1, rotations[round % 8]) ^ x0;
    if (round % 4 == 3) {
      const int injection = round / 4 + 1;
      x0 = x0 + C(schedule[injection % 3]);
      x1 = x1 + C(schedule[(injection + 1) % 3] + static_cast<std::uint64_t>(injection));
    }
  }
  return {x0, x1};
}

}  // namespace driftwood::random
