// SPDX-License-Identifier: BSD-3-Clause
#include "sde/observed_formulas.hpp"

#include "io/disk.hpp"
#include "sde/equation.hpp"
#include "sde/table_file.hpp"

namespace driftwood::sde {
namespace {

/// Components that are called as a function is, or t, cannot be named.
void add_component(formula::Scope& scope, const std::string& name, int index) {
  try {
    scope.add_varying(name);
  } catch (const formula::Problem&) {
    scope.add_varying("component_" + std::to_string(index));
  }
}

}  // namespace

void add_components(formula::Scope& scope, const Model& model) {
  int index = 0;
  for (const ComponentInfo& component : model.components()) {
    add_component(scope, component.name, ++index);
  }
}

ObservedFormulas read_formulas(const std::map<std::string, std::string>& formulas,
                               const Model& model, const std::vector<WatchedNumber>& watched,
                               const deck::Source& deck, const std::string& path) {
  formula::Scope scope;
  scope.set_tables(tables_in(io::disk::folder_of(deck.file())));
  add_components(scope, model);
  for (const WatchedNumber& number : watched) {
    try {
      scope.add_varying(number.name);
    } catch (const formula::Problem& problem) {
      throw deck.error(number.where, "the name '" + number.name + "' cannot be used",
                       problem.problem, "choose another name");
    }
  }
  std::vector<double> parameters;
  for (const auto& [name, law] : model.named_parameters()) {
    if (law.kind != deck::Distribution::Kind::constant) {
      scope.reserve(name, "parameter that each path draws");
      continue;
    }
    scope.add_fixed(name);
    parameters.push_back(law.first);
  }
  formula::Graph graph(scope);
  std::vector<int> numbers;
  for (const auto& [name, text] : formulas) {
    numbers.push_back(add_formula(graph, deck, path + "." + name, text, scope));
  }
  return {formula::Program(graph, numbers), std::move(parameters)};
}

}  // namespace driftwood::sde
