// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace driftwood::natgrad {

/// A covariance as its rows tell it.
struct EstimatedSpectrum {
  std::vector<double> values;  ///< (d) the largest first
  double misfit = 0;           ///< of the equation below, rms in its standard errors
};

/// Eigenvalues of a population of which `rows` rows have a sample covariance with these. They are d
/// from the largest on, with d - rows zeros where rows are fewer. N samples spread eigenvalues
/// apart as d / N grows; this takes that back.
///
/// With v(z) = mean_N[1 / (s - z)] over the N eigenvalues of X X^T / N, the limit of N, d ->
/// infinity is 1 + z v = d/N mean_i[t_i v / (1 + t_i v)], the equation of `solve_effective_ridge`
/// off the axis. The t nearest to the sample's shrunk eigenvalues, in logarithms, is taken that
/// satisfies it at points z around the spectrum as well as N rows tell v: Gauss-Newton steps of
/// least norm, until the misfit is 1 (docs/decisions/0027-advice.md). As N / d grows they tend to
/// the sample's.
///
/// O(144^2 d) time a step. Throws `UsageError` without rows or for eigenvalues that are negative,
/// not finite, or all 0.
[[nodiscard]] EstimatedSpectrum population_spectrum(std::span<const double> sample,
                                                    std::size_t rows);

}  // namespace driftwood::natgrad
