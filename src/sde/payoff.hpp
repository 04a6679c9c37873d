// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"
#include "sde/contract.hpp"

namespace driftwood::sde {

/// What a contract on an underlying of the given value pays, per unit of notional, before
/// discounting: Hull (2018), chapters 5, 10 and 26.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R payoff(PayoffKind kind, const R& underlying, const R& strike) {
  switch (kind) {
    case PayoffKind::call:
      return max(underlying - strike, R(0));
    case PayoffKind::put:
      return max(strike - underlying, R(0));
    case PayoffKind::digital_call:
      return select(less(strike, underlying), R(1), R(0));
    case PayoffKind::digital_put:
      return select(less(underlying, strike), R(1), R(0));
    case PayoffKind::forward:
      return underlying - strike;
  }
  return R(0);
}

}  // namespace driftwood::sde
