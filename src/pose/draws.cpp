// SPDX-License-Identifier: BSD-3-Clause
#include "pose/draws.hpp"

#include <algorithm>
#include <numeric>

namespace driftwood::pose {

std::vector<std::size_t> drawn_order(std::uint64_t seed, Draw what, std::size_t n,
                                     std::uint64_t problem) {
  std::vector<std::uint64_t> key(n);
  for (std::size_t i = 0; i < n; ++i) key[i] = drawn_words(seed, what, i, problem).word[0];
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return key[a] != key[b] ? key[a] < key[b] : a < b;
  });
  return order;
}

}  // namespace driftwood::pose
