// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "comm/communicator.hpp"

namespace driftwood::mcmc {

/// Rank 0's values on every rank. Collective.
template <class T>
requires std::is_trivially_copyable_v<T>
void broadcast(const comm::Communicator& comm, std::vector<T>& values) {
  std::string text(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  comm.broadcast(text);
  values.resize(text.size() / sizeof(T));
  std::memcpy(values.data(), text.data(), text.size());
}

}  // namespace driftwood::mcmc
