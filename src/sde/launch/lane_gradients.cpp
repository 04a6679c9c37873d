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
#include "sde/launch/arena_memory.hpp"
#include "sde/launch/fill_states.hpp"
#include "sde/launch/gradient_kernel.hpp"
#include "sde/launch/gradient_tables.hpp"
#include "sde/launch/noise_source.hpp"
#include "stats/moments.hpp"

namespace driftwood::sde {
namespace {

/// As `default_memory`, where states are few on purpose [bytes].
constexpr std::int64_t default_checkpoint_memory = 1 << 20;

/// Wide, so that instructions of a tape are shared by many paths.
template <class T>
using GradientLane = WideLane<T>;

/// One work item: the paths of one lane.
template <class T>
struct SolveLanes {
  using R = GradientLane<T>;

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
    LaneGradient<R> lane(setup, noise.template of<R>(p, {}), x, parameter);
    GradientRows own = rows;
    own.column = p;
    own.count = rows.count - p;
    lane.run(own);
    if (item == 0) memory.most() = arena.most;
    tokens.release(token);
  }
};

std::vector<double> values_of(const std::vector<ParameterInfo>& parameters) {
  std::vector<double> out;
  for (const ParameterInfo& p : parameters) out.push_back(p.value);
  return out;
}

template <class T>
class LaneGradients final : public GradientSolver {
 public:
  LaneGradients(const GradientPrograms& programs, const GradientNames& names,
                const GradientPlan& plan)
      : names_(names),
        values_(values_of(names.parameters)),
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
              Channels("gap", 2, columns()), 0, 0},
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
    constexpr int width = width_of<GradientLane<T>>;
    const std::int64_t items = (paths.count + width - 1) / width;
    Kokkos::deep_copy(
        Kokkos::subview(rows_.samples, Kokkos::ALL, std::make_pair(items * width, padded)), 0.0);
    Kokkos::parallel_for("sde::gradients", Kokkos::RangePolicy<Exec>(0, items),
                         SolveLanes<T>{setup_, noise_, initial_, drawn_, shared_, drawn_row_, rows_,
                                       memory_, tokens_});
    for (const std::size_t row : {0, 1}) {
      double highest = 0;
      const auto gap = rows_.gap;
      Kokkos::parallel_reduce(
          "sde::gap", Kokkos::RangePolicy<Exec>(0, paths.count),
          KOKKOS_LAMBDA(std::int64_t p, double& most) {
            if (most < gap(row, p)) most = gap(row, p);
          },
          Kokkos::Max<double>(highest));
      double& kept = row == 0 ? record_.gap : record_.rebuilt;
      kept = std::max(kept, highest);
    }
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
    const auto lane = static_cast<std::int64_t>(sizeof(GradientLane<T>));
    const bool has_slots =
        setup_.mode == GradientMode::pathwise || setup_.mode == GradientMode::checkpointed;
    out.bytes = lane * setup_.dim * (has_slots ? setup_.slots * setup_.copies : 2 * setup_.times);
    if (setup_.keeps_noise) out.bytes += lane * setup_.steps * setup_.noise_inputs;
    return out;
  }

 private:
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
    Arena arena{};
    const Block<GradientLane<T>> nothing{nullptr, 0, &arena};
    const auto x = take<GradientLane<T>>(nothing, setup_.dim);
    const auto parameter = take<GradientLane<T>>(nothing, setup_.parameters);
    const LaneGradient<GradientLane<T>> lane(setup_, noise_.template of<GradientLane<T>>(0, {}), x,
                                             parameter);
    static_cast<void>(lane);
    return arena.most +
           sizeof(GradientLane<T>) *
               static_cast<std::size_t>(StepNoise<GradientLane<T>>::most_lanes(setup_.noises));
  }

  GradientNames names_;
  std::vector<double> values_;
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
