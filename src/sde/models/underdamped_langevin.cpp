// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/underdamped_langevin.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_underdamped_langevin() {
  return std::make_shared<FieldModel<UnderdampedLangevin<>>>(
      std::array<double, UnderdampedLangevin<>::dim>{0.0, 0.0});
}

}  // namespace driftwood::sde
