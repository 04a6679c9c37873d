// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <string_view>

#include "base/handle.hpp"

namespace driftwood::comm {

/// For `UniqueHandle`: frees a communicator, unless MPI has ended and took it along.
struct CommTraits {
  using type = MPI_Comm;
  static MPI_Comm null() noexcept { return MPI_COMM_NULL; }
  static void release(MPI_Comm comm) noexcept;
};
using CommHandle = UniqueHandle<CommTraits>;

/// Throws `Error` with MPI's own text when `code`, returned by an MPI call, is not success.
/// `doing` completes "MPI failed to ...".
void check(int code, std::string_view doing);

}  // namespace driftwood::comm
