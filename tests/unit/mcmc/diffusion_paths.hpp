// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <vector>

#include "mcmc/samplers/em.hpp"
#include "mcmc/samplers/srk_id.hpp"
#include "mcmc/targets/ito_diffusion.hpp"
#include "support/given_chain.hpp"

/// Errors of the methods for Ito diffusions along paths on the line, where Levy areas play no part.
namespace driftwood::test {

inline constexpr std::uint64_t strong_seed = 17;
inline constexpr int strong_paths = 2000;
inline constexpr int strong_batches = 20;  ///< of paths, each with errors of its own
inline constexpr int finest_steps = 4096;  ///< of SRK-ID, for the truth
inline constexpr double strong_start = 0.7;

/// Mean square errors at time 1 with 8, 16, ..., 128 steps.
using SquareErrors = std::array<double, 5>;

struct StrongErrors {
  std::vector<SquareErrors> em;  ///< of each batch
  std::vector<SquareErrors> srk_id;
};

[[nodiscard]] inline SquareErrors mean_of(const std::vector<SquareErrors>& batches) {
  SquareErrors out{};
  for (const SquareErrors& batch : batches) {
    for (std::size_t k = 0; k < out.size(); ++k) {
      out[k] += batch[k] / static_cast<double>(batches.size());
    }
  }
  return out;
}

/// Where a path ends at time 1 whose Brownian motion has these increments, all of one length.
template <class S>
double end_of_path(const std::vector<double>& increments) {
  static const mcmc::SlowlyGrowing on_line{1, 0.5};
  GivenChain<mcmc::SlowlyGrowing> chain(S::traits, on_line, 1);
  const auto steps = static_cast<double>(increments.size());
  for (std::size_t n = 0; n < increments.size(); ++n) {
    chain.give(0, n, 0, increments[n] * std::sqrt(steps));
  }
  chain.place({strong_start});
  for (std::size_t n = 0; n < increments.size(); ++n) chain.advance(S(), 1 / steps);
  return chain.position(0);
}

[[nodiscard]] inline StrongErrors strong_errors() {
  constexpr double weight = static_cast<double>(strong_batches) / strong_paths;
  StrongErrors out{std::vector<SquareErrors>(strong_batches, SquareErrors{}),
                   std::vector<SquareErrors>(strong_batches, SquareErrors{})};
  for (std::uint64_t path = 0; path < strong_paths; ++path) {
    std::vector<double> w;
    for (std::uint64_t n = 0; n < finest_steps; ++n) {
      const mcmc::ChainNoise<double> noise{strong_seed, {path}, n};
      w.push_back(noise.normals(0, 0).first / std::sqrt(static_cast<double>(finest_steps)));
    }
    const double truth = end_of_path<mcmc::SrkId>(w);
    while (w.size() > 8) {
      for (std::size_t n = 0; n < w.size() / 2; ++n) w[n] = w[2 * n] + w[2 * n + 1];
      w.resize(w.size() / 2);
      if (w.size() > 128) continue;
      const auto level = static_cast<std::size_t>(std::lround(std::log2(w.size() / 8)));
      const auto batch = static_cast<std::size_t>(path % strong_batches);
      out.em[batch][level] += weight * std::pow(end_of_path<mcmc::EulerMaruyama>(w) - truth, 2);
      out.srk_id[batch][level] += weight * std::pow(end_of_path<mcmc::SrkId>(w) - truth, 2);
    }
  }
  return out;
}

}  // namespace driftwood::test
