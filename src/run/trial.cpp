// SPDX-License-Identifier: BSD-3-Clause
#include "run/trial.hpp"

#include <time.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "io/checkpoint.hpp"
#include "run/clock.hpp"

namespace driftwood::run {
namespace {

constexpr double most_wall_seconds = 20;  ///< on a machine that does other work
constexpr std::size_t disk_bytes = std::size_t{32} << 20;

/// How long a checkpoint takes to write [s].
double time_checkpoint(const Context& context, const std::string& file,
                       std::span<const std::byte> part) {
  const double began = monotonic_seconds();
  const io::CheckpointHeader header{
      context.program(), std::string(64, 'b'), context.effective_deck(), 0, 0, 1};
  io::CheckpointFiles(context.comm(), file, 1).write(header, part);
  return monotonic_seconds() - began;
}

}  // namespace

double TrialClock::now() const {
  if (!computes_here_) return monotonic_seconds();
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

TrialDeadline::TrialDeadline(const TrialClock& clock, double seconds)
    : clock_(clock),
      end_(clock.now() + seconds),
      wall_end_(monotonic_seconds() + most_wall_seconds) {}

bool TrialDeadline::is_over(double grace) const {
  return clock_.now() > end_ + grace || monotonic_seconds() > wall_end_ + grace;
}

bool TrialDeadline::leaves(double seconds) const {
  return clock_.now() + seconds < end_ && monotonic_seconds() < wall_end_;
}

DiskSpeed measure_disk(const Context& context, const io::disk::ScratchFolder& folder) {
  DiskSpeed out;
  out.empty_checkpoint = time_checkpoint(context, folder.file("empty"), {});
  const comm::Bytes many(disk_bytes);
  const double full = time_checkpoint(context, folder.file("many"), many);
  out.bytes_per_second =
      static_cast<double>(disk_bytes) / std::max(full - out.empty_checkpoint, 0.1 * full);
  return out;
}

std::int64_t size_of_checkpoint(const Context& context, const io::disk::ScratchFolder& folder,
                                std::span<const std::byte> part) {
  static_cast<void>(time_checkpoint(context, folder.file("own"), part));
  return static_cast<std::int64_t>(std::filesystem::file_size(folder.file("own.ckpt.a")));
}

}  // namespace driftwood::run
