// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/double_well.hpp"

#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/make.hpp"

namespace driftwood::mcmc {
namespace {

class DoubleWellTarget final : public Target {
 public:
  void describe(deck::Schema& s) override {
    s.key("dimension", dimension_, deck::between(1, 100'000), "number of independent coordinates");
    s.key("barrier", barrier_, deck::positive, "how high the potential is between the wells");
  }
  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"x", dimension_ == 1 ? 0 : dimension_}};
  }
  [[nodiscard]] std::unique_ptr<Density> density() const override {
    return std::make_unique<DensityOf<DoubleWells>>(DoubleWells{barrier_},
                                                    static_cast<int>(dimension_));
  }

 private:
  std::int64_t dimension_ = 1;
  double barrier_ = 3;
};

}  // namespace

std::shared_ptr<Target> make_double_well() { return std::make_shared<DoubleWellTarget>(); }

}  // namespace driftwood::mcmc
