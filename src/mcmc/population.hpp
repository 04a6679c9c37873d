// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "comm/share.hpp"
#include "deck/distribution.hpp"
#include "mcmc/launch/tile.hpp"
#include "mcmc/sampler.hpp"
#include "stats/bytes.hpp"

namespace driftwood::mcmc {

/// Sums over the steps of each chain: what moments are made of.
using ChainSums = Kokkos::View<double***, Kokkos::LayoutRight, Memory>;  // (block, row, chain)

/// Of which numbers sums are taken.
enum class Scale {
  coordinates,  ///< x, on the whole real line
  parameters,   ///< theta
};

/// Chains of a block that results are of, where each has so many replicas: those of one chain are
/// consecutive, and what is left over of a block is idle.
[[nodiscard]] constexpr std::int64_t chains_per_block(int ladder) { return block_chains / ladder; }

/// The chains of this rank: consecutive blocks of the run's chains.
///
/// Where chains have replicas, all of these move, and results are of the one of each that is cold.
class Population {
 public:
  struct Options {
    std::int64_t chains = 0;  ///< of the whole run
    std::uint64_t seed = 1;
    bool joins_steps = false;
    int ladder = 1;                         ///< replicas of each chain
    std::int64_t same_start = 1;            ///< consecutive chains that start at one point
    const BatchDensity* batches = nullptr;  ///< of a sampler that takes them; lives longer
    std::int64_t warmup = 0;                ///< steps, in which trajectories grow
    SamplerTraits also = {};                ///< of another sampler that chains shall have room for
  };

  /// Of blocks [blocks.first, blocks.last). Sampler and density live longer.
  Population(const Sampler& sampler, const Density& density, const Options& options,
             const comm::Share& blocks);

  /// Puts all chains at their starts: x is drawn from a law, each coordinate on its own.
  void start(const deck::Distribution& law);
  /// The same, at given x: row i of chain c at i * chains + c.
  void place(std::span<const double> x);

  [[nodiscard]] const comm::Share& blocks() const { return blocks_; }
  /// Chains that move, replicas and all.
  [[nodiscard]] std::int64_t chains() const { return set_.chains; }
  /// Chains that results are of, and how many of a block.
  [[nodiscard]] std::int64_t results() const { return results_; }
  [[nodiscard]] std::int64_t per_block() const { return chains_per_block(ladder()); }
  /// Replicas of each.
  [[nodiscard]] int ladder() const { return set_.layout.ladder; }
  [[nodiscard]] const ChainSet& set() const { return set_; }
  [[nodiscard]] int dim() const { return set_.layout.dim; }
  /// Parameters of a chain: theta, which may be x itself.
  [[nodiscard]] int parameters() const;
  /// Gradients of single chains until now.
  [[nodiscard]] std::int64_t gradients() const { return gradients_; }
  /// Rows of data in the batches of single chains until now.
  [[nodiscard]] std::int64_t batch_rows() const { return batch_rows_; }

  /// Blocks of this rank, from 0.
  struct BlockRange {
    std::int64_t first;
    std::int64_t count;
  };
  [[nodiscard]] BlockRange all() const { return {0, count()}; }

  /// Takes the chains of some blocks over steps [first, last) of size h, a few blocks at a time;
  /// calls `look(blocks, step)` after each step of these. Ends where it is when `interrupt` says
  /// so, which it asks before each step, and within those of many gradients.
  template <class Look>
  void advance(const BlockRange& which, std::uint64_t first, std::uint64_t last, double h,
               const Look& look, const std::function<bool()>& interrupt = {}) {
    const std::int64_t end = which.first + which.count;
    for (std::int64_t b = which.first; b < end; b += tile_blocks_) {
      const BlockRange blocks{b, std::min(tile_blocks_, end - b)};
      Tile tile(set_, blocks.first, blocks.count);
      tile.set_interrupt(interrupt);
      for (std::uint64_t step = first; step < last && !tile.is_cut(); ++step) {
        const std::int64_t before = tile.gradients();
        tile.set_step(step);
        sampler_->step(tile, h);
        if (tile.was_cut()) {  // which is as if it had not begun
          gradients_ -= tile.gradients() - before;
          break;
        }
        look(blocks, step);
      }
      count_work(tile);
      if (tile.was_cut()) return;
    }
  }
  /// Tries of a step of size h by the chains of some blocks, trajectories of one leapfrog: calls
  /// `look(blocks)` after those of a few, which are then put back to where they were.
  void attempt(const BlockRange& which, const Sampler& by, std::uint64_t step, double h,
               const std::function<void(const BlockRange&)>& look);
  /// From now on chains move by another sampler, which lives longer, and begin anew.
  void move_by(const Sampler& sampler);
  /// From now on they are where those of another population are, which is as large.
  void follow(const Population& other);
  /// What else is done with the chains of some blocks, by `move(tile)`.
  template <class Move>
  void apply(const BlockRange& blocks, const Move& move) {
    Tile tile(set_, blocks.first, blocks.count);
    move(tile);
    count_work(tile);
  }
  /// Steps of all blocks, without a look.
  void advance(std::uint64_t first, std::uint64_t last, double h) {
    advance(all(), first, last, h, [](const BlockRange&, std::uint64_t) {});
  }

