// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/lotka_volterra.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_lotka_volterra() {
  return std::make_shared<FieldModel<LotkaVolterra<>>>(
      std::array<double, LotkaVolterra<>::dim>{33.956, 5.933});
}

}  // namespace driftwood::sde
