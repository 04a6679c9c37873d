// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <mpi.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "comm/handles.hpp"
#include "comm/share.hpp"

namespace driftwood::comm {

using Bytes = std::vector<std::byte>;

template <class T>
concept Reducible =
    std::same_as<T, std::int64_t> || std::same_as<T, std::uint64_t> || std::same_as<T, double>;

/// A group of ranks that work together. Owns its MPI communicator, so that its messages never meet
/// those of a library; MPI must have been started, but for `alone`. Failures of MPI are thrown as
/// `Error`.
///
/// Every function but `rank`, `size`, `is_root`, `share`, `send`, `receive` and `abort` is
/// collective: all ranks call it, in the same order.
class Communicator {
 public:
  /// All ranks of the job. Collective.
  [[nodiscard]] static Communicator world();
  /// One rank that needs no MPI, started or not: what is collective leaves everything as it is and
  /// is counted, and nobody is there to send to.
  [[nodiscard]] static Communicator alone() { return Communicator(); }

  [[nodiscard]] int rank() const noexcept { return rank_; }
  [[nodiscard]] int size() const noexcept { return size_; }
  [[nodiscard]] bool is_root() const noexcept { return rank_ == 0; }
  [[nodiscard]] bool is_alone() const noexcept { return !comm_; }
  /// For libraries that speak MPI themselves; stays owned by this object. Null where it is alone.
  [[nodiscard]] MPI_Comm get() const noexcept { return comm_.get(); }

  /// Collective calls, and what one rank brings to them.
  struct Traffic {
    std::int64_t calls = 0;
    std::int64_t bytes = 0;
  };
  /// Of this object, where it is alone: what ranks would exchange that did the same.
  [[nodiscard]] const Traffic& traffic() const noexcept { return traffic_; }

  /// This rank's part of `count` items.
  [[nodiscard]] Share share(std::int64_t count) const { return comm::share(count, rank_, size_); }

  void barrier() const;

  /// Replaces `text` by the one of rank `from`.
  void broadcast(std::string& text, int from = 0) const;

  /// Element by element over ranks, the result everywhere. Floating-point sums are not offered:
  /// they would depend on the number of ranks. NaN must not enter min and max.
  void all_reduce_sum(std::span<std::int64_t> values) const;
  void all_reduce_sum(std::span<std::uint64_t> values) const;
  void all_reduce_min(std::span<std::int64_t> values) const;
  void all_reduce_min(std::span<std::uint64_t> values) const;
  void all_reduce_min(std::span<double> values) const;
  void all_reduce_max(std::span<std::int64_t> values) const;
  void all_reduce_max(std::span<std::uint64_t> values) const;
  void all_reduce_max(std::span<double> values) const;

  template <Reducible T>
  requires std::is_integral_v<T>
  [[nodiscard]] T all_reduce_sum(T value) const {
    all_reduce_sum(std::span(&value, 1));
    return value;
  }
  template <Reducible T>
  [[nodiscard]] T all_reduce_min(T value) const {
    all_reduce_min(std::span(&value, 1));
    return value;
  }
  template <Reducible T>
  [[nodiscard]] T all_reduce_max(T value) const {
    all_reduce_max(std::span(&value, 1));
    return value;
  }

  /// One message of any length to rank `to`, received there by `receive(rank())`. Blocks.
  void send(std::span<const std::byte> message, int to) const;
  [[nodiscard]] Bytes receive(int from) const;

  /// Runs `f()` on every rank. If it threw anywhere, every rank throws the error of the lowest
  /// failing rank: same text, same fault, and same type if that is one of `base/error.hpp`.
  /// `f` must not end on one rank while others still wait for it.
  template <class F>
  std::invoke_result_t<F&> agree(F&& f) const {
    using Result = std::invoke_result_t<F&>;
    std::exception_ptr error;
    if constexpr (std::is_void_v<Result>) {
      error = caught(f);
      settle(error);
    } else {
      std::optional<Result> result;
      error = caught([&] { result.emplace(f()); });
      settle(error);
      return std::move(*result);
    }
  }

  /// Merges one buffer per rank in rank order: rank 0 returns the merged buffer, the others an
  /// empty one, after O(log size) rounds. `merge(Bytes left, Bytes right) -> Bytes` sees neighbours
  /// only, `left` being of the lower ranks; if it throws, every rank throws as with `agree`.
  [[nodiscard]] Bytes tree_merge(Bytes local,
                                 const std::function<Bytes(Bytes, Bytes)>& merge) const;

  /// Ends all ranks of the job at once with exit code `code`: for a failure that the others cannot
  /// have noticed. Not collective.
  [[noreturn]] void abort(int code) const noexcept;

 private:
  Communicator() = default;
  explicit Communicator(CommHandle comm);

  template <class F>
  static std::exception_ptr caught(F&& f) noexcept {
    try {
      f();
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }

  /// Whether it is alone, and a collective call with so many bytes therefore has nothing to do.
  [[nodiscard]] bool skips(std::size_t bytes) const noexcept {
    if (!is_alone()) return false;
    ++traffic_.calls;
    traffic_.bytes += static_cast<std::int64_t>(bytes);
    return true;
  }

  /// Returns if `error` is null on every rank; else throws the lowest failing rank's everywhere.
  void settle(const std::exception_ptr& error) const;

  CommHandle comm_;
  int rank_ = 0;
  int size_ = 1;
  mutable Traffic traffic_;
};

}  // namespace driftwood::comm
