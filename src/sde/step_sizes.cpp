// SPDX-License-Identifier: BSD-3-Clause
#include "sde/step_sizes.hpp"

#include <cmath>
#include <numeric>

#include "io/layout.hpp"

namespace driftwood::sde {
namespace {

std::int64_t sum(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

}  // namespace

StepSizes::StepSizes(StepCounts counts, const comm::Communicator& comm)
    : counts_(std::move(counts)) {
  comm.all_reduce_sum(std::span<std::int64_t>(counts_.accepted));
  comm.all_reduce_sum(std::span<std::int64_t>(counts_.rejected));
  counts_.forced = comm.all_reduce_sum(counts_.forced);
}

std::int64_t StepSizes::accepted() const { return sum(counts_.accepted); }
std::int64_t StepSizes::rejected() const { return sum(counts_.rejected); }

void StepSizes::write(io::ResultFile& file, const std::string& time_units) const {
  namespace at = io::layout::step_sizes;
  std::size_t first = 0;
  std::size_t last = counts_.accepted.size();
  const auto is_empty = [&](std::size_t i) {
    return counts_.accepted[i] == 0 && counts_.rejected[i] == 0;
  };
  while (first + 1 < last && is_empty(first)) ++first;
  while (last > first + 1 && is_empty(last - 1)) --last;
  std::vector<double> sizes;
  for (std::size_t i = first; i < last; ++i) {
    sizes.push_back(std::ldexp(1.0, StepCounts::lowest + static_cast<int>(i)));
  }
  const auto put = [&](std::string_view name, const char* what,
                       const std::vector<std::int64_t>& counts) {
    file.write(name, {{std::string(at::size)},
                      "1",
                      what,
                      std::span<const std::int64_t>(counts).subspan(first, last - first)});
  };
  file.coordinate(
      at::size,
      {{}, time_units, "sizes of steps from here to twice that", std::span<const double>(sizes)});
  put(at::accepted, "accepted steps of all paths", counts_.accepted);
  put(at::rejected, "rejected steps of all paths", counts_.rejected);
  file.write(at::forced, {{},
                          "1",
                          "steps accepted with too large an error, as there are no smaller ones",
                          std::span<const std::int64_t>(&counts_.forced, 1)});
}

}  // namespace driftwood::sde
