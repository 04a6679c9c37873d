// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/type_list.hpp"
#include "sde/schemes/euler_maruyama.hpp"
#include "sde/schemes/exact.hpp"

namespace driftwood::sde {

/// Every scheme there is. A new one is a header and a line here.
using Schemes = TypeList<EulerMaruyama, Exact>;

}  // namespace driftwood::sde
