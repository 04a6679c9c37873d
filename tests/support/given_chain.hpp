// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "mcmc/chain.hpp"
#include "mcmc/diffusion_schemes.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::test {

/// Normals and uniforms that a test gives, in place of `mcmc::ChainNoise`.
struct GivenNoise {
  struct Pair {
    double first;
    double second;
  };

  static constexpr int kinds = 6;

  const std::vector<double>* numbers;  ///< (step, kind, coordinate); beyond their end are zeros
  int dim;
  std::uint64_t step;
  double number;

  [[nodiscard]] double at(int kind, int i) const {
    const std::size_t k =
        (step * kinds + static_cast<std::size_t>(kind)) * static_cast<std::size_t>(dim) +
        static_cast<std::size_t>(i);
    return i < dim && k < numbers->size() ? (*numbers)[k] : 0.0;
  }
  [[nodiscard]] Pair normals(int kind, int j) const {
    return {at(kind, 2 * j), at(kind, 2 * j + 1)};
  }
  [[nodiscard]] double uniform(int) const { return number; }
};

/// One chain that the kernels of a sampler move with given noise: takes the place of a
/// `mcmc::Tile`. `D` is a `mcmc::DeviceDensity` for any lane.
template <class D>
class GivenChain {
 public:
  GivenChain(const mcmc::SamplerTraits& traits, const D& density, int dim) : density_(density) {
    layout_.dim = dim;
    layout_.vectors = mcmc::Slot::own + traits.vectors;
    layout_.numbers = mcmc::Number::own + traits.own_numbers(dim);
    rows_.resize(static_cast<std::size_t>(layout_.rows() * mcmc::block_chains));
  }

  /// Puts the chain somewhere, before step 0.
  void place(const std::vector<double>& x) {
    step_ = 0;
    for (int i = 0; i < layout_.dim; ++i) chain().position().set(i, x[static_cast<std::size_t>(i)]);
    evaluate();
  }
  [[nodiscard]] double position(int i) { return chain().position()[i]; }
  /// One of the sampler's vectors.
  [[nodiscard]] mcmc::Coordinates<double> vector(int slot) { return chain().vector(slot); }

  void give(int kind, std::uint64_t step, int i, double normal) {
    const auto dim = static_cast<std::size_t>(layout_.dim);
    const std::size_t k = (step * GivenNoise::kinds + static_cast<std::size_t>(kind)) * dim +
                          static_cast<std::size_t>(i);
    if (normals_.size() <= k) normals_.resize(k + 1);
    normals_[k] = normal;
  }
  void give_uniform(double number) { uniform_ = number; }

  template <class S>
  void advance(const S& sampler, double h) {
    sampler.step(*this, h);
    ++step_;
  }

  // What samplers ask of a tile.
  [[nodiscard]] std::uint64_t step() const { return step_; }
  [[nodiscard]] int dim() const { return layout_.dim; }
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
  [[nodiscard]] mcmc::Chain<double, GivenNoise> chain() {
    return {rows_.data(), layout_, {&normals_, layout_.dim, step_, uniform_}};
  }

  D density_;
  mcmc::RowLayout layout_;
  std::vector<double> rows_;
  std::vector<double> normals_;
  double uniform_ = 0.5;
  std::uint64_t step_ = 0;
};

}  // namespace driftwood::test
