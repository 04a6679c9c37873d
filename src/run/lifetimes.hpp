// SPDX-License-Identifier: BSD-3-Clause
/// Scopes in which the libraries that need starting and stopping are up. MPI comes first and goes
/// last; everything that uses a library lives inside its scope.
#pragma once

#include <string>
#include <vector>

namespace driftwood::run {

/// MPI, for calls from the main thread of each rank.
class MpiLifetime {
 public:
  MpiLifetime();
  MpiLifetime(const MpiLifetime&) = delete;
  MpiLifetime& operator=(const MpiLifetime&) = delete;
  ~MpiLifetime();
};

/// Kokkos.
class KokkosLifetime {
 public:
  /// `options`: what the user wrote after `--`. Throws `UsageError` for one that Kokkos does not
  /// know or accept.
  KokkosLifetime(const std::string& program, const std::vector<std::string>& options);
  KokkosLifetime(const KokkosLifetime&) = delete;
  KokkosLifetime& operator=(const KokkosLifetime&) = delete;
  ~KokkosLifetime();

  [[nodiscard]] static std::string version();
  /// Where kernels run: "Serial", "OpenMP", "Cuda".
  [[nodiscard]] static std::string backend();
  /// Threads that this rank computes with on the host.
  [[nodiscard]] static int threads();
};

}  // namespace driftwood::run
