// SPDX-License-Identifier: BSD-3-Clause
#include "run/memory.hpp"

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace driftwood::run {
namespace {

/// What Linux says of this process [bytes].
struct Resident {
  std::int64_t now = 0;
  std::int64_t most = 0;
  std::int64_t shared = 0;
};

Resident read() {
  Resident out;
  std::ifstream status("/proc/self/status");
  std::string key;
  std::int64_t kib = 0;
  while (status >> key) {
    const bool is_now = key == "VmRSS:";
    const bool is_most = key == "VmHWM:";
    const bool is_shared = key == "RssFile:" || key == "RssShmem:";
    if ((is_now || is_most || is_shared) && status >> kib) {
      if (is_now) out.now = 1024 * kib;
      if (is_most) out.most = 1024 * kib;
      if (is_shared) out.shared += 1024 * kib;
    }
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return out;
}

/// From here on the most is counted anew; without the right to it, from the start of the process.
void forget_most() { std::ofstream("/proc/self/clear_refs") << "5\n" << std::flush; }

}  // namespace

MemoryMeter::MemoryMeter() {
  forget_most();
  const Resident start = read();
  resident_ = start.now;
  shared_ = start.shared;
}

void MemoryMeter::sample() {
  const Resident r = read();
  peak_ = std::max(peak_, r.most - resident_ - (r.shared - shared_));
  forget_most();
}

std::int64_t MemoryMeter::now() const {
  const Resident r = read();
  return r.now - resident_ - (r.shared - shared_);
}

void return_large_blocks() {
#ifdef M_MMAP_THRESHOLD
  constexpr int large = 1 << 20;  // bytes; smaller ones are worth keeping
  mallopt(M_MMAP_THRESHOLD, large);
  mallopt(M_TRIM_THRESHOLD, 2 * large);
#endif
}

std::int64_t MemoryMeter::resident() { return read().now; }

}  // namespace driftwood::run
