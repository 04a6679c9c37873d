// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/target.hpp"
#include "mcmc/targets/make.hpp"

namespace driftwood::mcmc {

std::vector<deck::Alternative<Target>> targets() {
  return {
      {"expression", "any density, its logarithm written as a formula in the deck",
       make_expression},
      {"gaussian", "normal distribution with independent coordinates or any covariance",
       make_gaussian},
  };
}

}  // namespace driftwood::mcmc
