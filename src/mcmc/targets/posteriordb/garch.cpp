// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/posteriordb/garch.hpp"

#include <cmath>

#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/posteriordb/posterior.hpp"

namespace driftwood::mcmc::posteriordb {

Posterior garch11(const io::JsonObject& data) {
  const std::int64_t length = data.count("T");
  const std::vector<double> series = data.numbers("y", length);
  const double first = data.number("sigma1");
  if (!(first > 0)) throw data.error("sigma1", "is not positive");
  const double n = static_cast<double>(length);
  double mean = 0;
  double variance = 0;
  for (const double y : series) mean += y / n;
  for (const double y : series) variance += (y - mean) * (y - mean) / n;
  if (!(variance > 0)) throw data.error("y", "does not vary");
  const auto density = [=]() -> std::unique_ptr<Density> {
    // Coordinates 0 are a series of this mean and variance, with alpha1 = 1/2 and beta1 = 1/4.
    const std::vector<Segment> segments{
        {.count = 1, .centre = mean, .unit = std::sqrt(variance / n)},
        {.kind = Segment::Kind::above,
         .first_x = 1,
         .first_theta = 1,
         .count = 1,
         .unit = variance / 4},
        {.kind = Segment::Kind::fractions, .first_x = 2, .first_theta = 2, .count = 2}};
    const auto y = on_device("series", series);
    return std::make_unique<DensityOf<Garch>>(
        Garch{y.data(), static_cast<int>(length), first * first}, 4, y, segments);
  };
  return {{{"mu"}, {"alpha0"}, {"alpha1"}, {"beta1"}}, density};
}

}  // namespace driftwood::mcmc::posteriordb
