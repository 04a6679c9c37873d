// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/levy_area.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_levy_area() {
  return std::make_shared<FieldModel<LevyArea>>(std::array<double, LevyArea::dim>{0.0, 0.0, 0.0});
}

}  // namespace driftwood::sde
