// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "comm/communicator.hpp"

namespace driftwood::test {

/// A folder of its own that all ranks know; removed at the end. Construction and end are
/// collective.
class Scratch {
 public:
  explicit Scratch(const comm::Communicator& comm) : comm_(comm) {
    comm_.agree([&] {
      if (!comm_.is_root()) return;
      folder_ = std::filesystem::temp_directory_path() / "driftwood_io_XXXXXX";
      if (::mkdtemp(folder_.data()) == nullptr) throw IoError("cannot make a scratch folder");
    });
    comm_.broadcast(folder_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    comm_.barrier();
    if (comm_.is_root()) std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  const comm::Communicator& comm_;
  std::string folder_;
};

}  // namespace driftwood::test
