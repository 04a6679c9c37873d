// SPDX-License-Identifier: BSD-3-Clause
#include "sde/launch/neural_gradients.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "formula/uploaded_program.hpp"
#include "sde/launch/arena_memory.hpp"
#include "sde/launch/fill_states.hpp"
#include "sde/launch/gradient_tables.hpp"
#include "sde/launch/neural_kernel.hpp"

namespace driftwood::sde {
namespace {

/// As `default_memory`, where states are few on purpose [bytes].
constexpr std::int64_t default_checkpoint_memory = 16 << 20;
/// Of all work items of a device together [bytes].
constexpr std::int64_t device_memory = std::int64_t{4} << 30;

using Policy = Kokkos::TeamPolicy<Exec>;
using Team = Policy::member_type;

/// Each team takes one group after the other.
template <class T>
struct SolveGroups {
  NeuralSetup<T> setup;
  NoiseSource noise;
  States<T> initial;
  Channels samples;
  Channels gap;
  std::int64_t paths;
  std::int64_t groups;
  ArenaMemory memory;

  KOKKOS_FUNCTION void operator()(const Team& team) const {
    using R = NarrowLane<T>;
    for (std::int64_t g = team.league_rank(); g < groups; g += team.league_size()) {
      Arena arena{&memory.rows(team.league_rank(), 0), memory.rows.extent(1)};
      const std::int64_t column = g * group_paths;
      const std::int64_t rest = paths - column;
      GroupGradient<T, Team> group(team, setup, noise, column,
                                   static_cast<int>(rest < group_paths ? rest : group_paths),
                                   arena);
      const std::int64_t last = (rest < group_paths ? rest : group_paths) - 1;
      for_rows<R>(team, setup.dim, [&](int i, int p) {
        for (int l = p; l < p + width_of<R>; ++l) {
          group.x0[i * group_paths + l] = initial(i, column + (l < last ? l : last));
        }
      });
      group.run({samples, gap, g});
      team.team_barrier();
    }
  }
};

template <class T>
class NeuralGradients final : public GradientSolver {
 public:
  NeuralGradients(const NeuralEquation& equation, const NeuralScheme& scheme,
                  const GradientPlan& plan)
      : formulas_(plan.formulas),
        setup_(setup_of(equation, scheme, plan)),
        noise_{{plan.seed, setup_.step}, plan.antithetic},
        laws_(upload(equation.initial)),
        groups_((plan.capacity + group_paths - 1) / group_paths),
        initial_("initial", static_cast<std::size_t>(setup_.dim),
                 static_cast<std::size_t>(groups_ * group_paths)),
        start_(table_on_device("start", plan.start)),
        samples_("samples", static_cast<std::size_t>(setup_.rows()) + 1,
                 static_cast<std::size_t>(groups_)),
        gap_("gap", 2, static_cast<std::size_t>(groups_)),
        memory_(static_cast<std::size_t>(teams()), bytes()) {
    for (const int j : plan.parameters) {
      derivatives_.push_back(equation.parameters[static_cast<std::size_t>(j)].name);
    }
    for (const int i : plan.initial) {
      derivatives_.push_back("initial." + equation.components[static_cast<std::size_t>(i)]);
    }
    std::vector<double> values;
    for (const ParameterInfo& parameter : equation.parameters) values.push_back(parameter.value);
    set_parameters(values);
    set_weights(plan.weights);
  }

  [[nodiscard]] std::int64_t rows() const override { return setup_.rows(); }
  [[nodiscard]] std::int64_t group() const override { return group_paths; }
  [[nodiscard]] std::vector<std::string> derivatives() const override { return derivatives_; }
  [[nodiscard]] const Channels& samples() const override { return samples_; }
  [[nodiscard]] std::vector<double> parameters() const override { return values_; }

