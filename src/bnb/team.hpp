// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "bnb/search.hpp"
#include "bnb/termination.hpp"
#include "bnb/value.hpp"
#include "comm/gather.hpp"
#include "stats/bytes.hpp"

namespace driftwood::bnb {

struct TeamOptions {
  Termination termination = Termination::four_counters;
  std::uint64_t seed = 1;        ///< of who asks whom for work
  std::size_t start_nodes = 32;  ///< per rank, before ranks go their own ways
  /// For tests: how long a message is kept before it is found.
  std::function<std::chrono::microseconds()> delay{};
};

/// Why ranks stopped searching together.
enum class Ending { none, complete, stopped, node_limit, failed };

/// All ranks together while they search.
template <class Value>
struct Progress {
  std::int64_t evaluated = 0;
  Value reached = nothing<Value>;
  Value upper_bound = nothing<Value>;  ///< no value exceeds it, whatever is under way
};

/// All ranks together in the end.
template <class Value>
struct TeamResult {
  SearchCounts counts;
  std::int64_t critical = 0;    ///< see `Search::critical`
  std::int64_t unresolved = 0;  ///< minimal nodes that could not be closed
  std::int64_t open = 0;        ///< none where the search is complete
  Value upper_bound = nothing<Value>;
};

/// One rank's dealings with the others, and its time.
struct TeamShare {
  std::int64_t questions = 0;  ///< for work, that it sent
  std::int64_t questions_heard = 0;
  std::int64_t gifts = 0;  ///< messages with nodes, that it sent
  std::int64_t nodes_given = 0;
  std::int64_t nodes_taken = 0;
  double seconds = 0;       ///< in `advance`
  double idle_seconds = 0;  ///< of these, without nodes
};

/// Which of `size` ranks a node of this key is dealt to.
[[nodiscard]] constexpr int owner_of(std::uint64_t key, int size) {
  std::uint64_t z = key + 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return static_cast<int>((z ^ z >> 31) % static_cast<std::uint64_t>(size));
}

/// The ranks to which `rank` passes on what spreads from `origin` in O(log size) steps.
[[nodiscard]] inline std::vector<int> binomial_children(int rank, int origin, int size) {
  const std::int64_t place = (rank - origin + size) % size;
  std::vector<int> out;
  for (std::int64_t bit = 1; bit < size; bit *= 2) {
    if (bit > place && place + bit < size) {
      out.push_back(static_cast<int>((place + bit + origin) % size));
    }
  }
  return out;
}

/// The best candidate of all ranks, on every rank; of equally good ones that of the lowest rank.
/// Collective.
template <class Found, class IsBetter>
[[nodiscard]] std::optional<Found> best_of_all(const comm::Communicator& comm,
                                               const std::optional<Found>& mine,
                                               const IsBetter& is_better) {
  const auto text_of = [](const std::optional<Found>& found) {
    stats::ByteWriter bytes;
    if (found) bytes.put(*found);
    return bytes.take();
  };
  const auto read = [](const comm::Bytes& bytes) {
    return bytes.empty() ? std::nullopt : std::optional(stats::ByteReader(bytes).get<Found>());
  };
  comm::Bytes best = comm.tree_merge(text_of(mine), [&](comm::Bytes left, comm::Bytes right) {
    const auto a = read(left);
    const auto b = read(right);
    return b && (!a || is_better(*b, *a)) ? std::move(right) : std::move(left);
  });
  comm::broadcast(comm, best);
  return read(best);
}

}  // namespace driftwood::bnb
