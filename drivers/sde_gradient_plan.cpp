// SPDX-License-Identifier: BSD-3-Clause
#include "sde_gradient_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <type_traits>

#include "base/portability.hpp"
#include "io/disk.hpp"
#include "io/result_file.hpp"
#include "run/memory.hpp"
#include "run/plan.hpp"
#include "run/text.hpp"
#include "run/trial.hpp"
#include "sde_gradient_work.hpp"
#include "stats/merge_tree.hpp"

namespace driftwood::sde_gradient {
namespace {

using run::counted;
using run::NetworkModel;

constexpr double trial_seconds = 2;
/// Of the first trial, which goes to the end however long that takes: fewer cost as much, as lanes
/// of them are solved together.
constexpr std::int64_t fewest_paths = 32;

double as_double(std::int64_t n) { return static_cast<double>(n); }

/// The first paths of rank 0, really solved, merged and written, and what that took.
struct Trial {
  std::int64_t paths = 0;          ///< solved for
  std::int64_t blocks = 0;         ///< of which the records are
  std::int64_t blocks_of_run = 0;  ///< all ranks'; where it may stop, those it seems to need
  double start = 0;                ///< of the program, without MPI [s]
  double seconds_per_path = 0;
  std::int64_t libraries = 0;  ///< what the program held before [byte]
  std::int64_t memory = 0;     ///< that the trial took at most, without saving [byte]
  std::int64_t memory_saving = 0;
  std::int64_t results = 0;     ///< size of the file [byte]
  std::int64_t checkpoint = 0;  ///< likewise
  std::int64_t part = 0;        ///< of a rank's in it
  double node = 0;              ///< of a saved node of the merge tree [byte]
  double merge_seconds = 0;
  double write_seconds = 0;
  double save_seconds = 0;
  run::DiskSpeed disk;
  comm::Communicator::Traffic traffic;  ///< of merging and writing
};

/// Solves for a few paths, then, while there is time, for waves that double in size.
void solve(Work& work, const Deck& deck, Trial& trial) {
  const run::TrialClock clock(std::is_same_v<Exec, Kokkos::DefaultHostExecutionSpace>);
  const run::TrialDeadline deadline(clock, trial_seconds);
  sde::GradientStudy& study = work.study();
  const auto time = [&](std::int64_t paths, const auto& what) {
    const double began = clock.now();
    what();
    Kokkos::fence();
    trial.seconds_per_path = (clock.now() - began) / as_double(paths);
  };
  const auto fits = [&](std::int64_t paths) {
    return deadline.leaves(trial.seconds_per_path * as_double(paths));
  };
  std::int64_t most = deck.ensemble.paths;
  std::int64_t few = std::min(std::max(fewest_paths, study.solver().group()), most);
  time(few, [&] { study.solver().run({0, few}); });
  if (!fits(std::min(stats::block_paths, most))) {
    while (2 * few < most && fits(2 * few)) few *= 2;
    study.limit(most = few);
  }
  const std::int64_t blocks = (most + stats::block_paths - 1) / stats::block_paths;
  std::int64_t wave = 1;
  do {
    const std::int64_t paths = std::min((trial.blocks + wave) * stats::block_paths, most);
    time(paths - trial.paths, [&] { study.measure({trial.blocks, wave}); });
    trial.blocks += wave;
    trial.paths = paths;
    wave = std::min({2 * wave, work.most_blocks(), blocks - trial.blocks});
  } while (wave > 0 && fits(wave * stats::block_paths));
}

/// Where the run may stop early, the blocks that it seems to need.
std::int64_t blocks_needed(const Deck& deck, const comm::Communicator& comm, const Work& work,
                           const Trial& trial) {
  const std::int64_t all = deck.ensemble.blocks();
  if (!deck.ensemble.stop) return all;
  const double ratio = work.study().standard_error(comm) / deck.ensemble.stop->standard_error;
  const double blocks = as_double(trial.paths) * ratio * ratio / stats::block_paths;
  if (!(blocks < as_double(all))) return all;
  const std::int64_t least = deck.ensemble.next_look(0, 0);
  return std::clamp(static_cast<std::int64_t>(std::ceil(blocks)), std::min(least, all), all);
}

Trial try_out(run::Context& context, const Deck& deck, const deck::Source& source) {
  Trial trial;
  const comm::Communicator& comm = context.comm();
  trial.libraries = run::MemoryMeter::resident();
  const io::disk::ScratchFolder folder(context.output());
  Work work(context, deck, source);
  trial.start = context.clock().elapsed();
  solve(work, deck, trial);
  trial.blocks_of_run = blocks_needed(deck, comm, work, trial);

  double began = run::monotonic_seconds();
  work.study().merge(comm, trial.paths);
  trial.merge_seconds = run::monotonic_seconds() - began;
  began = run::monotonic_seconds();
  const std::string path = folder.file("results.h5");
  io::ResultFile file(comm, path);
  work.study().write(file, deck.gradient.mode());
  auto record = record_of(context, deck, source, work, trial.paths);
  run::Checkpoints::record_none(record.quantities);
  record.write(file);
  file.commit();
  trial.write_seconds = run::monotonic_seconds() - began;
  trial.results = static_cast<std::int64_t>(std::filesystem::file_size(path));
  trial.traffic = comm.traffic();
  trial.memory = context.memory();

  began = run::monotonic_seconds();
  const comm::Bytes part = work.saved();
  trial.save_seconds = run::monotonic_seconds() - began;
  trial.part = std::ssize(part);
  trial.node = as_double(work.study().bytes_per_record()) + 12;  // and its place in the tree
  trial.checkpoint = run::size_of_checkpoint(context, folder, part);
  trial.memory_saving = context.memory();
  trial.disk = run::measure_disk(context, folder);
  return trial;
}

comm::Share share(const Trial& trial, std::int64_t rank, std::int64_t ranks) {
  return comm::share(trial.blocks_of_run, static_cast<int>(rank), static_cast<int>(ranks));
}

/// The most nodes that a merge tree holds while blocks from `first` come in one by one: 3 of the
/// first 7, which the eighth makes one of.
int most_nodes_of(std::int64_t first, std::int64_t last) {
  int most = stats::nodes_of(first, last);
  for (std::int64_t bit = 1; bit < last; bit *= 2) {
    const std::int64_t before = (last & -bit) - 1;  // ends in as many ones as there is room for
    if (before > first) most = std::max(most, stats::nodes_of(first, before));
  }
  return most;
}

/// The most nodes of the merge trees of all ranks together, and of one; and those that are left of
/// the latter at the end.
struct Nodes {
  double all = 0;
  double most = 0;
  double left = 0;
};

Nodes nodes_of(const Trial& trial, std::int64_t ranks) {
  constexpr std::int64_t most_ranks_summed = std::int64_t{1} << 16;
  const std::int64_t summed = std::min(ranks, most_ranks_summed);
  Nodes out;
  for (std::int64_t i = 0; i < summed; ++i) {
    const comm::Share blocks = share(trial, i * (ranks / summed), ranks);
    const auto nodes = static_cast<double>(most_nodes_of(blocks.first, blocks.last));
    out.all += nodes * as_double(ranks) / as_double(summed);
    out.most = std::max(out.most, nodes);
    out.left = std::max(out.left, static_cast<double>(stats::nodes_of(blocks.first, blocks.last)));
  }
  return out;
}

run::Prediction predict(const run::Context& context, const Deck& deck, const Trial& trial,
                        std::int64_t ranks) {
  const Nodes nodes = nodes_of(trial, ranks);
  const double tried = trial.node * stats::nodes_of(0, trial.blocks);
  const double solving = trial.seconds_per_path *
                         std::min(as_double(share(trial, 0, ranks).count() * stats::block_paths),
                                  as_double(deck.ensemble.paths));
  const double parts = as_double(ranks) * (as_double(trial.part) - tried) + nodes.all * trial.node;
  // What a rank tells its neighbours of its tree, beside what all agree on.
  const double tree = ranks > 1 ? nodes.left * trial.node + 8 : 0;
  const double rounds = NetworkModel::rounds(ranks);
  const double sent = std::max(as_double(trial.traffic.bytes) - tried, 0.0) * rounds + tree;
  const double memory =
      as_double(trial.memory) - most_nodes_of(0, trial.blocks) * trial.node +
      std::max(nodes.most * trial.node, 3 * tree);  // own, a neighbour's, and as a message
  const double checkpoint =
      run::checkpoint_size(trial.checkpoint, as_double(trial.part), parts, ranks);
  const double growth = parts / as_double(ranks) / as_double(trial.part);
  return {.ranks = ranks,
          .threads = context.threads(),
          .memory = memory,
          .memory_while_saving =
              memory + as_double(trial.memory_saving - trial.memory) * std::max(growth, 1.0),
          .results = as_double(trial.results),
          .checkpoint = checkpoint,
          .checkpoint_seconds = trial.save_seconds * growth + trial.disk.empty_checkpoint +
                                checkpoint / trial.disk.bytes_per_second,
          .checkpoint_period = deck.run.checkpoint.every.seconds,
          .checkpoints_kept = deck.run.checkpoint.keep,
          .communication = sent + NetworkModel::votes(solving, ranks),
          .parts = {
              {"to start", trial.start + NetworkModel::start},
              {"to solve", solving},
              {"to merge", trial.merge_seconds},
              {"to exchange", NetworkModel::seconds(as_double(trial.traffic.calls) * rounds, sent)},
              {"to write", trial.write_seconds}}};
}

}  // namespace

std::string plan(run::Context& context, Deck& deck, const deck::Source& source,
                 std::int64_t ranks) {
  if (deck.task.is_fit() || deck.task.is_error_table()) {
    throw source.error("task.kind",
                       fmt::format("there is no plan of kind = \"{}\"", deck.task.kind),
                       deck.task.is_fit() ? "how many iterations a fit takes is found on the way"
                                          : "its gradients are few and short",
                       "leave '--plan' out; progress tells how far the run is");
  }
  const Trial trial = try_out(context, deck, source);
  const run::Prediction predicted = predict(context, deck, trial, ranks);
  const std::int64_t paths =
      std::min(trial.blocks_of_run * stats::block_paths, deck.ensemble.paths);
  const std::string what = counted(as_double(trial.paths), "path");
  std::string head = fmt::format("plan     {} on {} of {}: {} in {} of 4096", context.output(),
                                 run::ranks_text(ranks), counted(context.threads(), "thread"),
                                 counted(as_double(paths), "path"),
                                 counted(as_double(trial.blocks_of_run), "block"));
  if (ranks > trial.blocks_of_run) {
    head += fmt::format("\nwithout work: {}", run::ranks_text(ranks - trial.blocks_of_run));
  }
  run::PlanTable table(head + "\ntrial    " + what);
  run::add_rows(table, predicted);
  table.remark("Measured here, without MPI: derivatives of " + what +
               "; merging and writing them; the size of a results file and of a checkpoint.");
  run::remark_on_model(table, "the rest of the paths like these", trial.disk.bytes_per_second);
  run::remark_on_memory(table, trial.libraries);
  run::remark_on_time(table, predicted);
  if (deck.ensemble.stop) {
    table.remark(
        fmt::format("'ensemble.stop' is taken to be reached after about {}, by the "
                    "standard error of the trial.",
                    counted(as_double(paths), "path")));
  }
  return table.text();
}

}  // namespace driftwood::sde_gradient
