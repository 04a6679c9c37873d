// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "run/options.hpp"
#include "sde/options.hpp"
#include "sde/order_options.hpp"

namespace driftwood::sde_order {

/// The whole deck: one member per TOML table.
struct Deck {
  run::Options run;
  sde::ModelOptions model;
  sde::OrderOptions order;

  void describe(deck::Schema& s) {
    s.table("run", run, "where results go, and what the run tolerates");
    s.table("model", model, "the stochastic differential equation");
    s.table("order", order, "the schemes, the grids, and the paths");
  }
  void validate(const deck::Source& source) const {
    model.validate(source);
    order.validate(source, *model.model);
  }
  /// What the run makes of the deck, in sentences.
  [[nodiscard]] std::vector<std::string> remarks() const { return model.model->remarks(); }
};

}  // namespace driftwood::sde_order
