// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "mcmc/coordinates.hpp"
#include "mcmc/discrepancy_options.hpp"
#include "mcmc/reference.hpp"
#include "mcmc/sampler.hpp"
#include "mcmc/target.hpp"

namespace driftwood::mcmc {

/// The deck's table `[target]`.
struct TargetOptions {
  std::shared_ptr<Target> target;

  void describe(deck::Schema& s);
};

/// The deck's table `[sampler]`.
struct SamplerOptions {
  std::shared_ptr<Sampler> sampler;
  std::optional<double> step_size;
  std::optional<double> acceptance;
  std::optional<double> energy_variance;
  std::string precondition = "none";

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck, std::int64_t warmup, const Situation& where) const;

  [[nodiscard]] bool adapts_step() const { return !step_size && sampler->traits().has_step_size; }
  [[nodiscard]] bool adapts_scale() const { return precondition != "none"; }
  [[nodiscard]] bool is_dense() const { return precondition == "dense"; }
  /// To which the step size is adapted.
  [[nodiscard]] double target_acceptance() const {
    return acceptance.value_or(sampler->traits().acceptance);
  }
  /// The same of samplers that accept every step: mean square energy error per coordinate.
  [[nodiscard]] double target_energy_variance(int dim) const;
  /// Whether the step size is adapted by tries of another sampler.
  [[nodiscard]] bool adapts_by_trials() const {
    return adapts_step() && sampler->traits().trial != Trial::own;
  }
};

/// `[chains] draws`.
struct DrawsOptions {
  std::int64_t thin = 1;
  std::int64_t chains = 64;

  void describe(deck::Schema& s);
};

/// `[chains] stop`.
struct ChainStopOptions {
  std::optional<double> ess;
  std::optional<double> rhat;
  std::optional<double> nested_rhat;
  std::int64_t max_steps = 0;

  void describe(deck::Schema& s);
};

/// The deck's table `[chains]`.
struct ChainOptions {
  std::int64_t count = 1024;
  std::int64_t warmup = 500;
  std::int64_t steps = 1000;
  std::int64_t thin = 1;
  std::uint64_t seed = 1;
  std::optional<std::int64_t> superchains;
  deck::Distribution initial{deck::Distribution::Kind::normal, 0.0, 1.0};
  std::optional<DrawsOptions> draws;
  std::optional<ChainStopOptions> stop;

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck, const Sampler& sampler) const;

  /// Consecutive chains that start at one point.
  [[nodiscard]] std::int64_t same_start() const { return superchains ? count / *superchains : 1; }
  /// Of so many chains each.
  [[nodiscard]] std::int64_t blocks(std::int64_t per_block = block_chains) const {
    return (count + per_block - 1) / per_block;
  }
  /// After warm-up, the most that are taken.
  [[nodiscard]] std::int64_t most_steps() const {
    return stop ? std::max(stop->max_steps, steps) : steps;
  }
  /// After how many steps a run looks again whether it may stop, having done `done`: half as many
  /// more each time.
  [[nodiscard]] std::int64_t next_look(std::int64_t done) const;
};

/// The deck's table `[diagnostics]`.
struct DiagnosticsOptions {
  double memory = 64;  ///< [MiB]
  bool bias = false;
  std::optional<std::string> reference;  ///< a file, relative to the deck
  std::optional<KsdOptions> ksd;
  std::optional<W2Options> w2;

  void describe(deck::Schema& s);
  /// Reads the references for the parameters of the target.
  void validate(const deck::Source& deck, const Sampler& sampler, const Target& target);

  /// What the file says; empty without one.
  std::vector<ReferenceMoments> moments = {};
};

/// The deck's table `[tempering]`.
struct TemperingOptions {
  std::int64_t temperatures = 8;
  std::vector<double> beta;
  std::int64_t swap_every = 5;
  bool adapt = true;
  std::string path = "power";

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck, const ChainOptions& chains, const Sampler& sampler,
                const DiagnosticsOptions& diagnostics) const;

  [[nodiscard]] std::int64_t rungs() const {
    return beta.empty() ? temperatures : std::ssize(beta);
  }
};

}  // namespace driftwood::mcmc
