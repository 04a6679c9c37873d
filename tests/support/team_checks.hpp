// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "bnb/team_search.hpp"
#include "support/search_problems.hpp"

namespace driftwood::test {

template <class P>
void run_to_end(bnb::TeamSearch<P>& search) {
  while (search.advance()) {
  }
  search.finish();
}

/// One for all checks: making one takes all ranks several rounds.
inline const comm::Communicator& all_ranks() {
  static const comm::Communicator comm = comm::Communicator::world();
  return comm;
}

/// Whether the leaves of all ranks cover the domain. Collective; the same everywhere.
template <class P>
bool team_leaves_tile(const P& problem, bnb::TeamSearch<P>& search) {
  auto mine = search.mine().closed();
  const auto& unresolved = search.mine().unresolved();
  mine.insert(mine.end(), unresolved.begin(), unresolved.end());
  stats::ByteWriter bytes;
  bytes.put_all(std::span<const typename P::Node>(mine));
  const auto all = comm::gathered_by_all(all_ranks(), bytes.take());
  stats::ByteReader reader(all);
  return leaves_tile(problem,
                     reader.get_all<typename P::Node>(all.size() / sizeof(typename P::Node)));
}

/// Runs a search to its end, and expects that it found `best`, proves it, and lost no node.
template <class P>
void expect_optimum(const P& problem, bnb::TeamSearch<P>& search, typename P::Value best,
                    const std::string& what) {
  run_to_end(search);
  EXPECT_EQ(search.ending(), bnb::Ending::complete) << what;
  ASSERT_TRUE(search.incumbent()) << what;
  EXPECT_EQ(search.incumbent()->value, best) << what;
  EXPECT_EQ(search.result().upper_bound, best) << what;
  EXPECT_EQ(search.result().open, 0) << what;
  EXPECT_TRUE(team_leaves_tile(problem, search)) << what;
}

/// The bytes of every rank, on every rank. Collective.
inline std::vector<comm::Bytes> parts_of_all(const comm::Bytes& mine) {
  stats::ByteWriter bytes;
  bytes.put_bytes(mine);
  const auto all = comm::gathered_by_all(all_ranks(), bytes.take());
  std::vector<comm::Bytes> out;
  for (stats::ByteReader reader(all); !reader.at_end();) {
    const auto part = reader.get_bytes();
    out.emplace_back(part.begin(), part.end());
  }
  return out;
}

/// Those parts that are this rank's where the first `ranks` ranks get all of them.
inline std::vector<comm::Bytes> shared_out(const std::vector<comm::Bytes>& parts, int ranks) {
  const int rank = all_ranks().rank();
  std::vector<comm::Bytes> out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (static_cast<int>(i) % ranks == rank) out.push_back(parts[i]);
  }
  return out;
}

}  // namespace driftwood::test
