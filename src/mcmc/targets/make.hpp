// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/target.hpp"

namespace driftwood::mcmc {

[[nodiscard]] std::shared_ptr<Target> make_expression();
[[nodiscard]] std::shared_ptr<Target> make_gaussian();

}  // namespace driftwood::mcmc
