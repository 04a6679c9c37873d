// SPDX-License-Identifier: BSD-3-Clause
#include "langevin_chains_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <type_traits>

#include "base/portability.hpp"
#include "langevin_chains_parts.hpp"
#include "mcmc/check_target.hpp"
#include "mcmc/density.hpp"
#include "run/checkpoints.hpp"
#include "run/memory.hpp"
#include "run/pace.hpp"

namespace driftwood::langevin_chains {
namespace {

constexpr double adapting_seconds = 0.8;
constexpr double moving_seconds = 1.2;
constexpr double step_seconds = 0.005;        ///< of all blocks of the trial
constexpr double most_bytes = 0x1p28;         ///< of chains, and again of draws of each kind
constexpr std::int64_t least_adapting = 100;  ///< steps, where there are as many
constexpr std::int64_t few_steps = 10;
constexpr std::int64_t looks = 32;  ///< at some blocks

/// Where all threads that compute are the host's.
const run::TrialClock clock_here(std::is_same_v<Exec, Kokkos::DefaultHostExecutionSpace>);
double now() { return clock_here.now(); }

double as_double(std::int64_t n) { return static_cast<double>(n); }

comm::Communicator::Traffic operator-(const comm::Communicator::Traffic& a,
                                      const comm::Communicator::Traffic& b) {
  return {a.calls - b.calls, a.bytes - b.bytes};
}

KeptDraws kept(const mcmc::DrawStore& store) {
  return {store.blocks(), store.plan().thin, store.plan().draws, as_double(store.draw_bytes())};
}

/// Takes so many chains instead, in groups that start together as before.
void take(mcmc::ChainOptions& chains, std::int64_t count) {
  const std::int64_t together = chains.same_start();
  chains.count = count;
  if (chains.superchains) chains.superchains = std::max<std::int64_t>(count / together, 1);
}

std::int64_t chains_of_block(const Deck& deck) {
  const std::int64_t ladder = deck.tempering ? deck.tempering->rungs() : 1;
  return mcmc::chains_per_block(static_cast<int>(ladder));
}

/// Takes chains over a few steps, then more while there is time. Returns steps taken.
std::int64_t take_steps(mcmc::ChainRun& run, std::int64_t last, double seconds) {
  const run::TrialDeadline deadline(clock_here, seconds);
  const std::int64_t first = run.step();
  run::Pace pace;
  std::int64_t most = 1;
  while (run.step() < last) {
    const std::int64_t from = run.step();
    const double began = now();
    run.advance(std::min(from + most, pace.next(from, last)));
    Kokkos::fence();
    const double took = now() - began;
    pace.took(took, run.step() - from);
    most *= 2;
    if (!deadline.leaves(took)) break;
    const double each = took / as_double(run.step() - from);
    if (each > 0) {
      const auto fits = static_cast<std::int64_t>(deadline.left() / each);
      most = std::clamp<std::int64_t>(fits, 1, most);
    }
  }
  return run.step() - first;
}

/// The trial while it goes on.
class Trying {
 public:
  Trying(run::Context& context, const Deck& deck, const deck::Source& source, std::int64_t ranks);

  void begin();
  void move();
  void find();
  void write(const io::disk::ScratchFolder& folder);
  void save(const io::disk::ScratchFolder& folder);
  void look();
  [[nodiscard]] Trial result() const { return trial_; }

 private:
  [[nodiscard]] mcmc::ChainRun made(const mcmc::ChainOptions& chains) const;
  [[nodiscard]] std::int64_t blocks_for(double block_seconds, const KeptDraws& of_one) const;
  void limit_draws(double draw_bytes);
  void limit_warmup(double block_seconds);
  void adapt();
  [[nodiscard]] io::Provenance record();
  /// What is saved without draws, at the end.
  [[nodiscard]] static double rest_of(const mcmc::ChainRun& run);
  /// The same of chains of one block that have adapted as long.
  [[nodiscard]] double rest_of_one(bool with_draws) const;

