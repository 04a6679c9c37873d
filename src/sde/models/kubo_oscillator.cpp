// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/kubo_oscillator.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_kubo_oscillator() {
  return std::make_shared<FieldModel<KuboOscillator<>>>(
      std::array<double, KuboOscillator<>::dim>{1.0, 0.0});
}

}  // namespace driftwood::sde
