// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "deck/source.hpp"
#include "formula/program.hpp"
#include "formula/scope.hpp"
#include "sde/gradient/options.hpp"
#include "sde/model.hpp"

namespace driftwood::sde {

/// What is differentiated, in the order of results: payoffs, then formulas, each by their names.
struct GradientFormulas {
  std::vector<std::string> names;
  std::vector<std::string> units;
  std::vector<std::string> texts;
  /// As `GradientPlan::formulas`: output i is the i-th of these.
  formula::Program program;
};

/// The names that formulas of solvers with derivatives may use, as inputs of
/// `GradientPlan::formulas`: components, parameters, and components at time 0 as "price_start".
[[nodiscard]] formula::Scope gradient_scope(const Model& model, const deck::Source& deck);

/// Throws `Problem` for a formula with a jump at which a path's derivative is not the mean's:
/// `step` of anything that paths or parameters move.
void require_derivative(const std::string& text, const formula::Scope& scope);

/// Reads payoffs and formulas. Throws `UsageError` at the place in the text of a formula that
/// cannot be read, that names something else, or that has a jump at which a path's derivative is
/// not the mean's: `step` of anything that paths or parameters move.
[[nodiscard]] GradientFormulas read_gradient_formulas(const GradientObserveOptions& observe,
                                                      const Model& model, const deck::Source& deck);

}  // namespace driftwood::sde
