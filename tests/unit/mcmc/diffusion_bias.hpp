// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "mcmc/samplers/em.hpp"
#include "mcmc/samplers/platen_w2.hpp"
#include "mcmc/samplers/srk_id.hpp"
#include "mcmc/targets/ito_diffusion.hpp"
#include "support/given_chain.hpp"
#include "support/transition_operator.hpp"

/// Stationary biases of the methods for Ito diffusions on the line, without Monte Carlo: their own
/// kernels with the noise of quadrature nodes make the transition operator.
namespace driftwood::test {

inline constexpr double diffusion_end = 45;  ///< tails fall like exp(-|x| / sqrt(2))
inline constexpr int diffusion_points = 501;
inline constexpr mcmc::SlowlyGrowing diffusion_target{1, 0.5};

/// Of a law on the line: E x^2 and E log(1 + x^2).
struct LineMoments {
  double square;
  double log_square;
};

/// Of the target.
inline LineMoments exact_diffusion_moments() {
  const auto expected = [](const auto& f) {
    return exact_expectation(
        diffusion_end,
        [](double x) {
          double at[2 * mcmc::block_chains] = {x};
          return diffusion_target.potential(mcmc::Coordinates<double>{at, 1},
                                            mcmc::Coordinates<double>{at + mcmc::block_chains, 1});
        },
        f);
  };
  return {expected([](double x) { return x * x; }),
          expected([](double x) { return std::log1p(x * x); })};
}

/// Of the stationary law of sampler S at step size h, less those of the target. One normal moves a
/// chain of one coordinate.
template <class S>
LineMoments diffusion_bias(double h, int points = diffusion_points) {
  static const LineMoments exact = exact_diffusion_moments();
  static const Rule normal = gauss_hermite(26);
  GivenChain<mcmc::SlowlyGrowing> chain(S::traits, diffusion_target, 1);
  const Rule law = stationary_law(diffusion_end, points, [&](double x, const auto& visit) {
    for (std::size_t a = 0; a < normal.nodes.size(); ++a) {
      chain.give(0, 0, 0, normal.nodes[a]);
      chain.place({x});
      chain.advance(S(), h);
      visit(chain.position(0), normal.weights[a]);
    }
  });
  return {expectation(law, [](double x) { return x * x; }) - exact.square,
          expectation(law, [](double x) { return std::log1p(x * x); }) - exact.log_square};
}

}  // namespace driftwood::test
