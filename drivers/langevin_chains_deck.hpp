// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/options.hpp"
#include "run/options.hpp"

namespace driftwood::langevin_chains {

/// The whole deck: one member per TOML table.
struct Deck {
  run::Options run;
  mcmc::TargetOptions target;
  mcmc::SamplerOptions sampler;
  mcmc::ChainOptions chains;
  std::optional<mcmc::TemperingOptions> tempering;
  mcmc::DiagnosticsOptions diagnostics;

  void describe(deck::Schema& s) {
    s.table("run", run, "where results go, and what the run tolerates");
    s.table("target", target, "the distribution to draw from");
    s.table("sampler", sampler, "how chains move");
    s.table("chains", chains, "how many chains, and how long");
    s.table("tempering", tempering, "replicas at a ladder of temperatures; left out: none");
    s.table("diagnostics", diagnostics, "what is found out about the chains");
  }
  void validate(const deck::Source& source) {
    target.target->validate(source, "target");
    chains.validate(source, *sampler.sampler);
    const auto names = mcmc::names_of(target.target->parameters());
    sampler.validate(source, chains.warmup,
                     {target.target->coordinates(), chains.count, target.target->rows(),
                      target.target->diffusion_noise()});
    diagnostics.validate(source, *sampler.sampler, *target.target);
    if (tempering) tempering->validate(source, chains, *sampler.sampler, diagnostics);
  }
};

}  // namespace driftwood::langevin_chains
