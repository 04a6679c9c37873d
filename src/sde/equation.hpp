// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "deck/distribution.hpp"
#include "deck/source.hpp"
#include "formula/program.hpp"
#include "sde/calculus.hpp"
#include "sde/linear_law.hpp"

namespace driftwood::sde {

/// A stochastic differential equation as formulas.
struct EquationText {
  std::vector<std::string> states;
  std::vector<std::string> noises;
  std::optional<Matrix> correlation;  ///< of the noises
  std::map<std::string, deck::Distribution> parameters;
  std::map<std::string, deck::Distribution> initial;  ///< by state
  std::map<std::string, std::string> drift;           ///< by state
  /// By state and noise; what is left out is zero.
  std::map<std::string, std::map<std::string, std::optional<std::string>>> diffusion;
};

/// An entry of the diffusion matrix that is not zero.
struct DiffusionEntry {
  int row;
  int column;
};

/// An equation that has been read: what its kernels need, and what is known of it.
class Equation {
 public:
  /// Parses the formulas. Throws `UsageError` at the key of the table `path`, and at the place in
  /// its text, for names that cannot be used, for formulas that cannot be read or have no value at
  /// the initial state, and for noises that no formula uses.
  Equation(const EquationText& text, const deck::Source& deck, const std::string& path);

  [[nodiscard]] int dim() const noexcept { return dim_; }
  /// Independent Brownian motions: as many as noises, or for diagonal noise as states.
  [[nodiscard]] int noise_dim() const noexcept { return noise_dim_; }
  [[nodiscard]] Noise noise() const noexcept { return noise_; }
  /// What makes the noise of its class, as a clause.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

  /// Output i is the drift of state i.
  [[nodiscard]] const formula::Program& drift() const noexcept { return *drift_; }
  /// Output e is entry e, factors of correlated noises included.
  [[nodiscard]] const formula::Program& diffusion() const noexcept { return *diffusion_; }
  /// The outputs of the one, then those of the other.
  [[nodiscard]] const formula::Program& both() const noexcept { return *both_; }
  [[nodiscard]] const std::vector<DiffusionEntry>& entries() const noexcept { return entries_; }
  /// Where the entries of each row begin, and where the last ones end.
  [[nodiscard]] std::vector<int> row_begins() const;
  /// Of each entry.
  [[nodiscard]] std::vector<int> columns() const;

 private:
  int dim_;
  int noise_dim_;
  Noise noise_ = Noise::general;
  std::string reason_;
  std::vector<DiffusionEntry> entries_;  ///< by rows
  std::optional<formula::Program> drift_;
  std::optional<formula::Program> diffusion_;
  std::optional<formula::Program> both_;
};

/// The names that the formulas of an equation may use; noises are reserved. Throws `UsageError` as
/// `Equation`.
[[nodiscard]] formula::Scope scope_of(const EquationText& text, const deck::Source& deck,
                                      const std::string& path);

/// Adds the formula under `key` to the graph; its number. Throws `UsageError` at the place in its
/// text.
[[nodiscard]] int add_formula(formula::Graph& graph, const deck::Source& deck,
                              const std::string& key, const std::string& text,
                              const formula::Scope& scope);

}  // namespace driftwood::sde
