// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "mcmc/launch/density_of.hpp"
#include "mcmc/options.hpp"
#include "mcmc/population.hpp"

namespace driftwood::test {

/// A deck with nothing but `[sampler]`.
struct SamplerDeck {
  mcmc::SamplerOptions sampler;

  void describe(deck::Schema& s) { s.table("sampler", sampler, "how chains move"); }
};
/// What the keys of `[sampler]` say, a line each.
inline mcmc::SamplerOptions sampler_of(const std::string& keys) {
  SamplerDeck deck;
  static_cast<void>(deck::load(deck, {"test.toml", "format = 1\n[sampler]\n" + keys}));
  return deck.sampler;
}

/// What is found of an expectation.
struct Estimate {
  double mean = 0;
  double error = 0;  ///< standard error

  /// Prints both beside what is expected, and tells how many standard errors lie between.
  [[nodiscard]] double deviation(const std::string& what, double expected) const {
    const double out = (mean - expected) / error;
    std::printf("%-40s %.6f, expected %.6f, standard error %.1e: %+.2f\n", what.c_str(), mean,
                expected, error, out);
    return std::fabs(out);
  }
};

/// Functions of the state of a chain: x, and what they fill in.
using Functions = std::function<void(const double* x, double* values)>;

/// Averages of functions over chains and over every so-manieth of steps [first, last). Blocks of
/// chains are independent: how they differ gives standard errors. Chains that are not finite do not
/// count; none must be.
inline std::vector<Estimate> averages(mcmc::Population& population, std::uint64_t first,
                                      std::uint64_t last, std::uint64_t every, double h,
                                      std::size_t count, const Functions& functions) {
  const std::int64_t blocks = population.blocks().count();
  const auto dim = static_cast<std::size_t>(population.parameters());
  std::vector<std::vector<double>> sums(static_cast<std::size_t>(blocks),
                                        std::vector<double>(count));
  std::vector<double> x(dim);
  std::vector<double> values(count);
  double looks = 0;
  for (std::uint64_t step = first; step < last; step += every) {
    population.advance(step, step + every, h);
    looks += 1;
    for (std::int64_t b = 0; b < blocks; ++b) {
      const std::vector<double> rows = population.read(b);
      for (std::size_t c = 0; c < mcmc::block_chains; ++c) {
        for (std::size_t i = 0; i < dim; ++i) x[i] = rows[i * mcmc::block_chains + c];
        functions(x.data(), values.data());
        for (std::size_t k = 0; k < count; ++k) sums[static_cast<std::size_t>(b)][k] += values[k];
      }
    }
  }
  std::vector<Estimate> out(count);
  const auto n = static_cast<double>(blocks);
  for (std::size_t k = 0; k < count; ++k) {
    double squares = 0;
    for (const auto& sum : sums) {
      const double value = sum[k] / (looks * mcmc::block_chains);
      out[k].mean += value / n;
      squares += value * value / n;
    }
    out[k].error = std::sqrt((squares - out[k].mean * out[k].mean) / (n - 1));
  }
  return out;
}

/// As many whole blocks of chains, from draws of a normal law.
inline mcmc::Population started(const mcmc::Sampler& sampler, const mcmc::Density& density,
                                std::int64_t blocks, std::uint64_t seed, double sd = 1) {
  mcmc::Population out(sampler, density, {blocks * mcmc::block_chains, seed}, {0, blocks});
  out.start({deck::Distribution::Kind::normal, 0.0, sd});
  return out;
}

}  // namespace driftwood::test
