// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/brusselator.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_brusselator() {
  return std::make_shared<FieldModel<Brusselator<>>>(
      std::array<double, Brusselator<>::dim>{1.0, 1.0});
}

}  // namespace driftwood::sde
