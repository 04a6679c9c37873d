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
      {"posteriordb", "posterior of a model and data of posteriordb, a collection of references",
       make_posteriordb},
  };
}

}  // namespace driftwood::mcmc
