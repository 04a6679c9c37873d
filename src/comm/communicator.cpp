// SPDX-License-Identifier: BSD-3-Clause
#include "comm/communicator.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/error.hpp"

namespace driftwood::comm {
namespace {

// MPI 3.1 counts are ints: what is longer travels in parts.
constexpr std::size_t longest_part = std::size_t{1} << 30;
constexpr int tag = 1;
constexpr std::int64_t nothing = -1;  // sent as the length of an absent message

/// Calls `transfer(pointer, int count)` for each part of `values`, in order.
template <class T, class Transfer>
void in_parts(std::span<T> values, const Transfer& transfer) {
  while (!values.empty()) {
    const auto part = values.first(std::min(values.size(), longest_part));
    transfer(part.data(), static_cast<int>(part.size()));
    values = values.subspan(part.size());
  }
}

template <class T>
void all_reduce(std::span<T> values, MPI_Datatype type, MPI_Op op, MPI_Comm comm) {
  in_parts(values, [&](T* data, int count) {
    check(MPI_Allreduce(MPI_IN_PLACE, data, count, type, op, comm), "reduce over ranks");
  });
}

void send_length(MPI_Comm comm, std::int64_t length, int to) {
  check(MPI_Send(&length, 1, MPI_INT64_T, to, tag, comm), "send to another rank");
}

/// Empty when the sender sent `nothing`.
std::optional<Bytes> receive_or_nothing(MPI_Comm comm, int from) {
  std::int64_t length = 0;
  check(MPI_Recv(&length, 1, MPI_INT64_T, from, tag, comm, MPI_STATUS_IGNORE),
        "receive from another rank");
  if (length == nothing) return std::nullopt;
  Bytes message(static_cast<std::size_t>(length));
  in_parts(std::span(message), [&](std::byte* data, int count) {
    check(MPI_Recv(data, count, MPI_BYTE, from, tag, comm, MPI_STATUS_IGNORE),
          "receive from another rank");
  });
  return message;
}

CommHandle duplicate_of_world() {
  int started = 0;
  check(MPI_Initialized(&started), "say whether it was started");
  if (started == 0) throw Error("a communicator was asked for before MPI was started");
  MPI_Comm copy = MPI_COMM_NULL;
  check(MPI_Comm_dup(MPI_COMM_WORLD, &copy), "duplicate a communicator");
  return CommHandle(copy);
}

}  // namespace

Communicator Communicator::world() { return Communicator(duplicate_of_world()); }

Communicator::Communicator(CommHandle comm) : comm_(std::move(comm)) {
  check(MPI_Comm_set_errhandler(comm_.get(), MPI_ERRORS_RETURN), "set an error handler");
  check(MPI_Comm_rank(comm_.get(), &rank_), "tell the rank");
  check(MPI_Comm_size(comm_.get(), &size_), "tell the number of ranks");
}

void Communicator::barrier() const {
  if (!skips(0)) check(MPI_Barrier(comm_.get()), "synchronise ranks");
}

void Communicator::broadcast(std::string& text, int from) const {
  if (skips(sizeof(std::int64_t) + text.size())) return;
  auto length = static_cast<std::int64_t>(text.size());
  check(MPI_Bcast(&length, 1, MPI_INT64_T, from, comm_.get()), "broadcast");
  text.resize(static_cast<std::size_t>(length));
  in_parts(std::span(text), [&](char* data, int count) {
    check(MPI_Bcast(data, count, MPI_CHAR, from, comm_.get()), "broadcast");
  });
}

void Communicator::all_reduce_sum(std::span<std::int64_t> values) const {
  if (skips(values.size_bytes())) return;
  all_reduce(values, MPI_INT64_T, MPI_SUM, comm_.get());
}
void Communicator::all_reduce_sum(std::span<std::uint64_t> values) const {
  if (skips(values.size_bytes())) return;
  all_reduce(values, MPI_UINT64_T, MPI_SUM, comm_.get());
}
void Communicator::all_reduce_min(std::span<std::int64_t> values) const {
  if (skips(values.size_bytes())) return;
  all_reduce(values, MPI_INT64_T, MPI_MIN, comm_.get());
}
void Communicator::all_reduce_min(std::span<std::uint64_t> values) const {
  if (skips(values.size_bytes())) return;
  all_reduce(values, MPI_UINT64_T, MPI_MIN, comm_.get());
}
void Communicator::all_reduce_min(std::span<double> values) const {
  if (skips(values.size_bytes())) return;
  all_reduce(values, MPI_DOUBLE, MPI_MIN, comm_.get());
}
void Communicator::all_reduce_max(std::span<std::int64_t> values) const {
  if (skips(values.size_bytes())) return;
  all_reduce(values, MPI_INT64_T, MPI_MAX, comm_.get());
}
void Communicator::all_reduce_max(std::span<std::uint64_t> values) const {
  if (skips(values.size_bytes())) return;
  all_reduce(values, MPI_UINT64_T, MPI_MAX, comm_.get());
}
void Communicator::all_reduce_max(std::span<double> values) const {
  if (skips(values.size_bytes())) return;
  all_reduce(values, MPI_DOUBLE, MPI_MAX, comm_.get());
}

void Communicator::send(std::span<const std::byte> message, int to) const {
  if (is_alone()) throw Error("there is no rank to send to", "this one is alone");
  send_length(comm_.get(), static_cast<std::int64_t>(message.size()), to);
  in_parts(message, [&](const std::byte* data, int count) {
    check(MPI_Send(data, count, MPI_BYTE, to, tag, comm_.get()), "send to another rank");
  });
}

Bytes Communicator::receive(int from) const {
  if (is_alone()) throw Error("there is no rank to receive from", "this one is alone");
  auto message = receive_or_nothing(comm_.get(), from);
  if (!message) throw Error("rank " + std::to_string(from) + " had nothing to send");
  return *std::move(message);
}

Bytes Communicator::tree_merge(Bytes local, const std::function<Bytes(Bytes, Bytes)>& merge) const {
  if (skips(local.size())) return local;
  std::exception_ptr error;
  std::optional<Bytes> own = std::move(local);  // empty once a merge below has failed
  for (int reach = 1; reach < size_; reach *= 2) {
    if (rank_ % (2 * reach) != 0) {
      if (own) {
        send(*own, rank_ - reach);
      } else {
        send_length(comm_.get(), nothing, rank_ - reach);
      }
      own = Bytes{};
      break;
    }
    if (rank_ + reach >= size_) continue;
    auto right = receive_or_nothing(comm_.get(), rank_ + reach);
    if (own && right) {
      const auto failed = caught([&] { own = merge(*std::move(own), *std::move(right)); });
      if (failed) error = failed;
      if (!failed) continue;
    }
    own.reset();
  }
  settle(error);
  return *std::move(own);
}

void Communicator::abort(int code) const noexcept {
  if (!is_alone()) MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

}  // namespace driftwood::comm
