// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/posteriordb/gp_regr.hpp"

#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/posteriordb/posterior.hpp"

namespace driftwood::mcmc::posteriordb {

Posterior gp_regr(const io::JsonObject& data) {
  const std::int64_t points = data.count("N");
  if (points > GpRegr::most_points) {
    throw data.error("N", "is too large",
                     "at most " + std::to_string(GpRegr::most_points) + " points");
  }
  const std::vector<double> places = data.numbers("x", points);
  const std::vector<double> answers = data.numbers("y", points);
  const auto density = [=]() -> std::unique_ptr<Density> {
    // Coordinates 0 are the medians of the priors, or near to them.
    const double units[] = {6, 1.4, 0.7};
    std::vector<Segment> segments;
    for (int i = 0; i < 3; ++i) {
      segments.push_back({.kind = Segment::Kind::above,
                          .first_x = i,
                          .first_theta = i,
                          .count = 1,
                          .unit = units[i]});
    }
    const auto x = on_device("places", places);
    const auto y = on_device("answers", answers);
    return std::make_unique<DensityOf<GpRegr>>(GpRegr{x.data(), y.data(), static_cast<int>(points)},
                                               3, std::pair(x, y), segments);
  };
  return {{{"rho"}, {"alpha"}, {"sigma"}}, density};
}

}  // namespace driftwood::mcmc::posteriordb
