// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "comm/communicator.hpp"

namespace driftwood::comm {

/// Rank 0's values on every rank. Collective.
template <class T>
requires std::is_trivially_copyable_v<T>
void broadcast(const Communicator& comm, std::vector<T>& values) {
  std::string text(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  comm.broadcast(text);
  values.resize(text.size() / sizeof(T));
  if (!text.empty()) std::memcpy(values.data(), text.data(), text.size());
}

/// What all ranks have, in the order of ranks, on rank 0; nothing on the others. Collective.
[[nodiscard]] inline Bytes gathered(const Communicator& comm, Bytes mine) {
  return comm.tree_merge(std::move(mine), [](Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  });
}

/// The same on every rank. Collective.
[[nodiscard]] inline Bytes gathered_by_all(const Communicator& comm, Bytes mine) {
  Bytes all = gathered(comm, std::move(mine));
  broadcast(comm, all);
  return all;
}

}  // namespace driftwood::comm
