// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "run/plan_table.hpp"

namespace driftwood::run {

/// What plans take of what cannot be measured without MPI. The terms that it enters are small
/// unless ranks are many.
struct NetworkModel {
  static constexpr double start = 0.05;        ///< of MPI [s]
  static constexpr double latency = 5e-6;      ///< of a message between two ranks [s]
  static constexpr double bandwidth = 1e9;     ///< of one rank [byte/s]
  static constexpr double vote_period = 0.05;  ///< between two agreements of the ranks [s]
  static constexpr double vote_bytes = 16;

  /// Rounds in which something gets from one rank to all.
  [[nodiscard]] static double rounds(std::int64_t ranks);
  /// Time of so many messages, one after the other, and so many bytes [s].
  [[nodiscard]] static double seconds(double messages, double bytes) {
    return messages * latency + bytes / bandwidth;
  }
  /// What one rank sends for agreements in so much time [byte].
  [[nodiscard]] static double votes(double seconds, std::int64_t ranks) {
    return seconds / vote_period * vote_bytes * rounds(ranks);
  }
};

/// What a run on so many ranks would take. Those of a rank are of the one that takes most.
struct Prediction {
  /// A part of the wall time, such as "to write" [s].
  struct Part {
    std::string_view of;
    double seconds;
  };

  std::int64_t ranks = 1;
  int threads = 1;                 ///< of each
  double memory = 0;               ///< of a rank [byte]
  double memory_while_saving = 0;  ///< the same, while a checkpoint is written
  double results = 0;              ///< size of the results file [byte]
  double checkpoint = 0;           ///< size of the largest checkpoint [byte]
  double checkpoint_seconds = 0;   ///< of one
  double checkpoint_period = 0;    ///< from one to the next [s]
  std::int64_t checkpoints_kept = 0;
  double communication = 0;  ///< sent by a rank [byte]
  std::vector<Part> parts;   ///< of the wall time, without checkpoints

  /// How many are written.
  [[nodiscard]] double checkpoints() const;
  [[nodiscard]] double wall_seconds() const;

 private:
  [[nodiscard]] double without_checkpoints() const;
};

/// All of it as rows of a table.
void add_rows(PlanTable& table, const Prediction& of);
/// Where the wall time goes, and how often checkpoints are written.
void remark_on_time(PlanTable& table, const Prediction& of);
/// On what is taken for given: `rest`, such as "the rest of the paths like these", and a disk that
/// takes so many bytes a second.
void remark_on_model(PlanTable& table, const std::string& rest, double disk);
/// That memory is beyond so many bytes of libraries.
void remark_on_memory(PlanTable& table, std::int64_t libraries);

/// Size of the checkpoint of a run, from that of a trial: the bytes that ranks have to save grow
/// from `tried` of one rank to `all` of so many.
[[nodiscard]] double checkpoint_size(std::int64_t trial_file, double tried, double all,
                                     std::int64_t ranks);

/// Watts of a busy core times cores and time, the model that runs use where counters cannot be
/// read [J].
[[nodiscard]] double modelled_joules(std::int64_t ranks, int threads, double seconds);

/// "1 path", "20.0 k paths".
[[nodiscard]] std::string counted(double n, const std::string& what);
/// "1 rank", "100000 ranks".
[[nodiscard]] std::string ranks_text(std::int64_t ranks);

}  // namespace driftwood::run
