// SPDX-License-Identifier: BSD-3-Clause
#include "sde_gradient_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/lane.hpp"
#include "comm/share_rest.hpp"
#include "run/progress.hpp"
#include "run/provenance.hpp"
#include "sde/gradient/fit_results.hpp"
#include "sde/gradient/study.hpp"

namespace driftwood::sde_gradient {
namespace {

/// The parts of a fit that live as long as it.
class Fit {
 public:
  Fit(run::Context& context, const Deck& deck, const deck::Source& source)
      : comm_(context.comm()),
        deck_(deck),
        source_(source),
        most_blocks_(deck.ensemble.blocks_per_wave(context.threads())),
        setup_(deck.fit->setup(source, *deck.model.model, deck.time, deck.ensemble)),
        search_(deck.fit->coordinates(source, deck.gradient, *deck.model.model), deck.fit->search(),
                setup_.moments.names.size()),
        fitted_(sde::fitted_parameters(source, deck.gradient, *deck.model.model)) {
    sde::GradientPlan plan = plan_of(setup_.formulas, setup_.observed);
    plan.weights = unit_rows();
    plan.parameters = fitted_;
    plan.start = setup_.start;
    moments_.emplace(solver_of(plan), setup_.moments, most_blocks_);
    all_ = moments_->solver().parameters();
  }

  [[nodiscard]] sde::FitSearch& search() { return search_; }
  [[nodiscard]] const sde::FitSetup& setup() const { return setup_; }
  /// Simulated by all jobs of the run.
  [[nodiscard]] std::int64_t paths() const {
    const std::int64_t draws = residuals_ ? deck_.fit->transitions()->residual_draws : 0;
    return paths_ + setup_.moments.terms * draws;
  }

  /// The search, which is the same on every rank, and this rank's blocks of what is under way.
  [[nodiscard]] comm::Bytes saved() const {
    stats::ByteWriter out;
    stats::ByteWriter search;
    search.put(paths_);
    search_.save(search);
    out.put_bytes(search.take());
    out.put_bytes(moments_->saved());
    out.put_bytes(residuals_ ? residuals_->saved() : comm::Bytes());
    return out.take();
  }

