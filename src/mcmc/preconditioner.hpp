// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <vector>

namespace driftwood::mcmc {

/// Scales of the coordinates x, with their correlations or without: the sampler moves z, with
/// x = scale z or x = L z.
struct Preconditioner {
  /// The most coordinates that a factor may have: it costs dim^2 operations a gradient.
  static constexpr int most_dense = 1024;

  std::vector<double> scale;   ///< (dim) standard deviations of x
  std::vector<double> factor;  ///< (dim, dim) L by rows, whose rows have the norms `scale`; or none

  [[nodiscard]] bool is_identity() const {
    return factor.empty() &&
           std::all_of(scale.begin(), scale.end(), [](double s) { return s == 1.0; });
  }
};

}  // namespace driftwood::mcmc
