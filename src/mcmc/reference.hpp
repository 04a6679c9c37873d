// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace driftwood::mcmc {

/// What is known of a parameter from elsewhere.
struct ReferenceMoments {
  double mean = 0;
  double sd = 0;
  double draws = 0;  ///< independent ones, from which mean and sd come; infinite: exact
};

/// Of each of these parameters, from a JSON file {"name": {"mean": 0.0, "sd": 1.0, "draws": 1e4}}
/// that names them all and no others; without "draws" its moments are exact. Throws `UsageError`.
[[nodiscard]] std::vector<ReferenceMoments> read_reference(const std::string& file,
                                                           const std::vector<std::string>& names);

/// How many standard errors a mean is above that of the reference; `mcse` is its own.
[[nodiscard]] double standard_errors(const ReferenceMoments& reference, double mean, double mcse);

}  // namespace driftwood::mcmc
