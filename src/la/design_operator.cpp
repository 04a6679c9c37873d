// SPDX-License-Identifier: BSD-3-Clause
#include "la/design_operator.hpp"

#include <mpi.h>

#include <algorithm>
#include <utility>

#include "comm/handles.hpp"
#include "la/dense.hpp"
#include "la/session.hpp"

namespace driftwood::la {
namespace {

constexpr std::size_t together = 16;  // rows that are drawn in lockstep, or a multiple

/// What MPI counts in one call.
constexpr std::size_t most_values = std::size_t{1} << 28;

std::size_t block_rows(std::size_t d, std::size_t bytes) {
  const std::size_t rows = bytes / (d * sizeof(double));
  return std::max(together, rows / together * together);
}

/// The larger shares are first and all as large as the first, but for the last that have any: what
/// ScaLAPACK asks for.
comm::Share equal_share(std::int64_t n, int rank, int size) {
  const std::int64_t each = (n + size - 1) / size;
  return {std::min(n, rank * each), std::min(n, (rank + 1) * each)};
}

}  // namespace

void add_ranks(const comm::Communicator& comm, std::span<double> values) {
  if (comm.size() == 1) return;
  for (std::size_t at = 0; at < values.size(); at += most_values) {
    const auto part = values.subspan(at, std::min(most_values, values.size() - at));
    comm::check(MPI_Allreduce(MPI_IN_PLACE, part.data(), static_cast<int>(part.size()), MPI_DOUBLE,
                              MPI_SUM, ranks_of(comm)),
                "add over ranks");
  }
}

DesignOperator::DesignOperator(const comm::Communicator& comm, std::size_t n, std::size_t d,
                               RowsOf rows, Storage storage, std::size_t block)
    : comm_(comm),
      n_(n),
      d_(d),
      rows_(std::move(rows)),
      share_(equal_share(static_cast<std::int64_t>(n), comm.rank(), comm.size())),
      block_(block_rows(d, block)),
      is_stored_(storage == Storage::stored),
      values_(std::make_unique_for_overwrite<double[]>(
          (is_stored_ ? own() : std::min(block_, own())) * d)) {
  if (!is_stored_) return;
  for (std::size_t at = 0; at < own(); at += block_) {
    rows_(share_.first + static_cast<std::int64_t>(at), std::min(block_, own() - at),
          values_.get() + at * d);
  }
}

void DesignOperator::times(std::span<const double> w, std::size_t k, std::span<double> to) {
  for_each_block([&](std::size_t at, std::size_t m, const double* x) {
    multiply({.values = x, .rows = m, .columns = d_, .stride = m},
             {.values = w.data(), .rows = d_, .columns = k, .stride = d_}, to.data() + at, own(),
             0);
  });
}

void DesignOperator::transposed_times(std::span<const double> v, std::size_t k,
                                      std::span<double> to) {
  std::fill(to.begin(), to.end(), 0.0);
  for_each_block([&](std::size_t at, std::size_t m, const double* x) {
    multiply({.values = x, .rows = m, .columns = d_, .stride = m, .is_transposed = true},
             {.values = v.data() + at, .rows = m, .columns = k, .stride = own()}, to.data(), d_, 1);
  });
  add_ranks(comm_, to);
}

std::vector<double> DesignOperator::squares() {
  std::vector<double> out(d_, 0.0);
  for_each_block([&](std::size_t, std::size_t m, const double* x) {
    for (std::size_t j = 0; j < d_; ++j) {
      double sum = 0;
      for (std::size_t i = 0; i < m; ++i) sum += x[i + j * m] * x[i + j * m];
      out[j] += sum;
    }
  });
  add_ranks(comm_, out);
  return out;
}

}  // namespace driftwood::la
