// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/probit.hpp"

#include "mcmc/launch/regression_of.hpp"
#include "mcmc/targets/make.hpp"
#include "mcmc/targets/regression.hpp"

namespace driftwood::mcmc {
namespace {

class ProbitTarget final : public BinaryTarget {
 public:
  [[nodiscard]] std::unique_ptr<Density> density() const override {
    return std::make_unique<RegressionOf<ProbitLink>>(data());
  }
};

}  // namespace

std::shared_ptr<Target> make_probit() { return std::make_shared<ProbitTarget>(); }

}  // namespace driftwood::mcmc
