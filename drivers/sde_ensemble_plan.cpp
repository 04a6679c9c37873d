// SPDX-License-Identifier: BSD-3-Clause
#include "sde_ensemble_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>

#include "io/disk.hpp"
#include "run/checkpoints.hpp"
#include "run/plan.hpp"
#include "run/text.hpp"
#include "sde/multilevel.hpp"
#include "sde_ensemble_parts.hpp"
#include "sde_ensemble_trial.hpp"

namespace driftwood::sde_ensemble {
namespace {

using run::counted;
using run::NetworkModel;
using run::ranks_text;

constexpr std::int64_t most_ranks_summed = std::int64_t{1} << 16;

double as_double(std::int64_t n) { return static_cast<double>(n); }

/// What ranks would hold at the end, from what one rank held after a trial.
class Forecast {
 public:
  Forecast(const Deck& deck, const Trial& trial, std::int64_t ranks);

  [[nodiscard]] std::int64_t blocks() const { return blocks_; }
  /// Of the rank that has the most.
  [[nodiscard]] std::int64_t most_blocks() const { return most_; }
  [[nodiscard]] run::Prediction prediction(int threads) const;

 private:
  void predict_checkpoint();
  void predict_memory();
  void predict_traffic();
  [[nodiscard]] double checkpoint_seconds() const;
  [[nodiscard]] double simulation_seconds() const;
  [[nodiscard]] double merge_seconds() const;
  /// Sent by one rank [byte], of which those during the run.
  [[nodiscard]] double traffic() const {
    return traffic_ + NetworkModel::votes(simulation_seconds(), ranks_);
  }
  [[nodiscard]] comm::Share share(std::int64_t rank) const {
    return comm::share(blocks_, static_cast<int>(rank), static_cast<int>(ranks_));
  }
  /// Bins of a rank once all its blocks are in: they grow with the extremes, as the logarithm of
  /// the number of paths.
  [[nodiscard]] double bins() const;
  /// A saved node of the merge tree.
  [[nodiscard]] double node() const { return as_double(trial_.held.record) + 12; }
  /// Ratio of what grows with the paths of a rank to what it was in the trial.
  [[nodiscard]] double growth() const { return as_double(most_) / as_double(trial_.blocks); }

