// SPDX-License-Identifier: BSD-3-Clause
#include "comm/handles.hpp"

#include <string>

#include "base/error.hpp"

namespace driftwood::comm {

void CommTraits::release(MPI_Comm comm) noexcept {
  int ended = 0;
  MPI_Finalized(&ended);
  if (ended == 0) MPI_Comm_free(&comm);
}

void check(int code, std::string_view doing) {
  if (code == MPI_SUCCESS) return;
  std::string text(MPI_MAX_ERROR_STRING, '\0');
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  text.resize(static_cast<std::size_t>(length));
  throw Error("MPI failed to " + std::string(doing), text);
}

}  // namespace driftwood::comm
