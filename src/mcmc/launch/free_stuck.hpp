// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "mcmc/population.hpp"

namespace driftwood::mcmc {

/// Takes chains downhill that do not move: those of which `by` has three tries of a step of size h
/// accepted with probabilities below 1e-3 follow the gradient of the potential, each by steps of
/// its own length, until a try is likelier to be accepted. Chains that stay as they are after 20
/// such steps go back, as those in a narrow place that a wide one surrounds. For warm-ups: a law is
/// not kept. The same for each block whatever the others do.
void free_stuck(Population& population, const Sampler& by, std::uint64_t step, double h);

}  // namespace driftwood::mcmc
