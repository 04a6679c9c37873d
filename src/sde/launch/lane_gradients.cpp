// SPDX-License-Identifier: BSD-3-Clause
#include "sde/launch/lane_gradients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "base/error.hpp"
#include "base/on_device.hpp"
#include "formula/uploaded_program.hpp"
#include "sde/gradient/jumps.hpp"
#include "sde/launch/arena_memory.hpp"
#include "sde/launch/fill_states.hpp"
#include "sde/launch/gradient_kernel.hpp"
#include "sde/launch/gradient_tables.hpp"
#include "sde/launch/noise_source.hpp"
#include "sde/launch/own_gradient_kernel.hpp"
#include "stats/moments.hpp"

namespace driftwood::sde {
namespace {

/// As `default_memory`, where states are few on purpose [bytes].
constexpr std::int64_t default_checkpoint_memory = 1 << 20;
/// Steps that adapt for which there is memory by default, of each path.
constexpr std::int64_t default_own_steps = 1 << 13;

/// Wide, so that instructions of a tape are shared by many paths.
template <class T>
using GradientLane = WideLane<T>;

/// What is solved: equal steps, or steps of the paths' own. The latter not in wide lanes, as all
/// paths of one wait for the last.
template <class T>
struct EqualSolves {
  using R = GradientLane<T>;
  using Solved = LaneGradient<R>;
};
struct OwnSolves {
  using R = Lane<double>;
  using Solved = OwnGradient<R>;
};

/// One work item: the paths of one lane.
template <class T, class Solves>
struct SolveLanes {
  using R = typename Solves::R;

  GradientSetup setup;
  NoiseSource noise;
  States<T> initial;
  States<T> drawn;
  Kokkos::View<const double*, Memory> shared;
  Kokkos::View<const int*, Memory> drawn_row;  ///< of each parameter; -1: shared
  GradientRows rows;
  ArenaMemory memory;
  Kokkos::Experimental::UniqueToken<Exec> tokens;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const auto token = tokens.acquire();
    Arena arena{&memory.rows(token, 0), memory.rows.extent(1)};
    const std::int64_t p = item * width_of<R>;
    const Block<R> nothing{nullptr, 0, &arena};
    const Block<R> x = take<R>(nothing, setup.dim);
    load_state<R>(x, initial, 0, p);
    const Block<R> parameter = take<R>(nothing, setup.parameters);
    for (int j = 0; j < setup.parameters; ++j) {
      parameter[j] =
          drawn_row(j) < 0 ? R(static_cast<T>(shared(j))) : load<R>(&drawn(drawn_row(j), p));
    }
    typename Solves::Solved lane(setup, noise.template of<R>(p, {}), x, parameter);
    GradientRows own = rows;
    own.column = p;
    own.count = rows.count - p;
    lane.run(own);
    if (item == 0) memory.most() = arena.most;
    tokens.release(token);
  }
};

/// The largest number of a row.
struct Highest {
  Channels rows;
  std::size_t row;

  KOKKOS_FUNCTION void operator()(std::int64_t p, double& most) const {
    if (most < rows(row, p)) most = rows(row, p);
  }
};
/// The sum of a row of whole numbers.
struct Total {
  Channels rows;
  std::size_t row;

  KOKKOS_FUNCTION void operator()(std::int64_t p, std::int64_t& sum) const {
    sum += static_cast<std::int64_t>(rows(row, p));
  }
};

std::vector<double> values_of(const std::vector<ParameterInfo>& parameters) {
  std::vector<double> out;
  for (const ParameterInfo& p : parameters) out.push_back(p.value);
  return out;
}

/// Around where paths start.
std::vector<double> centre_of(const InitialState& initial) {
  using Kind = deck::Distribution::Kind;
  std::vector<double> out;
  for (std::size_t i = 0; i < initial.size(); ++i) {
    const deck::Distribution& law = initial[i];
    double centre = law.first;
    if (law.kind == Kind::lognormal) centre = std::exp(law.first);
    if (law.kind == Kind::uniform) centre = (law.first + law.second) / 2;
    if (law.kind == Kind::column && law.column->values && !law.column->values->empty()) {
      centre = law.column->values->front();
    }
    out.push_back(centre);
  }
  return out;
}

/// The largest size of a state.
template <class T>
struct LargestSize {
  States<T> states;
  int dim;

