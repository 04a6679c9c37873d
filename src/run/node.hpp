// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "comm/communicator.hpp"

namespace driftwood::run {

/// A rank among those of its node.
struct Node {
  int rank = 0;
  int ranks = 1;
};

/// Collective.
[[nodiscard]] Node node_of(const comm::Communicator& comm);

/// Cores that all ranks keep busy with so many threads each: no more than a node has. Collective.
[[nodiscard]] int cores_used(const comm::Communicator& comm, int threads);

}  // namespace driftwood::run
