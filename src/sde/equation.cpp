// SPDX-License-Identifier: BSD-3-Clause
#include "sde/equation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "io/disk.hpp"
#include "sde/correlation.hpp"
#include "sde/noise_class.hpp"
#include "sde/table_file.hpp"

namespace driftwood::sde {
namespace {

using formula::Expression;
using formula::Op;

std::size_t place(int i) { return static_cast<std::size_t>(i); }

[[noreturn]] void refuse(const deck::Source& deck, const std::string& key,
                         const formula::Problem& problem, const std::string& where = "") {
  std::vector<std::string> why;
  if (!problem.why.empty()) why.push_back(problem.why);
  if (!where.empty()) why.push_back(where);
  throw deck.error_inside(key, problem.offset, problem.problem,
                          fmt::format("{}", fmt::join(why, "; ")), problem.suggestion);
}

/// The entries of a diffusion matrix as they are collected.
struct Entries {
  std::vector<DiffusionEntry> entry;
  std::vector<int> formula;

  void add(int row, int column, int number) {
    entry.push_back({row, column});
    formula.push_back(number);
  }
};

/// The entries of G L, where the noises are L dW.
Entries correlated(formula::Graph& graph, const Entries& g, const Matrix& l, int dim) {
  Entries out;
  for (int i = 0; i < dim; ++i) {
    for (std::size_t k = 0; k < l.size(); ++k) {
      std::vector<std::pair<double, int>> terms;
      for (std::size_t e = 0; e < g.entry.size(); ++e) {
        const double factor = l[place(g.entry[e].column)][k];
        if (g.entry[e].row == i && factor != 0) terms.emplace_back(factor, g.formula[e]);
      }
      if (terms.empty()) continue;
      const int sum = graph.add_combination(terms);
      if (!graph.is_zero(sum)) out.add(i, static_cast<int>(k), sum);
    }
  }
  return out;
}

/// With the noise of each component in the column of that component, where each noise acts on one
/// component that is its own.
std::optional<Entries> by_component(const Entries& g, int dim) {
  std::vector<int> row_of;  // by column
  std::vector<bool> taken(place(dim));
  for (const DiffusionEntry& entry : g.entry) {
    row_of.resize(std::max(row_of.size(), place(entry.column) + 1), -1);
    if (row_of[place(entry.column)] >= 0 || taken[place(entry.row)]) return std::nullopt;
    row_of[place(entry.column)] = entry.row;
    taken[place(entry.row)] = true;
  }
  Entries out = g;
  for (DiffusionEntry& entry : out.entry) entry.column = entry.row;
  return out;
}

/// A number that the law may give, or one near the constant.
double near(const deck::Distribution& law, std::mt19937_64& random, bool moves) {
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  using Kind = deck::Distribution::Kind;
  switch (law.kind) {
    case Kind::normal:
      return law.first + law.second * normal(random);
    case Kind::lognormal:
      return std::exp(law.first + law.second * normal(random));
    case Kind::uniform:
      return law.first + (law.second - law.first) * uniform(random);
    case Kind::column: {
      const auto& values = law.column->values;
      if (values == nullptr || values->empty()) return normal(random);
      return (*values)[static_cast<std::size_t>(random() % values->size())];
    }
    case Kind::constant:
      break;
  }
  if (!moves) return law.first;
  const double scale = std::pow(10.0, 2 * uniform(random) - 1) * std::max(std::abs(law.first), 1.0);
  const double moved = law.first + scale * normal(random);
  return random() % 2 == 0 ? moved : std::abs(moved);
}

/// The formula with what is known at the initial state in place of its inputs.
Expression at_start(const EquationText& text, Expression expression) {
  std::vector<deck::Distribution> fixed;
  for (const auto& [name, law] : text.parameters) fixed.push_back(law);
  for (formula::Node& node : expression.nodes) {
    deck::Distribution law = 0.0;
    if (node.op == Op::varying) law = text.initial.at(text.states[place(node.index)]);
    if (node.op == Op::fixed) law = fixed[place(node.index)];
    const bool is_input = node.op == Op::varying || node.op == Op::fixed || node.op == Op::time;
    if (!is_input || law.kind != deck::Distribution::Kind::constant) continue;
    node.op = Op::number;
    node.number = law.first;
  }
  return expression;
}

/// Formulas, their problems reported at their keys.
class Reader {
 public:
  Reader(const EquationText& text, const deck::Source& deck, const std::string& path)
      : text_(text),
        deck_(deck),
        scope_(scope_of(text, deck, path)),
        graph_(scope_),
        named_(text.parameters.size()) {}

