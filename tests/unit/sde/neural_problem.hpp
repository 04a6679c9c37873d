// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "formula/parse.hpp"
#include "neural/group.hpp"
#include "neural/initial.hpp"
#include "sde/launch/neural_gradients.hpp"

namespace driftwood::test {

using namespace sde;

/// An equation of networks with random parameters and normal initial states.
inline NeuralEquation equation_of(const NeuralNetworks& networks, std::uint64_t seed = 3) {
  NeuralEquation out{networks, {}, {}, std::vector<deck::Distribution>{}};
  std::vector<double> values =
      neural::initial_parameters(networks.drift, neural::Initial::fan_in, seed, 0);
  const auto second =
      neural::initial_parameters(networks.diffusion, neural::Initial::fan_in, seed, 1);
  values.insert(values.end(), second.begin(), second.end());
  const std::vector<std::string> names = parameter_names(networks);
  for (std::size_t j = 0; j < names.size(); ++j) {
    out.parameters.push_back({names[j], values[j], false});
  }
  std::vector<deck::Distribution> initial;
  for (int i = 1; i <= networks.dim; ++i) {
    out.components.push_back("x" + std::to_string(i));
    initial.emplace_back(deck::Distribution::Kind::normal, 0.0, 1.0);
  }
  out.initial = initial;
  return out;
}

/// Both networks alike, but for their outputs.
inline NeuralNetworks networks_of(int dim, int noises, bool is_diagonal, neural::Shape shape) {
  NeuralNetworks out{dim, noises, is_diagonal, shape, shape};
  out.drift.inputs = out.diffusion.inputs = out.drift.outputs = dim;
  out.diffusion.outputs = is_diagonal ? dim : dim * noises;
  return out;
}

/// The problem of Kidger et al. (2021), section 5: a Stratonovich equation in R^32 with 16 noises,
/// networks of one hidden layer of 8, LipSwish inside and a sigmoid after, with the time as input.
inline NeuralNetworks error_table_networks() {
  using enum neural::Activation;
  return networks_of(
      32, 16, false,
      {.depth = 1, .width = 8, .hidden = lipswish, .output = sigmoid, .takes_time = true});
}

/// Formulas of x1, x2, ..., and of x1_start, ...
inline formula::Program neural_formulas(int dim, const std::vector<std::string>& texts) {
  formula::Scope scope;
  for (int i = 1; i <= dim; ++i) scope.add_varying("x" + std::to_string(i));
  for (int i = 1; i <= dim; ++i) scope.add_fixed("x" + std::to_string(i) + "_start");
  formula::Graph graph(scope);
  std::vector<int> formulas;
  for (const std::string& text : texts) formulas.push_back(graph.add(formula::parse(text, scope)));
  return {graph, formulas, formula::Keep::all};
}
/// x1 + x2 + ...
inline std::string sum_of_components(int dim) {
  std::string out = "x1";
  for (int i = 2; i <= dim; ++i) out += " + x" + std::to_string(i);
  return out;
}

/// One objective, with weight 1 of every formula at every time; all derivatives; one group.
inline GradientPlan neural_plan(const NeuralNetworks& networks, GradientMode mode,
                                std::int64_t steps, std::vector<std::int64_t> observed = {}) {
  GradientPlan plan;
  plan.mode = mode;
  plan.end = 1;
  plan.steps = steps;
  plan.seed = 11;
  plan.capacity = neural::group_paths;
  plan.observed = observed.empty() ? std::vector<std::int64_t>{steps} : std::move(observed);
  plan.formulas = neural_formulas(networks.dim, {sum_of_components(networks.dim)});
  plan.weights = {std::vector<double>(plan.observed.size(), 1.0)};
  for (int j = 0; j < networks.parameters(); ++j) plan.parameters.push_back(j);
  for (int i = 0; i < networks.dim; ++i) plan.initial.push_back(i);
  return plan;
}

inline const NeuralScheme& scheme_of(std::string_view name) {
  return *std::ranges::find(neural_schemes, name, &NeuralScheme::name);
}

/// Samples of a run, one after the other, with their weights.
inline std::vector<std::vector<double>> samples_of(GradientSolver& solver, const PathRange& paths) {
  solver.run(paths);
  Kokkos::fence();
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), solver.samples());
  const auto count = static_cast<std::size_t>((paths.count + solver.group() - 1) / solver.group());
  std::vector<std::vector<double>> out(count);
  for (std::size_t c = 0; c < count; ++c) {
    for (std::size_t r = 0; r < host.extent(0); ++r) out[c].push_back(host(r, c));
  }
  return out;
}

/// sum |a - b| / max(sum |a|, sum |b|)
inline double difference(const std::vector<double>& a, const std::vector<double>& b) {
  double between = 0;
  double sum_a = 0;
  double sum_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    between += std::abs(a[i] - b[i]);
    sum_a += std::abs(a[i]);
    sum_b += std::abs(b[i]);
  }
  return between / std::max(sum_a, sum_b);
}

}  // namespace driftwood::test
