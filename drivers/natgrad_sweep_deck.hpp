// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "deck/schema.hpp"
#include "natgrad/network/options.hpp"
#include "natgrad/options.hpp"
#include "run/options.hpp"

namespace driftwood::natgrad_sweep {

/// The whole deck: one member per TOML table.
struct Deck {
  run::Options run;
  std::optional<natgrad::ProblemOptions> problem;
  std::optional<natgrad::EstimatorOptions> estimator;
  std::optional<natgrad::EnsembleOptions> ensemble;
  std::optional<natgrad::NetworkOptions> network;

  void describe(deck::Schema& s) {
    s.table("run", run, "where results go, and what the run tolerates");
    s.table("problem", problem, "the regression problems");
    s.table("estimator", estimator, "what is made of the rows");
    s.table("ensemble", ensemble, "designs that are drawn; left out: theory alone");
    s.table("network", network, "instead of [problem]: networks that learn from networks");
  }
  void validate(const deck::Source& source) {
    check_kind(source);
    if (network) return network->validate(source);
    problem->validate(source);
    estimator->validate(source, *problem);
    if (ensemble) ensemble->validate(source, *estimator);
    natgrad::check_memory(source, *problem, *estimator, ensemble);
  }

 private:
  /// A deck has one study: regression problems, or networks.
  void check_kind(const deck::Source& source) const {
    if (problem.has_value() == network.has_value()) {
      throw source.error(
          network ? "network" : "problem",
          network ? "there are two studies, [problem] and [network]" : "there is no study",
          "a deck has one", "write [problem] and [estimator], or [network]");
    }
    if (problem && !estimator) {
      throw source.error("problem", "there is no table [estimator]",
                         "it says what is made of rows");
    }
    if (network && (estimator || ensemble)) {
      throw source.error(estimator ? "estimator" : "ensemble",
                         "this table goes with [problem], not with [network]");
    }
  }
};

}  // namespace driftwood::natgrad_sweep
