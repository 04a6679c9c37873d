// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "mcmc/parameter.hpp"

namespace driftwood::mcmc {

/// Draws that others are compared with, point after point, (draw, number): those that a result file
/// of langevin_chains stores, or the JSON file of an archive of posteriordb, a list of chains
/// {"name": [draws]} whose indices begin at 1 ("theta[1]" is our "theta[0]"). Throws `UsageError`
/// where there are not as many of every parameter, and for draws that are not finite.
[[nodiscard]] std::vector<double> read_reference_draws(const std::string& file,
                                                       const std::vector<Parameter>& parameters);

}  // namespace driftwood::mcmc