  void run(const PathRange& paths) override {
    const std::int64_t groups = (paths.count + group_paths - 1) / group_paths;
    if (groups > groups_) throw Error("a wave has more paths than there is room for");
    const std::int64_t padded = groups * group_paths;
    noise_.first_path = paths.first;
    fill_states(initial_, laws_, noise_.brownian.seed, random::Purpose::initial,
                {paths.first, padded, noise_.antithetic});
    if (start_.extent(0) > 0) {
      Kokkos::parallel_for("sde::start_from", Kokkos::RangePolicy<Exec>(0, padded),
                           StartFrom<T>{start_, initial_, paths.first, noise_.antithetic});
    }
    Kokkos::deep_copy(samples_, 0.0);
    const SolveGroups<T> solve{setup_, noise_,      initial_, samples_,
                               gap_,   paths.count, groups,   memory_};
    const int league = static_cast<int>(std::min(teams(), groups));
    Kokkos::parallel_for("sde::neural_gradients", policy(league), solve);
    const auto gap = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), gap_);
    for (std::size_t g = 0; g < static_cast<std::size_t>(groups); ++g) {
      record_.gap = std::max(record_.gap, gap(0, g));
      record_.rebuilt = std::max(record_.rebuilt, gap(1, g));
    }
  }

  void set_parameters(const std::vector<double>& values) override {
    const auto count = static_cast<std::size_t>(setup_.field.parameters());
    if (values.size() != count) {
      throw Error(fmt::format("a solver of {} parameters was given {}", count, values.size()));
    }
    values_ = values;
    parameter_ = on_device("parameters", std::vector<T>(values.begin(), values.end()));
    setup_.field.parameter = parameter_.data();
  }

  void set_weights(const std::vector<std::vector<double>>& weights) override {
    put_weights(setup_, weights);
  }

  [[nodiscard]] GradientRecord record() const override {
    GradientRecord out = record_;
    const auto row = static_cast<std::int64_t>(sizeof(T)) * group_paths * setup_.dim;
    out.bytes =
        row * (setup_.slots > 0 ? setup_.slots * setup_.copies : setup_.times + setup_.copies);
    return out;
  }

 private:
  static constexpr bool is_host = width_of<NarrowLane<T>> > 1;

  [[nodiscard]] static Policy policy(int league) {
    return is_host ? Policy(league, 1) : Policy(league, group_paths);
  }
  /// In flight at once.
  [[nodiscard]] std::int64_t teams() const {
    std::int64_t most = Kokkos::Experimental::UniqueToken<Exec>().size();
    if (!is_host) most = std::min(most, device_memory / static_cast<std::int64_t>(bytes()));
    return std::clamp<std::int64_t>(most, 1, std::max<std::int64_t>(groups_, 1));
  }
  /// Memory of one work item [bytes].
  [[nodiscard]] std::size_t bytes() const {
    Arena arena{};
    const HostTeam team;
    const GroupGradient<T, HostTeam> group(team, setup_, noise_, 0, group_paths, arena);
    static_cast<void>(group);
    return arena.most;
  }
  /// One that asks nothing of the others.
  struct HostTeam {
    [[nodiscard]] KOKKOS_FUNCTION int team_rank() const { return 0; }
    [[nodiscard]] KOKKOS_FUNCTION int team_size() const { return 1; }
    KOKKOS_FUNCTION void team_barrier() const {}
  };

  NeuralSetup<T> setup_of(const NeuralEquation& equation, const NeuralScheme& scheme,
                          const GradientPlan& plan) const {
    const NeuralNetworks& networks = equation.networks;
    NeuralSetup<T> out{};
    out.mode = plan.mode;
    out.dim = networks.dim;
    out.noises = networks.noises;
    out.copies = scheme.is_reversible ? 2 : 1;
    out.step = plan.end / static_cast<double>(plan.steps);
    out.steps = plan.steps;
    out.times = plan.times();
    out.objectives = plan.objectives();
    out.formulas = formulas_.tape();
    out.observed = on_device("observed", plan.observed);
    out.by_parameter = on_device("by parameters", plan.parameters);
    out.by_component = on_device("by components", plan.initial);
    out.field = {networks.dim,
                 networks.noises,
                 networks.is_diagonal,
                 {networks.drift, networks.diffusion},
                 nullptr};
    out.is_reversible = scheme.is_reversible;
    out.tableau = scheme.tableau;
    if (plan.mode == GradientMode::pathwise || plan.mode == GradientMode::checkpointed) {
      const std::int64_t last = plan.observed.empty() ? 0 : plan.observed.back();
      const std::int64_t swept = scheme.is_reversible ? last + 1 : last;
      out.slots = slots(out, plan, swept);
      out.actions = on_device("way back", way_back(swept, out.slots));
    }
    return out;
  }

