// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include "mcmc/density.hpp"

namespace driftwood::mcmc {

/// Chains of a rank, all that is needed to move them.
struct ChainSet {
  ChainRows rows;
  RowLayout layout;
  std::uint64_t seed = 0;
  std::uint64_t first_chain = 0;  ///< id of the first chain of block 0
  std::int64_t chains = 0;
  const Density* density = nullptr;
  Kokkos::View<double*, Memory> scale = {};  ///< (dim)
  bool joins_steps = false;                  ///< see ChainNoise
  const BatchDensity* batches = nullptr;     ///< of samplers that take batches
};

/// One work item: one lane of chains.
template <class Move>
struct MoveLane {
  using R = Lane<double>;
  static constexpr std::int64_t per_block = block_chains / width_of<R>;

  Move move;
  ChainRows rows;
  RowLayout layout;
  std::uint64_t seed;
  std::uint64_t first_chain;
  std::int64_t first_block;
  std::uint64_t step;
  bool joins_steps;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const std::int64_t block = first_block + lane / per_block;
    const std::int64_t within = lane % per_block * width_of<R>;
    std::uint64_t ids[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) {
      ids[l] = first_chain + static_cast<std::uint64_t>(block * block_chains + within + l);
    }
    move(Chain<R>{&rows(block, 0, within), layout,
                  ChainNoise<R>{seed, random::Ids<R>::from(ids), step, joins_steps}});
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
  [[nodiscard]] std::int64_t chains() const { return chains_; }
  [[nodiscard]] int dim() const { return set_.layout.dim; }
  [[nodiscard]] const ChainSet& set() const { return set_; }

  /// Calls move(chain) for the chains of every lane.
  template <class Move>
  void apply(const Move& move) const {
    Kokkos::parallel_for("mcmc::move", Kokkos::RangePolicy<Exec>(0, lanes_),
                         MoveLane<Move>{move, set_.rows, set_.layout, set_.seed, set_.first_chain,
                                        first_, step_, set_.joins_steps});
  }

  /// Evaluates the target at the vector `at`. Counts as one gradient of every chain.
  void evaluate(int at = Slot::position, int gradient = Slot::gradient,
                int potential = Number::potential) {
    evaluate(*set_.density, at, gradient, potential);
  }
  /// The same of a density other than the target.
  void evaluate(const Density& density, int at, int gradient, int potential) {
    density.evaluate({set_.rows, set_.layout, first_, lanes_,
                      set_.layout.is_scaled ? set_.scale.data() : nullptr, at, gradient,
                      potential});
    gradients_ += chains_;
  }

  /// Estimates the target from a batch of its rows of data: that of the step, or one for the start.
  void estimate(bool is_start = false) {
    const std::uint64_t number = set_.joins_steps ? 2 * step_ : step_;
    set_.batches->estimate({set_.rows, set_.layout, first_, lanes_,
                            set_.layout.is_scaled ? set_.scale.data() : nullptr},
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

  const ChainSet& set_;
  std::int64_t first_;
  std::int64_t chains_;
  std::int64_t lanes_;
  std::uint64_t step_ = 0;
  std::int64_t gradients_ = 0;
  std::int64_t batch_rows_ = 0;
};

}  // namespace driftwood::mcmc
