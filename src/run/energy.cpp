// SPDX-License-Identifier: BSD-3-Clause
#include "run/energy.hpp"

#include <fmt/format.h>
#include <time.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include "run/clock.hpp"
#include "run/node.hpp"

namespace driftwood::run {
namespace {

namespace fs = std::filesystem;

/// Between two readings [s]; a counter of 65 kJ, the smallest in use, wraps in 65 s at 1 kW.
constexpr double sample_period = 5;
/// More than any package draws [W]: bounds what may have happened between two readings.
constexpr double most_watts = 1000;

template <class T>
std::optional<T> read(const fs::path& path) {
  T value{};
  std::ifstream file(path);
  if (file >> value) return value;
  return std::nullopt;
}

/// Processor time of this process, all threads [s].
double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

PackageCounters::PackageCounters(const std::string& root) {
  std::error_code error;
  for (const fs::directory_entry& zone : fs::directory_iterator(root, error)) {
    const std::string name = zone.path().filename().string();
    const auto label = read<std::string>(zone.path() / "name");
    if (!name.starts_with("intel-rapl:") || !label || !label->starts_with("package")) continue;
    const auto range = read<std::uint64_t>(zone.path() / "max_energy_range_uj");
    packages_.push_back({(zone.path() / "energy_uj").string(), range.value_or(0)});
  }
  trustworthy_ = !packages_.empty();
}

void PackageCounters::sample(double now) {
  for (Package& package : packages_) {
    const auto value = read<std::uint64_t>(package.path);
    if (!value || package.range == 0 || *value > package.range) {
      trustworthy_ = false;
      return;
    }
    if (sampled_) {
      const double most_joules = (now - last_sample_) * most_watts;
      if (most_joules > 1e-6 * static_cast<double>(package.range)) trustworthy_ = false;
      used_ += counter_advance(package.last, *value, package.range);
    }
    package.last = *value;
  }
  sampled_ = true;
  last_sample_ = now;
}

EnergyMeter::EnergyMeter(const comm::Communicator& comm)
    : comm_(&comm), reader_(node_of(comm).rank == 0), cpu_start_(cpu_seconds()) {
  sample();
}

void EnergyMeter::sample() {
  const double now = monotonic_seconds();
  if (!reader_ || now < next_sample_) return;
  next_sample_ = now + sample_period;
  counters_.sample(now);
}

io::Energy EnergyMeter::total() {
  next_sample_ = 0;
  sample();
  const double cpu = cpu_seconds() - cpu_start_;
  const bool measured =
      comm_->all_reduce_min(std::int64_t{!reader_ || counters_.trustworthy() ? 1 : 0}) == 1;
  const std::uint64_t own = !measured ? static_cast<std::uint64_t>(cpu * watts_per_core * 1e6)
                            : reader_ ? counters_.microjoules()
                                      : 0;
  const double joules = 1e-6 * static_cast<double>(comm_->all_reduce_sum(own));
  if (measured) return {joules, "measured: counters of the processor packages of all nodes (RAPL)"};
  return {joules, fmt::format("model: {} W per busy core x processor time", watts_per_core)};
}

}  // namespace driftwood::run
