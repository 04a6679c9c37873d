// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/formulas.hpp"

#include <fmt/format.h>

#include "io/disk.hpp"
#include "sde/equation.hpp"
#include "sde/observed_formulas.hpp"
#include "sde/table_file.hpp"

namespace driftwood::sde {
namespace {

/// The payoff as a formula of the components of these names.
std::string text_of(const Contract& contract, const std::vector<std::string>& components) {
  std::string underlying;
  for (std::size_t i = 0; i < contract.weights.size(); ++i) {
    if (contract.weights[i] == 0) continue;
    const std::string term = contract.weights[i] == 1
                                 ? components[i]
                                 : fmt::format("({:.17g})*{}", contract.weights[i], components[i]);
    underlying += (underlying.empty() ? "" : " + ") + term;
  }
  if (underlying.empty()) underlying = "0";
  const std::string strike = fmt::format("({:.17g})", contract.strike);
  std::string pays = fmt::format("({} - {})", underlying, strike);
  if (contract.kind == PayoffKind::call) pays = fmt::format("max({} - {}, 0)", underlying, strike);
  if (contract.kind == PayoffKind::put)
    pays = fmt::format("max({1} - ({0}), 0)", underlying, strike);
  if (contract.discount_rate == 0) return pays;
  return fmt::format("exp(-({:.17g})*t)*{}", contract.discount_rate, pays);
}

}  // namespace

formula::Scope gradient_scope(const Model& model, const deck::Source& deck) {
  formula::Scope scope;
  scope.set_tables(tables_in(io::disk::folder_of(deck.file())));
  add_components(scope, model);
  const std::vector<std::string> components = scope.names();
  // What cannot be named has a number instead: inputs are by their places.
  const auto add_fixed = [&](const std::string& name, const std::string& otherwise) {
    try {
      scope.add_fixed(name);
    } catch (const formula::Problem&) {
      scope.add_fixed(otherwise);
    }
  };
  int index = 0;
  for (const ParameterInfo& parameter : model.parameters()) {
    add_fixed(parameter.name, fmt::format("parameter_{}", ++index));
  }
  index = 0;
  for (const std::string& component : components) {
    add_fixed(component + "_start", fmt::format("component_{}_start", ++index));
  }
  return scope;
}

void require_derivative(const std::string& text, const formula::Scope& scope) {
  using formula::Op;
  const formula::Expression written = formula::parse(text, scope);
  std::vector<bool> moves(written.nodes.size());
  for (std::size_t i = 0; i < written.nodes.size(); ++i) {
    const formula::Node& node = written.nodes[i];
    const auto operand_moves = [&](int k) { return k >= 0 && moves[static_cast<std::size_t>(k)]; };
    moves[i] = node.op == Op::varying || node.op == Op::fixed || operand_moves(node.a) ||
               operand_moves(node.b);
    if (node.op != Op::step || !moves[i]) continue;
    throw formula::Problem{
        node.at, "'step' has no pathwise derivative",
        "it is flat on both sides of its jump, so that derivatives of paths would be 0 and miss "
        "what the jump adds",
        "smooth it, such as by sigmoid(x/0.1)", std::nullopt};
  }
}

GradientFormulas read_gradient_formulas(const GradientObserveOptions& observe, const Model& model,
                                        const deck::Source& deck) {
  const formula::Scope scope = gradient_scope(model, deck);
  formula::Graph graph(scope);
  GradientFormulas out;
  std::vector<int> numbers;
  const auto add = [&](const std::string& name, const std::string& units, const std::string& text,
                       int number) {
    out.names.push_back(name);
    out.units.push_back(units);
    out.texts.push_back(text);
    numbers.push_back(number);
  };
  const auto add_own = [&](const std::string& name, const std::string& units,
                           const std::string& text) {
    add(name, units, text, graph.add(formula::parse(text, scope)));
  };

  const std::vector<ComponentInfo> components = model.components();
  const std::vector<std::string> named(
      scope.names().begin(),
      scope.names().begin() + static_cast<std::ptrdiff_t>(components.size()));
  const std::vector<Contract> written = contracts(observe.payoffs, model);
  auto contract = written.begin();
  for (const auto& [name, payoff] : observe.payoffs) {
    add_own(name, "currency", text_of(*contract++, named));
  }
  for (const auto& [name, text] : observe.formulas) {
    const std::string key = "observe.formulas." + name;
    const int number = add_formula(graph, deck, key, text, scope);
    try {
      require_derivative(text, scope);
    } catch (const formula::Problem& p) {
      throw deck.error_inside(key, p.offset, p.problem, p.why, p.suggestion);
    }
    add(name, "1", text, number);
  }
  if (numbers.empty()) {
    for (std::size_t i = 0; i < components.size(); ++i) {
      add_own(components[i].name, components[i].units, named[i]);
    }
  }
  out.program = formula::Program(graph, numbers, formula::Keep::all);
  return out;
}

}  // namespace driftwood::sde
