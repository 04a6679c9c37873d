// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/sinh_problem.hpp"

#include "sde/launch/field_model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {

std::shared_ptr<Model> make_sinh_problem() {
  return std::make_shared<FieldModel<SinhProblem>>(std::array<double, SinhProblem::dim>{1.0});
}

}  // namespace driftwood::sde
