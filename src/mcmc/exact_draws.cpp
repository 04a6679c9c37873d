// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/exact_draws.hpp"

#include <cmath>

namespace driftwood::mcmc {

double PointNoise::normal(int i) const {
  const random::Stream stream(seed_, random::Purpose::kick, i / 2);
  return random::normals<double>(stream, random::Ids<double>{point_}, set_, 1.0).z[i % 2];
}

double PointNoise::uniform(int i) const {
  const random::Stream stream(seed_, random::Purpose::accept, i / 2);
  return random::uniform(stream.words<double>(random::Ids<double>{point_}, set_).word[i % 2]);
}

double PointNoise::gamma(double shape, int first) const {
  if (shape < 1) return gamma(shape + 1, first) * std::pow(uniform(0), 1 / shape);
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (int k = 0;; ++k) {
    const double z = normal(first + k);
    const double v = std::pow(1 + c * z, 3);
    if (v > 0 && std::log(uniform(1 + k)) < 0.5 * z * z + d * (1 - v + std::log(v))) return d * v;
  }
}

}  // namespace driftwood::mcmc
