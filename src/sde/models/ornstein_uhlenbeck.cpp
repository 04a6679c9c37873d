// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/ornstein_uhlenbeck.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_ornstein_uhlenbeck() {
  return std::make_shared<FieldModel<OrnsteinUhlenbeck<>>>(
      std::array<double, OrnsteinUhlenbeck<>::dim>{0.0});
}

}  // namespace driftwood::sde
