// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/logistic.hpp"

#include "mcmc/launch/regression_of.hpp"
#include "mcmc/targets/make.hpp"
#include "mcmc/targets/regression.hpp"

namespace driftwood::mcmc {
namespace {

class LogisticTarget final : public BinaryTarget {
 public:
  [[nodiscard]] std::unique_ptr<Density> density() const override {
    return std::make_unique<RegressionOf<LogisticLink>>(data());
  }
};

}  // namespace

std::shared_ptr<Target> make_logistic() { return std::make_shared<LogisticTarget>(); }

}  // namespace driftwood::mcmc
