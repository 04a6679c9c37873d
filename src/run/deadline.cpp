// SPDX-License-Identifier: BSD-3-Clause
#include "run/deadline.hpp"

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>

namespace driftwood::run {
namespace {

double wall_seconds() {
  using Seconds = std::chrono::duration<double>;
  return Seconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Deadline::Deadline(const Clock& clock, std::optional<double> limit, const char* end_of_job,
                   double wall_now)
    : at_(limit), reason_("the time limit of the deck") {
  if (end_of_job == nullptr) return;
  double end = 0;
  const char* const last = end_of_job + std::strlen(end_of_job);
  const auto [read_to, error] = std::from_chars(end_of_job, last, end);
  if (error != std::errc() || read_to != last || !(end > 0)) return;
  const double of_job = clock.elapsed() + (end - wall_now);
  if (at_ && *at_ <= of_job) return;
  at_ = of_job;
  reason_ = "the end of the job's time";
}

Deadline::Deadline(const Clock& clock, std::optional<double> limit)
    : Deadline(clock, limit, std::getenv("SLURM_JOB_END_TIME"), wall_seconds()) {}

}  // namespace driftwood::run