  /// Goes on from what the ranks of an earlier job saved. Collective.
  void restore(const std::vector<comm::Bytes>& parts) {
    std::string agreed;
    if (!parts.empty()) {
      stats::ByteReader in(parts.front());
      const auto bytes = in.get_bytes();
      agreed.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    comm_.broadcast(agreed);
    if (agreed.empty()) return;
    comm_.agree([&] {
      stats::ByteReader search(std::as_bytes(std::span(agreed)));
      paths_ = search.get<std::int64_t>();
      search_.restore(search);
      for (const comm::Bytes& part : parts) {
        stats::ByteReader in(part);
        static_cast<void>(in.get_bytes());
        if (search_.is_done()) {
          static_cast<void>(in.get_bytes());
          const auto bytes = in.get_bytes();
          restored_residuals_.emplace_back(bytes.begin(), bytes.end());
        } else {
          moments_->absorb(in.get_bytes());
        }
      }
    });
  }

  /// Gaps at the next values of the parameters, and what the search makes of them. False: the run
  /// is to stop. Collective.
  [[nodiscard]] bool iterate(run::Checkpoints& checkpoints) {
    moments_->set_parameters(values(search_.trial()));
    if (!finish(*moments_, checkpoints)) return false;
    const sde::MomentGaps gaps = moments_->merged(comm_);
    moments_->forget();
    paths_ += setup_.moments.terms * setup_.moments.draws;
    comm_.agree([&] {
      try {
        search_.take(gaps);
      } catch (const sde::NotIdentified& error) {
        throw source_.error("gradient.with_respect_to", error.what());
      }
    });
    return true;
  }

  /// Of a series. Null: the run is to stop. Collective.
  [[nodiscard]] const sde::FitResiduals* residuals(run::Checkpoints& checkpoints) {
    const sde::TransitionMethod& method = *deck_.fit->transitions();
    comm_.agree([&] {
      sde::GradientPlan plan = plan_of(components(), {deck_.time.steps()});
      plan.start = setup_.start;
      residuals_.emplace(solver_at_estimate(plan), setup_.series, method.residual_draws,
                         first_free_path(), most_blocks_);
      for (const comm::Bytes& bytes : restored_residuals_) residuals_->absorb(bytes);
    });
    if (!finish(*residuals_, checkpoints)) return nullptr;
    residuals_->merge(comm_);
    return &*residuals_;
  }

  [[nodiscard]] sde::FanTimes fan_times() const {
    return sde::fan_times(setup_.series, deck_.fit->transitions()->fan);
  }
  /// On rank 0; nothing on others.
  [[nodiscard]] std::optional<sde::FitFan> fan(const sde::FanTimes& times) {
    if (!comm_.is_root()) return {};
    const sde::TransitionMethod& method = *deck_.fit->transitions();
    sde::GradientPlan plan = plan_of(components(), {});
    plan.end = static_cast<double>(times.after.back()) * deck_.time.end;
    plan.steps = times.after.back() * deck_.time.steps();
    for (const std::int64_t k : times.after) plan.observed.push_back(k * deck_.time.steps());
    const double* const from = setup_.series.row(times.first);
    plan.start = {{from, from + setup_.series.components}};
    plan.capacity = stats::block_paths;
    const auto solver = solver_at_estimate(plan);
    const std::uint64_t first =
        first_free_path() + static_cast<std::uint64_t>(setup_.moments.padded_terms()) *
                                static_cast<std::uint64_t>(method.residual_draws);
    return sde::simulate_fan(*solver, times, method.fan, setup_.series.components, first);
  }

 private:
  /// Measures the blocks that no rank has measured. False: the run is to stop. Collective.
  template <class Measured>
  [[nodiscard]] bool finish(Measured& measured, run::Checkpoints& checkpoints) {
    const auto state = [this] { return saved(); };
    for (const comm::Share& range :
         comm::share_rest(comm_, {0, measured.blocks()}, measured.finished())) {
      for (std::int64_t b = range.first; b < range.last; b += most_blocks_) {
        measured.measure({b, std::min(b + most_blocks_, range.last)});
        if (!checkpoints.pass(state)) return false;
      }
    }
    return checkpoints.wait_for_others(state);
  }

  [[nodiscard]] sde::GradientPlan plan_of(const formula::Program& formulas,
                                          const std::vector<std::int64_t>& observed) const {
    sde::GradientPlan plan;
    plan.mode = deck_.gradient.mode();
    plan.end = deck_.time.end;
    plan.steps = deck_.time.steps();
    plan.seed = deck_.ensemble.seed;
    plan.capacity = most_blocks_ * stats::block_paths;
    plan.observed = observed;
    plan.formulas = formulas;
    plan.memory = deck_.gradient.memory_bytes();
    return plan;
  }
  [[nodiscard]] formula::Program components() const {
    return sde::component_formulas(*deck_.model.model, source_);
  }

  /// Objective m is moment m.
  [[nodiscard]] std::vector<std::vector<double>> unit_rows() const {
    const auto width =
        static_cast<std::size_t>(setup_.formulas.tape().outputs) * setup_.observed.size();
    std::vector<std::vector<double>> out;
    for (const std::int64_t row : setup_.moments.row) {
      out.emplace_back(width, 0.0);
      out.back()[static_cast<std::size_t>(row)] = 1;
    }
    return out;
  }

  /// All parameters of the model, the fitted ones with these values.
  [[nodiscard]] std::vector<double> values(const std::vector<double>& fitted) const {
    std::vector<double> out = all_;
    for (std::size_t i = 0; i < fitted_.size(); ++i) {
      out[static_cast<std::size_t>(fitted_[i])] = fitted[i];
    }
    return out;
  }

  [[nodiscard]] std::unique_ptr<sde::GradientSolver> solver_of(
      const sde::GradientPlan& plan) const {
    return sde::solver_of(*deck_.model.model, deck_.time.scheme, deck_.ensemble.precision(), plan,
                          source_, "gradient.mode");
  }
  [[nodiscard]] std::unique_ptr<sde::GradientSolver> solver_at_estimate(
      const sde::GradientPlan& plan) const {
    auto out = solver_of(plan);
    out->set_parameters(values(search_.estimate().parameters));
    return out;
  }
  /// Beyond those of the fit.
  [[nodiscard]] std::uint64_t first_free_path() const {
    return static_cast<std::uint64_t>(setup_.moments.padded_terms()) *
           static_cast<std::uint64_t>(setup_.moments.draws);
  }

  const comm::Communicator& comm_;
  const Deck& deck_;
  const deck::Source& source_;
  std::int64_t most_blocks_;
  sde::FitSetup setup_;
  sde::FitSearch search_;
  std::vector<int> fitted_;
  std::optional<sde::SimulatedMoments> moments_;
  std::optional<sde::FitResiduals> residuals_;
  std::vector<comm::Bytes> restored_residuals_;
  std::vector<double> all_;  ///< parameters of the model where the fit starts
  std::int64_t paths_ = 0;   ///< of the search
};

io::Provenance record_of(run::Context& context, const Deck& deck, const deck::Source& source,
                         std::int64_t paths) {
  const std::int64_t path_steps = paths * deck.time.steps();
  const auto cost = context.cost({{paths, "paths"}, {path_steps, "path-steps"}});
  auto record = run::provenance(context, source, cost);
  record.seed = deck.ensemble.seed;
  record.lane_width = deck.ensemble.precision() == sde::Precision::double_ ? width_of<Lane<double>>
                                                                           : width_of<Lane<float>>;
  record.quantities = {{"paths", paths, "1", "simulated paths, of all iterations"},
                       {"steps", deck.time.steps(), "1", "steps of each path"},
                       {"path_steps", path_steps, "1", "steps of all paths, forwards"},
                       {"path_steps_per_second", cost.rate(), "1/s",
                        "steps of all paths, forwards, per second of wall time"}};
  return record;
}

/// Residuals of so many standard deviations are no matter of tails [1].
constexpr double absurd_residual = 30;

void warn_of_residuals(run::Context& context, const sde::FitResiduals& residuals,
                       const sde::Series& series,
                       const std::vector<sde::ComponentInfo>& components) {
  const auto& entries = residuals.entries();
  const auto worst = std::max_element(
      entries.begin(), entries.end(),
      [](const auto& a, const auto& b) { return std::abs(a.value) < std::abs(b.value); });
  if (worst == entries.end() || !(std::abs(worst->value) > absurd_residual)) return;
  const auto at = static_cast<std::size_t>(worst - entries.begin());
  const std::size_t row = series.starts[at / series.components] + 1;
  const std::size_t component = at % series.components;
  context.log().warning(fmt::format(
      "observation {}{} of '{}', {:.6g}, is {:.3g} standard deviations from what the fitted model "
      "expects there: is it right?",
      row + 1, series.labels.empty() ? "" : " (" + series.labels[row] + ")",
      components[component].name, series.row(row)[component], std::abs(worst->value)));
}

void warn_of(run::Context& context, const sde::FitEstimate& estimate) {
  if (!estimate.is_converged) {
    context.log().warning(fmt::format(
        "the fit has not converged: a further step would be {:.3g} standard errors long; "
        "raise 'fit.optimiser.iterations', or start nearer",
        estimate.last_step));
  }
}

}  // namespace

run::Outcome study_fit(run::Context& context, const Deck& deck, const deck::Source& source,
                       run::Checkpoints& checkpoints) {
  const comm::Communicator& comm = context.comm();
  std::optional<Fit> fit;
  comm.agree([&] { fit.emplace(context, deck, source); });
  fit->restore(checkpoints.parts());
  sde::FitSearch& search = fit->search();
  {
    const auto most =
        std::visit([](const auto& method) { return method.iterations; }, deck.fit->search().method);
    run::Progress progress(context, most, "iterations of the fit");
    while (!search.is_done()) {
      if (!fit->iterate(checkpoints)) return run::Outcome::stopped;
      const auto& objective = search.trace().objective;
      progress.update(std::min<std::int64_t>(std::ssize(objective), most),
                      [&] { return fmt::format("objective {:.6g}", objective.back()); });
    }
  }
  const sde::FitEstimate estimate = comm.agree([&] { return search.estimate(); });

  const sde::TransitionMethod* const series = deck.fit->transitions();
  const sde::FitResiduals* residuals = nullptr;
  std::optional<sde::FitFan> fan;
  sde::FanTimes times;
  if (series != nullptr) {
    residuals = fit->residuals(checkpoints);
    if (residuals == nullptr) return run::Outcome::stopped;
    times = fit->fan_times();
    fan = comm.agree([&] { return fit->fan(times); });
  }
  context.sample_memory();
  checkpoints.save_last([&] { return fit->saved(); });

  const sde::FitFindings found{
      .search = search,
      .estimate = estimate,
      .moments = fit->setup().moments,
      .components = deck.model.model->components(),
      .time_units = deck.model.model->underlying().empty() ? "time" : "year",
      .interval = deck.time.end,
      .series = series == nullptr ? nullptr : &fit->setup().series,
      .residuals = residuals,
      .fan = fan ? &*fan : nullptr,
      .fan_times = &times,
      .fan_options = series == nullptr ? nullptr : &series->fan};
  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  sde::write(file, found);
  auto record = record_of(context, deck, source, fit->paths());
  checkpoints.record(record.quantities);
  record.write(file);
  file.commit();
  warn_of(context, estimate);
  if (residuals != nullptr && comm.is_root()) {
    warn_of_residuals(context, *residuals, fit->setup().series, found.components);
  }
  if (comm.is_root()) context.print(sde::table_text(found));
  return run::Outcome::done;
}

}  // namespace driftwood::sde_gradient
