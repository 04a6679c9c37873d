// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "deck/distribution.hpp"
#include "mcmc/density.hpp"
#include "mcmc/target.hpp"

namespace driftwood::mcmc {

/// Where the first chains of a run start, on the whole real line: (chain, coordinate).
[[nodiscard]] std::vector<double> first_starts(const deck::Distribution& initial,
                                               std::uint64_t seed, int chains, int dim);

/// Compares the gradient at some points (point, coordinate) with central finite differences; at
/// many coordinates by some of them. Throws `NumericsError` with the coordinate and both numbers
/// where they differ by more than `tolerance` and what the differences cannot tell. Points whose
/// potential is not finite are passed over.
void check_gradient(const Density& density, std::span<const double> points, double tolerance,
                    const std::vector<std::string>& names);

/// Throws `NumericsError` where the potential of some starts is not finite: chains would stay
/// there.
void check_starts(std::span<const double> potentials);

/// Both, of the first starts of a run: what is cheap to know before chains move.
void check_target(const Target& target, const Density& density, const deck::Distribution& initial,
                  std::uint64_t seed);

}  // namespace driftwood::mcmc
