// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "natgrad/spectrum.hpp"
#include "natgrad/theory/predictor.hpp"

namespace driftwood::test {

/// A population of the reference tables, with what it borrows.
struct Named {
  Named(std::string_view spectrum, double r, double gamma_of, std::size_t d = 400)
      : features(d), prior(d), gamma(gamma_of) {
    natgrad::Spectrum::named(spectrum, spectrum == "twopoint"    ? 20
                                       : spectrum == "geometric" ? 100
                                                                 : 1)
        .fill(features);
    natgrad::fill_aligned(features, r, prior);
  }

  [[nodiscard]] natgrad::Population population() const { return {features, prior, gamma}; }

  /// The eigenvalues of Sigma_X Sigma_theta.
  [[nodiscard]] std::vector<double> signal() const {
    std::vector<double> c(features.size());
    for (std::size_t i = 0; i < c.size(); ++i) c[i] = features[i] * prior[i];
    return c;
  }

  std::vector<double> features;
  std::vector<double> prior;
  double gamma;
};

/// An estimator from the deck's words.
inline natgrad::Estimator estimator(std::string_view preconditioner, double ridge = 0,
                                    double time = std::numeric_limits<double>::infinity()) {
  return {natgrad::Preconditioner::parse(preconditioner), ridge, time};
}

}  // namespace driftwood::test
