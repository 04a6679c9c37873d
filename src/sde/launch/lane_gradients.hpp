// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sde/gradient/programs.hpp"
#include "sde/gradient/solver.hpp"
#include "sde/initial_state.hpp"
#include "sde/model.hpp"
#include "sde/parameters.hpp"

namespace driftwood::sde {

/// Names and values of what gradients may be by.
struct GradientNames {
  std::vector<ParameterInfo> parameters;
  std::vector<std::string> components;
  InitialState initial;
  DrawnParameters drawn;  ///< parameters that paths draw on their own
};

/// Those of a model whose parameters have these laws, in the order of `model.parameters()`.
[[nodiscard]] GradientNames gradient_names(const Model& model, const InitialState& initial,
                                           const std::vector<deck::Distribution>& laws);
[[nodiscard]] ParameterInfo parameter_info(const std::string& name, const deck::Distribution& law);

/// A solver whose samples are paths. Throws `UsageError` where stored states take more memory than
/// the plan has.
[[nodiscard]] std::unique_ptr<GradientSolver> make_lane_gradients(const GradientPrograms& programs,
                                                                  const GradientNames& names,
                                                                  Precision precision,
                                                                  const GradientPlan& plan);

}  // namespace driftwood::sde
