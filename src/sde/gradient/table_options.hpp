// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "sde/gradient/solver.hpp"
#include "sde/model.hpp"

namespace driftwood::sde {

/// One way to find gradients.
struct GradientCase {
  std::string scheme;
  GradientMode mode;
};

/// The deck's table `[table]`: whose gradients are compared, on which grids.
struct ErrorTableOptions {
  std::vector<std::string> case_names = {"midpoint adjoint", "heun adjoint",
                                         "reversible_heun reversible_heun"};
  std::vector<double> given_steps = {1, 4, 16, 64, 256, 1024};

  void describe(deck::Schema& s);
  /// Throws `UsageError` for cases that are no scheme of the model and a mode that it has, and for
  /// numbers of steps that are none.
  void validate(const deck::Source& deck, const Model& model) const;

  [[nodiscard]] std::vector<GradientCase> cases() const;
  [[nodiscard]] std::vector<std::int64_t> steps() const;
};

}  // namespace driftwood::sde
