// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/stiff_linear.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_stiff_linear() {
  return std::make_shared<FieldModel<StiffLinear<>>>(std::array<double, StiffLinear<>::dim>{1.0});
}

}  // namespace driftwood::sde
