// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/type_list.hpp"
#include "sde/schemes/euler_maruyama.hpp"
#include "sde/schemes/exact.hpp"
#include "sde/schemes/milstein.hpp"
#include "sde/schemes/sri.hpp"
#include "sde/schemes/theta_euler_maruyama.hpp"

namespace driftwood::sde {

/// Every scheme there is. A new one is a header and a line here.
using Schemes = TypeList<EulerMaruyama, Milstein, Sriw1, Sriw2, Sosri, ThetaEulerMaruyama, Exact>;

}  // namespace driftwood::sde
