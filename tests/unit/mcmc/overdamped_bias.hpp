// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "mcmc/samplers/heun.hpp"
#include "mcmc/samplers/lm.hpp"
#include "mcmc/samplers/rmm.hpp"
#include "mcmc/samplers/srk2g.hpp"
#include "mcmc/samplers/srk_ld.hpp"
#include "mcmc/samplers/ula.hpp"
#include "support/bias_targets.hpp"
#include "support/given_chain.hpp"
#include "support/transition_operator.hpp"

/// Stationary biases of the samplers of overdamped dynamics, without Monte Carlo: their own kernels
/// with the noise of quadrature nodes make the transition operator.
namespace driftwood::test {

inline constexpr double line_end = 9;
inline constexpr int line_points = 161;

/// A chain of one sampler on the line, led from x by given noise.
template <class S, class D>
class Led {
 public:
  explicit Led(const D& density) : chain_(S::traits, density, 1) {}

  /// The first normals, those of the other kind that the sampler takes, and a uniform number.
  double operator()(double h, double x, double xi, double eta = 0, double u = 0.5) {
    chain_.give(0, 0, 0, xi);
    chain_.give(1, 0, 0, eta);
    chain_.give(mcmc::NormalKind::other, 0, 0, eta);
    chain_.give_uniform(u);
    chain_.place({x});
    chain_.advance(sampler_, h);
    return chain_.position(0);
  }

 private:
  S sampler_;
  GivenChain<D> chain_;
};

/// E x^2 of the stationary law at step size h.
template <class S, class D>
double second_moment(const D& density, double h) {
  constexpr bool is_random = std::is_same_v<S, mcmc::RandomizedMidpoint>;
  constexpr bool has_area =
      std::is_same_v<S, mcmc::SrkLd> || std::is_same_v<S, mcmc::Srk2g> || is_random;
  static const Rule first = gauss_hermite(26);
  static const Rule second = has_area ? gauss_hermite(is_random ? 20 : 26) : Rule{{0}, {1}};
  static const Rule uniform = is_random ? gauss_legendre(8) : Rule{{0.5}, {1}};
  Led<S, D> next(density);
  const auto law = stationary_law(line_end, line_points, [&](double x, const auto& visit) {
    for (std::size_t a = 0; a < first.nodes.size(); ++a) {
      for (std::size_t b = 0; b < second.nodes.size(); ++b) {
        for (std::size_t c = 0; c < uniform.nodes.size(); ++c) {
          visit(next(h, x, first.nodes[a], second.nodes[b], uniform.nodes[c]),
                first.weights[a] * second.weights[b] * uniform.weights[c]);
        }
      }
    }
  });
  return expectation(law, [](double x) { return x * x; });
}

/// The same of Leimkuhler and Matthews, whose position has noise in common with the step to come:
/// y = x - sqrt(h/2) xi is Markovian.
template <class D>
double second_moment_lm(const D& density, double h) {
  static const Rule z = gauss_hermite(26);
  Led<mcmc::LeimkuhlerMatthews, D> next(density);
  const double ahead = std::sqrt(h / 2);
  const auto law = stationary_law(line_end, line_points, [&](double y, const auto& visit) {
    for (std::size_t a = 0; a < z.nodes.size(); ++a) {
      visit(next(h, y + ahead * z.nodes[a], z.nodes[a]), z.weights[a]);
    }
  });
  return expectation(law, [](double x) { return x * x; }) + ahead * ahead;
}

/// E x^2 of the target.
template <class D>
double exact_second_moment(const D& density) {
  return exact_expectation(
      2 * line_end,
      [&](double x) {
        double at[2 * mcmc::block_chains] = {x};
        return density.potential(mcmc::Coordinates<double>{at, 1},
                                 mcmc::Coordinates<double>{at + mcmc::block_chains, 1});
      },
      [](double x) { return x * x; });
}

}  // namespace driftwood::test
