// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/target.hpp"

namespace driftwood::mcmc {

[[nodiscard]] std::shared_ptr<Target> make_double_well();
[[nodiscard]] std::shared_ptr<Target> make_expression();
[[nodiscard]] std::shared_ptr<Target> make_funnel();
[[nodiscard]] std::shared_ptr<Target> make_gaussian();
[[nodiscard]] std::shared_ptr<Target> make_ito_diffusion();
[[nodiscard]] std::shared_ptr<Target> make_linear();
[[nodiscard]] std::shared_ptr<Target> make_logistic();
[[nodiscard]] std::shared_ptr<Target> make_mixture();
[[nodiscard]] std::shared_ptr<Target> make_phi4();
[[nodiscard]] std::shared_ptr<Target> make_poisson();
[[nodiscard]] std::shared_ptr<Target> make_posteriordb();
[[nodiscard]] std::shared_ptr<Target> make_probit();
[[nodiscard]] std::shared_ptr<Target> make_rosenbrock();
[[nodiscard]] std::shared_ptr<Target> make_softmax();
[[nodiscard]] std::shared_ptr<Target> make_student_t();

}  // namespace driftwood::mcmc
