// SPDX-License-Identifier: BSD-3-Clause
/// langevin_chains: draws from a distribution with many Markov chains at once, and says how far to
/// trust the draws.
#include <fmt/format.h>

#include "base/lane.hpp"
#include "io/output.hpp"
#include "io/provenance.hpp"
#include "langevin_chains_parts.hpp"
#include "langevin_chains_plan.hpp"
#include "mcmc/chain_results.hpp"
#include "mcmc/check_target.hpp"
#include "mcmc/density.hpp"
#include "mcmc/discrepancy_results.hpp"
#include "mcmc/tempering_results.hpp"
#include "run/checkpoints.hpp"
#include "run/main.hpp"
#include "run/pace.hpp"
#include "run/progress.hpp"
#include "run/provenance.hpp"
#include "run/stop_signals.hpp"

namespace driftwood::langevin_chains {

namespace {

/// What the deck asks for, of the last states. Collective.
mcmc::DiscrepancyFindings discrepancies(const comm::Communicator& comm, const Deck& deck,
                                        const mcmc::Density& density, const mcmc::ChainRun& run,
                                        const mcmc::ChainFindings& found) {
  mcmc::DiscrepancyFindings out;
  // Of one chain, states that are as good as independent: floors are of such.
  const double apart =
      2 * *std::max_element(found.autocorrelation_times.begin(), found.autocorrelation_times.end());
  if (const auto& ksd = deck.diagnostics.ksd) {
    out.ksd = mcmc::kernel_stein(comm, density, run.last_states(comm, ksd->points, apart), *ksd);
  }
  if (const auto& w2 = deck.diagnostics.w2) {
    out.w2 = mcmc::wasserstein(comm, *deck.target.target, deck.chains.seed,
                               run.last_states(comm, w2->points, apart), *w2);
  }
  return out;
}

}  // namespace

void find_at_end(const comm::Communicator& comm, const Deck& deck, const mcmc::Density& density,
                 const mcmc::ChainRun& run, Found& found) {
  found.replicas = run.tempering(comm);
  found.apart = discrepancies(comm, deck, density, run, found.chains);
}

void write(io::ResultFile& file, const Deck& deck, const mcmc::ChainRun& run, const Found& found) {
  mcmc::write(file, deck.target.target->parameters(), found.chains, run, deck.diagnostics.moments);
  mcmc::write(file, found.apart);
  if (found.replicas) mcmc::write(file, *found.replicas, run.process());
}

io::Provenance record_of(run::Context& context, const Deck& deck, const deck::Source& source,
                         const mcmc::ChainRun& run, const Found& found,
                         const std::vector<io::Quantity>& more) {
  const std::int64_t steps = deck.chains.warmup + found.chains.steps;
  const std::int64_t gradients = run.gradients(context.comm());
  const auto cost =
      context.cost({{deck.chains.count * steps, "chain-steps"}, {gradients, "gradients"}});
  auto record = run::provenance(context, source, cost);
  record.seed = deck.chains.seed;
  record.lane_width = width_of<Lane<double>>;
  record.quantities = {
      {"chains", deck.chains.count, "1", "chains"},
      {"warmup_steps", deck.chains.warmup, "1", "steps of each chain that do not count"},
      {"steps", found.chains.steps, "1", "steps of each chain that count"},
      {"lost_chains", found.chains.lost, "1", "chains that are not finite"},
      {"gradients", gradients, "1", "gradients of the target, of all chains and jobs"},
      {"gradients_per_second", static_cast<double>(gradients) / cost.wall_seconds, "1/s",
       "rate of work"}};
  record.quantities.insert(record.quantities.end(), more.begin(), more.end());
  return record;
}

namespace {

/// Between two places at which a warm-up of all ranks together could be saved [s].
constexpr double pass_period = 0.05;

/// Takes the chains of this rank to a step, saved on the way where that is due.
bool go_to(mcmc::ChainRun& run, std::int64_t last, run::Pace& pace, run::Checkpoints& checkpoints,
           run::Progress& progress, std::int64_t chains) {
  const auto state = [&] { return run.saved(); };
  while (run.step() < last) {
    const std::int64_t from = run.step();
    const double began = run::monotonic_seconds();
    run.advance(pace.next(from, last));
    Kokkos::fence();
    pace.took(run::monotonic_seconds() - began, run.step() - from);
    progress.update(run.step() * chains);
    if (!checkpoints.pass(state)) return false;
  }
  return checkpoints.wait_for_others(state);
}

/// The warm-up, to its end. False: the run is to stop.
bool warm_up(const comm::Communicator& comm, mcmc::ChainRun& run, const Deck& deck, run::Pace& pace,
             run::Checkpoints& checkpoints, run::Progress& progress) {
  if (!run.is_warming_up()) return true;
  const std::int64_t warmup = deck.chains.warmup;
  double next_pass = run::monotonic_seconds() + pass_period;
  while (run.adapts() && run.step() < warmup) {
    const double now = run::monotonic_seconds();
    const bool is_due = run.adapt(comm, comm.is_root() && now >= next_pass);
    progress.update(run.step() * deck.chains.count);
    if (!is_due) continue;
    next_pass = now + pass_period;
    if (!checkpoints.pass_together([&] { return run.saved(); })) return false;
  }
  if (!go_to(run, warmup, pace, checkpoints, progress, deck.chains.count)) return false;
  run.begin_sampling(comm);
  return true;
}

bool is_enough(const mcmc::ChainStopOptions& stop, const mcmc::ChainFindings& found) {
  const bool has_forgotten =
      !stop.nested_rhat || std::all_of(found.nested_rhat.begin(), found.nested_rhat.end(),
                                       [&](double r) { return r <= *stop.nested_rhat; });
  if (!has_forgotten) return false;
  return std::all_of(found.parameters.begin(), found.parameters.end(), [&](const auto& p) {
    const bool knows = !stop.ess || (p.ess_bulk >= *stop.ess && p.ess_tail >= *stop.ess);
    return knows && (!stop.rhat || p.rhat <= *stop.rhat);
  });
}

bool tolerates(const Deck& deck, const mcmc::ChainFindings& found) {
  return static_cast<double>(found.lost) <=
         deck.run.allow_nonfinite * static_cast<double>(deck.chains.count);
}

void write_results(run::Context& context, Deck& deck, const deck::Source& source,
                   const mcmc::ChainRun& run, const Found& found,
                   const run::Checkpoints& checkpoints) {
  io::ResultFile file(context.comm(), context.output(), deck.run.overwrite);
  write(file, deck, run, found);
  std::vector<io::Quantity> quantities;
  checkpoints.record(quantities);
  record_of(context, deck, source, run, found, quantities).write(file);
  tolerates(deck, found.chains) ? file.commit() : file.commit_as_failed();
}

run::Outcome study(run::Context& context, Deck& deck, const deck::Source& source) {
  const comm::Communicator& comm = context.comm();
  const io::OutputLock lock(comm, context.output());
  run::Checkpoints checkpoints(context);
  if (checkpoints.has_results()) return run::Outcome::done;

  const auto density = deck.target.target->density();
  comm.agree([&] {
    if (comm.is_root()) {
      mcmc::check_target(*deck.target.target, *density, deck.chains.initial, deck.chains.seed);
    }
  });
  mcmc::ChainRun run(comm, *density, deck.sampler, deck.chains, deck.diagnostics, deck.tempering,
                     checkpoints.parts());
  run.interrupt_when([] { return !run::StopSignals::received().empty(); });
  const mcmc::SamplerTraits traits = deck.sampler.sampler->traits();
  if (deck.tempering && traits.bias_order > 0) {
    context.log().warning(
        fmt::format("replicas move by '{}', which does not accept or refuse steps: swaps are "
                    "exact, but its bias "
                    "stays at every temperature, in the log evidence, too",
                    traits.name));
  }
  run::Pace pace(64, 1);  // a step may be a long trajectory
  std::int64_t look = 0;
  Found found;
  {
    const std::int64_t all = deck.chains.warmup + deck.chains.most_steps();
    run::Progress progress(context, all * deck.chains.count, "chain-steps");
    if (!warm_up(comm, run, deck, pace, checkpoints, progress)) return run::Outcome::stopped;
    // An earlier job may have looked already, and have gone on.
    const std::int64_t passed = comm.all_reduce_max(run.step()) - deck.chains.warmup;
    do {
      do {
        look = deck.chains.next_look(look);
      } while (look < passed);
      if (!go_to(run, deck.chains.warmup + look, pace, checkpoints, progress, deck.chains.count)) {
        return run::Outcome::stopped;
      }
      context.sample_memory();
      found.chains = run.findings(comm);
    } while (deck.chains.stop && !is_enough(*deck.chains.stop, found.chains) &&
             look < deck.chains.most_steps());
  }
  context.sample_memory();
  checkpoints.save_last([&] { return run.saved(); });
  find_at_end(comm, deck, *density, run, found);
  write_results(context, deck, source, run, found, checkpoints);
  const auto names = mcmc::names_of(deck.target.target->parameters());
  context.print(mcmc::table_text(names, found.chains, deck.diagnostics.moments));
  if (const auto text = mcmc::table_text(names, found.apart); !text.empty()) {
    context.print("\n" + text);
  }
  if (found.replicas) context.print("\n" + mcmc::table_text(*found.replicas));
  if (!tolerates(deck, found.chains)) {
    throw NumericsError(
        fmt::format("{} of {} chains are not finite", found.chains.lost, deck.chains.count),
        fmt::format("steps of size {:.3g}", run.step_size()),
        "use smaller steps, start nearer to the bulk of the target, or accept some with "
        "'run.allow_nonfinite'; what was computed is in " +
            context.output() + ".failed");
  }
  checkpoints.finish();
  return run::Outcome::done;
}

std::string listing() {
  std::string text = "Targets ([target] name)\n\n";
  for (const auto& target : mcmc::targets()) {
    text += fmt::format("  {}\n      {}\n", target.name, target.summary);
  }
  text += "\nSamplers ([sampler] name)\n\n";
  for (const auto& alternative : mcmc::samplers()) {
    const mcmc::SamplerTraits traits = alternative.make()->traits();
    text += fmt::format("  {}\n      {}\n      {} per step; {}\n", traits.name, traits.summary,
                        traits.takes_batches    ? std::string("a batch of the rows of data")
                        : traits.gradients == 0 ? std::string("as many gradients as its keys say")
                        : traits.gradients == 1 ? std::string("1 gradient")
                                                : fmt::format("{} gradients", traits.gradients),
                        traits.bias_order == 0
                            ? std::string("no bias")
                            : fmt::format("bias of order {} in the step size", traits.bias_order));
  }
  return text;
}

const run::Program about = {
    .name = "langevin_chains",
    .summary = "draws from a distribution with many Markov chains",
    .description =
        "Moves thousands of Markov chains at once by Langevin dynamics or Hamiltonian\n"
        "Monte Carlo towards a distribution that the deck gives, and says how far to\n"
        "trust them: R-hat, effective sample sizes, standard errors. Results are bit\n"
        "for bit the same on any number of ranks and threads.",
    .examples = {{"langevin_chains --list", "which targets and samplers are there?"},
                 {"mpirun -n 2 langevin_chains deck.toml", "run on two processes"},
                 {"langevin_chains deck.toml --set sampler.name=mala --output mala.h5",
                  "another sampler"},
                 {"langevin_chains --plan --ranks 1000 deck.toml", "what would that cost?"},
                 {"postprocess/langevin_chains.py mala.h5", "plots and an HTML report"}},
    .list = listing,
};
}  // namespace
}  // namespace driftwood::langevin_chains

int main(int argc, char** argv) {
  using namespace driftwood::langevin_chains;
  return driftwood::run::main<Deck>(argc, argv, about, study, plan);
}
