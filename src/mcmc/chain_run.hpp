// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "comm/communicator.hpp"
#include "mcmc/adaptation.hpp"
#include "mcmc/discrepancy.hpp"
#include "mcmc/draw_store.hpp"
#include "mcmc/launch/covariance.hpp"
#include "mcmc/launch/energy_sums.hpp"
#include "mcmc/options.hpp"
#include "mcmc/population.hpp"
#include "mcmc/richardson.hpp"
#include "mcmc/tempering.hpp"
#include "stats/convergence.hpp"

namespace driftwood::mcmc {

/// What all chains together say after some steps, the same on every rank.
struct ChainFindings {
  std::vector<stats::ChainSummary> parameters;     ///< pooled over all chains
  std::int64_t steps = 0;                          ///< after warm-up
  std::int64_t draws = 0;                          ///< of all chains that count
  std::int64_t lost = 0;                           ///< chains that are not finite
  double acceptance = 0;                           ///< mean probability
  std::int64_t divergences = 0;                    ///< steps
  double unseen_step = 0;                          ///< of a sampler with a bias: its step size
  std::int64_t stuck = 0;                          ///< chains that did not move in steps that count
  std::int64_t judged_chains = 0;                  ///< those that R-hat and ESS are taken from
  std::int64_t judged_draws = 0;                   ///< of each of these
  std::optional<BiasFindings> bias = {};           ///< where it is estimated
  std::vector<double> nested_rhat = {};            ///< of all chains, where there are superchains
  std::vector<double> autocorrelation_times = {};  ///< of the judged chains [steps]
  std::optional<EnergyFindings> energies = {};     ///< of samplers that have energies
};

/// The chains of a run on this rank, from their start to what they say: the study's loop is the
/// driver's.
///
/// Warm-up first: where something adapts, all ranks take each step together; else each goes its own
/// way. Then `begin_sampling`, after which ranks go their own ways.
class ChainRun {
 public:
  /// Starts chains, or takes up what ranks of an earlier job saved. Collective.
  ChainRun(const comm::Communicator& comm, const Density& density, const SamplerOptions& sampler,
           const ChainOptions& chains, const DiagnosticsOptions& diagnostics,
           const std::optional<TemperingOptions>& tempering, const std::vector<comm::Bytes>& parts);

  /// Steps that all chains of this rank have taken, warm-up included.
  [[nodiscard]] std::int64_t step() const { return step_; }
  [[nodiscard]] bool is_warming_up() const { return !is_sampling_; }
  /// Whether warm-up steps are collective.
  [[nodiscard]] bool adapts() const {
    return averaging_.has_value() || !windows_.empty() || (tempering_ && tempering_->adapts());
  }
  [[nodiscard]] double step_size() const { return step_size_; }
  [[nodiscard]] bool takes_batches() const { return batches_ != nullptr; }
  [[nodiscard]] const Preconditioner& preconditioner() const {
    return population_.preconditioner();
  }
  [[nodiscard]] const Population& population() const { return population_; }

  /// Steps are broken off where this says so, and taken up by the next call of `adapt` or
  /// `advance`: also of long trajectories a run is then saved soon.
  void interrupt_when(std::function<bool()> interrupt) { interrupt_ = std::move(interrupt); }
  /// One step of the warm-up, which adapts, or a part of it where it is interrupted. Returns, on
  /// every rank, whether any `calls_all` or is interrupted. Collective.
  bool adapt(const comm::Communicator& comm, bool calls_all);
  /// Steps of a warm-up without adaptation, or those that count, until `last`.
  void advance(std::int64_t last);
  /// After the last step of the warm-up. Collective.
  void begin_sampling(const comm::Communicator& comm);

  /// After as many steps on every rank. Collective.
  [[nodiscard]] ChainFindings findings(const comm::Communicator& comm) const;
  /// Up to so many of the last draws of the judged chains, chain after chain: one of each of as
  /// many evenly spaced chains, or several of each, so many steps apart or more. Draws that are not
  /// finite are left out. On every rank. Collective.
  [[nodiscard]] States last_states(const comm::Communicator& comm, std::int64_t most,
                                   double apart) const;
  /// What replicas say, where there are any; see `ChainFindings::steps`. Collective.
  [[nodiscard]] std::optional<TemperingFindings> tempering(const comm::Communicator& comm) const;
  /// Rungs of some replicas over time.
  [[nodiscard]] Tempering::Process process() const {
    return tempering_ ? tempering_->process(step_ - options_.warmup) : Tempering::Process{};
  }

  /// Chains of the run whose draws results store.
  [[nodiscard]] std::int64_t stored_chains() const {
    return options_.draws ? options_.draws->chains : 0;
  }
  /// The draws that results store.
  [[nodiscard]] const DrawStore& stored() const { return stored_; }
  /// Gradients of single chains, of all ranks and jobs; a batch counts as so much of one as it has
  /// of the rows, and the sum is rounded. Collective.
  [[nodiscard]] std::int64_t gradients(const comm::Communicator& comm) const;

  /// All that this rank has.
  [[nodiscard]] comm::Bytes saved() const;

  /// From now on this is the run after so many steps, more than were taken, as far as the size of
  /// things and the work with them go: draws that are missing are made up. For plans of runs.
  void stand_for(std::int64_t step);
  /// The draws that diagnostics keep.
  [[nodiscard]] const DrawStore& kept() const { return judged_; }
  /// Which these are in a run of all ranks, where chains have so many parameters and `memory` is
  /// `DiagnosticsOptions::memory`.
  [[nodiscard]] static DrawStore::Plan judged_plan(const ChainOptions& chains, double memory,
                                                   int parameters, std::int64_t per_block);

