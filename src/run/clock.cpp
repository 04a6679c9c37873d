// SPDX-License-Identifier: BSD-3-Clause
#include "run/clock.hpp"

#include <fmt/chrono.h>

namespace driftwood::run {

double monotonic_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string iso_utc(std::chrono::system_clock::time_point moment) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(moment)));
}

}  // namespace driftwood::run
