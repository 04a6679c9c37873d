// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/target.hpp"
#include "mcmc/targets/make.hpp"

namespace driftwood::mcmc {

std::vector<deck::Alternative<Target>> targets() {
  return {
      {"double_well", "independent coordinates with two wells each, b (x^2 - 1)^2",
       make_double_well},
      {"expression", "any density, its logarithm written as a formula in the deck",
       make_expression},
      {"funnel",
       "Neal's funnel: a scale of all other parameters that varies over orders of magnitude",
       make_funnel},
      {"gaussian", "normal distribution with independent coordinates or any covariance",
       make_gaussian},
      {"ito_diffusion", "potential that grows slowly, with the Ito diffusion that has this law",
       make_ito_diffusion},
      {"linear", "Bayesian linear regression on data with normal noise of known size", make_linear},
      {"logistic", "Bayesian logistic regression on data", make_logistic},
      {"mixture", "mixture of normal distributions", make_mixture},
      {"phi4", "scalar field phi^4 on a periodic lattice of 1 to 3 dimensions", make_phi4},
      {"poisson", "Bayesian regression of counts on data, by the logarithm of their mean",
       make_poisson},
      {"posteriordb", "posterior of a model and data of posteriordb, a collection of references",
       make_posteriordb},
      {"probit", "Bayesian probit regression on data", make_probit},
      {"rosenbrock", "Rosenbrock's curved valley in 2 or more dimensions", make_rosenbrock},
      {"softmax", "Bayesian logistic regression of any number of classes on data", make_softmax},
      {"student_t", "Student's t distribution in any dimension", make_student_t},
  };
}

}  // namespace driftwood::mcmc
