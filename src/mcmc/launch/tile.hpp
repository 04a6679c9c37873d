// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>

#include "mcmc/launch/move_lane.hpp"

namespace driftwood::mcmc {

/// Chains of a rank, all that is needed to move them.
struct ChainSet {
  ChainRows rows;
  RowLayout layout;
  std::uint64_t seed = 0;
  std::uint64_t first_chain = 0;  ///< id of the first chain of block 0
  std::int64_t chains = 0;
  const Density* density = nullptr;
  Kokkos::View<double*, Memory> scale = {};   ///< see `CoordinateMap`
  Kokkos::View<double*, Memory> factor = {};  ///< likewise; may be empty
  bool joins_steps = false;                   ///< see ChainNoise
  const BatchDensity* batches = nullptr;      ///< of samplers that take batches
  std::uint64_t warmup = 0;                   ///< steps in which trajectories grow

  [[nodiscard]] CoordinateMap map() const {
    return {scale.data(), factor.extent(0) > 0 ? factor.data() : nullptr};
  }
};

/// Consecutive blocks of chains that are moved together, at one step: what samplers are written in.
class Tile {
 public:
  /// Blocks [first, first + count) of the set.
  Tile(const ChainSet& chains, std::int64_t first, std::int64_t count)
      : set_(chains),
        first_(first),
        chains_(std::min(count * block_chains, chains.chains - first * block_chains)),
        lanes_((chains_ + width - 1) / width) {}

  [[nodiscard]] std::uint64_t step() const { return step_; }
  void set_step(std::uint64_t step) { step_ = step; }
  /// Whether a sampler whose steps are long is to break this one off. Chains must be as they were
  /// before the step but for what the next attempt at it writes again.
  [[nodiscard]] bool is_cut() {
    is_cut_ = is_cut_ || (interrupt_ != nullptr && *interrupt_ && (*interrupt_)());
    return is_cut_;
  }
  [[nodiscard]] bool was_cut() const { return is_cut_; }
  /// By what steps may be cut, which lives longer.
  void set_interrupt(const std::function<bool()>& interrupt) { interrupt_ = &interrupt; }
  /// From now on steps are but tries of a step size.
  void set_trial() { is_trial_ = true; }
  /// The most leapfrog steps that a trajectory may have now. Chains that are far out gain so much
  /// velocity on a long one that it flings them to the other side: in the warm-up trajectories grow
  /// by one step each, and what is gained is lost again when the next velocity is drawn.
  [[nodiscard]] double most_leapfrogs() const {
    if (is_trial_) return 1;
    return step_ < set_.warmup ? static_cast<double>(step_ + 1) : HUGE_VAL;
  }
  [[nodiscard]] std::int64_t chains() const { return chains_; }
  [[nodiscard]] int dim() const { return set_.layout.dim; }
  [[nodiscard]] const ChainSet& set() const { return set_; }

  /// Calls move(chain) for the chains of every lane.
  template <class Move>
  void apply(const Move& move) const {
    move_chains(moved(), move);
  }

  /// Evaluates the target at the vector `at`. Counts as one gradient of every chain.
  void evaluate(int at = Slot::position, int gradient = Slot::gradient,
                int potential = Number::potential) {
    evaluate(*set_.density, at, gradient, potential);
  }
  /// The same of a density other than the target.
  void evaluate(const Density& density, int at, int gradient, int potential) {
    density.evaluate({set_.rows, set_.layout, first_, lanes_, set_.map(), at, gradient, potential});
    gradients_ += chains_;
  }

  /// Takes the chains over a step of the diffusion whose stationary law the target is.
  void move(DiffusionStep step) const {
    step.scale = set_.layout.is_scaled ? set_.scale.data() : nullptr;
    set_.density->move(moved(), step);
  }

  /// Estimates the target from a batch of its rows of data: that of the step, or one for the start.
  void estimate(bool is_start = false) {
    const std::uint64_t number = set_.joins_steps ? 2 * step_ : step_;
    set_.batches->estimate({set_.rows, set_.layout, first_, lanes_, set_.map()},
                           {set_.seed, set_.first_chain, is_start ? ~std::uint64_t{0} : number});
    batch_rows_ += chains_ * set_.batches->batch();
  }

  /// A number uniform on (0, 1) that all chains share.
  [[nodiscard]] double shared_uniform() const { return mcmc::shared_uniform(set_.seed, step_); }

  /// Gradients of single chains until now.
  [[nodiscard]] std::int64_t gradients() const { return gradients_; }
  /// Rows of data in the batches of single chains until now.
  [[nodiscard]] std::int64_t batch_rows() const { return batch_rows_; }

 private:
  static constexpr std::int64_t width = width_of<Lane<double>>;

  [[nodiscard]] MovedChains moved() const {
    return {set_.rows, set_.layout,      first_, lanes_,
            set_.seed, set_.first_chain, step_,  set_.joins_steps};
  }

  const ChainSet& set_;
  std::int64_t first_;
  std::int64_t chains_;
  std::int64_t lanes_;
  std::uint64_t step_ = 0;
  bool is_trial_ = false;
  bool is_cut_ = false;
  const std::function<bool()>* interrupt_ = nullptr;
  std::int64_t gradients_ = 0;
  std::int64_t batch_rows_ = 0;
};

}  // namespace driftwood::mcmc
