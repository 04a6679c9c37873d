// SPDX-License-Identifier: BSD-3-Clause
#include "run/cost.hpp"

#include <fmt/format.h>

#include "run/text.hpp"

namespace driftwood::run {
double Cost::rate() const {
  if (work.empty() || wall_seconds <= 0) return 0;
  return static_cast<double>(work.back().count) / wall_seconds;
}

std::string summary(const Cost& cost) {
  std::string done;
  for (const Work& part : cost.work) {
    done += fmt::format("{}{} {}", done.empty() ? "" : ", ",
                        count_text(static_cast<double>(part.count)), part.unit);
  }
  std::string text = fmt::format("cost     {}{}{} on {} core{} ({:.3g} core-hours)", done,
                                 done.empty() ? "" : " in ", duration_text(cost.wall_seconds),
                                 cost.cores, cost.cores == 1 ? "" : "s", cost.core_hours());
  if (!cost.work.empty()) {
    const std::string& unit = cost.work.back().unit;
    text += fmt::format("\nrate     {} {}/s, {} per core", count_text(cost.rate()), unit,
                        count_text(cost.rate() / cost.cores));
  }
  return text + fmt::format("\nenergy   {:.3g} J ({})", cost.energy.joules, cost.energy.method);
}

}  // namespace driftwood::run