 private:
  struct Header;

  void restore(const comm::Communicator& comm, const std::vector<comm::Bytes>& parts);
  [[nodiscard]] std::int64_t own_gradients() const {
    return earlier_gradients_ + population_.gradients() + (bias_ ? bias_->gradients() : 0);
  }
  [[nodiscard]] std::int64_t own_batch_rows() const {
    return earlier_batch_rows_ + population_.batch_rows() + (bias_ ? bias_->batch_rows() : 0);
  }
  void read_header(stats::ByteReader& in);
  [[nodiscard]] std::int64_t per_block() const {
    return tempering_ ? tempering_->per_block() : block_chains;
  }
  void look(const Population::BlockRange& blocks, std::int64_t step);
  /// Takes all blocks to a step, by steps of size h.
  void go(std::int64_t last, double h);
  /// The window of the step that is to be taken; null: none.
  [[nodiscard]] const ScaleWindow* window() const;
  [[nodiscard]] bool adapts_by_acceptance() const { return sampler_.target_acceptance() > 0; }
  /// An acceptance, or what stands for it, see `quality`.
  [[nodiscard]] double wanted_quality() const {
    return sampler_.target_acceptance() > 0 ? sampler_.target_acceptance() : 0.5;
  }
  /// Of what the step size is adapted by, the sum over the chains of some blocks, in
  /// `acceptance_unit`; for each rung where there are replicas.
  [[nodiscard]] std::vector<std::int64_t> step_qualities(
      const Population::BlockRange& blocks) const;
  /// An acceptance, or what stands for it, of that sum over all chains.
  [[nodiscard]] double quality(std::int64_t sum) const;
  /// Whether chains move, at this step of the warm-up, by the sampler that tries steps: it refuses
  /// those that are too large, which would take chains away for ever while they are far out.
  [[nodiscard]] bool moves_by_trial(std::int64_t step) const { return step < first_own_step_; }
  /// Of the sampler that tries, for a step size h.
  [[nodiscard]] double trial_step(double h) const {
    return sampler_.sampler->traits().trial_step(h);
  }
  [[nodiscard]] const Sampler& tries_by() const { return trial_ ? *trial_ : *sampler_.sampler; }
  /// What a try says of the step size at `step_`, on this rank: see `step_qualities`.
  [[nodiscard]] std::vector<std::int64_t> tried(double h);
  /// Looks for the order of magnitude of the step size where chains are. Collective.
  void search_step(const comm::Communicator& comm);
  /// The same of the sampler that tries, while it moves chains. Collective.
  void search_trial_step(const comm::Communicator& comm);
  /// A mean over so many chains from a sum in `acceptance_unit`; over all that move.
  [[nodiscard]] static double mean_of(std::int64_t sum, std::int64_t chains) {
    return static_cast<double>(sum) * Population::acceptance_unit / static_cast<double>(chains);
  }
  [[nodiscard]] double mean_of_all(std::int64_t sum) const {
    return mean_of(sum, options_.count * population_.ladder());
  }
  /// Adds where chains are to what scales are made of.
  void add_to_window(const Population::BlockRange& blocks);
  void begin_window(const comm::Communicator& comm);
  /// Takes the scales that a window of so many steps says. Collective.
  void end_window(const comm::Communicator& comm, std::int64_t steps);
  [[nodiscard]] std::vector<double> pooled_sums(const comm::Communicator& comm,
                                                double least_accepted = 0) const;
  [[nodiscard]] std::vector<double> pooled_products(const comm::Communicator& comm) const;
  void find_by_superchains(const comm::Communicator& comm, ChainFindings& found) const;
  [[nodiscard]] std::vector<double> pooled_mean(const comm::Communicator& comm, Scale scale);
  /// The first draws of a parameter of all judged chains that are finite, chain after chain, on one
  /// rank; none on the others. Collective.
  [[nodiscard]] std::vector<double> gathered(const comm::Communicator& comm, int parameter,
                                             int owner, std::int64_t draws) const;
  [[nodiscard]] std::vector<stats::ChainSummary> judged(const comm::Communicator& comm,
                                                        std::int64_t draws) const;
  [[nodiscard]] DrawStore::Plan stored_plan() const;

  const SamplerOptions& sampler_;
  const ChainOptions& options_;
  std::optional<Tempering> tempering_;
  std::unique_ptr<BatchDensity> batches_;
  std::shared_ptr<Sampler> trial_;  ///< where another sampler tries steps
  std::int64_t first_own_step_;     ///< the first that is not that sampler's
  Population population_;
  std::vector<ScaleWindow> windows_;
  CovarianceSums products_;  ///< of a window
  std::optional<DualAveraging> averaging_;
  /// Of the sampler that tries, by its acceptance, while it moves chains: energy errors of those
  /// that are far out know no bound, and one step size for all would be theirs.
  std::optional<DualAveraging> trial_averaging_;
  std::optional<Richardson> bias_;
  std::optional<EnergySums> energies_;
  DrawStore judged_;
  DrawStore stored_;
  double step_size_;
  std::int64_t step_ = 0;                  ///< that no block is behind
  std::vector<std::int64_t> block_steps_;  ///< of each
  bool is_mid_step_ = false;               ///< of the warm-up: only some blocks have taken it
  std::function<bool()> interrupt_;
  bool is_sampling_ = false;
  std::vector<double> centre_;  ///< of the sums
  std::int64_t earlier_gradients_ = 0;
  std::int64_t earlier_batch_rows_ = 0;
};

}  // namespace driftwood::mcmc
