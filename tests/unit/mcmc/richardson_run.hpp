// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>

#include "mcmc/launch/density_of.hpp"
#include "mcmc/richardson.hpp"

namespace driftwood::test {

inline std::shared_ptr<mcmc::Sampler> sampler_named(std::string_view name) {
  const auto all = mcmc::samplers();
  return std::find_if(all.begin(), all.end(), [&](const auto& s) { return s.name == name; })
      ->make();
}

/// Chains of a target on the line with their companions.
template <class D>
class RichardsonRun {
 public:
  RichardsonRun(std::string_view sampler, const D& target, std::int64_t chains, std::uint64_t seed,
                const comm::Share& blocks)
      : sampler_(sampler_named(sampler)),
        density_(target, 1),
        population_(*sampler_, density_, {chains, seed}, blocks),
        richardson_(*sampler_, density_, {chains, seed}, blocks) {
    const deck::Distribution law{deck::Distribution::Kind::normal, 0.0, 1.0};
    population_.start(law);
    richardson_.start(law);
  }

  /// Steps [first, last) of size h; those from `warmup` on count.
  void advance(std::uint64_t first, std::uint64_t last, double h, std::uint64_t warmup) {
    population_.advance(population_.all(), first, last, h,
                        [&](const mcmc::Population::BlockRange& blocks, std::uint64_t step) {
                          richardson_.follow(population_, blocks, step, h, step >= warmup);
                        });
  }

  [[nodiscard]] mcmc::Population& population() { return population_; }
  [[nodiscard]] mcmc::Richardson& richardson() { return richardson_; }

 private:
  std::shared_ptr<mcmc::Sampler> sampler_;
  mcmc::DensityOf<D> density_;
  mcmc::Population population_;
  mcmc::Richardson richardson_;
};

}  // namespace driftwood::test
