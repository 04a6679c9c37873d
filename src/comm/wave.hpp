// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "comm/communicator.hpp"

namespace driftwood::comm {

/// Sums and maxima over ranks that do not wait for each other, round after round: each gives its
/// numbers when it comes along, and learns later, at no cost in between, what they make together.
/// All ranks get the same answers in the same order, and no rank gives the numbers of a round
/// before all have given those of the last.
class Wave {
 public:
  /// Of so many numbers, on a communicator of its own. Collective.
  Wave(std::size_t sums, std::size_t maxima);
  Wave(const Wave&) = delete;
  Wave& operator=(const Wave&) = delete;
  /// A round that is still open is left to MPI, which may write its answer until it ends.
  ~Wave();

  /// Whether this rank has given its numbers and not learned the answer.
  [[nodiscard]] bool is_open() const noexcept { return is_open_; }

  /// Begins a round. Throws `std::logic_error` while one is open.
  void cast(std::span<const std::int64_t> sums, std::span<const std::int64_t> maxima);

  /// Whether the answer is there; ends the round, and leaves the answer in `sums` and `maxima`.
  [[nodiscard]] bool is_answered();
  /// The same, waiting for it.
  void wait();

  /// The last answer.
  [[nodiscard]] std::span<const std::int64_t> sums() const noexcept { return buffers_->sums.all; }
  [[nodiscard]] std::span<const std::int64_t> maxima() const noexcept {
    return buffers_->maxima.all;
  }

 private:
  struct Numbers {
    std::vector<std::int64_t> mine;
    std::vector<std::int64_t> all;
  };
  struct Buffers {
    Numbers sums;
    Numbers maxima;
  };

  void begin(Numbers& numbers, std::span<const std::int64_t> mine, MPI_Op op, MPI_Request& request);

  Communicator comm_;
  std::unique_ptr<Buffers> buffers_;
  std::array<MPI_Request, 2> requests_{MPI_REQUEST_NULL, MPI_REQUEST_NULL};
  bool is_open_ = false;
};

}  // namespace driftwood::comm
