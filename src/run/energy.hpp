// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/provenance.hpp"

namespace driftwood::run {

/// How far a counter that wraps to zero after `range` went from `before` to `after`, at most once
/// around. All in its own unit.
[[nodiscard]] constexpr std::uint64_t counter_advance(std::uint64_t before, std::uint64_t after,
                                                      std::uint64_t range) {
  return after >= before ? after - before : range - before + after;
}

/// The energy counters of this node's processor packages (Linux powercap, Intel RAPL interface,
/// also offered by AMD processors). They count everything the packages do, not this process alone.
class PackageCounters {
 public:
  /// Reads `root`/intel-rapl:*, except zones that are not whole packages.
  explicit PackageCounters(const std::string& root = "/sys/class/powercap");

  /// Whether there are packages, all could be read every time, and none can have wrapped unseen.
  [[nodiscard]] bool trustworthy() const noexcept { return trustworthy_; }

  /// Adds what was used since the last sample. `now`: any monotonic clock [s].
  void sample(double now);

  /// Used since the first sample [uJ].
  [[nodiscard]] std::uint64_t microjoules() const noexcept { return used_; }

 private:
  struct Package {
    std::string path;
    std::uint64_t range = 0;  // [uJ]
    std::uint64_t last = 0;   // [uJ]
  };

  std::vector<Package> packages_;
  std::uint64_t used_ = 0;
  double last_sample_ = 0;
  bool sampled_ = false;
  bool trustworthy_ = false;
};

/// Measures the energy of all ranks of a run; where any node's counters cannot be read, states a
/// model instead: `watts_per_core` for every second of processor time.
class EnergyMeter {
 public:
  /// A round figure for one busy core of a server processor, its share of the package included:
  /// 280 W / 64 cores = 4.4 W (AMD EPYC 7763), 270 W / 40 = 6.8 W (Intel Xeon Platinum 8380).
  /// Leaves out memory, cooling and accelerators.
  static constexpr double watts_per_core = 6;

  /// One rank per node reads the counters. Collective; `comm` must outlive the meter.
  explicit EnergyMeter(const comm::Communicator& comm);

  /// Reads the counters now if a few seconds went by; often enough, no wrap-around is missed.
  void sample();

  /// Since construction, over all ranks. Collective.
  [[nodiscard]] io::Energy total();

 private:
  const comm::Communicator* comm_;
  bool reader_;
  PackageCounters counters_;
  double next_sample_ = 0;
  double cpu_start_;
};

}  // namespace driftwood::run
