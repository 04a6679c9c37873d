// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Formulas for tests: compiled in one call, and drawn at random.

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "formula/program.hpp"

namespace driftwood::formula::testing {

/// What formulas of tests may open; `bends again.csv` holds the points of `bends.csv`.
inline std::shared_ptr<const Table> open_table(const std::string& name) {
  static const Table bends{{-1, 0, 0.5, 2}, {0.25, 1.5, -0.5, 3}};
  static const Table ramp{{0, 0.5}, {1, 2}};
  static const std::map<std::string, Table> tables{
      {"bends.csv", bends}, {"bends again.csv", bends}, {"ramp.csv", ramp}};
  const auto found = tables.find(name);
  if (found == tables.end()) throw Error("there is no file '" + name + "'");
  return std::make_shared<const Table>(found->second);
}

/// x, y and z change along a path, a and b are fixed, w is a noise; the tables are those above.
inline Scope scope() {
  Scope names;
  for (const char* name : {"x", "y", "z"}) names.add_varying(name);
  for (const char* name : {"a", "b"}) names.add_fixed(name);
  names.reserve("w", "noise");
  names.set_tables(open_table);
  return names;
}

/// Formulas with their graph and program, and memory for one evaluation on R.
class Compiled {
 public:
  explicit Compiled(const std::vector<std::string>& texts, Keep keep = Keep::needed)
      : Compiled(graph_of(texts), keep) {}
  Compiled(Graph graph, Keep keep)
      : graph_(std::move(graph)), program_(graph_, all(graph_), keep) {}

  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] Tape tape() const { return program_.tape(); }

  /// The values of all formulas.
  template <class R>
  [[nodiscard]] std::vector<R> values(double t, const std::vector<R>& varying,
                                      const std::vector<R>& fixed) const {
    const Tape code = tape();
    std::vector<R> path(static_cast<std::size_t>(code.path_values));
    std::vector<R> registers(static_cast<std::size_t>(code.registers));
    std::copy(fixed.begin(), fixed.end(), path.begin());
    begin_path(code, path.data());
    const Banks<R> banks{registers.data(), varying.data(), path.data()};
    evaluate(code, t, banks);
    std::vector<R> out;
    for (int i = 0; i < code.outputs; ++i) out.push_back(output(code, banks, i));
    return out;
  }

  /// Derivatives of the seeded sum of formulas by the varying, then by the fixed inputs.
  template <class R>
  [[nodiscard]] std::vector<R> gradient(double t, const std::vector<R>& varying,
                                        const std::vector<R>& fixed,
                                        const std::vector<R>& seed) const {
    const Tape code = tape();
    std::vector<R> path(static_cast<std::size_t>(code.path_values));
    std::vector<R> registers(static_cast<std::size_t>(code.registers));
    std::copy(fixed.begin(), fixed.end(), path.begin());
    begin_path(code, path.data());
    const Banks<R> banks{registers.data(), varying.data(), path.data()};
    evaluate(code, t, banks);
    std::vector<R> by_register(registers.size());
    std::vector<R> by_varying(varying.size(), R(0));
    std::vector<R> by_path(path.size(), R(0));
    sweep_back(code, banks, seed.data(), {by_register.data(), by_varying.data(), by_path.data()});
    end_path(code, path.data(), by_path.data());
    by_varying.insert(by_varying.end(), by_path.begin(), by_path.begin() + code.fixed);
    return by_varying;
  }

 private:
  static Graph graph_of(const std::vector<std::string>& texts) {
    const Scope names = scope();
    Graph graph(names);
    for (const std::string& text : texts) graph.add(parse(text, names));
    return graph;
  }
  static std::vector<int> all(const Graph& graph) {
    std::vector<int> out;
    for (int i = 0; i < graph.formulas(); ++i) out.push_back(i);
    return out;
  }

  Graph graph_;
  Program program_;
};

/// The text of a random formula in the names of `scope`, with up to `depth` levels.
inline std::string random_formula(std::mt19937_64& engine, int depth) {
  const auto below = [&](int n) { return static_cast<int>(engine() % static_cast<unsigned>(n)); };
  if (depth == 0 || below(8) == 0) {
    static const std::vector<std::string> leaves{"x", "y",   "z", "a",   "b",    "t",
                                                 "2", "0.5", "3", "1.7", "0.31", "pi"};
    return leaves[static_cast<std::size_t>(below(static_cast<int>(leaves.size())))];
  }
  const auto inside = [&] { return random_formula(engine, depth - 1); };
  static const std::vector<std::string> functions{"abs",   "sqrt", "exp",  "log",     "log1p",
                                                  "expm1", "sin",  "cos",  "tan",     "sinh",
                                                  "cosh",  "tanh", "atan", "sigmoid", "step"};
  switch (below(11)) {
    case 0:
      return "-" + inside();
    case 1:
      return "(" + inside() + ")^" + std::to_string(below(9) - 3);
    case 2:
      return "(" + inside() + ")^(" + inside() + ")";
    case 3: {
      static const std::vector<std::string> two{"min", "max", "pow"};
      return two[static_cast<std::size_t>(below(3))] + "(" + inside() + ", " + inside() + ")";
    }
    case 4:
    case 5:
    case 6:
      return functions[static_cast<std::size_t>(below(static_cast<int>(functions.size())))] + "(" +
             inside() + ")";
    case 7:
      return "table('bends.csv', " + inside() + ")";
    default:
      return "(" + inside() + ") " + "+-*/"[below(4)] + " (" + inside() + ")";
  }
}

}  // namespace driftwood::formula::testing
