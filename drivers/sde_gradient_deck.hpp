// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/options.hpp"
#include "sde/gradient/fit_options.hpp"
#include "sde/gradient/options.hpp"
#include "sde/gradient/table_options.hpp"
#include "sde/options.hpp"

namespace driftwood::sde_gradient {

/// The deck's table `[task]`: what is done with derivatives.
struct TaskOptions {
  std::string kind = "gradient";

  void describe(deck::Schema& s);

  [[nodiscard]] bool is_error_table() const { return kind == "error_table"; }
  [[nodiscard]] bool is_fit() const { return kind == "fit"; }
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
  std::optional<sde::ErrorTableOptions> table;
  std::optional<sde::FitOptions> fit;

  void describe(deck::Schema& s);
  void validate(const deck::Source& source) const;
  /// What the run makes of the deck, in sentences.
  [[nodiscard]] std::vector<std::string> remarks() const;

 private:
  void validate_table(const deck::Source& source) const;
  void validate_fit(const deck::Source& source) const;
};

}  // namespace driftwood::sde_gradient
