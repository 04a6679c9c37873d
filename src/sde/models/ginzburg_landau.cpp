// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/ginzburg_landau.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_ginzburg_landau() {
  return std::make_shared<FieldModel<GinzburgLandau<>>>(
      std::array<double, GinzburgLandau<>::dim>{1.0});
}

}  // namespace driftwood::sde
