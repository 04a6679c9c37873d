// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <string>
#include <vector>

#include "comm/communicator.hpp"

namespace driftwood::la {

/// What PETSc is to speak on: the ranks of `comm`, or this one where it is alone.
[[nodiscard]] MPI_Comm ranks_of(const comm::Communicator& comm);

/// A scope in which PETSc and SLEPc are up, on the ranks of `comm`. MPI must be up, and stays so.
/// Within another session it starts nothing. Creation and destruction are collective.
///
/// Errors of PETSc are then codes (see `check`), not messages; signals stay whose they were; no
/// files of options are read. Options come from the environment, PETSC_OPTIONS, and from here.
class Session {
 public:
  /// `options` as PETSc takes them, one word each: {"-ksp_monitor", "-ksp_max_it", "50"}. They win
  /// over those of PETSC_OPTIONS. Throws `UsageError` for words that are no options.
  explicit Session(const comm::Communicator& comm, const std::vector<std::string>& options = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// Options that nothing has asked for until now, most likely misspelt.
  [[nodiscard]] std::vector<std::string> unused_options() const;

 private:
  void start(const comm::Communicator& comm);

  std::vector<std::string> words_{};
  std::vector<char*> arguments_{};  ///< PETSc keeps them
  bool starts_ = false;
};

}  // namespace driftwood::la
