// SPDX-License-Identifier: BSD-3-Clause
#include "sde_gradient_work.hpp"

#include <utility>

#include "base/lane.hpp"
#include "comm/share_rest.hpp"
#include "run/provenance.hpp"
#include "sde/ensemble_work.hpp"
#include "sde/gradient/formulas.hpp"

namespace driftwood::sde_gradient {
namespace {

sde::GradientPlan plan_of(const Deck& deck, const sde::GradientFormulas& formulas,
                          std::int64_t most_blocks) {
  const std::vector<std::int64_t> observed = deck.observe.steps(deck.time);
  std::optional<sde::StepControl> control;
  if (deck.time.is_adaptive()) control = deck.time.control(deck.observe.times(deck.time));
  return {.mode = deck.gradient.mode(),
          .end = deck.time.end,
          .steps = control ? std::ssize(control->times) : deck.time.steps(),
          .seed = deck.ensemble.seed,
          .capacity = most_blocks * stats::block_paths,
          .antithetic = deck.ensemble.antithetic,
          .observed = observed,
          .formulas = formulas.program,
          .weights = sde::unit_weights(std::ssize(formulas.names), std::ssize(observed)),
          .parameters = deck.gradient.parameters(*deck.model.model),
          .initial = deck.gradient.initial(*deck.model.model),
          .memory = deck.gradient.memory_bytes(),
          .control = control};
}

}  // namespace

Work::Work(run::Context& context, const Deck& deck, const deck::Source& source)
    : comm_(context.comm()),
      deck_(deck),
      most_blocks_(deck.ensemble.blocks_per_wave(context.threads())),
      last_(deck.ensemble.next_look(0, 0)) {
  const sde::Model& model = *deck.model.model;
  const auto formulas = sde::read_gradient_formulas(deck.observe, model, source);
  auto solver = sde::solver_of(model, deck.time.scheme, deck.ensemble.precision(),
                               plan_of(deck, formulas, most_blocks_), source, "gradient.mode",
                               formulas.names);
  sde::require_groups(source, deck.ensemble.paths, *solver);
  study_.emplace(std::move(solver),
                 sde::GradientLabels{formulas.names, formulas.units, formulas.texts,
                                     deck.observe.times(deck.time),
                                     model.underlying().empty() ? "time" : "year"},
                 deck.ensemble.paths, deck.ensemble.antithetic);
}

void Work::restore(const std::vector<comm::Bytes>& parts, const deck::Source& source) {
  std::int64_t earlier_paths = 0;
  std::int64_t last = 0;
  comm_.agree([&] {
    for (const comm::Bytes& part : parts) {
      stats::ByteReader in(part);
      earlier_paths = in.get<std::int64_t>();
      last = in.get<std::int64_t>();
      study_->absorb(in);
    }
  });
  earlier_paths = comm_.all_reduce_max(earlier_paths);
  last = comm_.all_reduce_max(last);
  if (earlier_paths == 0) return;
  sde::require_growth(comm_, earlier_paths, study_->finished(), deck_.ensemble, source);
  if (deck_.ensemble.stop) last_ = last;
}

comm::Bytes Work::saved() const {
  stats::ByteWriter out;
  out.put(deck_.ensemble.paths);
  out.put(last_);
  study_->save(out);
  return out.take();
}

bool Work::finish(run::Context& context, run::Checkpoints& checkpoints) {
  run::Progress progress(context, deck_.ensemble.paths, "paths");
  for (;;) {
    if (!finish_round(checkpoints, progress)) return false;
    if (!deck_.ensemble.stop) return true;
    error_ = study_->standard_error(comm_);
    if (last_ == deck_.ensemble.blocks() || error_ <= deck_.ensemble.stop->standard_error) {
      return true;
    }
    last_ = deck_.ensemble.next_look(last_, error_);
  }
}

bool Work::finish_round(run::Checkpoints& checkpoints, run::Progress& progress) {
  const auto state = [this] { return saved(); };
  const auto todo = comm::share_rest(comm_, {0, last_}, study_->finished());
  std::int64_t left = comm::count_of(todo);
  for (const comm::Share& range : todo) {
    for (const sde::Wave& wave : sde::waves(range.first, range.last, most_blocks_)) {
      {
        const auto timing = solving_.measure();
        study_->measure(wave);
      }
      if (!checkpoints.pass(state)) return false;
      left -= wave.count;
      const sde::RunningMean& mean = study_->running();
      progress.update(std::max<std::int64_t>(paths() - left * comm_.size() * stats::block_paths, 0),
                      run::Estimate{mean.name, mean.mean, mean.standard_error()});
    }
  }
  return checkpoints.wait_for_others(state);
}

io::Provenance record_of(run::Context& context, const Deck& deck, const deck::Source& source,
                         const Work& work, std::int64_t paths) {
  const sde::GradientStudy& study = work.study();
  const sde::GradientRecord& solved = study.record();
  const std::int64_t path_steps =
      deck.time.is_adaptive() ? solved.accepted + solved.rejected : paths * deck.time.steps();
  const auto cost = context.cost({{paths, "paths"}, {path_steps, "path-steps"}});
  auto record = run::provenance(context, source, cost);
  record.seed = deck.ensemble.seed;
  record.lane_width = deck.ensemble.precision() == sde::Precision::double_ ? width_of<Lane<double>>
                                                                           : width_of<Lane<float>>;
  record.quantities = {
      {"paths", paths, "1", "simulated paths"},
      {"finite_paths", paths - study.nonfinite(), "1", "paths that statistics are over"},
      {"path_steps", path_steps, "1", "steps of all paths, forwards"},
      {"path_steps_per_second", cost.rate(), "1/s",
       "steps of all paths, forwards, per second of wall time"},
      {"solve_seconds", work.solve_seconds(), "s", "rank 0's time in solves, both ways"},
      {"stored_bytes", study.record().bytes, "byte",
       "states that wait for the way back, of paths that are solved together"},
      {"rebuilt", study.record().rebuilt, "1",
       "largest distance of a rebuilt state at time 0 from the state there"}};
  if (deck.time.is_adaptive()) {
    record.quantities.push_back(
        {"accepted_steps", solved.accepted, "1", "steps of all paths that were accepted"});
    record.quantities.push_back(
        {"rejected_steps", solved.rejected, "1", "steps of all paths that were rejected"});
    record.quantities.push_back(
        {"forced_steps", solved.forced, "1",
         "steps of the smallest size that were accepted with too large an error"});
  } else {
    record.quantities.push_back({"steps", deck.time.steps(), "1", "steps of each path"});
  }
  if (deck.time.scheme == "reversible_heun") {
    record.quantities.push_back(
        {"gap", study.record().gap, "1", "largest |y - z| of reversible Heun, over 1 + |y|"});
  }
  return record;
}

}  // namespace driftwood::sde_gradient
