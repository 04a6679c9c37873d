// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/chain.hpp"

namespace driftwood::mcmc {

/// The potential that a chain would leave: a large one where it is infinite or not a number, so
/// that the chain moves to any place with a density.
template <class C>
KOKKOS_FORCEINLINE_FUNCTION typename C::Lane potential_to_leave(const C& chain) {
  using R = typename C::Lane;
  return min(chain.number(Number::potential), R(1e300));
}

/// Decides on a move whose energy error is `error`: accepted with probability min(1, exp(-error)),
/// never where it is not a number. Notes the probability and the error of the step.
template <class C>
KOKKOS_FORCEINLINE_FUNCTION mask_of<typename C::Lane> accept(const C& chain,
                                                             const typename C::Lane& error) {
  using R = typename C::Lane;
  const auto finite = is_finite(error);
  const R bounded = select(finite, max(error, R(0)), R(1e300));
  const R probability = math::exp(-bounded);
  chain.set_number(Number::acceptance, probability);
  chain.set_number(Number::energy_error, select(finite, error, R(1e300)));
  return less(chain.noise.uniform(0), probability);
}

}  // namespace driftwood::mcmc
