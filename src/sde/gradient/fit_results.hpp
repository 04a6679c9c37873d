// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "io/result_file.hpp"
#include "sde/gradient/fit_moments.hpp"
#include "sde/gradient/fit_residuals.hpp"
#include "sde/gradient/fit_search.hpp"

namespace driftwood::sde {

/// All that a fit found, for its results.
struct FitFindings {
  const FitSearch& search;
  const FitEstimate& estimate;
  const MomentPlan& moments;
  std::vector<ComponentInfo> components;
  std::string time_units;
  double interval = 0;                      ///< between observations
  const Series* series = nullptr;           ///< null where given values are fitted
  const FitResiduals* residuals = nullptr;  ///< likewise
  const FitFan* fan = nullptr;              ///< likewise; on rank 0
  const FanTimes* fan_times = nullptr;      ///< likewise, on every rank
  const FanOptions* fan_options = nullptr;  ///< likewise
};

/// Writes everything but the provenance. Collective.
void write(io::ResultFile& file, const FitFindings& found);

/// The results as text: parameters with their intervals, moments that fit badly, tests of
/// residuals.
[[nodiscard]] std::string table_text(const FitFindings& found);

}  // namespace driftwood::sde
