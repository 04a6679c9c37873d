// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/target.hpp"

namespace driftwood::mcmc {

[[nodiscard]] std::shared_ptr<Target> make_expression();
[[nodiscard]] std::shared_ptr<Target> make_gaussian();
[[nodiscard]] std::shared_ptr<Target> make_posteriordb();

}  // namespace driftwood::mcmc
