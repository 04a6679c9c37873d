// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/cox_ingersoll_ross.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_cox_ingersoll_ross() {
  return std::make_shared<FieldModel<CoxIngersollRoss<>>>(
      std::array<double, CoxIngersollRoss<>::dim>{0.04});
}

}  // namespace driftwood::sde
