// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "comm/communicator.hpp"
#include "deck/schema.hpp"
#include "run/clock.hpp"
#include "run/cost.hpp"
#include "run/energy.hpp"
#include "run/log.hpp"
#include "run/memory.hpp"
#include "run/options.hpp"
#include "run/progress.hpp"
#include "run/status.hpp"
#include "run/terminal.hpp"

namespace driftwood::run {

/// How a study ended, when it did not throw.
enum class Outcome {
  done,     ///< exit 0
  stopped,  ///< cleanly, before the end: exit 75
};

/// What a study gets from the run around it. One per rank; methods are local unless they say so.
class Context {
 public:
  /// What is settled before a study starts.
  struct Setup {
    std::string program;
    std::string command_line;
    std::string effective_deck;
    const deck::Source* source = nullptr;
    /// What is different from the deck that had this effective text.
    std::function<std::vector<deck::Change>(std::string_view)> changes = {};
    Options options;
    std::vector<std::string> petsc = {};  ///< options, as words
    int threads = 1;                      ///< per rank
    bool quiet = false;
    LogLevel log_level = LogLevel::info;
  };

  /// Collective.
  Context(comm::Communicator comm, const Clock& clock, Setup setup);

  [[nodiscard]] const comm::Communicator& comm() const noexcept { return comm_; }
  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }
  [[nodiscard]] const std::string& program() const noexcept { return setup_.program; }
  [[nodiscard]] const std::string& command_line() const noexcept { return setup_.command_line; }
  /// The deck with every default written out.
  [[nodiscard]] const std::string& effective_deck() const noexcept { return setup_.effective_deck; }
  [[nodiscard]] const deck::Source& source() const { return *setup_.source; }
  /// What is different from the deck that had this effective text.
  [[nodiscard]] std::vector<deck::Change> changes(std::string_view effective_deck) const {
    return setup_.changes(effective_deck);
  }
  [[nodiscard]] const Options& options() const noexcept { return setup_.options; }
  [[nodiscard]] const std::string& output() const { return setup_.options.output.value(); }
  /// Threads that each rank computes with on the host.
  /// What the user wants of PETSc, where the program takes it.
  [[nodiscard]] const std::vector<std::string>& petsc() const noexcept { return setup_.petsc; }
  [[nodiscard]] int threads() const noexcept { return setup_.threads; }
  [[nodiscard]] bool quiet() const noexcept { return setup_.quiet; }
  [[nodiscard]] Log& log() noexcept { return log_; }

  /// Prints text for the user on standard output, from rank 0, unless `--quiet`.
  void print(std::string_view text);

  /// What the run has used until now, for this work. Call it once, when the work is done: the
  /// closing lines repeat it. Collective.
  Cost cost(std::vector<Work> work);

  /// Says what earlier jobs of the run have used, which its cost then includes.
  void continue_after(double wall_seconds, double joules);
  /// Energy of this job until now [J]. Collective.
  [[nodiscard]] double joules() { return energy_.total().joules; }

  /// Memory that a rank has held at most until now, beyond what MPI and Kokkos had at the start;
  /// the largest of all ranks [bytes]. Collective.
  [[nodiscard]] std::int64_t memory() { return comm_.all_reduce_max(memory_.peak()); }
  /// To be called where a phase ends, for `memory`.
  void sample_memory() { memory_.sample(); }

  /// Why the run is to end before it is done, for its closing lines.
  void say_why_stopped(std::string why) { why_stopped_ = std::move(why); }

  /// Where `Progress` reports to.
  [[nodiscard]] Progress::Sinks progress_sinks();

  /// The last things a run does: ends the status file and prints the closing lines, on rank 0.
  void close(Outcome outcome);
  /// The same for a run that failed, on whichever rank calls it.
  void close_failed(std::string_view message);

 private:
  comm::Communicator comm_;
  Clock clock_;
  Setup setup_;
  Terminal terminal_;
  Log log_;
  Status status_;
  EnergyMeter energy_;
  MemoryMeter memory_;
  std::optional<Cost> cost_;
  double earlier_seconds_ = 0;
  double earlier_joules_ = 0;
  std::string why_stopped_;
};

}  // namespace driftwood::run