  const Deck& deck_;
  const Trial& trial_;
  std::int64_t ranks_;
  std::int64_t blocks_;
  std::int64_t most_;
  double part_ = 0;  ///< of a rank's in a checkpoint
  double most_nodes_ = 0;
  double checkpoint_ = 0;
  double memory_ = 0;
  double memory_while_saving_ = 0;
  double traffic_ = 0;
  double calls_ = 0;
};

Forecast::Forecast(const Deck& deck, const Trial& trial, std::int64_t ranks)
    : deck_(deck),
      trial_(trial),
      ranks_(ranks),
      blocks_(trial.blocks_of_run),
      most_(share(0).count()) {
  predict_checkpoint();
  predict_memory();
  predict_traffic();
}

double Forecast::bins() const {
  const double now = as_double(trial_.held.bins);
  const double doublings = std::log2(as_double(trial_.blocks) / as_double(trial_.first_blocks));
  const double more = std::max(std::log2(growth()), 0.0);
  if (doublings <= 0) return now;
  return now + more * (now - as_double(trial_.first_bins)) / doublings;
}

void Forecast::predict_checkpoint() {
  const Held& held = trial_.held;
  const double fixed = as_double(held.part - held.wave - held.keys - held.saved_paths - held.bins) -
                       node() * held.nodes;
  double nodes = 0;
  double waves = 0;
  const std::int64_t summed = std::min(ranks_, most_ranks_summed);
  for (std::int64_t i = 0; i < summed; ++i) {
    const comm::Share blocks = share(i * (ranks_ / summed));
    const std::int64_t wave = std::min(trial_.wave_blocks, blocks.count());
    const int n = stats::nodes_of(blocks.first, blocks.last - wave);
    most_nodes_ = std::max(most_nodes_, as_double(stats::nodes_of(blocks.first, blocks.last)));
    nodes += n;
    waves += as_double(wave);
  }
  const double per_summed = as_double(ranks_) / as_double(summed);
  const double paths =
      std::min(as_double(blocks_ * stats::block_paths), as_double(deck_.ensemble.paths));
  const double all = as_double(ranks_) * (fixed + bins()) + per_summed * nodes * node() +
                     per_summed * waves * as_double(held.wave) / as_double(trial_.last_wave) +
                     paths * as_double(held.per_path) +
                     as_double(deck_.observe.save_paths * held.per_saved_path);
  part_ = all / as_double(ranks_);
  checkpoint_ = run::checkpoint_size(trial_.checkpoint_bytes, as_double(held.part), all, ranks_);
}

void Forecast::predict_memory() {
  const Held& held = trial_.held;
  const double saved_paths =
      as_double(std::min(deck_.observe.save_paths, most_ * stats::block_paths) -
                held.saved_paths / std::max<std::int64_t>(held.per_saved_path, 1)) *
      as_double(held.per_saved_path + 96);  // and what the allocator adds to a row
  const double simulating =
      as_double(trial_.memory.simulating) +
      as_double(trial_.keys_in_memory(most_) - trial_.keys_in_memory(trial_.blocks)) + bins() -
      as_double(held.bins) + saved_paths + (most_nodes_ - held.nodes) * as_double(held.record);
  const double merging = as_double(trial_.memory.merging - trial_.memory.simulating) *
                         (held.per_path > 0 ? growth() : 1.0);
  // Two neighbours' trees, as messages and merged.
  const double neighbours = ranks_ > 1 ? 4 * most_nodes_ * node() : 0.0;
  const double writing = as_double(trial_.memory.writing - trial_.memory.merging);
  memory_ = simulating + merging + neighbours + writing + std::max(2 * saved_paths, 0.0);
  const double saving = as_double(trial_.memory.saving - trial_.memory.writing);
  memory_while_saving_ =
      memory_ + saving * std::max(part_ / as_double(held.part), 1.0) + 24 * as_double(ranks_ - 1);
}

void Forecast::predict_traffic() {
  const double tree = as_double(trial_.held.nodes) * node() + 8;
  traffic_ = (as_double(trial_.traffic.bytes) - tree) * NetworkModel::rounds(ranks_);
  if (ranks_ > 1) traffic_ += most_nodes_ * node() + 8;
  calls_ = as_double(trial_.traffic.calls) * NetworkModel::rounds(ranks_);
}

double Forecast::simulation_seconds() const {
  return trial_.seconds.pilot + trial_.seconds_of(most_);
}

double Forecast::merge_seconds() const {
  return trial_.seconds.merge * (trial_.held.per_path > 0 ? growth() : 1.0);
}

double Forecast::checkpoint_seconds() const {
  return trial_.seconds.save * part_ / as_double(trial_.held.part) + trial_.disk.empty_checkpoint +
         checkpoint_ / trial_.disk.bytes_per_second;
}

run::Prediction Forecast::prediction(int threads) const {
  return {.ranks = ranks_,
          .threads = threads,
          .memory = memory_,
          .memory_while_saving = memory_while_saving_,
          .results = as_double(trial_.results_bytes),
          .checkpoint = checkpoint_,
          .checkpoint_seconds = checkpoint_seconds(),
          .checkpoint_period = deck_.run.checkpoint.every.seconds,
          .checkpoints_kept = deck_.run.checkpoint.keep,
          .communication = traffic(),
          .parts = {{"to start", trial_.seconds.start + NetworkModel::start},
                    {"to simulate", simulation_seconds()},
                    {"to merge", merge_seconds()},
                    {"to exchange", NetworkModel::seconds(calls_, traffic_)},
                    {"to write", trial_.seconds.write}}};
}

std::string head(const run::Context& context, const Deck& deck, const Forecast& f,
                 const Trial& trial, std::int64_t ranks) {
  const std::int64_t waves = (f.most_blocks() + trial.wave_blocks - 1) / trial.wave_blocks;
  std::string text = fmt::format("plan     {} on {} of {}: {} in {} of 4096", context.output(),
                                 ranks_text(ranks), counted(context.threads(), "thread"),
                                 counted(as_double(deck.ensemble.paths), "path"),
                                 counted(as_double(deck.ensemble.blocks()), "block"));
  text += fmt::format("\nslowest  {} in {}", counted(as_double(f.most_blocks()), "block"),
                      counted(as_double(waves), "wave"));
  if (ranks > f.blocks()) {
    text += fmt::format("; without work: {}", ranks_text(ranks - f.blocks()));
  }
  return text + "\ntrial    " + trial.what();
}

std::string plan_ensemble(run::Context& context, const Deck& deck, const deck::Source& source,
                          std::int64_t ranks) {
  const Trial trial = try_out(context, deck, source, ranks);
  const Forecast f(deck, trial, ranks);
  const run::Prediction predicted = f.prediction(context.threads());
  run::PlanTable table(head(context, deck, f, trial, ranks));
  run::add_rows(table, predicted);
  table.remark("Measured here, without MPI: " + trial.what() +
               "; merging and writing them; the size of a results file and of a checkpoint.");
  run::remark_on_model(table, "the rest of the paths like these", trial.disk.bytes_per_second);
  run::remark_on_memory(table, trial.memory.libraries);
  run::remark_on_time(table, predicted);
  if (deck.ensemble.stop) {
    table.remark(
        fmt::format("'ensemble.stop' is taken to be reached after about {}, by the standard "
                    "error of the trial.",
                    counted(as_double(f.blocks() * stats::block_paths), "path")));
  }
  return table.text();
}

/// Samples the pilot, and all rounds after it that seem to take no longer than two seconds.
struct Levels {
  std::int64_t sampled = 0;  ///< path-steps
  double seconds = 0;        ///< in which they were
};

Levels sample_levels(sde::Multilevel& levels, const comm::Communicator& comm) {
  constexpr double most_seconds = 2;
  Levels done;
  while (!levels.due().empty()) {
    const std::int64_t due = levels.cost(levels.due());
    const double rate = done.seconds > 0 ? as_double(done.sampled) / done.seconds : 0;
    if (rate > 0 && as_double(due) / rate > most_seconds - done.seconds) break;
    const double began = run::monotonic_seconds();
    for (const auto wave : levels.waves(levels.due())) levels.sample(wave);
    levels.plan(comm);
    Kokkos::fence();
    done.seconds += run::monotonic_seconds() - began;
    done.sampled += due;
  }
  return done;
}

/// Bytes of the results file of so many path-steps, which is written once.
double size_of_results(run::Context& context, const Deck& deck, const deck::Source& source,
                       const sde::Multilevel& levels, std::int64_t steps) {
  const io::disk::ScratchFolder folder(context.output());
  const std::string path = folder.file("results.h5");
  io::ResultFile file(context.comm(), path);
  levels.write(file);
  std::vector<io::Quantity> quantities;
  run::Checkpoints::record_none(quantities);
  record_of(context, deck, source, {levels.samples(), steps}, quantities).write(file);
  file.commit();
  return static_cast<double>(std::filesystem::file_size(path));
}

std::string plan_multilevel(run::Context& context, const Deck& deck, const deck::Source& source,
                            std::int64_t ranks) {
  const double start = context.clock().elapsed() + NetworkModel::start;
  sde::Multilevel levels(deck.task, deck.time, deck.ensemble, deck.observe, deck.events,
                         *deck.model.model, source,
                         deck.ensemble.blocks_per_wave(context.threads()));
  const Levels done = sample_levels(levels, context.comm());
  const auto memory = as_double(context.memory());
  const bool is_whole = levels.due().empty();
  const std::int64_t steps = done.sampled + levels.cost(levels.due());
  const double work = as_double(steps) * done.seconds / as_double(done.sampled);
  const double wall = start + work / as_double(ranks);
  const std::string basis = is_whole ? "measured" : "at least: what is planned after the trial";

  run::PlanTable table(fmt::format("plan     {} on {} of {}: a mean by {}", context.output(),
                                   ranks_text(ranks), counted(context.threads(), "thread"),
                                   counted(levels.levels(), "level")));
  table.bytes("memory per rank", memory, "measured");
  table.bytes("results file", size_of_results(context, deck, source, levels, steps),
              "measured: written once");
  table.seconds("wall time", wall, basis);
  table.joules("energy", run::modelled_joules(ranks, context.threads(), wall), basis);
  table.remark(fmt::format("Measured here, without MPI: {} of {} path-steps.",
                           run::count_text(as_double(done.sampled)),
                           run::count_text(as_double(steps))));
  if (!is_whole) {
    table.remark(
        "What is missing follows from what is found on the way: samples that variances turn out to "
        "need, and further levels where the bias is too large.");
  }
  table.remark(
      "Modelled: ranks share the samples evenly, and do not wait. Nothing is said of checkpoints, "
      "which are small, and of communication.");
  return table.text();
}

}  // namespace

std::string plan(run::Context& context, Deck& deck, const deck::Source& source,
                 std::int64_t ranks) {
  if (deck.task.is_multilevel()) return plan_multilevel(context, deck, source, ranks);
  return plan_ensemble(context, deck, source, ranks);
}

}  // namespace driftwood::sde_ensemble
