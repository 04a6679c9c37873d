// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

#include "mcmc/density.hpp"

namespace driftwood::mcmc {

/// What a density says at points that the host chooses.
struct HostEvaluation {
  std::vector<double> potentials;
  std::vector<double> gradients;  ///< (point, coordinate), by x
};

/// Evaluates at points x (point, coordinate) on the whole real line.
[[nodiscard]] HostEvaluation evaluate_at(const Density& density, std::span<const double> points);

}  // namespace driftwood::mcmc
