// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad_sweep_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <numeric>
#include <optional>
#include <queue>

#include "io/disk.hpp"
#include "io/result_file.hpp"
#include "natgrad/sweep_results.hpp"
#include "natgrad_sweep_finish.hpp"
#include "run/checkpoints.hpp"
#include "run/memory.hpp"
#include "run/plan.hpp"
#include "run/text.hpp"
#include "run/trial.hpp"

namespace driftwood::natgrad_sweep {
namespace {

using run::counted;
using run::NetworkModel;

constexpr double trial_seconds = 2;

double as_double(std::int64_t n) { return static_cast<double>(n); }

/// What was measured on one rank.
struct Trial {
  double theory_seconds = 0;           ///< of all points
  std::vector<double> design_seconds;  ///< of one of each gamma
  std::int64_t designs = 0;            ///< drawn
  std::int64_t design_memory = 0;      ///< of the largest that was drawn [byte]
  double design_growth = 1;            ///< the memory of the largest of all over that
  std::int64_t memory = 0;             ///< of theory and these designs
  std::int64_t libraries = 0;
  double writing_seconds = 0;
  std::int64_t results_bytes = 0;
  std::int64_t checkpoint_bytes = 0;  ///< of what was drawn
  double saved = 0;                   ///< bytes of that
  run::DiskSpeed disk;
};

/// Of a design, up to a factor.
double flops_of(const natgrad::Grid& grid, std::size_t gamma) {
  const auto n = as_double(grid.problem().n);
  const auto d = static_cast<double>(grid.features(gamma).size());
  return n * n * d + n * n * n + (grid.estimator().takes_fisher() ? d * d * d : 0);
}

double bytes_of(const natgrad::Grid& grid, std::size_t gamma) {
  return natgrad::design_bytes(grid.problem(), grid.estimator(), grid.features(gamma).size());
}

std::vector<std::size_t> by_size(const natgrad::Grid& grid) {
  std::vector<std::size_t> out(grid.problem().gamma.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    return flops_of(grid, a) < flops_of(grid, b);
  });
  return out;
}

/// Draws designs of every gamma, the smallest first, while there is time. `memory`: the only meter,
/// as every one forgets for all others what was the most.
void try_designs(const natgrad::Grid& grid, const natgrad::EnsembleOptions& options,
                 natgrad::Ensemble& ensemble, run::MemoryMeter& memory, Trial& trial) {
  const run::TrialClock clock(true);
  const run::TrialDeadline deadline(clock, trial_seconds);
  const std::vector<std::size_t> gammas = by_size(grid);
  const auto task = [&](std::size_t g, std::int64_t r) {
    return static_cast<std::int64_t>(g) * options.replicas + r;
  };
  const std::int64_t before = memory.now();
  ensemble.work(task(gammas.front(), 0));  // the first one takes longer
  trial.designs = 1;
  trial.design_seconds.assign(gammas.size(), 0);
  std::optional<std::size_t> largest;
  for (const std::size_t g : gammas) {
    const double expected =
        largest ? trial.design_seconds[*largest] * flops_of(grid, g) / flops_of(grid, *largest) : 0;
    if (largest && !deadline.leaves(expected)) {
      trial.design_seconds[g] = expected;
      continue;
    }
    constexpr std::int64_t most = 20;
    std::int64_t count = 0;
    const double began = clock.now();
    do {
      ensemble.work(task(g, std::min(1 + count, options.replicas - 1)));
      ++count;
    } while (count < most && clock.now() - began < 0.05 && !deadline.is_over());
    trial.design_seconds[g] = (clock.now() - began) / as_double(count);
    trial.designs += count;
    largest = g;
    memory.sample();
  }
  trial.design_memory = memory.peak() - before;
  trial.design_growth = bytes_of(grid, gammas.back()) / bytes_of(grid, *largest);
}

/// When the last rank has done its last design.
double makespan(const natgrad::Grid& grid, std::int64_t replicas, const Trial& trial,
                std::int64_t ranks) {
  double all = 0;
  for (const double seconds : trial.design_seconds) all += seconds * as_double(replicas);
  const auto tasks = static_cast<std::int64_t>(trial.design_seconds.size()) * replicas;
  if (tasks > 2'000'000) return all / as_double(ranks);
  std::priority_queue<double, std::vector<double>, std::greater<>> free;
  for (std::int64_t r = 0; r < std::min(ranks, tasks); ++r) free.push(0);
  std::vector<std::size_t> gammas = by_size(grid);
  std::reverse(gammas.begin(), gammas.end());
  double last = 0;
  for (const std::size_t g : gammas) {
    for (std::int64_t r = 0; r < replicas; ++r) {
      const double end = free.top() + trial.design_seconds[g];
      free.pop();
      free.push(end);
      last = std::max(last, end);
    }
  }
  return last;
}

Trial try_out(run::Context& context, const Deck& deck, const deck::Source& source,
              const natgrad::Grid& grid) {
  Trial trial;
  const comm::Communicator& comm = context.comm();
  trial.libraries = run::MemoryMeter::resident();
  run::MemoryMeter memory;
  const run::TrialClock clock(true);
  const double began = clock.now();
  natgrad::SweepFindings found{.theory = natgrad::predict(comm, grid)};
  trial.theory_seconds = clock.now() - began;
  memory.sample();
  std::optional<natgrad::Ensemble> ensemble;
  if (deck.ensemble) {
    ensemble.emplace(grid, *deck.ensemble);
    try_designs(grid, *deck.ensemble, *ensemble, memory, trial);
  }
  trial.memory = memory.peak();
  const std::int64_t designs = ensemble ? ensemble->tasks() : 0;
  const comm::Bytes part = ensemble ? ensemble->found().saved() : comm::Bytes{};
  if (ensemble) {
    found.ensemble.resize(grid.cells());
    found.replicas = deck.ensemble->replicas;
  }
  trial.saved = static_cast<double>(part.size());
  const io::disk::ScratchFolder folder(context.output() + ".plan");
  trial.checkpoint_bytes = run::size_of_checkpoint(context, folder, part);
  trial.disk = run::measure_disk(context, folder);
  const double start = run::monotonic_seconds();
  const std::string path = folder.file("results.h5");
  io::ResultFile file(comm, path);
  natgrad::write(file, grid, found);
  StudyRecord record = record_of(deck, grid, designs);
  run::Checkpoints::record_none(record.quantities);
  provenance_of(context, source, std::move(record)).write(file);
  file.commit();
  trial.writing_seconds = run::monotonic_seconds() - start;
  trial.results_bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
  return trial;
}

}  // namespace

