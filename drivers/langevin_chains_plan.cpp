// SPDX-License-Identifier: BSD-3-Clause
#include "langevin_chains_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "comm/share.hpp"
#include "langevin_chains_trial.hpp"
#include "mcmc/adaptation.hpp"
#include "mcmc/chain_run.hpp"
#include "run/plan.hpp"
#include "run/text.hpp"

namespace driftwood::langevin_chains {
namespace {

using run::counted;
using run::NetworkModel;
using run::ranks_text;

double as_double(std::int64_t n) { return static_cast<double>(n); }

std::int64_t rounded_up(std::int64_t n, std::int64_t by) { return (n + by - 1) / by; }

/// What chains would take on so many ranks, from what some of them took on one.
class Forecast {
 public:
  Forecast(const Deck& deck, const Trial& trial, std::int64_t ranks);

  [[nodiscard]] std::int64_t blocks() const { return blocks_; }
  /// Of the rank that has the most.
  [[nodiscard]] std::int64_t most_blocks() const { return most_; }
  /// How often all chains are looked at.
  [[nodiscard]] std::int64_t looks() const { return looks_; }
  [[nodiscard]] run::Prediction prediction(int threads) const;

 private:
  [[nodiscard]] double results() const;
  [[nodiscard]] double memory() const;
  [[nodiscard]] double memory_while_moving() const;
  [[nodiscard]] double memory_while_saving() const;
  [[nodiscard]] double part() const;
  [[nodiscard]] double checkpoint() const;
  [[nodiscard]] double checkpoint_seconds() const;
  /// Of all blocks of the trial, of those that count.
  [[nodiscard]] double step_seconds() const;
  /// The same without looking at draws that are kept.
  [[nodiscard]] double step_alone_seconds() const;
  [[nodiscard]] double warmup_seconds() const;
  [[nodiscard]] double sampling_seconds() const;
  [[nodiscard]] double finding_seconds() const;
  [[nodiscard]] double exchange_seconds() const;
  [[nodiscard]] double writing_seconds() const;
  [[nodiscard]] double communication() const;

  /// Ratio of the blocks of a rank to those of the trial.
  [[nodiscard]] double growth() const { return as_double(most_) / as_double(trial_.blocks); }
  /// How many of the draws that diagnostics need were there in the trial, inverted.
  [[nodiscard]] double judged_growth() const {
    return judged_.bytes() / std::max(trial_.judged.bytes(), 1.0);
  }
  /// Parameters that a rank judges, one after the other.
  [[nodiscard]] std::int64_t rounds_of_parameters() const {
    return rounded_up(trial_.parameters, ranks_);
  }
  /// Of draws that are kept, those of parameters [byte].
  [[nodiscard]] double judged_parameters(const KeptDraws& of) const {
    return of.bytes() * as_double(trial_.parameters) / as_double(trial_.rows);
  }
  /// Of collective calls in all.
  [[nodiscard]] double collective(std::int64_t comm::Communicator::Traffic::*what) const;

