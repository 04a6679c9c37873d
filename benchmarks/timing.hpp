// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>
#include <vector>

namespace driftwood::benchmarks {

/// The middle value, the upper one of two. There must be one.
inline double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x[x.size() / 2];
}

/// How long a call of `run` takes [s].
template <class Run>
double seconds_of(const Run& run) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  run();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The same in time of the processor, of all threads [s]: for one thread on a machine that others
/// use.
template <class Run>
double processor_seconds_of(const Run& run) {
  const std::clock_t start = std::clock();
  run();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

}  // namespace driftwood::benchmarks