std::string plan(run::Context& context, Deck& deck, const deck::Source& source,
                 std::int64_t ranks) {
  if (!deck.problem) {
    throw source.error(deck.study(), "there is no plan of such a study yet", "",
                       "run it with fewer designs, rows or replicas, and scale");
  }
  if (deck.ensemble && deck.ensemble->are_large()) {
    throw source.error("ensemble.solver", "designs of 'petsc' cannot be planned", "PETSc needs MPI",
                       "leave '--plan' out, or take the solver 'lapack'");
  }
  const natgrad::Grid grid(*deck.problem, *deck.estimator);
  const Trial trial = try_out(context, deck, source, grid);
  const std::int64_t replicas = deck.ensemble ? deck.ensemble->replicas : 0;
  const std::int64_t designs = static_cast<std::int64_t>(grid.problem().gamma.size()) * replicas;
  // Of each design its number, how many values there are, and these.
  const double results =
      deck.ensemble ? deck.ensemble->bytes(as_double(grid.cells())) + 16 * as_double(designs) : 0;
  const double missing = as_double(trial.design_memory) * (trial.design_growth - 1);
  const double drawing = deck.ensemble ? makespan(grid, replicas, trial, ranks) : 0;
  run::Prediction predicted{
      .ranks = ranks,
      .threads = context.threads(),
      // Rank 0 holds what all found twice, as bytes and as values, beside its own.
      .memory = as_double(trial.memory) + missing + results * (2 + 1 / as_double(ranks)),
      .results = as_double(trial.results_bytes),
      .checkpoint = run::checkpoint_size(trial.checkpoint_bytes, trial.saved, results, ranks),
      .checkpoint_period = deck.run.checkpoint.every.seconds,
      .checkpoints_kept = deck.run.checkpoint.keep,
      .communication = results / as_double(ranks) + NetworkModel::votes(drawing, ranks),
      .parts = {{"to start", NetworkModel::start},
                {"for theory", trial.theory_seconds / as_double(ranks)},
                {"for designs", drawing},
                {"to exchange", NetworkModel::seconds(NetworkModel::rounds(ranks), results)},
                {"to write", trial.writing_seconds}}};
  predicted.memory_while_saving = predicted.memory;
  predicted.checkpoint_seconds =
      trial.disk.empty_checkpoint + predicted.checkpoint / trial.disk.bytes_per_second;

  std::string head = fmt::format("plan     {} on {} of {}: {}, {}", context.output(),
                                 run::ranks_text(ranks), counted(context.threads(), "thread"),
                                 counted(static_cast<double>(grid.points()), "point"),
                                 counted(as_double(designs), "design"));
  if (designs > 0 && ranks > designs) {
    head += fmt::format("\nwithout work: {}", run::ranks_text(ranks - designs));
  }
  const std::string what =
      fmt::format("theory of all points, {} of {} rows",
                  counted(as_double(trial.designs), "design"), deck.problem->n);
  head += "\ntrial    " + what;
  run::PlanTable table(head);
  run::add_rows(table, predicted);
  table.remark("Measured here, without MPI: " + what +
               "; the size of a results file and of a "
               "checkpoint.");
  run::remark_on_model(table, "the rest of the designs like these", trial.disk.bytes_per_second);
  run::remark_on_memory(table, trial.libraries);
  run::remark_on_time(table, predicted);
  return table.text();
}

}  // namespace driftwood::natgrad_sweep