  KOKKOS_FUNCTION void operator()(std::int64_t p, double& most) const {
    for (int i = 0; i < dim; ++i) {
      const auto size = static_cast<double>(abs(states(i, p)));
      if (most < size) most = size;
    }
  }
};

template <class T>
class LaneGradients final : public GradientSolver {
 public:
  LaneGradients(const GradientPrograms& programs, const GradientNames& names,
                const GradientPlan& plan)
      : names_(names),
        centre_(plan.start.empty() ? centre_of(names.initial) : plan.start.front()),
        end_(plan.end),
        values_(values_of(names.parameters)),
        drift_(programs.drift),
        diffusion_(programs.diffusion),
        written_(plan.formulas),
        forward_(programs.forward),
        backward_(programs.backward),
        formulas_(plan.formulas),
        setup_(setup_of(programs, plan)),
        noise_{{plan.seed, setup_.step,
                random::LevyTerms(
                    static_cast<int>(std::ceil(std::sqrt(static_cast<double>(plan.steps)))))},
               plan.antithetic},
        laws_(upload(names.initial)),
        drawn_laws_(upload(names.drawn)),
        columns_((plan.capacity + stats::block_paths - 1) / stats::block_paths *
                 stats::block_paths),
        initial_("initial", static_cast<std::size_t>(programs.dim), columns()),
        drawn_("parameters", names.drawn.size(), columns()),
        shared_(on_device("shared parameters", values_)),
        drawn_row_(on_device("drawn parameters", rows_of(names.drawn, programs.parameters))),
        start_(table_on_device("start", plan.start)),
        rows_{Channels("samples", static_cast<std::size_t>(setup_.rows()) + 1, columns()),
              Channels("gap", GradientRows::gap_rows, columns()), 0, 0},
        memory_(static_cast<std::size_t>(tokens_.size()), bytes()) {
    for (const int j : plan.parameters) {
      derivatives_.push_back(names.parameters[static_cast<std::size_t>(j)].name);
    }
    for (const int i : plan.initial) {
      derivatives_.push_back("initial." + names.components[static_cast<std::size_t>(i)]);
    }
    set_weights(plan.weights);
  }

  [[nodiscard]] std::int64_t rows() const override { return setup_.rows(); }
  [[nodiscard]] std::vector<std::string> derivatives() const override { return derivatives_; }
  [[nodiscard]] const Channels& samples() const override { return rows_.samples; }
  [[nodiscard]] std::vector<double> parameters() const override { return values_; }

  void run(const PathRange& paths) override {
    if (paths.count > columns_) throw Error("a wave has more paths than there is room for");
    const std::int64_t padded =
        (paths.count + stats::block_paths - 1) / stats::block_paths * stats::block_paths;
    const Columns columns{paths.first, padded, noise_.antithetic};
    noise_.first_path = paths.first;
    fill_states(initial_, laws_, noise_.brownian.seed, random::Purpose::initial, columns);
    fill_states(drawn_, drawn_laws_, noise_.brownian.seed, random::Purpose::parameter, columns);
    if (start_.extent(0) > 0) {
      Kokkos::parallel_for("sde::start_from", Kokkos::RangePolicy<Exec>(0, padded),
                           StartFrom<T>{start_, initial_, paths.first, noise_.antithetic});
    }
    rows_.count = paths.count;
    if (setup_.mode == GradientMode::adjoint) {
      double start = 0;
      Kokkos::parallel_reduce("sde::largest_start", Kokkos::RangePolicy<Exec>(0, paths.count),
                              LargestSize<T>{initial_, setup_.dim}, Kokkos::Max<double>(start));
      record_.start = std::max(record_.start, start);
    }
    if (has_own_steps()) {
      if constexpr (std::is_same_v<T, double>) solve<OwnSolves>(paths.count, padded);
      note_steps(paths.count);
    } else {
      solve<EqualSolves<T>>(paths.count, padded);
    }
    record_.gap = std::max(record_.gap, highest(GradientRows::gap_row, paths.count));
    record_.rebuilt = std::max(record_.rebuilt, highest(GradientRows::rebuilt_row, paths.count));
  }

  void set_parameters(const std::vector<double>& values) override {
    if (values.size() != values_.size()) {
      throw Error("a solver of " + std::to_string(values_.size()) + " parameters was given " +
                  std::to_string(values.size()));
    }
    values_ = values;
    shared_ = on_device("shared parameters", values_);
  }

  void set_weights(const std::vector<std::vector<double>>& weights) override {
    put_weights(setup_, weights);
  }

  [[nodiscard]] GradientRecord record() const override {
    GradientRecord out = record_;
    if (has_own_steps()) {
      out.bytes = setup_.own.most * bytes_of_step(setup_.noises);
      return out;
    }
    const auto lane = static_cast<std::int64_t>(sizeof(GradientLane<T>));
    const bool has_slots =
        setup_.mode == GradientMode::pathwise || setup_.mode == GradientMode::checkpointed;
    out.bytes = lane * setup_.dim * (has_slots ? setup_.slots * setup_.copies : 2 * setup_.times);
    if (setup_.keeps_noise) out.bytes += lane * setup_.steps * setup_.noise_inputs;
    return out;
  }

