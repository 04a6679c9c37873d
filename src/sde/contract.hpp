// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

namespace driftwood::sde {

enum class PayoffKind { call, put, digital_call, digital_put, forward };

/// A payoff as the kernels need it: on sum_i weights[i] x_i, discounted at a constant rate.
struct Contract {
  PayoffKind kind;
  double strike;
  double discount_rate;         ///< [1/time]
  std::vector<double> weights;  ///< one per component
};

}  // namespace driftwood::sde
