// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <utility>

#include "base/portability.hpp"
#include "pose/geometry/box.hpp"

namespace driftwood::pose {

/// Keys of boxes on the way to a kernel, and a number for each on the way back. Memory is kept.
class KeyBatch {
 public:
  void send(std::span<const BoxKey> boxes) {
    const std::size_t n = boxes.size();
    if (keys_.extent(0) < n) {
      keys_ = Kokkos::View<std::uint64_t*, Memory>("pose::keys", n);
      results_ = Kokkos::View<int*, Memory>("pose::results", n);
    }
    const auto to = Kokkos::subview(keys_, std::pair<std::size_t, std::size_t>(0, n));
    const auto host = Kokkos::create_mirror_view(to);
    for (std::size_t b = 0; b < n; ++b) host(b) = boxes[b].word;
    Kokkos::deep_copy(to, host);
  }
  /// As many as were sent.
  void receive(std::span<int> to) const {
    const auto from = Kokkos::subview(results_, std::pair<std::size_t, std::size_t>(0, to.size()));
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), from);
    for (std::size_t b = 0; b < to.size(); ++b) to[b] = host(b);
  }

  [[nodiscard]] const std::uint64_t* keys() const { return keys_.data(); }
  [[nodiscard]] int* results() const { return results_.data(); }

 private:
  Kokkos::View<std::uint64_t*, Memory> keys_;
  Kokkos::View<int*, Memory> results_;
};

}  // namespace driftwood::pose
