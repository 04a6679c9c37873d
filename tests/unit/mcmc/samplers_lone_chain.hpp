// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "mcmc/chain.hpp"
#include "mcmc/diffusion_schemes.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::test {

/// One chain of a run, moved by the kernels of a sampler at lane width 1 with the noise that the
/// chain has in the run: takes the place of a `mcmc::Tile`. `D` is a `mcmc::DeviceDensity` for any
/// lane.
template <class D>
class LoneChain {
 public:
  LoneChain(const mcmc::SamplerTraits& traits, const D& density, int dim, std::uint64_t seed,
            std::uint64_t id)
      : density_(density), seed_(seed), id_(id) {
    layout_.dim = dim;
    layout_.vectors = mcmc::Slot::own + traits.vectors;
    layout_.numbers = mcmc::Number::own + traits.own_numbers(dim);
    rows_.resize(static_cast<std::size_t>(layout_.rows() * mcmc::block_chains));
  }

  template <class S>
  void begin(const S& sampler, const std::vector<double>& x) {
    for (int i = 0; i < layout_.dim; ++i) chain().position().set(i, x[static_cast<std::size_t>(i)]);
    evaluate();
    if constexpr (requires { sampler.begin(*this); }) sampler.begin(*this);
  }
  template <class S>
  void advance(const S& sampler, std::uint64_t steps, double h) {
    for (std::uint64_t k = 0; k < steps; ++k, ++step_) sampler.step(*this, h);
  }
  [[nodiscard]] double position(int i) { return chain().position()[i]; }
  [[nodiscard]] double number(int k) { return chain().number(k); }

  // What samplers ask of a tile.
  [[nodiscard]] int dim() const { return layout_.dim; }
  [[nodiscard]] static bool is_cut() { return false; }
  [[nodiscard]] double most_leapfrogs() const { return HUGE_VAL; }
  [[nodiscard]] double shared_uniform() const { return mcmc::shared_uniform(seed_, step_); }
  template <class Move>
  void apply(const Move& move) {
    move(chain());
  }
  void move(const mcmc::DiffusionStep& step) { mcmc::MoveByDiffusion<D>{density_, step}(chain()); }
  void evaluate(int at = mcmc::Slot::position, int gradient = mcmc::Slot::gradient,
                int potential = mcmc::Number::potential) {
    const auto now = chain();
    now.set_number(potential, density_.potential(now.vector(at), now.vector(gradient)));
  }

 private:
  [[nodiscard]] mcmc::Chain<double> chain() {
    return {rows_.data(), layout_, {seed_, random::Ids<double>{id_}, step_}};
  }

  D density_;
  mcmc::RowLayout layout_;
  std::vector<double> rows_;
  std::uint64_t seed_;
  std::uint64_t id_;
  std::uint64_t step_ = 0;
};

}  // namespace driftwood::test
