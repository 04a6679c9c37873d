// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "natgrad/advice/options.hpp"
#include "natgrad/kernel/options.hpp"
#include "natgrad/network/options.hpp"
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
  std::optional<natgrad::NetworkOptions> network;
  std::optional<natgrad::AdviceOptions> advise;

  void describe(deck::Schema& s) {
    s.table("run", run, "where results go, and what the run tolerates");
    s.table("problem", problem, "the regression problems");
    s.table("estimator", estimator, "what is made of the rows");
    s.table("ensemble", ensemble, "designs that are drawn; left out: theory alone");
    s.table("rkhs", rkhs, "instead of [problem]: steps of descents in a kernel's space");
    s.table("kernel", kernel, "instead of [problem]: kernel ridge regression on a table");
    s.table("network", network, "instead of [problem]: networks that learn from networks");
    s.table("advise", advise, "instead of [problem]: whether to precondition, on a table");
  }
  void validate(const deck::Source& source) {
    check_kind(source);
    if (rkhs) return rkhs->validate(source);
    if (kernel) return kernel->validate(source);
    if (network) return network->validate(source);
    if (advise) return advise->validate(source);
    problem->validate(source);
    estimator->validate(source, *problem);
    if (ensemble) ensemble->validate(source, *estimator);
    natgrad::check_memory(source, *problem, *estimator, ensemble);
  }

  /// The name of the table of its one study.
  [[nodiscard]] std::string study() const { return studies().front(); }

 private:
  /// The tables of studies that there are.
  [[nodiscard]] std::vector<std::string> studies() const {
    std::vector<std::string> out;
    const auto add = [&](bool is_there, const char* name) {
      if (is_there) out.emplace_back(name);
    };
    add(problem.has_value(), "problem");
    add(rkhs.has_value(), "rkhs");
    add(kernel.has_value(), "kernel");
    add(network.has_value(), "network");
    add(advise.has_value(), "advise");
    return out;
  }

  void check_kind(const deck::Source& source) const {
    const std::vector<std::string> all = studies();
    if (all.size() != 1) {
      throw source.error(
          all.empty() ? "problem" : all.back(),
          all.empty() ? "there is no study"
                      : "there are two studies, [" + all.front() + "] and [" + all.back() + "]",
          "a deck has one",
          "write [problem] and [estimator], or [rkhs], or [kernel], or [network], or [advise]");
    }
    if (problem && !estimator) {
      throw source.error("problem", "there is no table [estimator]",
                         "it says what is made of rows");
    }
    if (!problem && (estimator || ensemble)) {
      throw source.error(estimator ? "estimator" : "ensemble",
                         "this table goes with [problem], not with [" + study() + "]");
    }
  }
};

}  // namespace driftwood::natgrad_sweep
