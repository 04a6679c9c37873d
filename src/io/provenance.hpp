// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/result_file.hpp"

namespace driftwood::io {

/// A count or rate that a driver records beside the provenance, such as path-steps per second.
struct Quantity {
  std::string name;  ///< becomes run/<name>
  double value = 0;
  std::string units;
  std::string long_name;
};

/// Energy of the whole run and how it was obtained: a counter's name, or "estimated from ...".
struct Energy {
  double joules = 0;
  std::string method;
};

/// Everything needed to say where a result came from and to make it again.
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
  std::vector<Quantity> quantities;

  /// A record of this build, this machine and the time now as `started`.
  [[nodiscard]] static Provenance now(const comm::Communicator& comm, std::string driver);

  /// Writes the group /run, where MPI and HDF5 name themselves. Collective.
  void write(ResultFile& file) const;
};

/// The time now in ISO 8601, UTC, to the second: "2024-06-11T09:30:00Z".
[[nodiscard]] std::string utc_now();

}  // namespace driftwood::io