  run::Context& context_;
  const Deck& deck_;
  const deck::Source& source_;
  const comm::Communicator& comm_;
  std::int64_t ranks_;
  Trial trial_;
  std::unique_ptr<const mcmc::Density> density_;
  mcmc::ChainOptions few_;  ///< the chains that are tried
  mcmc::DiagnosticsOptions diagnostics_;
  std::optional<mcmc::ChainRun> run_;
  Found found_;
  run::MemoryMeter memory_;  ///< from the beginning
  double lone_rest_ = 0;     ///< see `rest_of`
};

Trying::Trying(run::Context& context, const Deck& deck, const deck::Source& source,
               std::int64_t ranks)
    : context_(context),
      deck_(deck),
      source_(source),
      comm_(context.comm()),
      ranks_(ranks),
      density_(deck.target.target->density()),
      few_(deck.chains),
      diagnostics_(deck.diagnostics) {
  mcmc::check_target(*deck.target.target, *density_, deck.chains.initial, deck.chains.seed);
  few_.steps = deck.chains.most_steps();
  few_.stop.reset();
  diagnostics_.memory = std::min(diagnostics_.memory, most_bytes / 0x1p20);
  trial_.seconds.start = context.clock().elapsed();
  trial_.memory.start = context.memory();
}

mcmc::ChainRun Trying::made(const mcmc::ChainOptions& chains) const {
  return mcmc::ChainRun(comm_, *density_, deck_.sampler, chains, diagnostics_, deck_.tempering, {});
}

double Trying::rest_of(const mcmc::ChainRun& run) {
  return as_double(std::ssize(run.saved())) - kept(run.kept()).bytes() - kept(run.stored()).bytes();
}

std::int64_t Trying::blocks_for(double block_seconds, const KeptDraws& of_one) const {
  const std::int64_t all = deck_.chains.blocks(trial_.per_block);
  const std::int64_t most = comm::share(all, 0, static_cast<int>(ranks_)).count();
  const std::int64_t judged = judged_draws(deck_, trial_.per_block, diagnostics_.memory,
                                           trial_.parameters, of_one.draw_bytes)
                                  .blocks;
  const std::int64_t stored = few_.draws ? few_.draws->chains / trial_.per_block + 1 : 0;
  const double timely = step_seconds * context_.threads() / std::max(block_seconds, 1e-9);
  const double fitting = most_bytes / (2 * lone_rest_);
  const double limit = std::min({timely, fitting, as_double(std::max({most, judged, stored}))});
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(limit), 1, all);
}

void Trying::limit_draws(double draw_bytes) {
  if (!few_.draws) return;
  mcmc::DrawsOptions& draws = *few_.draws;
  const std::int64_t count = few_.steps / draws.thin;
  const double of_block = draw_bytes * as_double(count);
  const auto blocks = std::max(static_cast<std::int64_t>(most_bytes / of_block), std::int64_t{1});
  draws.chains = std::min({draws.chains, few_.count, blocks * trial_.per_block});
  // Fewer draws of a block where one alone has too many.
  const auto most = std::max(static_cast<std::int64_t>(most_bytes / draw_bytes), std::int64_t{4});
  if (count > most) few_.steps = std::max(most * draws.thin, 4 * few_.thin);
}

void Trying::limit_warmup(double block_seconds) {
  if (!trial_.adapts) return;
  const double step = block_seconds * as_double(trial_.blocks) / context_.threads();
  const auto fits = static_cast<std::int64_t>(adapting_seconds / std::max(step, 1e-9));
  std::int64_t least = least_adapting;
  if (deck_.tempering) least = std::max(least, 20 * deck_.tempering->swap_every);
  few_.warmup = std::min(few_.warmup, std::max(fits, least));
}

void Trying::begin() {
  // One block alone, without stored draws and with as few others as there may be: what is needed
  // to choose how many to take, and what does not grow with them.
  mcmc::ChainOptions one = few_;
  one.draws.reset();
  take(one, std::min(one.count, chains_of_block(deck_)));
  one.warmup = std::max<std::int64_t>(one.warmup, 2);
  one.steps = 4 * one.thin;
  double block_seconds = 0;
  KeptDraws of_one;
  {
    mcmc::ChainRun run = made(one);
    trial_.adapts = run.adapts();
    trial_.per_block = run.population().per_block();
    trial_.parameters = run.population().parameters();
    trial_.rows = run.kept().rows();
    // Steps are of the right size after the first that adapt.
    if (trial_.adapts) {
      while (run.step() < std::min<std::int64_t>(few_steps, one.warmup)) {
        static_cast<void>(run.adapt(comm_, false));
      }
    } else {
      run.advance(1);
    }
    run.stand_for(one.warmup);
    run.begin_sampling(comm_);
    Kokkos::fence();
    // A step that counts, as those of a warm-up may be shorter at first.
    const double began = now();
    run.advance(one.warmup + 1);
    Kokkos::fence();
    block_seconds = now() - began;
    run.stand_for(one.warmup + one.steps);
    lone_rest_ = rest_of(run);
    of_one = kept(run.kept());
    trial_.memory.lone = context_.memory() - static_cast<std::int64_t>(of_one.bytes());
  }
  trial_.blocks = blocks_for(block_seconds, of_one);
  take(few_, std::min(few_.count, trial_.blocks * trial_.per_block));
  limit_draws(of_one.draw_bytes);
  limit_warmup(block_seconds);

  const auto before = comm_.traffic();
  const double began = now();
  run_.emplace(comm_, *density_, deck_.sampler, few_, diagnostics_, deck_.tempering,
               std::vector<comm::Bytes>{});
  Kokkos::fence();
  trial_.seconds.start += now() - began;
  trial_.traffic.start = comm_.traffic() - before;
  trial_.warmup = few_.warmup;
  trial_.steps = few_.steps;
  trial_.judged = kept(run_->kept());
  trial_.stored = kept(run_->stored());
}

void Trying::adapt() {
  const run::TrialDeadline deadline(clock_here, 4 * adapting_seconds);
  comm::Communicator::Traffic all;
  std::optional<comm::Communicator::Traffic> least;
  const double began = now();
  while (run_->step() < few_.warmup && (run_->step() < 2 || !deadline.is_over())) {
    const auto before = comm_.traffic();
    static_cast<void>(run_->adapt(comm_, false));
    const auto step = comm_.traffic() - before;
    if (!least || step.bytes < least->bytes) least = step;
    all = {all.calls + step.calls, all.bytes + step.bytes};
  }
  Kokkos::fence();
  trial_.seconds.adapting = now() - began;
  trial_.adapting_steps = run_->step();
  if (!least) return;
  trial_.traffic.step = *least;
  trial_.traffic.windows = {all.calls - run_->step() * least->calls,
                            all.bytes - run_->step() * least->bytes};
}

void Trying::move() {
  if (run_->adapts()) {
    adapt();
  } else if (few_.warmup > 0) {
    const double began = now();
    trial_.adapting_steps = take_steps(*run_, few_.warmup, adapting_seconds);
    trial_.seconds.adapting = now() - began;
  }
  if (run_->step() < few_.warmup) run_->stand_for(few_.warmup);
  run_->begin_sampling(comm_);
  trial_.step_size = run_->step_size();
  const double began = now();
  trial_.moving_steps = take_steps(*run_, few_.warmup + few_.steps, moving_seconds);
  trial_.seconds.moving = now() - began;
  run_->stand_for(few_.warmup + few_.steps);
  trial_.memory.moving = context_.memory();
  trial_.memory.freed = trial_.memory.moving - memory_.now();
}

void Trying::find() {
  run::MemoryMeter memory;
  auto before = comm_.traffic();
  double began = now();
  found_.chains = run_->findings(comm_);
  trial_.seconds.finding = now() - began;
  trial_.traffic.finding = comm_.traffic() - before;
  before = comm_.traffic();
  began = now();
  find_at_end(comm_, deck_, *density_, *run_, found_);
  trial_.seconds.ending = now() - began;
  trial_.traffic.ending = comm_.traffic() - before;
  trial_.memory.finding = memory.peak();
}

void Trying::write(const io::disk::ScratchFolder& folder) {
  {
    io::ResultFile file(comm_, folder.file("record.h5"));
    record().write(file);
    file.commit();
  }
  trial_.memory.left = memory_.now() + trial_.memory.freed - trial_.memory.moving;
  run::MemoryMeter memory;
  const double began = run::monotonic_seconds();
  const std::string path = folder.file("results.h5");
  io::ResultFile file(comm_, path);
  langevin_chains::write(file, deck_, *run_, found_);
  memory.sample();
  record().write(file);
  file.commit();
  trial_.seconds.writing = run::monotonic_seconds() - began;
  trial_.results_bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
  trial_.memory.writing = memory.peak();
}

io::Provenance Trying::record() {
  std::vector<io::Quantity> quantities;
  run::Checkpoints::record_none(quantities);
  return record_of(context_, deck_, source_, *run_, found_, quantities);
}

double Trying::rest_of_one(bool with_draws) const {
  mcmc::ChainOptions one = few_;
  take(one, std::min(one.count, trial_.per_block));
  if (with_draws) {
    one.draws->chains = std::min(one.draws->chains, one.count);
  } else {
    one.draws.reset();
  }
  mcmc::ChainRun run = made(one);
  while (run.adapts() && run.step() < trial_.adapting_steps) {
    static_cast<void>(run.adapt(comm_, false));
  }
  run.stand_for(one.warmup);
  run.begin_sampling(comm_);
  run.stand_for(one.warmup + one.steps);
  return rest_of(run);
}

void Trying::save(const io::disk::ScratchFolder& folder) {
  run::MemoryMeter memory;
  const double began = run::monotonic_seconds();
  const comm::Bytes part = run_->saved();
  trial_.seconds.saving = run::monotonic_seconds() - began;
  trial_.checkpoint_bytes = run::size_of_checkpoint(context_, folder, part);
  trial_.memory.saving = memory.peak();
  trial_.disk = run::measure_disk(context_, folder);

  // What is saved of a block, of a rank and once: from chains of one block, with and without
  // stored draws.
  Trial::Saved& saved = trial_.saved;
  saved.part = as_double(std::ssize(part));
  const double rest = saved.part - trial_.judged.bytes() - trial_.stored.bytes();
  const double lone = rest_of_one(false);
  const double with_once = few_.draws ? rest_of_one(true) : lone;
  saved.once = with_once - lone;
  saved.block = trial_.blocks > 1 ? (rest - with_once) / as_double(trial_.blocks - 1) : lone;
  saved.rank = lone - saved.block;
}

void Trying::look() {
  const mcmc::Population& population = run_->population();
  const std::int64_t blocks = std::min<std::int64_t>(trial_.blocks, 4);
  mcmc::DrawStore::Plan plan = run_->kept().plan();
  plan.every_block = 1;
  plan.end_chain = blocks * trial_.per_block;
  mcmc::DrawStore store(population, plan);
  const std::int64_t steps = std::min(looks, plan.draws);
  const auto look_at = [&](std::int64_t draw) {
    store.look(population, {0, blocks}, (draw + 1) * plan.thin - 1);
  };
  look_at(0);
  const double began = now();
  for (std::int64_t draw = 0; draw < steps; ++draw) look_at(draw);
  trial_.seconds.look = (now() - began) / as_double(steps * blocks);
}

}  // namespace

std::string Trial::what() const {
  return fmt::format("{} block{} of {} chains, {} steps of the warm-up and {} that count", blocks,
                     blocks == 1 ? "" : "s", per_block, adapting_steps, moving_steps);
}

KeptDraws judged_draws(const Deck& deck, std::int64_t per_block, double memory,
                       std::int64_t parameters, double draw_bytes) {
  const mcmc::DrawStore::Plan plan =
      mcmc::ChainRun::judged_plan(deck.chains, memory, static_cast<int>(parameters), per_block);
  const std::int64_t all = deck.chains.blocks(per_block);
  return {(all + plan.every_block - 1) / plan.every_block, plan.thin, plan.draws, draw_bytes};
}

Trial try_out(run::Context& context, const Deck& deck, const deck::Source& source,
              std::int64_t ranks) {
  const std::int64_t libraries = run::MemoryMeter::resident();
  const io::disk::ScratchFolder folder(context.output());
  Trying trying(context, deck, source, ranks);
  trying.begin();
  trying.move();
  trying.find();
  trying.write(folder);
  trying.save(folder);
  trying.look();
  Trial trial = trying.result();
  trial.memory.libraries = libraries;
  return trial;
}

}  // namespace driftwood::langevin_chains
