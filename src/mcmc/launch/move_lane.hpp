// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/density.hpp"

namespace driftwood::mcmc {

/// Moves the chains of one lane, a work item.
template <class Move>
struct MoveLane {
  using R = Lane<double>;
  static constexpr std::int64_t per_block = block_chains / width_of<R>;

  Move move;
  MovedChains chains;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const std::int64_t block = chains.first_block + lane / per_block;
    const std::int64_t within = lane % per_block * width_of<R>;
    std::uint64_t ids[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) {
      ids[l] = chains.first_chain + static_cast<std::uint64_t>(block * block_chains + within + l);
    }
    move(Chain<R>{
        &chains.rows(block, 0, within), chains.layout,
        ChainNoise<R>{chains.seed, random::Ids<R>::from(ids), chains.step, chains.joins_steps}});
  }
};

/// Calls move(chain) for the chains of every lane.
template <class Move>
void move_chains(const MovedChains& chains, const Move& move) {
  Kokkos::parallel_for("mcmc::move", Kokkos::RangePolicy<Exec>(0, chains.lanes),
                       MoveLane<Move>{move, chains});
}

}  // namespace driftwood::mcmc
