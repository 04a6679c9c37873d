// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "comm/communicator.hpp"
#include "mcmc/population.hpp"

namespace driftwood::mcmc {

/// An expectation under the target: what steps of a size make of it, and what is left of that where
/// steps become small.
struct BiasEstimate {
  double bias = 0;            ///< of the chains whose draws are used
  double standard_error = 0;  ///< of the bias
  double extrapolated = 0;    ///< the expectation less its bias
  double extrapolated_error = 0;
};

/// Biases of all parameters.
struct BiasFindings {
  std::vector<BiasEstimate> mean;           ///< E theta
  std::vector<BiasEstimate> second_moment;  ///< E theta^2
  std::int64_t chains = 0;                  ///< that are finite with both step sizes
};

/// The bias of a sampler that accepts every step, by Richardson's extrapolation: each chain has a
/// companion with steps of twice the size, from the same start, that follows the same Brownian
/// motion. With a bias of order p, expectations of the companions and of the chains themselves are
///
///     E_2h = E + c (2h)^p,  E_h = E + c h^p:  E_h - E = (E_2h - E_h) / (2^p - 1).
///
/// Differences are taken at the times that both have, and averaged over time; chains are
/// independent, so that the spread of these averages gives standard errors. They do not contain
/// what is of higher order in h.
///
/// Companions are moved in turn with the chains, a few blocks at a time:
///
///     population.advance(blocks, first, last, h, [&](const auto& some, std::uint64_t step) {
///       richardson.follow(population, some, step, h, true);
///     });
class Richardson {
 public:
  /// Companions of a population that is made of the same. Throws `Error` for a sampler without
  /// bias.
  Richardson(const Sampler& sampler, const Density& density, Population::Options options,
             const comm::Share& blocks);

  /// Puts companions where the population of the same seed is put.
  void start(const deck::Distribution& law) { coarse_.start(law); }
  void place(std::span<const double> x) { coarse_.place(x); }
  /// Puts companions to where their chains are now.
  void place(const Population& chains) { coarse_.follow(chains); }

  /// After step number `step` of some blocks of the chains, of size h: every second time,
  /// companions take a step; where it counts, sums are added to.
  void follow(const Population& chains, const Population::BlockRange& blocks, std::uint64_t step,
              double h, bool counts);

  /// As the population is.
  void rescale(const Preconditioner& by) { coarse_.rescale(by); }
  void set_preconditioner(const Preconditioner& by) { coarse_.set_preconditioner(by); }

  /// Gradients of single companions until now.
  [[nodiscard]] std::int64_t gradients() const { return coarse_.gradients(); }
  /// Rows of data in their batches until now.
  [[nodiscard]] std::int64_t batch_rows() const { return coarse_.batch_rows(); }

  /// Of all ranks, the same on each and on any number of them; not numbers before any step counts.
  /// Collective.
  [[nodiscard]] BiasFindings findings(const comm::Communicator& comm) const;

  /// What block b of this rank needs to go on.
  void save(stats::ByteWriter& out, std::int64_t b) const;
  void restore(stats::ByteReader& in, std::int64_t b);

 private:
  [[nodiscard]] std::vector<double> record_of(const std::vector<double>& sums,
                                              std::int64_t b) const;

  Population coarse_;
  double divisor_;  ///< 2^p - 1
  ChainSums sums_;
  ChainSums here_;  ///< parameters of the chains that are looked at
  ChainSums there_;
};

}  // namespace driftwood::mcmc
