// SPDX-License-Identifier: BSD-3-Clause
/// Gradients by reversible Heun through equations of networks, on one core: processor time per path
/// and step, there and back, and back alone beside there alone; products and sums of the networks
/// beside those that the core can do. Drift and diagonal diffusion have one hidden layer, swish
/// inside and a sigmoid after; 64 steps. Then models without parameters, by initial values. All
/// cases run in turn, round after round; ratios are taken within a round, medians printed.
///
///     gradient_speed [rounds]          7 rounds by default
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "formula/parse.hpp"
#include "neural/initial.hpp"
#include "peak.hpp"
#include "sde/launch/neural_gradients.hpp"
#include "sde/observed_formulas.hpp"
#include "sde/registry.hpp"
#include "timing.hpp"

namespace {
using namespace driftwood;
using benchmarks::median;
using benchmarks::Peak;
using benchmarks::processor_seconds_of;

constexpr std::int64_t steps = 64;

struct Case {
  std::int64_t paths;
  int dim;
  int width;
};
constexpr std::array<Case, 4> cases = {
    {{256, 8, 16}, {1024, 8, 16}, {1024, 16, 64}, {4096, 32, 64}}};

sde::NeuralEquation equation_of(const Case& c) {
  using enum neural::Activation;
  const neural::Shape shape{c.dim, c.dim, 1, c.width, swish, sigmoid, false};
  sde::NeuralEquation out{{c.dim, c.dim, true, shape, shape},
                          {},
                          {},
                          std::vector<double>(static_cast<std::size_t>(c.dim), 0.1)};
  const std::vector<std::string> names = parameter_names(out.networks);
  for (int net = 0; net < 2; ++net) {
    for (const double v : initial_parameters(shape, neural::Initial::fan_in, 1, net)) {
      out.parameters.push_back({names[out.parameters.size()], v, false});
    }
  }
  for (int i = 1; i <= c.dim; ++i) out.components.push_back(fmt::format("x{}", i));
  return out;
}

/// Of what is at the end of so many paths, by reversible Heun.
sde::GradientPlan plan_of(std::int64_t paths) {
  sde::GradientPlan plan;
  plan.mode = sde::GradientMode::reversible_heun;
  plan.end = 1;
  plan.steps = steps;
  plan.seed = 1;
  plan.capacity = paths;
  plan.observed = {steps};
  return plan;
}

/// Of the sum of all components at the end by all parameters and initial values; without
/// `backwards` only the sum.
std::unique_ptr<sde::GradientSolver> solver_of(const Case& c, bool backwards) {
  const sde::NeuralEquation equation = equation_of(c);
  sde::GradientPlan plan = plan_of(c.paths);
  formula::Scope scope;
  std::string sum = "0";
  for (const std::string& x : equation.components) {
    scope.add_varying(x);
    sum += " + " + x;
  }
  for (const std::string& x : equation.components) scope.add_fixed(x + "_start");
  formula::Graph graph(scope);
  const int formula = graph.add(formula::parse(sum, scope));
  plan.formulas = formula::Program(graph, {formula}, formula::Keep::all);
  if (backwards) plan.weights = {{1.0}};
  for (int j = 0; j < equation.networks.parameters(); ++j) plan.parameters.push_back(j);
  for (int i = 0; i < c.dim; ++i) plan.initial.push_back(i);
  return make_neural_gradients(equation, sde::neural_schemes[3], sde::Precision::single_, plan);
}

/// Of the first component at the end by all components at time 0; the model has no parameters.
std::unique_ptr<sde::GradientSolver> solver_of(const sde::Model& model, bool backwards) {
  sde::GradientPlan plan = plan_of(stats::block_paths);
  formula::Scope scope;
  add_components(scope, model);
  const std::vector<std::string> components = scope.names();
  for (const std::string& x : components) scope.add_fixed(x + "_start");
  formula::Graph graph(scope);
  plan.formulas = formula::Program(graph, {graph.add(formula::parse(components.front(), scope))},
                                   formula::Keep::all);
  if (backwards) plan.weights = {{1.0}};
  for (std::size_t i = 0; i < components.size(); ++i) plan.initial.push_back(static_cast<int>(i));
  return model.gradients("reversible_heun", sde::Precision::double_, plan);
}

std::string spread(const std::vector<double>& x) {
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  return fmt::format("{:.2f} to {:.2f}", *low, *high);
}

/// Processor time per path and step [s].
double seconds_of(sde::GradientSolver& solver, std::int64_t paths) {
  const auto repeats = static_cast<int>(4096 / paths);
  const double seconds = processor_seconds_of([&] {
    for (int r = 0; r < repeats; ++r) solver.run({0, paths});
    Kokkos::fence();
  });
  return seconds / static_cast<double>(repeats * paths * steps);
}

void compare_networks(int rounds) {
  const Peak<float> peak;
  std::array<std::vector<double>, cases.size()> both;
  std::array<std::vector<double>, cases.size()> back;
  std::array<std::vector<double>, cases.size()> share;
  std::vector<double> highest;
  std::vector<std::unique_ptr<sde::GradientSolver>> there;
  std::vector<std::unique_ptr<sde::GradientSolver>> there_and_back;
  for (const Case& c : cases) {
    there.push_back(solver_of(c, false));
    there_and_back.push_back(solver_of(c, true));
  }
  for (int round = -1; round < rounds; ++round) {  // the first is not counted
    const double per_second = Peak<float>::operations * 1000 / processor_seconds_of([&] {
                                for (int i = 0; i < 1000; ++i) peak(0);
                              });
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const Case& c = cases[i];
      const double forward = seconds_of(*there[i], c.paths);
      const double all = seconds_of(*there_and_back[i], c.paths);
      if (round < 0) continue;
      both[i].push_back(all * 1e9);
      back[i].push_back(all / forward - 1);
      // Two evaluations and one vector-Jacobian product, of two networks.
      share[i].push_back(32.0 * c.dim * c.width / all / per_second);
      if (i == 0) highest.push_back(per_second * 1e-9);
    }
  }
  fmt::print("peak of fused products, single: {:.0f} GFLOP/s\n", median(highest));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    fmt::print(
        "({}, {}, {})  {:.0f} ns per path-step there and back ({}), back {:.2f} times there ({}), "
        "{:.0f} % of the peak\n",
        c.paths, c.dim, c.width, median(both[i]), spread(both[i]), median(back[i]), spread(back[i]),
        100 * median(share[i]));
  }
  double most = 0;
  for (const auto& ratios : back) most = std::max(most, median(ratios));
  fmt::print("PF-4: there and back takes at most {:.2f} times as long as there\n", 1 + most);
}

