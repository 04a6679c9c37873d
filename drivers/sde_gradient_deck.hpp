// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "run/options.hpp"
#include "sde/gradient/options.hpp"
#include "sde/options.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde_gradient {

/// The deck's table `[task]`: what is done with derivatives.
struct TaskOptions {
  std::string kind = "gradient";

  void describe(deck::Schema& s) {
    s.key("kind", kind, deck::one_of({"gradient"}),
          "gradient: means of formulas and their derivatives");
  }
};

/// The whole deck: one member per TOML table.
struct Deck {
  run::Options run;
  TaskOptions task;
  sde::ModelOptions model;
  sde::TimeOptions time;
  sde::EnsembleOptions ensemble;
  sde::GradientObserveOptions observe;
  sde::GradientOptions gradient;

  void describe(deck::Schema& s) {
    s.table("run", run, "where results go, and what the run tolerates");
    s.table("task", task, "what is done with derivatives");
    s.table("model", model, "the stochastic differential equation");
    s.table("time", time, "the interval, and the scheme that steps through it");
    s.table("ensemble", ensemble, "the paths");
    s.table("observe", observe, "what is differentiated, and when");
    s.table("gradient", gradient, "how derivatives are found, and by what");
  }
  void validate(const deck::Source& source) const {
    model.validate(source);
    time.validate(source, *model.model);
    gradient.validate(source, time, *model.model);
    ensemble.validate(source, time);
    observe.validate(source, time, *model.model);
  }
  /// What the run makes of the deck, in sentences.
  [[nodiscard]] std::vector<std::string> remarks() const {
    return sde::remarks(*model.model, time.scheme);
  }
};

}  // namespace driftwood::sde_gradient