  [[nodiscard]] std::optional<FoundJump> jump() const override {
    if (const auto found = find_jump(drift_, centre_, values_, end_)) {
      return FoundJump{text_of("the drift of '" + component(found->output) + "' ", *found), {}};
    }
    if (const auto found = find_jump(diffusion_, centre_, values_, end_)) {
      return FoundJump{
          text_of("the diffusion of '" + component(found->output / setup_.noises) + "' ", *found),
          {}};
    }
    std::vector<double> fixed = values_;
    fixed.insert(fixed.end(), centre_.begin(), centre_.end());
    if (const auto found = find_jump(written_, centre_, fixed, end_)) {
      return FoundJump{text_of("", *found), found->output};
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool has_own_steps() const { return setup_.own.most > 0; }

  [[nodiscard]] std::string component(int i) const {
    return names_.components[static_cast<std::size_t>(i)];
  }
  [[nodiscard]] std::string text_of(const std::string& what, const Jump& jump) const {
    std::string at;
    for (std::size_t i = 0; i < names_.components.size(); ++i) {
      const double x = jump.at[i];
      at += fmt::format("{} = {:.3g}, ", names_.components[i], std::abs(x) < 1e-9 ? 0 : x);
    }
    return fmt::format("{}jumps by {:.3g} at {}t = {:.3g}", what, jump.height, at, jump.time);
  }

  template <class Solves>
  void solve(std::int64_t count, std::int64_t padded) {
    constexpr int width = width_of<typename Solves::R>;
    const std::int64_t items = (count + width - 1) / width;
    Kokkos::deep_copy(
        Kokkos::subview(rows_.samples, Kokkos::ALL, std::make_pair(items * width, padded)), 0.0);
    Kokkos::parallel_for("sde::gradients", Kokkos::RangePolicy<Exec>(0, items),
                         SolveLanes<T, Solves>{setup_, noise_, initial_, drawn_, shared_,
                                               drawn_row_, rows_, memory_, tokens_});
  }

  /// Of the first `count` paths.
  [[nodiscard]] double highest(std::size_t row, std::int64_t count) const {
    double out = 0;
    Kokkos::parallel_reduce("sde::highest", Kokkos::RangePolicy<Exec>(0, count),
                            Highest{rows_.gap, row}, Kokkos::Max<double>(out));
    return out;
  }
  [[nodiscard]] std::int64_t total(std::size_t row, std::int64_t count) const {
    std::int64_t out = 0;
    Kokkos::parallel_reduce("sde::total", Kokkos::RangePolicy<Exec>(0, count),
                            Total{rows_.gap, row}, out);
    return out;
  }

  /// Counts the steps of the first `count` paths. Throws where a path had no memory for all.
  void note_steps(std::int64_t count) {
    if (highest(GradientRows::lacking_row, count) > 0) {
      throw UsageError(fmt::format("a path takes more than the {} steps that there is memory for",
                                   setup_.own.most - 1),
                       "steps that adapt are kept for the way back",
                       "raise 'gradient.memory', 'time.tolerance' or 'time.smallest_step'");
    }
    record_.accepted += total(GradientRows::accepted_row, count);
    record_.rejected += total(GradientRows::rejected_row, count);
    record_.forced += total(GradientRows::forced_row, count);
  }

  /// Of the lanes of one work item [bytes].
  static std::int64_t bytes_of_step(int noises) {
    return static_cast<std::int64_t>(sizeof(OwnSolves::R)) * (noises + 2);
  }
  static OwnGrid grid_of(const GradientPrograms& programs, const GradientPlan& plan) {
    if (!plan.control) return {};
    if (plan.mode != GradientMode::reversible_heun || std::is_same_v<T, float>) {
      throw UsageError("steps that adapt have no gradients here",
                       "those of the mode 'reversible_heun' in double precision do",
                       "use them, or equal steps");
    }
    const std::int64_t each = bytes_of_step(programs.noise_dim);
    constexpr std::int64_t countable = std::int64_t{1} << 33;
    return {std::clamp<std::int64_t>(plan.memory > 0 ? plan.memory / each : default_own_steps, 2,
                                     countable / each),
            plan.control->relative,
            plan.control->absolute,
            std::log2(plan.control->first),
            plan.control->depth,
            on_device("times of intervals", plan.control->times)};
  }

  [[nodiscard]] std::size_t columns() const { return static_cast<std::size_t>(columns_); }

  GradientSetup setup_of(const GradientPrograms& programs, const GradientPlan& plan) {
    GradientSetup out{};
    out.mode = plan.mode;
    out.dim = programs.dim;
    out.noises = programs.noise_dim;
    out.parameters = programs.parameters;
    out.copies = programs.copies;
    out.noise_inputs = programs.noise_inputs;
    out.increments = programs.increments;
    out.step = plan.end / static_cast<double>(plan.steps);
    out.steps = plan.steps;
    out.own = grid_of(programs, plan);
    out.times = plan.times();
    out.objectives = plan.objectives();
    out.forward = forward_.tape();
    out.backward = backward_.tape();
    out.formulas = formulas_.tape();
    out.observed = on_device("observed", plan.observed);
    out.by_parameter = on_device("by parameters", plan.parameters);
    out.by_component = on_device("by components", plan.initial);
    out.keeps_noise = plan.mode == GradientMode::pathwise;
    if (plan.mode == GradientMode::pathwise || plan.mode == GradientMode::checkpointed) {
      out.slots = slots(programs, plan);
      out.actions =
          on_device("way back", way_back(out.times > 0 ? plan.observed.back() : 0, out.slots));
    }
    return out;
  }

  /// States that one work item stores.
  static std::int64_t slots(const GradientPrograms& programs, const GradientPlan& plan) {
    const std::int64_t noise = plan.mode == GradientMode::pathwise ? programs.noise_inputs : 0;
    const auto each = static_cast<std::int64_t>(sizeof(GradientLane<T>)) *
                      (programs.dim * programs.copies + noise);
    const std::int64_t steps = std::max<std::int64_t>(plan.steps, 1);
    if (plan.mode == GradientMode::checkpointed) {
      const std::int64_t memory = plan.memory > 0 ? plan.memory : default_checkpoint_memory;
      return std::clamp<std::int64_t>(memory / each, 1, steps);
    }
    const std::int64_t memory = plan.memory > 0 ? plan.memory : default_memory;
    if (memory / each < steps) {
      throw UsageError(
          fmt::format("mode 'pathwise' would store {:.0f} MiB of states for {} paths at once",
                      static_cast<double>(each) * static_cast<double>(steps) / (1 << 20),
                      width_of<GradientLane<T>>),
          fmt::format("it has {:.0f} MiB", static_cast<double>(memory) / (1 << 20)),
          "use the mode 'checkpointed', whose results are the same, or raise 'gradient.memory'");
    }
    return steps;
  }

  /// Memory of one work item [bytes].
  [[nodiscard]] std::size_t bytes() const {
    return has_own_steps() ? bytes_of<OwnSolves>() : bytes_of<EqualSolves<T>>();
  }
  template <class Solves>
  [[nodiscard]] std::size_t bytes_of() const {
    using R = typename Solves::R;
    Arena arena{};
    const Block<R> nothing{nullptr, 0, &arena};
    const auto x = take<R>(nothing, setup_.dim);
    const auto parameter = take<R>(nothing, setup_.parameters);
    const typename Solves::Solved lane(setup_, noise_.template of<R>(0, {}), x, parameter);
    static_cast<void>(lane);
    return arena.most +
           sizeof(R) * static_cast<std::size_t>(StepNoise<R>::most_lanes(setup_.noises));
  }

  GradientNames names_;
  std::vector<double> centre_;  ///< where paths start, or around where
  double end_;
  std::vector<double> values_;
  formula::Program drift_;
  formula::Program diffusion_;
  formula::Program written_;
  formula::UploadedProgram forward_;
  formula::UploadedProgram backward_;
  formula::UploadedProgram formulas_;
  GradientSetup setup_;
  NoiseSource noise_;
  StartLaws laws_;
  StartLaws drawn_laws_;
  std::int64_t columns_;
  States<T> initial_;
  States<T> drawn_;
  Kokkos::View<const double*, Memory> shared_;
  Kokkos::View<const int*, Memory> drawn_row_;
  Table start_;
  GradientRows rows_;
  Kokkos::Experimental::UniqueToken<Exec> tokens_;
  ArenaMemory memory_;
  std::vector<std::string> derivatives_;
  GradientRecord record_;
};

}  // namespace

ParameterInfo parameter_info(const std::string& name, const deck::Distribution& law) {
  return {name, law.first, law.kind != deck::Distribution::Kind::constant};
}

GradientNames gradient_names(const Model& model, const InitialState& initial,
                             const std::vector<deck::Distribution>& laws) {
  GradientNames out{model.parameters(), {}, initial, drawn_of(laws)};
  for (const ComponentInfo& component : model.components()) {
    out.components.push_back(component.name);
  }
  return out;
}

std::unique_ptr<GradientSolver> make_lane_gradients(const GradientPrograms& programs,
                                                    const GradientNames& names, Precision precision,
                                                    const GradientPlan& plan) {
  if (precision == Precision::double_) {
    return std::make_unique<LaneGradients<double>>(programs, names, plan);
  }
  return std::make_unique<LaneGradients<float>>(programs, names, plan);
}

}  // namespace driftwood::sde
