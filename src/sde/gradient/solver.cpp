// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/solver.hpp"

#include <array>

#include "base/error.hpp"
#include "sde/model.hpp"

namespace driftwood::sde {

std::string_view to_string(GradientMode mode) {
  constexpr std::array<std::string_view, 4> names = {"pathwise", "checkpointed", "adjoint",
                                                     "reversible_heun"};
  return names[static_cast<std::size_t>(mode)];
}

std::vector<ParameterInfo> Model::parameters() const { return {}; }

std::unique_ptr<GradientSolver> Model::gradients(const std::string&, Precision,
                                                 const GradientPlan&) const {
  throw UsageError("the model '" + name() + "' has no gradients");
}

}  // namespace driftwood::sde
