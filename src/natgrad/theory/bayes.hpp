// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "natgrad/theory/companion.hpp"

namespace driftwood::natgrad {

/// The ridge that makes a generalised ridge with P = Sigma_theta the posterior mean: the least risk
/// of any estimate, at every n.
[[nodiscard]] inline double bayes_ridge(double gamma, double noise) { return noise * gamma; }

/// That risk, 1 / (gamma m(-ridge)) - noise, of theta* ~ N(0, Sigma_theta / d) and normal noise.
/// `signal` are the eigenvalues of Sigma_theta Sigma_X. Throws as `Companion`.
[[nodiscard]] inline double bayes_risk(std::span<const double> signal, double gamma, double noise) {
  return Companion(signal, gamma, bayes_ridge(gamma, noise)).effective_ridge() / gamma - noise;
}

}  // namespace driftwood::natgrad
