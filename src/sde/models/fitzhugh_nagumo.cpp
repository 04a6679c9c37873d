// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/fitzhugh_nagumo.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_fitzhugh_nagumo() {
  return std::make_shared<FieldModel<FitzHughNagumo<>>>(
      std::array<double, FitzHughNagumo<>::dim>{-1.0, -0.5});
}

}  // namespace driftwood::sde
