// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <csignal>
#include <string_view>
#include <utility>

namespace driftwood::run {

/// Notes the signals by which a run is asked to stop, SIGUSR1, SIGTERM and SIGINT, while it lives;
/// else they would end the process. A second SIGINT does. One of these at a time.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// The name of one that came since construction; empty if none did.
  [[nodiscard]] static std::string_view received() noexcept;

 private:
  static constexpr std::array signals = {SIGUSR1, SIGTERM, SIGINT};
  std::array<struct sigaction, signals.size()> before_ = {};
};

}  // namespace driftwood::run
