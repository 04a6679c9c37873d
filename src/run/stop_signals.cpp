// SPDX-License-Identifier: BSD-3-Clause
#include "run/stop_signals.hpp"

namespace driftwood::run {
namespace {

// A handler has nothing else to write to.
volatile std::sig_atomic_t last_signal = 0;

void note(int signal) { last_signal = signal; }

}  // namespace

StopSignals::StopSignals() {
  last_signal = 0;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    struct sigaction action = {};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    if (signals[i] == SIGINT) action.sa_flags |= static_cast<int>(SA_RESETHAND);
    ::sigaction(signals[i], &action, &before_[i]);
  }
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
}

std::string_view StopSignals::received() noexcept {
  switch (last_signal) {
    case SIGUSR1:
      return "SIGUSR1";
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    default:
      return {};
  }
}

}  // namespace driftwood::run
