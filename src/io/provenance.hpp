// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "comm/communicator.hpp"
#include "io/result_file.hpp"

namespace driftwood::io {

/// A count or rate that a driver records beside the provenance, such as path-steps per second.
struct Quantity {
  std::string name;                          ///< becomes run/<name>
  std::variant<std::int64_t, double> value;  ///< a count, or a rate
  std::string units;
  std::string long_name;
};

/// Energy of the whole run and how it was obtained: a counter's name, or an estimate's basis.
struct Energy {
  double joules = 0;
  std::string method;
};

/// Everything needed to say where a result came from and to make it again. What is empty or absent
/// is not written.
struct Provenance {
  std::string driver;
  std::string version, commit, compiler, build_flags, architecture;
  bool dirty = false;  ///< the source had changes that `commit` does not hold
  std::string kokkos, backend;
  std::int64_t ranks = 1;
  std::int64_t threads = 1;       ///< per rank
  std::int64_t lane_width = 1;    ///< paths that one instruction advances
  std::string host;               ///< of rank 0
  std::string started, finished;  ///< ISO 8601, UTC
  std::string command_line;
  std::string deck, effective_deck;
  std::optional<std::uint64_t> seed;
  double wall_seconds = 0;
  std::optional<Energy> energy;
  std::optional<std::int64_t> memory;  ///< most of a rank, beyond what its libraries began with
  std::vector<Quantity> quantities;

  /// A record of this machine and of the time now as `started`; the rest is the caller's.
  [[nodiscard]] static Provenance now(const comm::Communicator& comm, std::string driver);

  /// Writes the group /run, where MPI and HDF5 add their own names. Collective; every rank has the
  /// same members empty, rank 0's values are taken.
  void write(ResultFile& file) const;
};

/// The time now in ISO 8601, UTC, to the second: "2024-06-11T09:30:00Z".
[[nodiscard]] std::string utc_now();

/// What MPI and HDF5 call themselves, in one line: "Open MPI v4.1.4", "HDF5 1.10.8".
[[nodiscard]] std::string mpi_library();
[[nodiscard]] std::string hdf5_library();

}  // namespace driftwood::io