  /// States that one work item stores, of as many steps or nodes.
  static std::int64_t slots(const GradientSetup& setup, const GradientPlan& plan,
                            std::int64_t swept) {
    const std::int64_t each =
        static_cast<std::int64_t>(sizeof(T)) * setup.dim * setup.copies * group_paths;
    const std::int64_t needed = std::max<std::int64_t>(swept, 1);
    if (plan.mode == GradientMode::checkpointed) {
      const std::int64_t memory = plan.memory > 0 ? plan.memory : default_checkpoint_memory;
      return std::clamp<std::int64_t>(std::min(memory, most_memory) / each, 1, needed);
    }
    const std::int64_t memory =
        std::min(plan.memory > 0 ? plan.memory : default_memory, most_memory);
    if (memory / each < needed) {
      throw UsageError(
          fmt::format("mode 'pathwise' would store {:.0f} MiB of states for {} paths at once",
                      static_cast<double>(each) * static_cast<double>(needed) / (1 << 20),
                      group_paths),
          fmt::format("it has {:.0f} MiB", static_cast<double>(memory) / (1 << 20)),
          "use the mode 'checkpointed', whose results are the same, or raise 'gradient.memory'");
    }
    return needed;
  }
  static constexpr std::int64_t most_memory = std::int64_t{1} << 32;  // numbers are counted by int

  formula::UploadedProgram formulas_;
  NeuralSetup<T> setup_;
  NoiseSource noise_;
  StartLaws laws_;
  std::int64_t groups_;
  States<T> initial_;
  Table start_;
  Channels samples_;
  Channels gap_;
  ArenaMemory memory_;
  std::vector<double> values_;
  Kokkos::View<const T*, Memory> parameter_;
  std::vector<std::string> derivatives_;
  GradientRecord record_;
};

/// Throws for modes that the scheme does not have.
void require_mode(const NeuralScheme& scheme, GradientMode mode) {
  const bool has_adjoint = scheme.calculus == Calculus::stratonovich && !scheme.is_reversible;
  if (mode == GradientMode::adjoint && !has_adjoint) {
    throw UsageError(
        fmt::format("mode 'adjoint' needs scheme heun or midpoint, not '{}'", scheme.name),
        "its equation is Stratonovich's and is solved by one of these");
  }
  if (mode == GradientMode::reversible_heun && !scheme.is_reversible) {
    throw UsageError(fmt::format("mode 'reversible_heun' needs that scheme, not '{}'", scheme.name),
                     "no other scheme can be run backwards exactly");
  }
}

/// Throws for formulas that name parameters of networks, which come before components at time 0.
void require_no_parameters(const formula::Program& formulas, int dim) {
  const auto first = static_cast<std::uint32_t>(std::max(formulas.tape().fixed - dim, 0));
  const auto require = [&](const formula::Slot& slot) {
    if (slot.bank != formula::Slot::path || slot.index >= first) return;
    throw UsageError("a formula names a parameter of a network",
                     "on a 'neural' model they may name components, and those at time 0");
  };
  for (const formula::Instruction& now : formulas.code()) {
    for (const formula::Slot& slot : {now.a, now.b, now.c}) require(slot);
  }
  for (const formula::Slot& slot : formulas.outputs()) require(slot);
}

}  // namespace

std::unique_ptr<GradientSolver> make_neural_gradients(const NeuralEquation& equation,
                                                      const NeuralScheme& scheme,
                                                      Precision precision,
                                                      const GradientPlan& plan) {
  require_mode(scheme, plan.mode);
  if (plan.control) {
    throw UsageError("steps of networks do not adapt", "groups of paths take the same steps",
                     "give 'time.steps' or 'time.dt' instead of 'time.tolerance'");
  }
  require_no_parameters(plan.formulas, equation.networks.dim);
  if (precision == Precision::double_) {
    return std::make_unique<NeuralGradients<double>>(equation, scheme, plan);
  }
  return std::make_unique<NeuralGradients<float>>(equation, scheme, plan);
}

}  // namespace driftwood::sde