  /// Makes chains ready for a step after something other than a step has moved them.
  void begin(const BlockRange& which);
  void begin() { begin(all()); }

  /// Begins sums at 0, of deviations from `centre` (a number for each x or theta).
  void begin_sums(Scale scale, const std::vector<double>& centre);
  /// Adds where the chains of some blocks are now.
  void add_to_sums(const BlockRange& blocks);
  /// Calls look(b, c, sums) for chain c of every block b of this rank, in order: its sums of
  /// deviations, of their squares, of the probabilities of acceptance, and how many steps diverged;
  /// none of a chain that is not finite.
  void each_chain(const std::function<void(std::int64_t b, std::int64_t c,
                                           std::span<const double> sums)>& look) const;
  /// Of every block, the sums over its chains that are somewhere finite: their number, then the sum
  /// of deviations and the sum of their squares for each x or theta, then of the probabilities of
  /// acceptance, and how many steps diverged; then how many chains have a sum of these
  /// probabilities below the least.
  [[nodiscard]] std::vector<std::vector<double>> sums_of_blocks(double least_accepted = 0) const;

  /// Sum over the chains of the probabilities with which the last step was accepted, in units of
  /// 2^-32: an integer, so that ranks may add theirs in any order.
  [[nodiscard]] std::int64_t acceptance(const BlockRange& blocks) const;
  [[nodiscard]] std::int64_t acceptance() const { return acceptance(all()); }
  static constexpr double acceptance_unit = 0x1p-32;
  /// The same of the squares of the last step's energy errors over the number of coordinates, each
  /// at the most 1.
  [[nodiscard]] std::int64_t energy_variance(const BlockRange& blocks) const;
  [[nodiscard]] std::int64_t energy_variance() const { return energy_variance(all()); }

  /// Where the chains of block b are, theta: parameter i of chain c at i * block_chains + c.
  [[nodiscard]] std::vector<double> read(std::int64_t b) const;
  /// Copies the same, or x, of some blocks to (block of `to`, parameter, chain), from block `at`
  /// on.
  void read(const BlockRange& blocks, const ChainSums& to, std::int64_t at,
            Scale scale = Scale::parameters) const;
  /// Of block b, one number of each chain in row `row` of the same.
  void read_number(int number, std::int64_t b, const ChainSums& to, std::int64_t at, int row) const;
  /// One number of each chain that moves, such as `Number::potential`; of those of block b.
  [[nodiscard]] std::vector<double> numbers(int number) const;
  [[nodiscard]] std::vector<double> numbers(int number, std::int64_t b) const;

  /// From now on coordinates are those of another map; chains stay where they are.
  void rescale(const Preconditioner& by);
  [[nodiscard]] const Preconditioner& preconditioner() const { return preconditioner_; }

  /// What block b of this rank needs to go on.
  void save(stats::ByteWriter& out, std::int64_t b) const;
  void restore(stats::ByteReader& in, std::int64_t b);
  void set_preconditioner(const Preconditioner& by);
  void restore_sampler(const Sampler& sampler) { sampler_ = &sampler; }

 private:
  [[nodiscard]] std::int64_t count() const { return blocks_.count(); }
  void count_work(const Tile& tile) {
    gradients_ += tile.gradients();
    batch_rows_ += tile.batch_rows();
  }
  [[nodiscard]] Kokkos::RangePolicy<Exec> chains_of(const BlockRange& blocks) const;
  [[nodiscard]] std::int64_t lanes_of(const BlockRange& blocks) const;
  [[nodiscard]] std::int64_t results_of(const BlockRange& blocks) const;
  [[nodiscard]] bool is_lost(const std::vector<double>& differences, std::int64_t chain) const;

  const Sampler* sampler_;
  const Density& density_;
  ChainSet set_;
  comm::Share blocks_;
  std::int64_t results_ = 0;
  std::int64_t same_start_ = 1;
  std::int64_t tile_blocks_ = 1;
  Preconditioner preconditioner_;
  ChainSums sums_;
  Scale of_ = Scale::parameters;
  Kokkos::View<double*, Memory> centre_;
  std::int64_t gradients_ = 0;
  std::int64_t batch_rows_ = 0;
};

}  // namespace driftwood::mcmc
