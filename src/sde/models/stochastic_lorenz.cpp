// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/stochastic_lorenz.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_stochastic_lorenz() {
  return std::make_shared<FieldModel<StochasticLorenz<>>>(
      std::array<double, StochasticLorenz<>::dim>{1.0, 1.0, 1.0});
}

}  // namespace driftwood::sde
