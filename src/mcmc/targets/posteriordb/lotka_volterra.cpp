// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/posteriordb/lotka_volterra.hpp"

#include <cmath>
#include <tuple>

#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/posteriordb/posterior.hpp"

namespace driftwood::mcmc::posteriordb {
namespace {

/// Of a year: the logarithms are then wrong by less than 1e-5 in the bulk of the posterior.
constexpr double longest_step = 0.1;
constexpr double longest_time = 1e4;

}  // namespace

Posterior lotka_volterra(const io::JsonObject& data) {
  const std::int64_t n = data.count("N");
  const std::vector<double> times = data.numbers("ts", n);
  std::vector<double> counts = data.numbers("y_init", 2);
  for (const double y : data.matrix("y", n, 2)) counts.push_back(y);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (!(counts[i] > 0)) {
      throw data.error(i < 2 ? "y_init" : "y", "has an entry that is not positive");
    }
    counts[i] = std::log(counts[i]);
  }
  std::vector<double> steps{0};
  std::vector<int> many{0};
  double before = 0;
  for (const double t : times) {
    if (!(t > before && t <= longest_time)) {
      throw data.error("ts", "is not increasing, from 0 to at most 10000");
    }
    many.push_back(static_cast<int>(std::ceil((t - before) / longest_step)));
    steps.push_back((t - before) / many.back());
    before = t;
  }
  const auto density = [=]() -> std::unique_ptr<Density> {
    const double units[] = {1, 0.05, 1, 0.05, 10, 10, 0.4, 0.4};  // medians of the priors
    std::vector<Segment> segments;
    for (int i = 0; i < 8; ++i) {
      segments.push_back({.kind = Segment::Kind::above,
                          .first_x = i,
                          .first_theta = i,
                          .count = 1,
                          .unit = units[i]});
    }
    const auto y = on_device("log_counts", counts);
    const auto h = on_device("steps", steps);
    const auto m = on_device("many", many);
    return std::make_unique<DensityOf<LotkaVolterra>>(
        LotkaVolterra{y.data(), h.data(), m.data(), static_cast<int>(many.size())}, 8,
        std::tuple(y, h, m), segments);
  };
  return {{{"theta", 4}, {"z_init", 2}, {"sigma", 2}}, density};
}

}  // namespace driftwood::mcmc::posteriordb