  [[nodiscard]] formula::Graph& graph() { return graph_; }
  /// Which parameters the formulas name.
  [[nodiscard]] const std::vector<bool>& named() const { return named_; }

  int add(const std::string& key, const std::string& text) {
    const int number = add_formula(graph_, deck_, key, text, scope_);
    const Expression written = formula::parse(text, scope_);
    for (const formula::Node& node : written.nodes) {
      if (node.op == Op::fixed) named_[place(node.index)] = true;
    }
    try {
      static_cast<void>(formula::Graph(scope_).add(at_start(text_, written)));
    } catch (const formula::Problem& problem) {
      refuse(deck_, key, problem, "at the initial state");
    }
    return number;
  }

 private:
  const EquationText& text_;
  const deck::Source& deck_;
  formula::Scope scope_;
  formula::Graph graph_;
  std::vector<bool> named_;
};

/// The size of the matrix, which the names of the noises give; its entries are checked elsewhere.
void require_size(const EquationText& text, const deck::Source& deck, const std::string& path) {
  const std::size_t rows = text.correlation->size();
  const std::size_t noises = text.noises.size();
  std::size_t columns = rows == 0 ? 0 : text.correlation->front().size();
  for (const auto& row : *text.correlation) {
    if (row.size() != columns) return;
  }
  if (rows == noises && columns == noises) return;
  throw deck.error(
      path + ".correlation",
      fmt::format("'correlation' is {} x {} and must be {} x {}", rows, columns, noises, noises),
      fmt::format("it has a row and a column for each name in 'noise': {}",
                  fmt::join(text.noises, ", ")),
      noises == 1 ? "leave it out, or name all noises in 'noise'"
                  : "give one row of as many numbers per noise, or name all noises in 'noise'");
}

/// Where there are jumps or formulas are observed, parameters may stand in these, which are read
/// later.
void require_parameters_used(const EquationText& text, const deck::Source& deck,
                             const std::string& path, const std::vector<bool>& named) {
  if (deck.gives("observe.formulas") || deck.gives("jumps")) return;
  auto used = named.begin();
  for (const auto& [name, law] : text.parameters) {
    if (*used++) continue;
    throw deck.error(path + ".parameters." + name, fmt::format("parameter '{}' is not used", name),
                     "no formula names it", "use it in a formula, or remove it");
  }
}

}  // namespace

formula::Scope scope_of(const EquationText& text, const deck::Source& deck,
                        const std::string& path) {
  formula::Scope scope;
  scope.set_tables(tables_in(io::disk::folder_of(deck.file())));
  const auto guarded = [&](const std::string& key, const auto& add) {
    try {
      add();
    } catch (const formula::Problem& problem) {
      throw deck.error(path + "." + key, problem.problem, problem.why, problem.suggestion);
    }
  };
  const auto entry = [](const char* list, std::size_t i) { return fmt::format("{}[{}]", list, i); };
  for (std::size_t i = 0; i < text.states.size(); ++i) {
    guarded(entry("state", i), [&] { scope.add_varying(text.states[i]); });
  }
  for (std::size_t i = 0; i < text.noises.size(); ++i) {
    guarded(entry("noise", i), [&] { scope.reserve(text.noises[i], "noise"); });
  }
  for (const auto& [name, law] : text.parameters) {
    guarded("parameters." + name, [&] { scope.add_fixed(name); });
  }
  return scope;
}

int add_formula(formula::Graph& graph, const deck::Source& deck, const std::string& key,
                const std::string& text, const formula::Scope& scope) {
  try {
    return graph.add(formula::parse(text, scope));
  } catch (const formula::Problem& problem) {
    refuse(deck, key, problem);
  }
}

Equation::Equation(const EquationText& text, const deck::Source& deck, const std::string& path)
    : dim_(static_cast<int>(text.states.size())), noise_dim_(static_cast<int>(text.noises.size())) {
  if (text.correlation) {
    require_size(text, deck, path);
    require_correlation(deck, path, *text.correlation, text.noises.size(), "noise");
  }
  Reader reader(text, deck, path);
  formula::Graph& graph = reader.graph();
  std::vector<int> drift;
  Entries written;
  std::vector<bool> used(text.noises.size());
  for (int i = 0; i < dim_; ++i) {
    const std::string& state = text.states[place(i)];
    drift.push_back(reader.add(path + ".drift." + state, text.drift.at(state)));
    const auto row = text.diffusion.find(state);
    for (int k = 0; row != text.diffusion.end() && k < noise_dim_; ++k) {
      const std::string& noise = text.noises[place(k)];
      const auto formula = row->second.find(noise);
      if (formula == row->second.end() || !formula->second) continue;
      const int number =
          reader.add(fmt::format("{}.diffusion.{}.{}", path, state, noise), *formula->second);
      if (graph.is_zero(number)) continue;
      written.add(i, k, number);
      used[place(k)] = true;
    }
  }
  const auto unused = std::find(used.begin(), used.end(), false);
  if (unused != used.end()) {
    const auto k = static_cast<std::size_t>(unused - used.begin());
    throw deck.error(fmt::format("{}.noise[{}]", path, k),
                     fmt::format("noise '{}' is not used", text.noises[k]),
                     "no entry of 'diffusion' with its name differs from 0",
                     fmt::format("add for example 'diffusion.{} = {{ {} = \"1\" }}', or remove it",
                                 text.states.front(), text.noises[k]));
  }
  require_parameters_used(text, deck, path, reader.named());

  const Matrix factor = correlation_factor(text.correlation, text.noises.size());
  Entries entries = correlated(graph, written, factor, dim_);
  const Sampler sampler = [&](int n) {
    std::mt19937_64 random(static_cast<std::uint64_t>(n));
    Sample sample{static_cast<double>(random() % 1000) / 100, {}, {}};
    for (const std::string& state : text.states) {
      sample.varying.push_back(near(text.initial.at(state), random, true));
    }
    for (const auto& [name, law] : text.parameters) {
      sample.fixed.push_back(near(law, random, false));
    }
    return sample;
  };
  const auto class_of = [&](const Entries& g, int noise_dim) {
    return classify({graph, g.entry, g.formula, dim_, noise_dim}, sampler);
  };
  NoiseClass found{};
  const auto rearranged = by_component(entries, dim_);
  if (rearranged) found = class_of(*rearranged, dim_);
  if (rearranged && found.noise == Noise::diagonal) {
    entries = *rearranged;
    noise_dim_ = dim_;
  } else {
    found = class_of(entries, noise_dim_);
  }
  noise_ = found.noise;
  reason_ = found.reason;
  entries_ = entries.entry;
  drift_.emplace(graph, drift);
  diffusion_.emplace(graph, entries.formula);
  drift.insert(drift.end(), entries.formula.begin(), entries.formula.end());
  both_.emplace(graph, drift);
}

std::vector<int> Equation::row_begins() const {
  std::vector<int> begin(static_cast<std::size_t>(dim_) + 1);
  for (const DiffusionEntry& entry : entries_) ++begin[static_cast<std::size_t>(entry.row) + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  return begin;
}

std::vector<int> Equation::columns() const {
  std::vector<int> out;
  for (const DiffusionEntry& entry : entries_) out.push_back(entry.column);
  return out;
}

}  // namespace driftwood::sde
