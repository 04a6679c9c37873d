// SPDX-License-Identifier: BSD-3-Clause
/// sde_ensemble: simulates many paths of one stochastic differential equation and writes their
/// moments, quantiles, histograms, first passages, payoffs and some of the paths themselves; or
/// estimates means to a given accuracy by multilevel Monte Carlo.
#include <algorithm>
#include <iomanip>
#include <iterator>
#include <sstream>
#include <utility>

#include "base/lane.hpp"
#include "io/output.hpp"
#include "io/provenance.hpp"
#include "run/checkpoints.hpp"
#include "run/main.hpp"
#include "run/progress.hpp"
#include "run/provenance.hpp"
#include "sde/ensemble_work.hpp"
#include "sde/multilevel.hpp"
#include "sde/observations.hpp"
#include "sde/registry.hpp"
#include "sde/step_sizes.hpp"
#include "sde_ensemble_parts.hpp"
#include "sde_ensemble_plan.hpp"

namespace driftwood::sde_ensemble {

std::vector<io::Quantity> quantities_of(const Deck& deck, const Watches& watches) {
  std::vector<io::Quantity> out = {
      {"statistics_seconds", watches.statistics.seconds(), "s", "rank 0's time in statistics"},
      {"write_seconds", watches.writing.seconds(), "s", "time spent writing the datasets above"}};
  if (!deck.time.is_adaptive()) {
    out.push_back({"steps", deck.time.steps(), "1", "steps of each path"});
  }
  return out;
}

io::Provenance record_of(run::Context& context, const Deck& deck, const deck::Source& source,
                         const Work& work, const std::vector<io::Quantity>& more) {
  const auto cost = context.cost({{work.paths, "paths"}, {work.path_steps, "path-steps"}});
  auto record = run::provenance(context, source, cost);
  record.seed = deck.ensemble.seed;
  record.lane_width = deck.ensemble.precision() == sde::Precision::double_ ? width_of<Lane<double>>
                                                                           : width_of<Lane<float>>;
  record.quantities = {
      {"paths", work.paths, "1", "simulated paths"},
      {"path_steps", work.path_steps, "1", "steps of all paths"},
      {"path_steps_per_second", cost.rate(), "1/s", "steps of all paths per second of wall time"},
  };
  record.quantities.insert(record.quantities.end(), more.begin(), more.end());
  return record;
}

namespace {

std::string digits_of(double value) {
  std::ostringstream text;
  text << std::setprecision(12) << value;
  return text.str();
}

/// What may help against paths that blow up.
std::string smaller_steps_or(const Deck& deck) {
  const std::string other = sde::steep_drift_hint(*deck.model.model, deck.time.scheme);
  return "use smaller steps" + (other.empty() ? "" : ", " + other);
}

/// Paths that are not finite, and how to follow the first of them.
struct Nonfinite {
  std::int64_t count;
  std::int64_t paths;  ///< of how many
  std::uint64_t first;
  std::vector<double> times;  ///< after which it can be looked at; empty: equal steps
  std::int64_t steps;         ///< of its grid
};

/// Says which path went wrong first; throws if more did than the deck tolerates.
void report_nonfinite(run::Context& context, const Deck& deck, sde::Propagator& propagator,
                      const Nonfinite& bad, bool tolerable) {
  const auto watched = watch_plan(deck.events, deck.observe.running, deck.jumps, *deck.model.model);
  const auto rows = deck.model.model->components().size() + watched.numbers.size();
  const auto step_of = [&](std::uint64_t path) {
    return sde::first_nonfinite_step(propagator, static_cast<std::int64_t>(rows), path, bad.steps);
  };
  std::uint64_t path = bad.first;
  auto step = step_of(path);
  if (!step && deck.ensemble.antithetic) step = step_of(++path);  // a pair counts whole
  const double h = deck.time.end / static_cast<double>(bad.steps);
  std::string where = "a result that overflows";
  if (step && bad.times.empty()) {
    where = "step " + std::to_string(*step) + ", t = " + digits_of(static_cast<double>(*step) * h);
  } else if (step) {
    where = "the latest t = " + digits_of(bad.times[static_cast<std::size_t>(*step) - 1]);
  }
  const std::string what = std::to_string(bad.count) + " of " + std::to_string(bad.paths) +
                           " paths are not finite (the first is path " + std::to_string(path) +
                           ", at " + where + ")";
  if (!tolerable) {
    throw NumericsError(
        what, "",
        (step ? smaller_steps_or(deck) : "use smaller steps") +
            ", or accept some with 'run.allow_nonfinite'; what was computed is in " +
            context.output() + ".failed");
  }
  context.log().warning(what + "; statistics leave them out");
}

bool tolerates(const Deck& deck, std::int64_t nonfinite, std::int64_t paths) {
  return static_cast<double>(nonfinite) <= deck.run.allow_nonfinite * static_cast<double>(paths);
}

/// Says how a run that may stop early ended.
void report_stop(run::Context& context, const Deck& deck, const std::string& name, double error,
                 std::int64_t paths) {
  const double wanted = deck.ensemble.stop->standard_error;
  const std::string is = "the standard error of '" + name + "' is " + digits_of(error);
  if (error <= wanted) {
    context.log().info(is + " after " + std::to_string(paths) + " paths: stopped");
  } else {
    context.log().warning(is + " after all " + std::to_string(paths) + " paths, more than the " +
                          digits_of(wanted) + " of 'ensemble.stop': raise 'ensemble.paths'");
  }
}

/// The first kind of jumps whose rate was above its bound on any rank, as a sentence.
std::string rates_above_bounds(std::vector<double> highest, const Deck& deck,
                               const comm::Communicator& comm) {
  comm.all_reduce_max(highest);
  auto rate = highest.begin();
  for (const auto& [name, jump] : deck.jumps) {
    if (*rate > 0) {
      return "the rate of '" + name + "' was up to " + digits_of(*rate) + ", above its bound " +
             digits_of(*jump.bound);
    }
    ++rate;
  }
  return "";
}

}  // namespace

sde::PropagatorOptions propagator_options(const Deck& deck, const sde::WatchPlan& watched,
                                          const deck::Source& source, std::int64_t most_blocks) {
  sde::PropagatorOptions options = {.end = deck.time.end,
                                    .steps = deck.time.steps(),
                                    .seed = deck.ensemble.seed,
                                    .capacity = most_blocks * stats::block_paths,
                                    .antithetic = deck.ensemble.antithetic,
                                    .levy_areas = deck.time.levy_areas(),
                                    .watchers = watched.watchers,
                                    .jumps = jump_plan(deck.jumps, *deck.model.model, source)};
  if (deck.time.is_adaptive()) {
    options.control = deck.time.control(deck.observe.times(deck.time));
    options.steps = static_cast<std::int64_t>(options.control->times.size());
  }
  return options;
}

namespace {

/// Follows the first block, the same on every rank, for the ranges of histograms.
void take_pilot(sde::Ensemble& ensemble, sde::Observations& seen, sde::EnsembleWork& work,
                const comm::Communicator& comm) {
  ensemble.start({0, 1});
  std::int64_t done = 0;
  for (std::size_t i = 0; i < seen.steps().size(); ++i) {
    ensemble.advance({done, seen.steps()[i]});
    ensemble.observe(seen.times()[i]);
    seen.pilot(ensemble, static_cast<std::int64_t>(i));
    done = seen.steps()[i];
  }
  seen.end_pilot(comm);
  work.leave_out(ensemble.propagator().step_counts());
}

/// Writes what was found, unless it is worthless. Collective.
void write_results(run::Context& context, Deck& deck, const deck::Source& source,
                   sde::Ensemble& ensemble, const sde::Observations& seen,
                   const sde::EnsembleWork& work, const run::Checkpoints& checkpoints,
                   Watches& watches, std::int64_t paths) {
  const comm::Communicator& comm = context.comm();
  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  std::optional<sde::StepSizes> sizes;
  if (deck.time.is_adaptive()) sizes.emplace(work.step_counts(ensemble.propagator()), comm);
  {
    const auto timing = watches.writing.measure();
    seen.write(file);
    if (sizes) sizes->write(file, seen.time_units());
  }
  std::vector<io::Quantity> quantities = quantities_of(deck, watches);
  checkpoints.record(quantities);
  const std::int64_t path_steps =
      sizes ? sizes->accepted() + sizes->rejected() : paths * deck.time.steps();
  record_of(context, deck, source, {paths, path_steps}, quantities).write(file);
  if (sizes && sizes->forced() > 0) {
    context.log().warning(std::to_string(sizes->forced()) +
                          " steps of the smallest size were accepted with too large an error: "
                          "lower 'time.smallest_step' or raise 'time.tolerance'");
  }
  if (const auto t = seen.first_overflow()) {
    context.log().warning("the variance is beyond the range of numbers from t = " +
                          digits_of(seen.times()[static_cast<std::size_t>(*t)]) +
                          " on: paths are finite, but useless; " + smaller_steps_or(deck));
  }
  const std::string above =
      rates_above_bounds(work.rates_above_bounds(ensemble.propagator()), deck, comm);
  const bool tolerable = above.empty() && tolerates(deck, seen.nonfinite(), paths);
  tolerable ? file.commit() : file.commit_as_failed();
  if (!above.empty()) {
    throw NumericsError(
        above, "jumps that should have come were left out",
        "raise the bound under 'jumps'; what was computed is in " + context.output() + ".failed");
  }
  if (seen.nonfinite() > 0) {
    const std::vector<double> times = deck.time.is_adaptive()
                                          ? deck.time.control(deck.observe.times(deck.time)).times
                                          : std::vector<double>{};
    const std::int64_t steps = times.empty() ? deck.time.steps() : std::ssize(times);
    report_nonfinite(context, deck, ensemble.propagator(),
                     {seen.nonfinite(), paths, seen.first_nonfinite().value(), times, steps},
                     tolerable);
  }
}

/// Takes the paths of a wave to the next look at the clock, or to the next time of results, and
/// looks at them there.
void go_on(sde::Ensemble& ensemble, sde::Observations& seen, sde::Place& place, run::Pace& pace,
           run::Stopwatch& statistics) {
  const auto time = static_cast<std::size_t>(place.time);
  const std::int64_t due = seen.steps()[time];
  const std::int64_t next = pace.next(place.step, due);
  const double began = run::monotonic_seconds();
  ensemble.advance({place.step, next});
  Kokkos::fence();
  pace.took(run::monotonic_seconds() - began, next - place.step);
  place.step = next;
  if (next < due) return;
  ensemble.observe(seen.times()[time]);
  Kokkos::fence();
  const auto timing = statistics.measure();
  seen.record(ensemble, place.time++);
}

/// Paths on one grid, and all statistics of them.
run::Outcome simulate(run::Context& context, Deck& deck, const deck::Source& source,
                      run::Checkpoints& checkpoints) {
  const comm::Communicator& comm = context.comm();
  const sde::Model& model = *deck.model.model;
  const std::int64_t blocks = deck.ensemble.blocks();
  const sde::WatchPlan watched = watch_plan(deck.events, deck.observe.running, deck.jumps, model);

  sde::EnsembleWork work(comm, checkpoints.parts(), deck.ensemble, source);
  const std::int64_t most_blocks = deck.ensemble.blocks_per_wave(context.threads());
  const std::int64_t room = std::max(most_blocks, work.largest_wave());
  sde::Ensemble ensemble(model.propagator(deck.time.scheme, deck.ensemble.precision(),
                                          propagator_options(deck, watched, source, room)),
                         contents_of(deck.observe, watched, model, source), deck.ensemble.paths,
                         room, deck.ensemble.antithetic);
  // A run that may stop shares out every round anew, which may give a rank a block more each time.
  const std::int64_t later = deck.ensemble.stop ? blocks / comm.size() + 256 : 0;
  sde::Observations seen(deck.observe, deck.events, deck.jumps, deck.time, deck.ensemble, model,
                         std::min(blocks, work.blocks_left() + later));
  if (seen.wants_pilot()) take_pilot(ensemble, seen, work, comm);
  comm.agree([&] { work.give_back(seen); });

  Watches watches;
  run::Pace pace;
  double error = 0;
  {
    run::Progress progress(context, deck.ensemble.paths, "paths");
    for (;;) {
      while (auto place = work.next(ensemble, seen, most_blocks)) {
        while (place->time < std::ssize(seen.times())) {
          go_on(ensemble, seen, *place, pace, watches.statistics);
          if (!checkpoints.pass([&] { return work.saved(ensemble, seen, place); })) {
            return run::Outcome::stopped;
          }
          progress.update(work.paths_done(*place, seen.steps().back()),
                          run::Estimate{seen.running().name, seen.running().mean,
                                        seen.running().standard_error()});
        }
        const auto timing = watches.statistics.measure();
        seen.finish(ensemble);
      }
      if (!checkpoints.wait_for_others([&] { return work.saved(ensemble, seen, {}); })) {
        return run::Outcome::stopped;
      }
      if (!deck.ensemble.stop) break;
      error = seen.standard_error(comm);
      if (work.last() == blocks || error <= deck.ensemble.stop->standard_error) break;
      work.next_round(comm, deck.ensemble.next_look(work.last(), error));
    }
  }
  checkpoints.save_last([&] { return work.saved(ensemble, seen, {}); });
  const std::int64_t paths = std::min(work.last() * stats::block_paths, deck.ensemble.paths);
  {
    const auto timing = watches.statistics.measure();
    seen.merge(comm, paths);
  }
  context.sample_memory();
  write_results(context, deck, source, ensemble, seen, work, checkpoints, watches, paths);
  if (deck.ensemble.stop) report_stop(context, deck, seen.running().name, error, paths);
  return run::Outcome::done;
}

/// Means at the end to a given accuracy, from paths on many grids.
run::Outcome estimate(run::Context& context, Deck& deck, const deck::Source& source,
                      run::Checkpoints& checkpoints) {
  const comm::Communicator& comm = context.comm();
  sde::Multilevel levels(deck.task, deck.time, deck.ensemble, deck.observe, deck.events,
                         *deck.model.model, source,
                         deck.ensemble.blocks_per_wave(context.threads()));
  levels.restore(comm, checkpoints.parts());
  const auto state = [&] { return levels.saved(); };
  while (!levels.due().empty()) {
    run::Progress progress(context, levels.cost(levels.due()), "path-steps");
    std::int64_t done = 0;
    for (const auto wave : levels.waves(levels.share(comm))) {
      levels.sample(wave);
      done += levels.cost(wave) * comm.size();
      if (!checkpoints.pass(state)) return run::Outcome::stopped;
      progress.update(std::min(done, levels.cost(levels.due())));
    }
    if (!checkpoints.wait_for_others(state)) return run::Outcome::stopped;
    levels.plan(comm);
  }
  checkpoints.save_last(state);

  const std::string end = "'" + levels.quantity() + "' is " + digits_of(levels.mean()) +
                          ", standard error " + digits_of(levels.standard_error()) +
                          ", bias about " + digits_of(levels.bias());
  context.log().info(end);
  if (levels.lacks_levels()) {
    context.log().warning("the bias exceeds its share of 'task.accuracy' on the last of " +
                          std::to_string(levels.levels()) +
                          " levels: raise 'task.most_levels' or 'time.steps'");
  }
  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  levels.write(file);
  std::vector<io::Quantity> quantities;
  checkpoints.record(quantities);
  record_of(context, deck, source, {levels.samples(), levels.steps_taken()}, quantities)
      .write(file);
  const bool tolerable = tolerates(deck, levels.nonfinite(), levels.samples());
  tolerable ? file.commit() : file.commit_as_failed();
  if (levels.nonfinite() > 0) {
    const auto [level, path] = levels.first_nonfinite().value();
    report_nonfinite(context, deck, levels.propagator(level),
                     {levels.nonfinite(), levels.samples(), path, {}, levels.steps(level)},
                     tolerable);
  }
  return run::Outcome::done;
}

run::Outcome study(run::Context& context, Deck& deck, const deck::Source& source) {
  const io::OutputLock lock(context.comm(), context.output());
  run::Checkpoints checkpoints(context);
  if (checkpoints.has_results()) return run::Outcome::done;
  const run::Outcome outcome = deck.task.is_multilevel()
                                   ? estimate(context, deck, source, checkpoints)
                                   : simulate(context, deck, source, checkpoints);
  if (outcome == run::Outcome::done) checkpoints.finish();
  return outcome;
}

const run::Program about = {
    .name = "sde_ensemble",
    .summary = "massively batched simulation of a stochastic differential equation",
    .description =
        "Simulates an ensemble of paths of one SDE on all ranks and threads it is given,\n"
        "and writes statistics at chosen times to an HDF5 file: moments, quantiles,\n"
        "histograms, first passages, expected payoffs, and as many paths as asked for;\n"
        "or estimates means to a given accuracy by multilevel Monte Carlo. Results are\n"
        "bit for bit the same on any number of ranks and threads.",
    .examples = {{"sde_ensemble --check deck.toml", "is the deck right?"},
                 {"sde_ensemble --plan --ranks 4096 deck.toml", "what would it cost there?"},
                 {"mpirun -n 2 sde_ensemble deck.toml", "run it on two processes"},
                 {"sde_ensemble deck.toml --set ensemble.paths=1000000 --output big.h5",
                  "run a variation"},
                 {"postprocess/sde_ensemble.py big.h5", "plots and an HTML report"}},
    .list = sde::listing,
};
}  // namespace
}  // namespace driftwood::sde_ensemble

int main(int argc, char** argv) {
  using namespace driftwood::sde_ensemble;
  return driftwood::run::main<Deck>(argc, argv, about, study, plan);
}
