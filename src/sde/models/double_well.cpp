// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/double_well.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_double_well() {
  return std::make_shared<FieldModel<DoubleWell<>>>(std::array<double, DoubleWell<>::dim>{-1.0});
}

}  // namespace driftwood::sde
