// SPDX-License-Identifier: BSD-3-Clause
#include "sde_gradient_means.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/lane.hpp"
#include "comm/share_rest.hpp"
#include "run/clock.hpp"
#include "run/progress.hpp"
#include "run/provenance.hpp"
#include "sde/ensemble_work.hpp"
#include "sde/gradient/formulas.hpp"
#include "sde/gradient/study.hpp"

namespace driftwood::sde_gradient {
namespace {

/// The gap between the two versions of reversible Heun's solution, relative to it, from which on it
/// is worth a word.
constexpr double notable_gap = 0.25;
/// The same of rebuilt states of the adjoint equation, relative to those at time 0.
constexpr double notable_distance = 0.1;

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

/// The work of one rank: blocks of paths that it takes wave by wave, round by round.
class Work {
 public:
  Work(run::Context& context, const Deck& deck, const deck::Source& source)
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

  [[nodiscard]] sde::GradientStudy& study() { return *study_; }
  [[nodiscard]] double solve_seconds() const { return solving_.seconds(); }
  /// Paths of all rounds so far.
  [[nodiscard]] std::int64_t paths() const {
    return std::min(last_ * stats::block_paths, deck_.ensemble.paths);
  }

  /// Goes on from what ranks of an earlier job saved. Collective.
  void restore(const std::vector<comm::Bytes>& parts, const deck::Source& source) {
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

  [[nodiscard]] comm::Bytes saved() const {
    stats::ByteWriter out;
    out.put(deck_.ensemble.paths);
    out.put(last_);
    study_->save(out);
    return out.take();
  }

  /// All blocks, in rounds where the run may stop early. False: the run is to stop.
  [[nodiscard]] bool finish(run::Context& context, run::Checkpoints& checkpoints) {
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
  /// Of the first formula, where the run may stop early.
  [[nodiscard]] double error() const { return error_; }

 private:
  [[nodiscard]] bool finish_round(run::Checkpoints& checkpoints, run::Progress& progress) {
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
        progress.update(
            std::max<std::int64_t>(paths() - left * comm_.size() * stats::block_paths, 0),
            run::Estimate{mean.name, mean.mean, mean.standard_error()});
      }
    }
    return checkpoints.wait_for_others(state);
  }

  const comm::Communicator& comm_;
  const Deck& deck_;
  std::int64_t most_blocks_;
  std::int64_t last_;  ///< blocks of this round and those before
  double error_ = 0;
  run::Stopwatch solving_;
  std::optional<sde::GradientStudy> study_;
};

/// What a run says after its results are computed: what makes them doubtful, and how it stopped.
class Verdict {
 public:
  Verdict(const Deck& deck, const sde::GradientStudy& study, std::int64_t paths)
      : deck_(deck), study_(study), paths_(paths) {}

  [[nodiscard]] bool is_tolerable() const { return is_finite_enough() && !has_wide_gap(); }

  /// Throws where the results are not tolerable, and warns where they are doubtful.
  void report(run::Context& context) const {
    const std::string kept = "; what was computed is in " + context.output() + ".failed";
    if (has_wide_gap()) {
      throw NumericsError(gap_text() + ", above 'gradient.gap_limit'", stiff,
                          "use smaller steps, a shorter interval or another scheme" + kept);
    }
    if (study_.record().gap > notable_gap) {
      context.log().warning(gap_text() + " (" + stiff + "): compare with smaller steps");
    }
    if (!is_rebuilt()) {
      context.log().warning(fmt::format(
          "mode 'adjoint' rebuilt a state only to within {:.3g}, where states at time 0 are up to "
          "{:.3g}: its derivatives are worth little; use smaller steps, or mode 'pathwise'",
          study_.record().rebuilt, study_.record().start));
    }
    if (study_.record().forced > 0) {
      context.log().warning(
          fmt::format("{} steps of the smallest size were accepted with too large an error: lower "
                      "'time.smallest_step' or raise 'time.tolerance'",
                      study_.record().forced));
    }
    if (study_.nonfinite() == 0) return;
    const std::string what =
        fmt::format("{} of {} paths, or their derivatives, are not finite (the first is path {})",
                    study_.nonfinite(), paths_, study_.first_nonfinite().value());
    if (!is_finite_enough()) {
      throw NumericsError(what, "",
                          "use smaller steps, or accept some with 'run.allow_nonfinite'" + kept);
    }
    context.log().warning(what + "; statistics leave them out");
  }

 private:
  static constexpr const char* stiff =
      "reversible Heun is unstable where the field is stiff or the interval long";

  [[nodiscard]] bool has_wide_gap() const { return study_.record().gap > deck_.gradient.gap_limit; }
  [[nodiscard]] bool is_rebuilt() const {
    return deck_.gradient.mode() != sde::GradientMode::adjoint ||
           study_.record().rebuilt <= notable_distance * (1 + study_.record().start);
  }
  [[nodiscard]] bool is_finite_enough() const {
    return static_cast<double>(study_.nonfinite()) <=
           deck_.run.allow_nonfinite * static_cast<double>(paths_);
  }
  [[nodiscard]] std::string gap_text() const {
    return fmt::format("|y - z| reached {:.3g} times 1 + |y|", study_.record().gap);
  }

  const Deck& deck_;
  const sde::GradientStudy& study_;
  std::int64_t paths_;
};

/// Says how a run that may stop early ended.
void report_stop(run::Context& context, const Deck& deck, const std::string& formula, double error,
                 std::int64_t paths) {
  const double wanted = deck.ensemble.stop->standard_error;
  const std::string is =
      fmt::format("the standard error of '{}' is {:.6g} after {} paths", formula, error, paths);
  if (error <= wanted) return context.log().info(is + ": stopped");
  context.log().warning(is + fmt::format(", which are all, and more than the {:.6g} of "
                                         "'ensemble.stop': raise 'ensemble.paths'",
                                         wanted));
}

io::Provenance record_of(run::Context& context, const Deck& deck, const deck::Source& source,
                         const Work& work, const sde::GradientStudy& study) {
  const std::int64_t paths = work.paths();
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

}  // namespace

run::Outcome study_means(run::Context& context, const Deck& deck, const deck::Source& source,
                         run::Checkpoints& checkpoints) {
  const comm::Communicator& comm = context.comm();
  std::optional<Work> work;
  comm.agree([&] { work.emplace(context, deck, source); });
  work->restore(checkpoints.parts(), source);
  if (!work->finish(context, checkpoints)) return run::Outcome::stopped;
  context.sample_memory();

  sde::GradientStudy& study = work->study();
  const std::int64_t paths = work->paths();
  study.merge(comm, paths);
  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  study.write(file, deck.gradient.mode());
  auto record = record_of(context, deck, source, *work, study);
  checkpoints.record(record.quantities);
  record.write(file);
  const Verdict verdict(deck, study, paths);
  verdict.is_tolerable() ? file.commit() : file.commit_as_failed();
  verdict.report(context);
  if (deck.ensemble.stop) {
    report_stop(context, deck, study.running().name, work->error(), paths);
  }
  if (comm.is_root()) context.print(study.table_text());
  return run::Outcome::done;
}

}  // namespace driftwood::sde_gradient