  const Deck& deck_;
  const Trial& trial_;
  std::int64_t ranks_;
  std::int64_t blocks_;
  std::int64_t most_;
  KeptDraws judged_;          ///< of all ranks
  KeptDraws judged_of_rank_;  ///< of the one with the most blocks, and with the first
  KeptDraws stored_;          ///< of all ranks
  KeptDraws stored_of_rank_;
  std::int64_t looks_ = 0;
  double looked_at_ = 0;  ///< draws in all looks together, in units of those of the last
};

Forecast::Forecast(const Deck& deck, const Trial& trial, std::int64_t ranks)
    : deck_(deck),
      trial_(trial),
      ranks_(ranks),
      blocks_(deck.chains.blocks(trial.per_block)),
      most_(comm::share(blocks_, 0, static_cast<int>(ranks)).count()),
      judged_(judged_draws(deck, trial.per_block, deck.diagnostics.memory, trial.parameters,
                           trial.judged.draw_bytes)),
      judged_of_rank_(judged_) {
  const std::int64_t every = rounded_up(blocks_, judged_.blocks);
  judged_of_rank_.blocks = rounded_up(most_, every);
  if (const auto& draws = deck.chains.draws) {
    stored_ = {rounded_up(draws->chains, trial.per_block), draws->thin,
               deck.chains.most_steps() / draws->thin, trial.stored.draw_bytes};
    stored_of_rank_ = stored_;
    stored_of_rank_.blocks = std::min(stored_.blocks, most_);
  }
  const std::int64_t all = deck.chains.most_steps();
  for (std::int64_t done = 0; done < all;) {
    done = deck.chains.next_look(done);
    ++looks_;
    looked_at_ += as_double(done) / as_double(all);
  }
}

double Forecast::results() const {
  const double draws = as_double(trial_.rows) * static_cast<double>(sizeof(double));
  const auto stored = [&](std::int64_t chains, std::int64_t steps, std::int64_t thin) {
    return as_double(chains) * as_double(steps / thin) * draws;
  };
  double out = as_double(trial_.results_bytes);
  if (!deck_.chains.draws) return out;
  const std::int64_t tried = std::min(
      {deck_.chains.draws->chains, deck_.chains.count, trial_.stored.blocks * trial_.per_block});
  const std::int64_t thin = deck_.chains.draws->thin;
  return out + stored(deck_.chains.draws->chains, deck_.chains.most_steps(), thin) -
         stored(tried, trial_.steps, thin);
}

double Forecast::memory_while_moving() const {
  const Trial::Memory& memory = trial_.memory;
  const double moved = as_double(memory.moving) - trial_.judged.bytes() - trial_.stored.bytes();
  const double draws = judged_of_rank_.bytes() + stored_of_rank_.bytes();
  if (trial_.blocks == 1) {
    return as_double(memory.start) + (moved - as_double(memory.start)) * growth() + draws;
  }
  const double block = std::max(moved - as_double(memory.lone), 0.0) / as_double(trial_.blocks - 1);
  return as_double(memory.lone) + block * as_double(most_ - 1) + draws;
}

double Forecast::memory() const {
  const Trial::Memory& memory = trial_.memory;
  const double stored = stored_of_rank_.bytes() / std::max(trial_.stored.bytes(), 1.0);
  const double finding = as_double(memory.finding) * judged_growth();
  const double writing = as_double(memory.left) + as_double(memory.writing) * stored;
  const double room = as_double(memory.freed) * growth();
  return memory_while_moving() + std::max(std::max(finding, writing) - room, 0.0);
}

double Forecast::part() const {
  return trial_.saved.rank + trial_.saved.block * as_double(most_) + trial_.saved.once +
         judged_of_rank_.bytes() + stored_of_rank_.bytes();
}

double Forecast::memory_while_saving() const {
  const double saving = as_double(trial_.memory.saving) * part() / trial_.saved.part;
  return std::max(memory(), memory_while_moving() + saving + 24 * as_double(ranks_ - 1));
}

double Forecast::checkpoint() const {
  const double all = as_double(ranks_) * trial_.saved.rank +
                     as_double(blocks_) * trial_.saved.block + trial_.saved.once + judged_.bytes() +
                     stored_.bytes();
  return run::checkpoint_size(trial_.checkpoint_bytes, trial_.saved.part, all, ranks_);
}

double Forecast::checkpoint_seconds() const {
  return trial_.seconds.saving * part() / trial_.saved.part + trial_.disk.empty_checkpoint +
         checkpoint() / trial_.disk.bytes_per_second;
}

double Forecast::step_seconds() const {
  return trial_.seconds.moving / as_double(std::max<std::int64_t>(trial_.moving_steps, 1));
}

double Forecast::step_alone_seconds() const {
  const double looking = trial_.seconds.look * (trial_.judged.looks() + trial_.stored.looks());
  return std::max(step_seconds() - looking, 0.2 * step_seconds());
}

double Forecast::warmup_seconds() const {
  const double tried = as_double(trial_.adapting_steps);
  if (tried == 0) return 0;
  const double each = trial_.seconds.adapting / tried;
  const double left = as_double(deck_.chains.warmup) - tried;
  // Those that are missing may be longer: trajectories grow in a warm-up.
  return growth() * (each * tried + std::max(each, step_alone_seconds()) * left);
}

double Forecast::sampling_seconds() const {
  // Draws are kept of other blocks than in the trial: so much of a step is not for them.
  const double alone = step_alone_seconds();
  const double looking = trial_.judged.looks() + trial_.stored.looks();
  const double looking_there = judged_of_rank_.looks() + stored_of_rank_.looks();
  return as_double(deck_.chains.most_steps()) *
         (alone * growth() + (step_seconds() - alone) * looking_there / std::max(looking, 1e-12));
}

double Forecast::finding_seconds() const {
  const double share = as_double(rounds_of_parameters()) / as_double(trial_.parameters);
  return trial_.seconds.finding * judged_growth() * looked_at_ * share + trial_.seconds.ending;
}

double Forecast::writing_seconds() const {
  return trial_.seconds.writing +
         (results() - as_double(trial_.results_bytes)) / trial_.disk.bytes_per_second;
}

double Forecast::collective(std::int64_t comm::Communicator::Traffic::*what) const {
  const Trial::Traffic& traffic = trial_.traffic;
  const auto windows = [](std::int64_t warmup) {
    return std::max(as_double(std::ssize(mcmc::scale_windows(warmup))), 1.0);
  };
  double out = as_double(traffic.start.*what) + as_double(traffic.ending.*what) +
               as_double(traffic.finding.*what) * as_double(looks_);
  if (trial_.adapts) {
    out += as_double(traffic.step.*what) * as_double(deck_.chains.warmup) +
           as_double(traffic.windows.*what) * windows(deck_.chains.warmup) / windows(trial_.warmup);
  }
  return out * NetworkModel::rounds(ranks_);
}

double Forecast::communication() const {
  const double elsewhere = 1 - 1 / as_double(ranks_);
  return collective(&comm::Communicator::Traffic::bytes) +
         judged_parameters(judged_of_rank_) * looked_at_ * elsewhere +
         NetworkModel::votes(warmup_seconds() + sampling_seconds(), ranks_);
}

double Forecast::exchange_seconds() const {
  if (ranks_ == 1) return 0;
  // Of each parameter one rank takes the draws of all others, as many parameters at a time as there
  // are ranks.
  const double one = judged_parameters(judged_) / as_double(trial_.parameters);
  const double messages = as_double(rounds_of_parameters() * looks_) * as_double(ranks_ - 1);
  return NetworkModel::seconds(collective(&comm::Communicator::Traffic::calls) + messages,
                               collective(&comm::Communicator::Traffic::bytes) +
                                   one * as_double(rounds_of_parameters()) * looked_at_);
}

run::Prediction Forecast::prediction(int threads) const {
  return {.ranks = ranks_,
          .threads = threads,
          .memory = memory(),
          .memory_while_saving = memory_while_saving(),
          .results = results(),
          .checkpoint = checkpoint(),
          .checkpoint_seconds = checkpoint_seconds(),
          .checkpoint_period = deck_.run.checkpoint.every.seconds,
          .checkpoints_kept = deck_.run.checkpoint.keep,
          .communication = communication(),
          .parts = {{"to start", trial_.seconds.start + NetworkModel::start},
                    {"for the warm-up", warmup_seconds()},
                    {"for the steps that count", sampling_seconds()},
                    {"to judge them", finding_seconds()},
                    {"to exchange", exchange_seconds()},
                    {"to write", writing_seconds()}}};
}

std::string head(const run::Context& context, const Deck& deck, const Forecast& f,
                 const Trial& trial, std::int64_t ranks) {
  std::string text = fmt::format(
      "plan     {} on {} of {}: {} in {} of {}, {} of warm-up and {} that count", context.output(),
      ranks_text(ranks), counted(context.threads(), "thread"),
      counted(as_double(deck.chains.count), "chain"), counted(as_double(f.blocks()), "block"),
      trial.per_block, counted(as_double(deck.chains.warmup), "step"),
      run::count_text(as_double(deck.chains.most_steps())));
  text += "\nslowest  " + counted(as_double(f.most_blocks()), "block");
  if (ranks > f.blocks()) {
    text += fmt::format("; without work: {}", ranks_text(ranks - f.blocks()));
  }
  return text + "\ntrial    " + trial.what();
}

void add_remarks(run::PlanTable& table, const Deck& deck, const Forecast& f, const Trial& trial,
                 const run::Prediction& predicted) {
  table.remark("Measured here, without MPI: " + trial.what() +
               "; judging and writing as many draws as the run has; the size of a results file and "
               "of a checkpoint.");
  run::remark_on_model(table, "the rest of the steps like these", trial.disk.bytes_per_second);
  run::remark_on_memory(table, trial.memory.libraries);
  run::remark_on_time(table, predicted);
  if (trial.adapts && deck.chains.warmup > 0) {
    table.remark(fmt::format(
        "All ranks take each step of the warm-up together, {} of them: what adapts is a sum over "
        "all chains. Steps that count have the size {:.3g}, to which the trial has come.",
        run::count_text(as_double(deck.chains.warmup)), trial.step_size));
  }
  if (trial.adapts && trial.adapting_steps < trial.warmup) {
    table.remark(fmt::format(
        "There was no time for the whole warm-up of the trial, of {} steps: size and scales of the "
        "steps may change, and with them their time where they depend on it.",
        trial.warmup));
  }
  if (deck.chains.stop) {
    table.remark(fmt::format(
        "'chains.stop' may end the run earlier: this is what 'max_steps' steps take, with {}.",
        counted(as_double(f.looks()), "look")));
  }
}

}  // namespace

std::string plan(run::Context& context, Deck& deck, const deck::Source& source,
                 std::int64_t ranks) {
  const Trial trial = try_out(context, deck, source, ranks);
  const Forecast f(deck, trial, ranks);
  const run::Prediction predicted = f.prediction(context.threads());
  run::PlanTable table(head(context, deck, f, trial, ranks));
  run::add_rows(table, predicted);
  add_remarks(table, deck, f, trial, predicted);
  return table.text();
}

}  // namespace driftwood::langevin_chains
