// SPDX-License-Identifier: BSD-3-Clause
#include "sde/jump_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/suggest.hpp"
#include "formula/parse.hpp"
#include "io/disk.hpp"
#include "sde/equation.hpp"
#include "sde/jump_plan.hpp"
#include "sde/observed_formulas.hpp"
#include "sde/options.hpp"
#include "sde/registry.hpp"
#include "sde/table_file.hpp"

namespace driftwood::sde {
namespace {

/// The names that the formulas of one kind of jumps may use.
class Names {
 public:
  Names(const Model& model, const deck::Source& deck) {
    rate_.set_tables(tables_in(io::disk::folder_of(deck.file())));
    add_components(rate_, model);
    for (const auto& [name, law] : model.named_parameters()) rate_.add_fixed(name);
    change_ = rate_;
  }

  void add_mark(const std::string& name, const deck::Source& deck, const std::string& where) {
    try {
      change_.add_varying(name);
    } catch (const formula::Problem& problem) {
      throw deck.error(where, problem.problem, problem.why, problem.suggestion);
    }
  }

  [[nodiscard]] const formula::Scope& of_rate() const { return rate_; }
  [[nodiscard]] const formula::Scope& of_change() const { return change_; }

 private:
  formula::Scope rate_;
  formula::Scope change_;  ///< with the marks
};

/// The component that a key of `change` names.
int component_of(const std::string& name, const Model& model, const deck::Source& deck,
                 const std::string& where) {
  std::vector<std::string> names;
  for (const ComponentInfo& c : model.components()) names.push_back(c.name);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  const std::string meant = nearest(name, names);
  throw deck.error(where, fmt::format("'{}' has no component '{}'", model.name(), name),
                   fmt::format("its components are {}", fmt::join(names, ", ")),
                   meant.empty() ? "" : fmt::format("did you mean '{}'?", meant));
}

/// A rate that is a number must be one that rates can have.
void require_rate(const formula::Graph& graph, int rate, const deck::Source& deck,
                  const std::string& where) {
  const formula::Vertex& vertex = graph.vertices()[static_cast<std::size_t>(graph.root(rate))];
  if (vertex.op != formula::Op::number || vertex.number >= 0) return;
  throw deck.error(where, fmt::format("the rate is {}", vertex.number), "rates are >= 0",
                   "give the mean number of jumps per unit of time");
}

RateLaw law_of(const JumpOptions& options, const formula::Graph& graph, int rate,
               const deck::Source& deck, const std::string& path) {
  const formula::Dependence on = graph.dependence(rate);
  const bool varies =
      on.time || std::find(on.varying.begin(), on.varying.end(), true) != on.varying.end();
  if (varies) return options.bound ? RateLaw::bounded : RateLaw::held;
  if (!options.bound) return RateLaw::constant;
  throw deck.error(path + ".bound", "the rate is constant and needs no bound",
                   "jumps come at this rate, and none has to be left out", "remove the key");
}

JumpKind read_kind(const std::string& name, const JumpOptions& options, const Model& model,
                   const deck::Source& deck) {
  const std::string path = "jumps." + name;
  Names names(model, deck);
  formula::Graph rates(names.of_rate());
  const int rate = add_formula(rates, deck, path + ".rate", options.rate, names.of_rate());
  require_rate(rates, rate, deck, path + ".rate");
  JumpKind kind{.name = name,
                .law = law_of(options, rates, rate, deck, path),
                .bound = options.bound.value_or(0),
                .rate = formula::Program(rates, {rate}),
                .marks = {},
                .components = {},
                .change = {}};
  for (const auto& [mark, law] : options.marks) {
    const std::string where = path + ".marks." + mark;
    names.add_mark(mark, deck, where);
    if (law.column) {
      throw deck.error(where, "a mark cannot be a column of a file",
                       "a path has one entry of a column, and a jump draws anew each time",
                       "use a law, or a parameter of the model");
    }
    kind.marks.push_back(law);
  }
  formula::Graph changes(names.of_change());
  std::vector<int> outputs;
  std::vector<bool> used(model.components().size() + kind.marks.size());
  for (const auto& [component, text] : options.change) {
    const std::string where = path + ".change." + component;
    kind.components.push_back(component_of(component, model, deck, where));
    const int output = add_formula(changes, deck, where, text, names.of_change());
    const formula::Dependence on = changes.dependence(output);
    for (std::size_t i = 0; i < used.size(); ++i) used[i] = used[i] || on.varying[i];
    outputs.push_back(output);
  }
  if (outputs.empty()) {
    throw deck.error(
        path, "it is not said what the jump changes", "",
        fmt::format("add for example 'change = {{ {} = 1.0 }}'", model.components().front().name));
  }
  std::size_t i = model.components().size();
  for (const auto& [mark, law] : options.marks) {
    if (used[i++]) continue;
    throw deck.error(path + ".marks." + mark, fmt::format("mark '{}' is not used", mark),
                     "no formula of 'change' names it", "use it in a formula, or remove it");
  }
  kind.change = formula::Program(changes, outputs);
  return kind;
}

/// Throws unless paths may take steps of their own.
void require_own_steps(const deck::Source& deck, const Model& model, const TimeOptions& time,
                       const EnsembleOptions& ensemble) {
  if (!model.has_own_steps(time.scheme)) {
    std::vector<std::string> able;
    for (const std::string& name : model.schemes()) {
      if (model.has_own_steps(name)) able.push_back(name);
    }
    throw deck.error("time.scheme",
                     fmt::format("the steps of '{}' cannot end where a path jumps", time.scheme),
                     "each path jumps at times of its own",
                     fmt::format("choose one of: {}", fmt::join(able, ", ")));
  }
  if (ensemble.precision() == Precision::single_) {
    throw deck.error("ensemble.precision", "paths with jumps are in double precision only",
                     "times of jumps are not numbers of steps", "remove the key");
  }
}

}  // namespace

void JumpOptions::describe(deck::Schema& s) {
  s.key("rate", rate,
        "how many jumps there are per unit of time on average, a formula of components, parameters "
        "and the time [1/time]")
      .required();
  s.key("bound", bound, deck::positive,
        "the most that a rate which varies can be: jumps are then exact, by thinning; left out: "
        "the rate is held from each step and jump to the next [1/time]");
  s.named_keys("marks", marks, {deck::finite},
               "numbers that each jump draws anew, for the formulas of 'change'", "a law");
  s.named_keys("change", change, {},
               "what is added to each component that jumps; formulas may name components, which "
               "are those before the jump, parameters, marks and the time",
               "a formula, such as x*(exp(z) - 1)");
}

std::shared_ptr<const JumpPlan> jump_plan(const JumpTable& jumps, const Model& model,
                                          const deck::Source& deck) {
  if (jumps.empty()) return nullptr;
  JumpPlan plan;
  for (const auto& [name, options] : jumps) {
    plan.kinds.push_back(read_kind(name, options, model, deck));
  }
  for (const auto& [name, law] : model.named_parameters()) plan.parameters.push_back(law.first);
  return std::make_shared<const JumpPlan>(std::move(plan));
}

void validate(const JumpTable& jumps, const deck::Source& deck, const Model& model,
              const TimeOptions& time, const EnsembleOptions& ensemble) {
  if (jumps.empty()) return;
  const auto plan = jump_plan(jumps, model, deck);
  for (const JumpKind& kind : plan->kinds) {
    if (kind.law != RateLaw::held || !time.is_adaptive()) continue;
    throw deck.error("jumps." + kind.name, "the rate varies and has no 'bound'",
                     "where steps adapt, they may be too long to hold it meanwhile",
                     "add the most that the rate can be, for example 'bound = 10.0'");
  }
  require_own_steps(deck, model, time, ensemble);
}

}  // namespace driftwood::sde
