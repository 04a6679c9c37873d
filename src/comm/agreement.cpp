// SPDX-License-Identifier: BSD-3-Clause
// How one rank's exception becomes the same exception on all of them.
#include <cstdint>

#include "base/error.hpp"
#include "comm/communicator.hpp"

namespace driftwood::comm {
namespace {

enum class Kind : std::int64_t { error, usage, io, numerics };

struct Report {
  Kind kind = Kind::error;
  Fault fault = Fault::failure;
  std::string text;
};

Report report_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const UsageError& e) {
    return {Kind::usage, e.fault(), e.what()};
  } catch (const IoError& e) {
    return {Kind::io, e.fault(), e.what()};
  } catch (const NumericsError& e) {
    return {Kind::numerics, e.fault(), e.what()};
  } catch (const Error& e) {
    return {Kind::error, e.fault(), e.what()};
  } catch (const std::bad_alloc&) {
    return {Kind::error, Fault::failure, "out of memory"};
  } catch (const std::exception& e) {
    return {Kind::error, Fault::failure, e.what()};
  } catch (...) {
    return {Kind::error, Fault::failure, "an exception of unknown type"};
  }
}

[[noreturn]] void raise(const Report& report) {
  switch (report.kind) {
    case Kind::usage:
      throw UsageError(report.text);
    case Kind::io:
      throw IoError(report.text, {}, {}, report.fault);
    case Kind::numerics:
      throw NumericsError(report.text, {}, {}, report.fault);
    case Kind::error:
      break;
  }
  throw Error(report.text, {}, {}, report.fault);
}

}  // namespace

void Communicator::settle(const std::exception_ptr& error) const {
  if (skips(sizeof(std::int64_t))) {
    if (error) raise(report_of(error));
    return;
  }
  const int first = static_cast<int>(all_reduce_min(std::int64_t{error ? rank_ : size_}));
  if (first == size_) return;

  Report report;
  if (rank_ == first) report = report_of(error);
  std::int64_t tags[2] = {static_cast<std::int64_t>(report.kind),
                          static_cast<std::int64_t>(report.fault)};
  check(MPI_Bcast(tags, 2, MPI_INT64_T, first, comm_.get()), "broadcast");
  broadcast(report.text, first);
  raise({static_cast<Kind>(tags[0]), static_cast<Fault>(tags[1]), report.text});
}

}  // namespace driftwood::comm
