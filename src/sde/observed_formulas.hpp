// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <vector>

#include "deck/source.hpp"
#include "formula/program.hpp"
#include "sde/model.hpp"
#include "sde/watch_options.hpp"

namespace driftwood::sde {

/// Formulas of components, time and parameters, to be evaluated for every path.
struct ObservedFormulas {
  formula::Program program;        ///< output i is the formula of the i-th name
  std::vector<double> parameters;  ///< the inputs that stay
};

/// Adds the components of the model to the names that formulas may use, in their order.
void add_components(formula::Scope& scope, const Model& model);

/// Reads the formulas of the table `path`, by name. They may name components, the `watched` numbers
/// and the parameters that paths share. Throws `UsageError` at the place in the text of a formula
/// that cannot be read, that names something else, or of which a constant part has no value; and
/// for watched numbers whose names are taken.
[[nodiscard]] ObservedFormulas read_formulas(const std::map<std::string, std::string>& formulas,
                                             const Model& model,
                                             const std::vector<WatchedNumber>& watched,
                                             const deck::Source& deck, const std::string& path);

}  // namespace driftwood::sde
