// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/arctan.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_arctan() {
  return std::make_shared<FieldModel<Arctan<>>>(std::array<double, Arctan<>::dim>{0.5});
}

}  // namespace driftwood::sde
