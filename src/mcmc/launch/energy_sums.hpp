// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "comm/communicator.hpp"
#include "mcmc/population.hpp"

namespace driftwood::mcmc {

/// What the energies of all chains say, the same on every rank.
struct EnergyFindings {
  /// Energy fraction of missing information: the mean squared change of energy from step to step
  /// over its variance, both of all chains together: of short chains, each of which sees only a
  /// part of the energies, it is not too large. NaN where no chain has moved.
  double ebfmi = 0;
  std::int64_t low_chains = 0;  ///< of which their own, `stats::e_bfmi`, is below `good_ebfmi`
};

/// Below it velocities move the energy too little from step to step: Betancourt (2016),
/// arXiv:1604.00695, and as Stan warns.
inline constexpr double good_ebfmi = 0.3;

/// E-BFMI from sums over the steps of each chain.
class EnergySums {
 public:
  /// Of the energy with which steps begin, one of the sampler's numbers.
  EnergySums(const Population& population, int number);

  /// After a step of some blocks that counts, the first or a later one.
  void look(const Population& population, const Population::BlockRange& blocks, bool is_first);

  /// After as many steps of every chain. Collective.
  [[nodiscard]] EnergyFindings findings(const comm::Communicator& comm, std::int64_t steps) const;

  /// What block b of this rank needs to go on.
  void save(stats::ByteWriter& out, std::int64_t b) const;
  void restore(stats::ByteReader& in, std::int64_t b);

 private:
  int number_;
  comm::Share blocks_;
  std::int64_t chains_;
  ChainSums sums_;
};

}  // namespace driftwood::mcmc
