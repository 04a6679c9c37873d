// SPDX-License-Identifier: BSD-3-Clause
#include "pose/verify/certificate.hpp"

#include "stats/bytes.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace driftwood::pose {

std::uint64_t hash_of(const Leaf& leaf) {
  const std::uint64_t words[3] = {leaf.key, static_cast<std::uint64_t>(leaf.bound),
                                  static_cast<std::uint64_t>(leaf.rule)};
  return XXH3_64bits(words, sizeof(words));
}

std::uint64_t Certificate::sum_of_leaves() const {
  std::uint64_t sum = 0;
  for (const Leaf& leaf : leaves) sum += hash_of(leaf);
  return sum;
}

std::uint64_t checksum_of(const Certificate& c, std::uint64_t sum_of_leaves) {
  stats::ByteWriter out;
  for (const Correspondence& each : c.correspondences) {
    out.put(each.point);
    out.put(each.bearing);
    out.put(each.threshold);
  }
  out.put(c.pose.rotation);
  out.put(c.pose.centre);
  out.put_vector(c.is_inlier);
  for (const std::int64_t x : {c.consensus, c.allowed, c.upper_bound, c.block}) out.put(x);
  out.put_vector(c.order);
  out.put(sum_of_leaves);
  const auto bytes = out.take();
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t Certificate::expected_checksum() const { return checksum_of(*this, sum_of_leaves()); }

}  // namespace driftwood::pose
