// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>

#include "comm/communicator.hpp"

namespace driftwood::comm {

/// Letters between ranks that wait for nobody: they are on their way when they are posted, and
/// found by whoever looks. Those of one rank to another arrive in order.
class Mailbox {
 public:
  struct Letter {
    int from = 0;
    int tag = 0;
    Bytes bytes;
  };

  /// On a communicator of its own. Collective.
  Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  /// Letters that nobody has taken are left to MPI, which may read them until it ends.
  ~Mailbox();

  [[nodiscard]] int rank() const noexcept { return comm_.rank(); }
  [[nodiscard]] int size() const noexcept { return comm_.size(); }

  void post(int to, int tag, Bytes bytes);

  /// A letter that has come, if any has.
  [[nodiscard]] std::optional<Letter> next();

  /// Takes all letters that are on their way anywhere, and calls `take(letter)` for each, which
  /// must post none. Collective; afterwards no letter is left.
  template <class Take>
  void drain(Take&& take) {
    do {
      while (auto letter = next()) take(*letter);
    } while (comm_.all_reduce_sum(posted_ - taken_) != 0);
    forget_sent();
  }

  /// For tests: keeps every letter from now on for as long as `delay` says before it is found.
  void delay_by(std::function<std::chrono::microseconds()> delay) { delay_ = std::move(delay); }

 private:
  struct Sent {
    Bytes bytes;
    MPI_Request request = MPI_REQUEST_NULL;
  };
  struct Kept {
    Letter letter;
    std::chrono::steady_clock::time_point due;
  };

  /// A letter that MPI has.
  [[nodiscard]] std::optional<Letter> fetch();
  void forget_sent();

  Communicator comm_;
  std::list<Sent> sent_;
  std::int64_t posted_ = 0;
  std::int64_t taken_ = 0;
  std::function<std::chrono::microseconds()> delay_;
  std::list<Kept> kept_;
};

}  // namespace driftwood::comm
