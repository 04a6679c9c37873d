// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/sine_drift.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_sine_drift() {
  return std::make_shared<FieldModel<SineDrift<>>>(std::array<double, SineDrift<>::dim>{1.0});
}

}  // namespace driftwood::sde
