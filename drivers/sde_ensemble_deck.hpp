// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "run/options.hpp"
#include "sde/jump_options.hpp"
#include "sde/multilevel_options.hpp"
#include "sde/options.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde_ensemble {

/// The whole deck: one member per TOML table.
struct Deck {
  run::Options run;
  sde::TaskOptions task;
  sde::ModelOptions model;
  sde::TimeOptions time;
  sde::EnsembleOptions ensemble;
  sde::JumpTable jumps;
  sde::Events events;
  sde::ObserveOptions observe;

  void describe(deck::Schema& s) {
    s.table("run", run, "where results go, and what the run tolerates");
    s.table("task", task, "what is done with the equation");
    s.table("model", model, "the stochastic differential equation");
    s.table("time", time, "the interval, and the scheme that steps through it");
    s.table("ensemble", ensemble, "the paths");
    s.named_tables("jumps", jumps,
                   "jumps that come at random times and change the state; how many there have been "
                   "under /formulas/<name>");
    s.named_tables("events", events,
                   "levels that paths pass: first passage times under /first_passage/<name>, and "
                   "what becomes of a path there");
    s.table("observe", observe, "what to compute from the paths, and when");
  }
  void validate(const deck::Source& source) const {
    model.validate(source);
    time.validate(source, *model.model);
    ensemble.validate(source, time);
    sde::validate(jumps, source, *model.model, time, ensemble);
    sde::validate(events, source, *model.model, time.scheme);
    observe.validate(source, time, ensemble, *model.model, events, jumps);
    task.validate(source, time, ensemble, observe, *model.model, !jumps.empty());
  }
  /// What the run makes of the deck, in sentences.
  [[nodiscard]] std::vector<std::string> remarks() const {
    return sde::remarks(*model.model, time.scheme);
  }
};

}  // namespace driftwood::sde_ensemble
