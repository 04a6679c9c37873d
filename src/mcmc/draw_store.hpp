// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mcmc/population.hpp"

namespace driftwood::mcmc {

/// Draws of some of the chains, kept on the host: of whole blocks of chains, every so many steps.
class DrawStore {
 public:
  /// What is kept of a draw besides the parameters; the energy where the plan says so.
  enum Extra : std::int64_t { log_density, acceptance, extras, energy = extras };

  /// Which blocks of the run, and how many draws of each.
  struct Plan {
    std::int64_t every_block = 1;  ///< those whose number is a multiple
    std::int64_t end_chain = 0;    ///< and of these the chains below this
    std::int64_t thin = 1;         ///< one of so many steps
    std::int64_t draws = 0;        ///< at the most
    int energy = 0;                ///< the number that is its energy, kept as well; 0: none is
  };

  DrawStore() = default;
  DrawStore(const Population& population, const Plan& plan);

  /// Looks at some blocks after step number `step` of those that count, from 0.
  void look(const Population& population, const Population::BlockRange& blocks, std::int64_t step);

  /// From now on draws [first, last) of every chain are some numbers that are all different: their
  /// size and what is done with them are those of real ones. For plans of runs.
  void stand_for(std::int64_t first, std::int64_t last);

  [[nodiscard]] const Plan& plan() const { return plan_; }
  /// Blocks of this rank of which draws are kept.
  [[nodiscard]] std::int64_t blocks() const { return blocks_; }
  /// What one draw of a block takes [bytes].
  [[nodiscard]] std::int64_t draw_bytes() const {
    return rows_ * per_block_ * static_cast<std::int64_t>(sizeof(double));
  }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  /// Chains of this rank whose draws are kept, and the number in the run of the first of them.
  [[nodiscard]] std::int64_t chains() const;
  /// Draws of each chain after so many steps.
  [[nodiscard]] std::int64_t draws_after(std::int64_t steps) const;

  /// The first draws of row i (a parameter, or an extra behind them) of the kept chains, chain
  /// after chain.
  [[nodiscard]] std::vector<double> draws(std::int64_t row, std::int64_t count) const;

  /// What is kept of block b of this rank, its first draws.
  void save(stats::ByteWriter& out, std::int64_t b, std::int64_t count) const;
  void restore(stats::ByteReader& in, std::int64_t b);

 private:
  [[nodiscard]] bool holds(std::int64_t b) const;
  [[nodiscard]] std::int64_t chains_of(std::int64_t b) const;  ///< of which draws are kept
  [[nodiscard]] std::int64_t place_of(std::int64_t b) const;   ///< among those kept here
  [[nodiscard]] double* at(std::int64_t place, std::int64_t row, std::int64_t chain);
  [[nodiscard]] const double* at(std::int64_t place, std::int64_t row, std::int64_t chain) const;

  Plan plan_;
  std::int64_t first_block_ = 0;
  std::int64_t per_block_ = block_chains;  ///< chains that results are of
  std::int64_t chains_ = 0;                ///< of this rank, kept or not
  std::int64_t blocks_ = 0;                ///< kept here
  std::int64_t rows_ = 0;
  std::vector<double> values_;  ///< (block, row, chain, draw)
  ChainSums staging_;
};

}  // namespace driftwood::mcmc
