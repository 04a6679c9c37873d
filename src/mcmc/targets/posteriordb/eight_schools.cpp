// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/posteriordb/eight_schools.hpp"

#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/posteriordb/posterior.hpp"

namespace driftwood::mcmc::posteriordb {

Posterior eight_schools(const io::JsonObject& data) {
  const std::int64_t schools = data.count("J");
  const std::vector<double> measured = data.numbers("y", schools);
  std::vector<double> precision = data.numbers("sigma", schools);
  for (double& value : precision) {
    if (!(value > 0)) throw data.error("sigma", "has an entry that is not positive");
    value = 1 / (value * value);
  }
  const auto density = [=]() -> std::unique_ptr<Density> {
    const int count = static_cast<int>(schools);
    const std::vector<Segment> segments{
        {.first_x = 0, .first_theta = count, .count = 1, .unit = EightSchools::scale},
        {.kind = Segment::Kind::above,
         .first_x = 1,
         .first_theta = count + 1,
         .count = 1,
         .unit = EightSchools::scale},
        {.kind = Segment::Kind::shifted,
         .first_x = 2,
         .count = count,
         .location = count,
         .scale = count + 1}};
    const auto y = on_device("measured", measured);
    const auto weights = on_device("precision", precision);
    return std::make_unique<DensityOf<EightSchools>>(EightSchools{y.data(), weights.data()},
                                                     count + 2, std::pair(y, weights), segments);
  };
  return {{{"theta", schools}, {"mu"}, {"tau"}}, density};
}

}  // namespace driftwood::mcmc::posteriordb
