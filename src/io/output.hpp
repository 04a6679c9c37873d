// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "comm/communicator.hpp"
#include "io/disk.hpp"

namespace driftwood::io {

/// Throws `UsageError` unless a file can come to stand at `path`: its folder exists and can be
/// written, `path` is no directory and, without `overwrite`, no file. Needs no MPI: for use before
/// any work is done.
void check_output(const std::string& path, bool overwrite);

/// Keeps a second job from writing the same output: while it lives, rank 0 holds a kernel lock on
/// `<path>.lock`. The lock dies with its process, so that a killed job's never blocks.
class [[nodiscard]] OutputLock {
 public:
  /// Collective. Throws `IoError` when another job holds the lock, naming its host and process,
  /// and an `Error` of `Fault::usage` when the folder takes no new files.
  OutputLock(const comm::Communicator& comm, const std::string& path);
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;
  /// Removes the lock file and releases the lock. Not collective.
  ~OutputLock();

  /// False where the file system has no locks: then nothing guards the output. Same on all ranks.
  [[nodiscard]] bool guards() const noexcept { return guards_; }

 private:
  std::string path_;
  disk::Descriptor file_;  // on rank 0 only
  bool guards_ = true;
};

}  // namespace driftwood::io
