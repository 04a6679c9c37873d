// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>

#include "base/lane.hpp"

namespace driftwood::random {

/// The two words a counter is enciphered to, or the counter itself.
template <class C>
struct Pair {
  C x0;
  C x1;
};

/// Key of a Threefry stream.
struct Key {
  std::uint64_t k0;
  std::uint64_t k1;
};

/// One round; every fourth also adds the next words of the key schedule.
template <int round, class C>
KOKKOS_FORCEINLINE_FUNCTION void threefry_round(C& x0, C& x1, const std::uint64_t (&schedule)[3]) {
  constexpr int rotations[8] = {16, 42, 12, 31, 16, 32, 24, 21};
  x0 = x0 + x1;
  x1 = rotate_left(x1, rotations[round % 8]) ^ x0;
  if constexpr (round % 4 == 3) {
    constexpr int injection = round / 4 + 1;
    x0 = x0 + C(schedule[injection % 3]);
    x1 = x1 + C(schedule[(injection + 1) % 3] + std::uint64_t{injection});
  }
}

/// The rounds one after the other, unrolled.
template <class C, int... round>
KOKKOS_FORCEINLINE_FUNCTION void threefry_rounds(C& x0, C& x1, const std::uint64_t (&schedule)[3],
                                                 std::integer_sequence<int, round...>) {
  (threefry_round<round>(x0, x1, schedule), ...);
}

/// Threefry-2x64 with 13 rounds: Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as
/// easy as 1, 2, 3", section 4. `C` is `std::uint64_t` or a pack of them. Tested against Random123.
template <class C>
KOKKOS_FORCEINLINE_FUNCTION Pair<C> threefry(Pair<C> counter, const Key& key) {
  const std::uint64_t schedule[3] = {key.k0, key.k1, 0x1bd11bdaa9fc1a22 ^ key.k0 ^ key.k1};
  C x0 = counter.x0 + C(schedule[0]);
  C x1 = counter.x1 + C(schedule[1]);
  threefry_rounds(x0, x1, schedule, std::make_integer_sequence<int, 13>{});
  return {x0, x1};
}

}  // namespace driftwood::random
