// SPDX-License-Identifier: BSD-3-Clause
#include "run/parting.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <string_view>
#include <thread>

#include "base/error.hpp"
#include "run/clock.hpp"

namespace driftwood::run {

namespace {

Failure out_of_memory() {
  return {exit_failure,
          "out of memory (this run needs more than the machine or its limits have); ask for fewer "
          "results, or use more nodes"};
}

/// What a library threw: the first line is the message. Kokkos has no exception of its own for an
/// allocation that fails.
Failure foreign(std::string_view message) {
  if (message.find("failed to allocate memory") != std::string_view::npos) return out_of_memory();
  return {exit_failure, std::string(message.substr(0, message.find('\n')))};
}

}  // namespace

std::optional<Failure> caught(const std::function<void()>& work) noexcept {
  try {
    work();
    return std::nullopt;
  } catch (const Error& error) {
    return Failure{error.fault() == Fault::usage ? exit_usage : exit_failure, error.what()};
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::exception& error) {
    return foreign(error.what());
  } catch (...) {
    return Failure{exit_failure, "an exception of unknown type"};
  }
}

bool Parting::arrives(MPI_Request& request, const Failure& mine) const {
  const double turn = stagger * std::min(comm_.rank(), staggered_ranks);
  const double deadline =
      monotonic_seconds() + (mine.on_all_ranks ? long_patience : patience) + turn;
  int arrived = 0;
  while (true) {
    comm::check(MPI_Test(&request, &arrived, MPI_STATUS_IGNORE), "wait for other ranks");
    if (arrived != 0 || monotonic_seconds() > deadline) return arrived != 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::optional<Failure> Parting::agree(const std::optional<Failure>& mine,
                                      const std::function<void()>& last_words) const {
  const int own = mine ? comm_.rank() : comm_.size();
  int lowest = own;
  MPI_Request request = MPI_REQUEST_NULL;
  comm::check(MPI_Iallreduce(&own, &lowest, 1, MPI_INT, MPI_MIN, comm_.get(), &request),
              "reduce over ranks");
  if (mine && !arrives(request, *mine)) {
    last_words();
    comm_.abort(exit_failure);
  }
  comm::check(MPI_Wait(&request, MPI_STATUS_IGNORE), "wait for other ranks");
  if (lowest == comm_.size()) return std::nullopt;

  Failure failure = mine.value_or(Failure{});
  comm::check(MPI_Bcast(&failure.code, 1, MPI_INT, lowest, comm_.get()), "broadcast");
  comm_.broadcast(failure.message, lowest);
  return failure;
}

}  // namespace driftwood::run
