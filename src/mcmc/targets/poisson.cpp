// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/poisson.hpp"

#include <cmath>

#include "mcmc/launch/regression_of.hpp"
#include "mcmc/targets/make.hpp"
#include "mcmc/targets/regression.hpp"

namespace driftwood::mcmc {
namespace {

class PoissonTarget final : public RegressionTarget {
 public:
  [[nodiscard]] std::unique_ptr<Density> density() const override {
    return std::make_unique<RegressionOf<PoissonLink>>(data());
  }

 protected:
  [[nodiscard]] Answers answers(const io::DataTable& table) const override {
    Answers out;
    for (std::size_t r = 0; r < table.rows(); ++r) {
      const double count = io::number_in(table.labels[r]).value_or(-1);
      if (!(count >= 0) || count != std::floor(count)) {
        throw Error(table.places[r] + ": the label '" + table.labels[r] + "' is no count",
                    "counts are 0, 1, 2, ...", "name the right column by 'label'");
      }
      out.values.push_back(count);
    }
    return out;
  }
};

}  // namespace

std::shared_ptr<Target> make_poisson() { return std::make_shared<PoissonTarget>(); }

}  // namespace driftwood::mcmc
