// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "run/options.hpp"
#include "sde/options.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde_ensemble {

/// The whole deck: one member per TOML table.
struct Deck {
  run::Options run;
  sde::ModelOptions model;
  sde::TimeOptions time;
  sde::EnsembleOptions ensemble;
  sde::ObserveOptions observe;

  void describe(deck::Schema& s) {
    s.table("run", run, "where results go, and what the run tolerates");
    s.table("model", model, "the stochastic differential equation");
    s.table("time", time, "the interval, and the scheme that steps through it");
    s.table("ensemble", ensemble, "the paths");
    s.table("observe", observe, "what to compute from the paths, and when");
  }
  void validate(const deck::Source& source) const {
    model.validate(source);
    time.validate(source, *model.model);
    ensemble.validate(source, time);
    observe.validate(source, time, ensemble, *model.model);
  }
  /// What the run makes of the deck, in sentences.
  [[nodiscard]] std::vector<std::string> remarks() const {
    return sde::remarks(*model.model, time.scheme);
  }
};

}  // namespace driftwood::sde_ensemble
