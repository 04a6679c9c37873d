// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/additive_time_dependent.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_additive_time_dependent() {
  return std::make_shared<FieldModel<AdditiveTimeDependent<>>>(
      std::array<double, AdditiveTimeDependent<>::dim>{1.0});
}

}  // namespace driftwood::sde
