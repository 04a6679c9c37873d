// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/posteriordb/gauss_mix.hpp"

#include <cmath>

#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/posteriordb/posterior.hpp"

namespace driftwood::mcmc::posteriordb {

Posterior gauss_mix(const io::JsonObject& data) {
  const std::int64_t count = data.count("N");
  const std::vector<double> numbers = data.numbers("y", count);
  const double n = static_cast<double>(count);
  double mean = 0;
  double variance = 0;
  for (const double y : numbers) mean += y / n;
  for (const double y : numbers) variance += (y - mean) * (y - mean) / n;
  if (!(variance > 0)) throw data.error("y", "does not vary");
  const double sd = std::sqrt(variance);
  const auto density = [=]() -> std::unique_ptr<Density> {
    // Coordinates 0 are two halves of the numbers, half a standard deviation to each side.
    const std::vector<Segment> segments{
        {.kind = Segment::Kind::ordered, .count = 2, .centre = mean - sd / 2, .unit = sd},
        {.kind = Segment::Kind::above,
         .first_x = 2,
         .first_theta = 2,
         .count = 2,
         .unit = 0.8 * sd},
        {.kind = Segment::Kind::interval,
         .first_x = 4,
         .first_theta = 4,
         .count = 1,
         .low = 0,
         .high = 1}};
    const auto y = on_device("numbers", numbers);
    return std::make_unique<DensityOf<GaussMix>>(GaussMix{y.data(), static_cast<int>(count)}, 5, y,
                                                 segments);
  };
  return {{{"mu", 2}, {"sigma", 2}, {"theta"}}, density};
}

}  // namespace driftwood::mcmc::posteriordb
