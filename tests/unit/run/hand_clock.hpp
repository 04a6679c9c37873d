// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "run/clock.hpp"

namespace driftwood::test {

/// A clock whose hands the test moves.
struct HandClock {
  double seconds = 0;
  run::Clock clock{[this] { return seconds; }};
};

}  // namespace driftwood::test
