// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/posteriordb/gauss_mix.hpp"

#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/posteriordb/posterior.hpp"

namespace driftwood::mcmc::posteriordb {

Posterior gauss_mix(const io::JsonObject& data) {
  const std::int64_t count = data.count("N");
  const std::vector<double> numbers = data.numbers("y", count);
  const auto density = [=]() -> std::unique_ptr<Density> {
    const std::vector<Segment> segments{
        {.kind = Segment::Kind::ordered, .count = 2},
        {.kind = Segment::Kind::above, .first_x = 2, .first_theta = 2, .count = 2},
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
