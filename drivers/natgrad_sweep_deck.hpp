// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "deck/schema.hpp"
#include "natgrad/options.hpp"
#include "run/options.hpp"

namespace driftwood::natgrad_sweep {

/// The whole deck: one member per TOML table.
struct Deck {
  run::Options run;
  natgrad::ProblemOptions problem;
  natgrad::EstimatorOptions estimator;
  std::optional<natgrad::EnsembleOptions> ensemble;

  void describe(deck::Schema& s) {
    s.table("run", run, "where results go, and what the run tolerates");
    s.table("problem", problem, "the regression problems");
    s.table("estimator", estimator, "what is made of the rows");
    s.table("ensemble", ensemble, "designs that are drawn; left out: theory alone");
  }
  void validate(const deck::Source& source) {
    problem.validate(source);
    estimator.validate(source, problem);
    if (ensemble) ensemble->validate(source, estimator);
    natgrad::check_memory(source, problem, estimator, ensemble);
  }
};

}  // namespace driftwood::natgrad_sweep