void compare_models(int rounds) {
  const std::vector<std::shared_ptr<sde::Model>> models = {
      sde::make_sinh_problem(), sde::make_linear_noncommuting(), sde::make_levy_area()};
  std::vector<std::vector<double>> both(models.size());
  std::vector<std::vector<double>> back(models.size());
  std::vector<std::unique_ptr<sde::GradientSolver>> there;
  std::vector<std::unique_ptr<sde::GradientSolver>> there_and_back;
  for (const auto& model : models) {
    there.push_back(solver_of(*model, false));
    there_and_back.push_back(solver_of(*model, true));
  }
  for (int round = -1; round < rounds; ++round) {  // the first is not counted
    for (std::size_t i = 0; i < models.size(); ++i) {
      const double forward = seconds_of(*there[i], stats::block_paths);
      const double all = seconds_of(*there_and_back[i], stats::block_paths);
      if (round < 0) continue;
      both[i].push_back(all * 1e9);
      back[i].push_back(all / forward - 1);
    }
  }
  fmt::print("models without parameters, double precision\n");
  for (std::size_t i = 0; i < models.size(); ++i) {
    fmt::print("{}  {:.1f} ns per path-step there and back ({}), back {:.2f} times there ({})\n",
               models[i]->name(), median(both[i]), spread(both[i]), median(back[i]),
               spread(back[i]));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Kokkos::ScopeGuard kokkos(argc, argv);
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
  compare_networks(rounds);
  compare_models(rounds);
}
