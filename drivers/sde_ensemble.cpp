// SPDX-License-Identifier: BSD-3-Clause
/// sde_ensemble: simulates many paths of one stochastic differential equation and writes their
/// moments, quantiles, histograms, payoffs and some of the paths themselves.
#include <iomanip>
#include <sstream>

#include "base/lane.hpp"
#include "io/output.hpp"
#include "io/provenance.hpp"
#include "run/main.hpp"
#include "run/progress.hpp"
#include "run/provenance.hpp"
#include "sde/observations.hpp"
#include "sde/registry.hpp"
#include "sde_ensemble_deck.hpp"

namespace {
using namespace driftwood;

using sde_ensemble::Deck;

/// Takes one wave from its start through all times, and calls `see(i)` at time number i.
template <class See>
void follow(sde::Ensemble& ensemble, const sde::Wave& wave, const Deck& deck,
            const std::vector<std::int64_t>& steps, See&& see) {
  ensemble.start(wave);
  std::int64_t done = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    ensemble.advance({done, steps[i]});
    ensemble.observe(deck.time.time(steps[i]));
    see(static_cast<std::int64_t>(i));
    done = steps[i];
  }
}

/// What the run leaves beside its results.
io::Provenance record_of(run::Context& context, const Deck& deck, const deck::Source& source,
                         double statistics_seconds, double write_seconds) {
  const std::int64_t path_steps = deck.ensemble.paths * deck.time.steps();
  const auto cost = context.cost({{deck.ensemble.paths, "paths"}, {path_steps, "path-steps"}});
  auto record = run::provenance(context, source, cost);
  record.seed = deck.ensemble.seed;
  record.lane_width = deck.ensemble.precision() == sde::Precision::double_ ? width_of<Lane<double>>
                                                                           : width_of<Lane<float>>;
  record.quantities = {
      {"paths", deck.ensemble.paths, "1", "simulated paths"},
      {"steps", deck.time.steps(), "1", "steps of each path"},
      {"path_steps_per_second", cost.rate(), "1/s", "steps of all paths per second of wall time"},
      {"statistics_seconds", statistics_seconds, "s", "rank 0's time in statistics"},
      {"write_seconds", write_seconds, "s", "time spent writing the datasets above"},
  };
  return record;
}

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

/// Says which path went wrong first; throws if more did than the deck tolerates.
void report_nonfinite(run::Context& context, const Deck& deck, sde::Ensemble& ensemble,
                      const sde::Observations& seen, bool tolerable) {
  const auto step_of = [&](std::uint64_t path) {
    return sde::first_nonfinite_step(ensemble.propagator(), ensemble.components(), path,
                                     deck.time.steps());
  };
  std::uint64_t path = seen.first_nonfinite().value();
  auto step = step_of(path);
  if (!step && deck.ensemble.antithetic) step = step_of(++path);  // a pair counts whole
  const std::string where =
      step ? "step " + std::to_string(*step) + ", t = " + digits_of(deck.time.time(*step))
           : "a result that overflows";
  const std::string what =
      std::to_string(seen.nonfinite()) + " of " + std::to_string(deck.ensemble.paths) +
      " paths are not finite (the first is path " + std::to_string(path) + ", at " + where + ")";
  if (!tolerable) {
    throw NumericsError(
        what, "",
        (step ? smaller_steps_or(deck) : "use smaller steps") +
            ", or accept some with 'run.allow_nonfinite'; what was computed is in " +
            context.output() + ".failed");
  }
  context.log().warning(what + "; statistics leave them out");
}

run::Outcome study(run::Context& context, Deck& deck, const deck::Source& source) {
  const comm::Communicator& comm = context.comm();
  const io::OutputLock lock(comm, context.output());
  const sde::Model& model = *deck.model.model;
  const comm::Share mine = comm.share(deck.ensemble.blocks());
  const std::int64_t most_blocks = deck.ensemble.blocks_per_wave(context.threads());

  const sde::PropagatorOptions options = {.end = deck.time.end,
                                          .steps = deck.time.steps(),
                                          .seed = deck.ensemble.seed,
                                          .capacity = most_blocks * stats::block_paths,
                                          .antithetic = deck.ensemble.antithetic,
                                          .levy_areas = deck.time.levy_areas()};
  sde::Ensemble ensemble(
      model.propagator(deck.time.scheme, deck.ensemble.precision(), options),
      static_cast<std::int64_t>(model.components().size()), deck.observe.contracts(model),
      sde::read_formulas(deck.observe.formulas, model, source, "observe.formulas"),
      deck.ensemble.paths, most_blocks, deck.ensemble.antithetic);
  sde::Observations seen(deck.observe, deck.time, deck.ensemble, model, mine);
  if (seen.wants_pilot()) {
    follow(ensemble, {0, 1}, deck, seen.steps(), [&](std::int64_t t) { seen.pilot(ensemble, t); });
    seen.end_pilot(comm);
  }

  run::Stopwatch statistics;
  {
    run::Progress progress(context, deck.ensemble.paths, "paths");
    for (const sde::Wave& wave : sde::waves(mine.first, mine.last, most_blocks)) {
      follow(ensemble, wave, deck, seen.steps(), [&](std::int64_t t) {
        Kokkos::fence();
        const auto timing = statistics.measure();
        seen.record(ensemble, t);
      });
      const auto timing = statistics.measure();
      seen.finish(ensemble);
      const std::int64_t done = (wave.first + wave.count - mine.first) * comm.size();
      progress.update(
          std::min(done * stats::block_paths, deck.ensemble.paths),
          run::Estimate{seen.running().name, seen.running().mean, seen.running().standard_error()});
    }
  }
  {
    const auto timing = statistics.measure();
    seen.merge(comm);
  }

  run::Stopwatch writing;
  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  {
    const auto timing = writing.measure();
    seen.write(file);
  }
  record_of(context, deck, source, statistics.seconds(), writing.seconds()).write(file);
  if (const auto t = seen.first_overflow()) {
    context.log().warning("the variance is beyond the range of numbers from t = " +
                          digits_of(deck.time.time(seen.steps()[static_cast<std::size_t>(*t)])) +
                          " on: paths are finite, but useless; " + smaller_steps_or(deck));
  }
  const bool tolerable = static_cast<double>(seen.nonfinite()) <=
                         deck.run.allow_nonfinite * static_cast<double>(deck.ensemble.paths);
  tolerable ? file.commit() : file.commit_as_failed();
  if (seen.nonfinite() > 0) report_nonfinite(context, deck, ensemble, seen, tolerable);
  return run::Outcome::done;
}

const run::Program about = {
    .name = "sde_ensemble",
    .summary = "massively batched simulation of a stochastic differential equation",
    .description =
        "Simulates an ensemble of paths of one SDE on all ranks and threads it is given,\n"
        "and writes statistics at chosen times to an HDF5 file: moments, quantiles,\n"
        "histograms, expected payoffs, and as many paths as asked for. Results are bit\n"
        "for bit the same on any number of ranks and threads.",
    .examples = {{"sde_ensemble --check deck.toml", "is the deck right?"},
                 {"mpirun -n 2 sde_ensemble deck.toml", "run it on two processes"},
                 {"sde_ensemble deck.toml --set ensemble.paths=1000000 --output big.h5",
                  "run a variation"},
                 {"postprocess/sde_ensemble.py big.h5", "plots and an HTML report"}},
    .list = sde::listing,
};
}  // namespace

int main(int argc, char** argv) { return driftwood::run::main<Deck>(argc, argv, about, study); }
