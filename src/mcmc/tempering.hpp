// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "comm/communicator.hpp"
#include "mcmc/adaptation.hpp"
#include "mcmc/options.hpp"
#include "mcmc/population.hpp"
#include "mcmc/tempered_density.hpp"

namespace driftwood::mcmc {

/// What the ladders say after some steps, the same on every rank. Rungs from the cold one on.
struct TemperingFindings {
  struct Estimate {
    double value = 0;
    double standard_error = 0;  ///< over ladders
  };

  std::vector<double> beta;
  std::vector<double> stretch;
  std::vector<double> step_acceptance;  ///< mean probability of the last steps before rounds
  std::vector<double> swap_acceptance;  ///< (rungs - 1) mean probability, with the next rung
  std::vector<double> difference;  ///< mean of the potential of the target less the reference's
  double barrier = 0;              ///< sum of the mean rejections
  std::int64_t rounds = 0;         ///< of each ladder
  std::int64_t ladders = 0;        ///< that are finite
  std::int64_t round_trips = 0;    ///< of all replicas
  Estimate stepping_stone;         ///< logarithm of the integral of the target's density
  Estimate thermodynamic;          ///< the same, by the integral over beta
};

/// Parallel tempering: every chain of the results has replicas at a ladder of temperatures, which
/// they exchange; around any sampler. Non-reversible rounds and their theory: Syed, Bouchard-Cote,
/// Deligiannidis and Doucet (2022), "Non-reversible parallel tempering: a scalable highly parallel
/// MCMC scheme".
///
/// The replicas of a chain lie in one block, so that swaps need no messages. A round of swaps is a
/// pure function of the states, the seed, and the numbers of the ladder and of the round. Before
/// each, replicas where beta = 0 are drawn anew from the reference.
class Tempering {
 public:
  /// Between the law that chains start from, a normal one, and the target, which lives longer.
  Tempering(const TemperingOptions& options, const Density& target, const SamplerOptions& sampler,
            const ChainOptions& chains);

  [[nodiscard]] const Density& density() const { return *density_; }
  [[nodiscard]] int rungs() const { return static_cast<int>(beta_.size()); }
  [[nodiscard]] std::int64_t per_block() const { return chains_per_block(rungs()); }

  /// Puts the replicas of a new population at their rungs.
  void begin(const Population& population);

  /// A round of swaps of some blocks, if it is due after this step.
  void after_step(Population& population, const Population::BlockRange& blocks, std::int64_t step);
  /// Notes the rungs of some replicas after step number `step` of those that count.
  void record(const Population& population, const Population::BlockRange& blocks,
              std::int64_t step);

  /// Whether steps of the warm-up are to be taken by all ranks together.
  [[nodiscard]] bool adapts() const { return adapts_ladder_ || !averaging_.empty(); }
  /// Sums over the ladders of some blocks of what steps are adapted by, for each rung: see
  /// `Population::acceptance` and `Population::energy_variance`.
  [[nodiscard]] std::vector<std::int64_t> step_qualities(
      const Population& population, const Population::BlockRange& blocks) const;
  /// Looks for the steps of the other rungs by what tries say, see `StepSearch`, which begin where
  /// these are; then by the sums of tries, until all are found: true.
  void begin_search(const Population& population, double step_size);
  [[nodiscard]] bool search_steps(const Population& population,
                                  std::span<const std::int64_t> qualities, double step_size);
  /// Adapts the stretches by the same of all ranks, when the cold rung's step is `step_size`.
  void adapt_steps(const Population& population, std::span<const std::int64_t> qualities,
                   double step_size);
  /// Adapts the ladder if that is due after so many steps; true where it has. Collective.
  bool adapt_ladder(const comm::Communicator& comm, Population& population, std::int64_t steps);
  /// After the warm-up.
  void begin_sampling(const Population& population, double step_size);

  [[nodiscard]] TemperingFindings findings(const comm::Communicator& comm,
                                           const Population& population, std::int64_t steps) const;

  /// Rungs of replicas over time, of the first ladders of the run: (ladder, draw, replica). On the
  /// rank that has them.
  struct Process {
    std::int64_t ladders = 0;  ///< of the run
    std::int64_t draws = 0;
    std::vector<std::int64_t> rungs;  ///< empty on the other ranks
  };
  [[nodiscard]] Process process(std::int64_t steps) const;

  /// What is common to all blocks; and of block b of this rank.
  [[nodiscard]] comm::Bytes common() const;
  void restore_common(const Population& population, std::span<const std::byte> bytes);
  void save(stats::ByteWriter& out, std::int64_t b) const;
  void restore(stats::ByteReader& in, std::int64_t b);

 private:
  using Sums = Kokkos::View<double***, Kokkos::LayoutRight, Memory>;  // (block, row, ladder)

  void allocate(const Population& population);
  void clear_sums();
  void upload();
  void apply_ladder(const Population& population) const;
  [[nodiscard]] double quality(std::int64_t sum) const;
  void stretch_by_steps(double step_size, bool averaged);
  [[nodiscard]] std::vector<double> rejections(const comm::Communicator& comm,
                                               const Population& population,
                                               std::int64_t rounds) const;
  [[nodiscard]] std::int64_t ladders_of(const Population& population, std::int64_t b) const;

  const TemperingOptions& options_;
  const ChainOptions& chains_;
  std::unique_ptr<TemperedDensity> density_;
  bool adapts_ladder_;
  double wanted_acceptance_;
  double wanted_variance_ = 0;  ///< of energies, where steps are adapted by that
  std::vector<double> beta_;
  std::vector<double> stretch_;
  std::vector<DualAveraging> averaging_;  ///< of the rungs from 1 on
  std::vector<StepSearch> searches_;      ///< likewise, of the latest search
  std::int64_t window_ = 0;               ///< steps after which the ladder was adapted last
  std::int64_t first_block_ = 0;
  std::int64_t process_ladders_ = 0;  ///< whose rungs are noted
  std::int64_t process_draws_ = 0;    ///< at the most
  std::vector<std::int64_t> process_;
  Kokkos::View<double*, Memory> beta_here_;
  Kokkos::View<double*, Memory> stretch_here_;
  Sums sums_;
};

}  // namespace driftwood::mcmc
