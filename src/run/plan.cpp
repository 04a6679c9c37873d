// SPDX-License-Identifier: BSD-3-Clause
#include "run/plan.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "run/energy.hpp"
#include "run/text.hpp"

namespace driftwood::run {

double NetworkModel::rounds(std::int64_t ranks) {
  return static_cast<double>(std::bit_width(static_cast<std::uint64_t>(ranks - 1)));
}

double Prediction::without_checkpoints() const {
  double seconds = 0;
  for (const Part& part : parts) seconds += part.seconds;
  return seconds;
}

double Prediction::checkpoints() const {
  return std::floor(without_checkpoints() / checkpoint_period);
}

double Prediction::wall_seconds() const {
  return without_checkpoints() + checkpoints() * checkpoint_seconds;
}

void add_rows(PlanTable& table, const Prediction& of) {
  const double wall = of.wall_seconds();
  table.bytes("memory per rank", of.memory, "measured in the trial, the growth modelled");
  table.bytes("memory with checkpoint", of.memory_while_saving, "likewise, while one is written");
  table.bytes("results file", of.results, "measured: written once");
  table.bytes("checkpoint file", of.checkpoint, "the largest: measured in the trial, scaled");
  table.seconds("checkpoint time", of.checkpoint_seconds, "measured in the trial, scaled");
  table.bytes("communication per rank", of.communication, "counted in the trial, modelled");
  table.seconds("wall time", wall, "measured in the trial, scaled");
  table.joules("energy", modelled_joules(of.ranks, of.threads, wall),
               fmt::format("model: {} W per busy core", EnergyMeter::watts_per_core));
}

void remark_on_time(PlanTable& table, const Prediction& of) {
  std::string text = "The wall time is";
  for (const Prediction::Part& part : of.parts) {
    text += fmt::format(" {} {},", duration_text(part.seconds), part.of);
  }
  table.remark(text + fmt::format(" and {} of {} each.", counted(of.checkpoints(), "checkpoint"),
                                  duration_text(of.checkpoint_seconds)));
  table.remark(fmt::format("A checkpoint is written every {}; {} are kept.",
                           duration_text(of.checkpoint_period), of.checkpoints_kept));
}

void remark_on_model(PlanTable& table, const std::string& rest, double disk) {
  table.remark(fmt::format(
      "Modelled: {}; {} s for MPI to start, which may take longer on "
      "many nodes, {} us for each message, "
      "{:.0f} GB/s between ranks, {:.2g} GB/s to the disk of the output (measured); cores that are "
      "as fast together as this one alone; no waiting for others.",
      rest, NetworkModel::start, NetworkModel::latency * 1e6, NetworkModel::bandwidth / 1e9,
      disk / 1e9));
}

void remark_on_memory(PlanTable& table, std::int64_t libraries) {
  table.remark(
      fmt::format("Memory is beyond what the program and its libraries take: {} here, and "
                  "what MPI adds, which grows with the ranks of a node.",
                  bytes_text(static_cast<double>(libraries))));
}

double checkpoint_size(std::int64_t trial_file, double tried, double all, std::int64_t ranks) {
  // A file also has a byte for every 8 of the parts, and 17 for each of them.
  return static_cast<double>(trial_file) + 9.0 / 8 * (all - tried) +
         17 * static_cast<double>(ranks - 1);
}

double modelled_joules(std::int64_t ranks, int threads, double seconds) {
  return EnergyMeter::watts_per_core * static_cast<double>(ranks) * threads * seconds;
}

std::string counted(double n, const std::string& what) {
  return count_text(n) + " " + what + (n == 1 ? "" : "s");
}

std::string ranks_text(std::int64_t ranks) {
  return fmt::format("{} rank{}", ranks, ranks == 1 ? "" : "s");
}

}  // namespace driftwood::run
