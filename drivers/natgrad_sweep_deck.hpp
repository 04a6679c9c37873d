// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "natgrad/kernel/options.hpp"
#include "natgrad/options.hpp"
#include "natgrad/rkhs/options.hpp"
#include "run/options.hpp"

namespace driftwood::natgrad_sweep {

/// The whole deck: one member per TOML table.
struct Deck {
  run::Options run;
  std::optional<natgrad::ProblemOptions> problem;
  std::optional<natgrad::EstimatorOptions> estimator;
  std::optional<natgrad::EnsembleOptions> ensemble;
  std::optional<natgrad::RkhsOptions> rkhs;
  std::optional<natgrad::KernelOptions> kernel;

  void describe(deck::Schema& s) {
    s.table("run", run, "where results go, and what the run tolerates");
    s.table("problem", problem, "the regression problems");
    s.table("estimator", estimator, "what is made of the rows");
    s.table("ensemble", ensemble, "designs that are drawn; left out: theory alone");
    s.table("rkhs", rkhs, "instead of [problem]: steps of descents in a kernel's space");
    s.table("kernel", kernel, "instead of [problem]: kernel ridge regression on a table");
  }
  void validate(const deck::Source& source) {
    check_kind(source);
    if (rkhs) return rkhs->validate(source);
    if (kernel) return kernel->validate(source);
    problem->validate(source);
    estimator->validate(source, *problem);
    if (ensemble) ensemble->validate(source, *estimator);
    natgrad::check_memory(source, *problem, *estimator, ensemble);
  }

 private:
  /// A deck has one study.
  void check_kind(const deck::Source& source) const {
    std::vector<std::string> studies;
    if (problem) studies.emplace_back("problem");
    if (rkhs) studies.emplace_back("rkhs");
    if (kernel) studies.emplace_back("kernel");
    if (studies.size() != 1) {
      throw source.error(
          studies.empty() ? "problem" : studies.back(),
          studies.empty()
              ? "there is no study"
              : "there are two studies, [" + studies.front() + "] and [" + studies.back() + "]",
          "a deck has one", "write [problem] and [estimator], or [rkhs], or [kernel]");
    }
    if (problem && !estimator) {
      throw source.error("problem", "there is no table [estimator]",
                         "it says what is made of rows");
    }
    if (!problem && (estimator || ensemble)) {
      throw source.error(estimator ? "estimator" : "ensemble",
                         "this table goes with [problem], not with [" + studies.front() + "]");
    }
  }
};

}  // namespace driftwood::natgrad_sweep
