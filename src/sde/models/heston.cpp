// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/heston.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_heston() {
  return std::make_shared<FieldModel<Heston<>>>(std::array<double, Heston<>::dim>{100.0, 0.0175},
                                                std::vector<double>{1.0, 0.0});
}

}  // namespace driftwood::sde
