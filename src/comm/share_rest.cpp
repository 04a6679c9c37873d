// SPDX-License-Identifier: BSD-3-Clause
#include "comm/share_rest.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>

namespace driftwood::comm {
namespace {

/// The ranges of all ranks, in the order of the ranks, on every rank.
std::vector<Share> of_all_ranks(const Communicator& comm, const std::vector<Share>& mine) {
  const auto raw = std::as_bytes(std::span(mine));
  const Bytes merged = comm.tree_merge({raw.begin(), raw.end()}, [](Bytes left, Bytes right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
  });
  std::string text(merged.size(), '\0');
  if (!merged.empty()) std::memcpy(text.data(), merged.data(), merged.size());
  comm.broadcast(text);
  std::vector<Share> out(text.size() / sizeof(Share));
  if (!out.empty()) std::memcpy(out.data(), text.data(), text.size());
  return out;
}

}  // namespace

std::vector<Share> rest_of(const Share& all, std::vector<Share> taken) {
  std::ranges::sort(taken, {}, &Share::first);
  std::vector<Share> out;
  std::int64_t first = all.first;
  for (const Share& t : taken) {
    if (t.first > first && first < all.last) out.push_back({first, std::min(t.first, all.last)});
    first = std::max(first, t.last);
  }
  if (first < all.last) out.push_back({first, all.last});
  return out;
}

std::vector<Share> part_of(const std::vector<Share>& ranges, const Share& part) {
  std::vector<Share> out;
  std::int64_t before = 0;
  for (const Share& r : ranges) {
    const std::int64_t first = r.first + std::max<std::int64_t>(part.first - before, 0);
    const std::int64_t last = r.first + std::min(part.last - before, r.count());
    if (first < last) out.push_back({first, last});
    before += r.count();
  }
  return out;
}

std::int64_t count_of(const std::vector<Share>& ranges) {
  std::int64_t sum = 0;
  for (const Share& r : ranges) sum += r.count();
  return sum;
}

std::vector<Share> rest_of(const Communicator& comm, const Share& all,
                           const std::vector<Share>& taken) {
  return rest_of(all, of_all_ranks(comm, taken));
}

std::vector<Share> share_rest(const Communicator& comm, const Share& all,
                              const std::vector<Share>& taken) {
  const std::vector<Share> rest = rest_of(comm, all, taken);
  return part_of(rest, comm.share(count_of(rest)));
}

}  // namespace driftwood::comm
