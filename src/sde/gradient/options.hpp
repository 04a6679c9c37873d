// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "sde/gradient/solver.hpp"
#include "sde/options.hpp"

namespace driftwood::sde {

/// The table `[observe]` of decks that are differentiated: formulas and payoffs at some times.
struct GradientObserveOptions : ResultTimes {
  Payoffs payoffs;
  std::map<std::string, std::string> formulas;

  void describe(deck::Schema& s);
  /// Throws `UsageError` for times off the grid, payoffs that have no derivative, names that are
  /// there twice, and formulas as `read_gradient_formulas` does.
  void validate(const deck::Source& deck, const TimeOptions& time, const Model& model) const;
};

/// The deck's table `[gradient]`: how derivatives are found, and by what.
struct GradientOptions {
  std::string mode_name = "pathwise";
  std::optional<std::vector<std::string>> with_respect_to;
  std::optional<double> memory;
  double gap_limit = 1;

  void describe(deck::Schema& s);
  /// Throws `UsageError` for steps that adapt but in the mode reversible_heun, schemes that have no
  /// such mode, and names as below.
  void validate(const deck::Source& deck, const TimeOptions& time, const Model& model) const;
  /// Throws `UsageError` for names that are neither parameters nor components at time 0.
  void validate_names(const deck::Source& deck, const Model& model) const;

  [[nodiscard]] GradientMode mode() const;
  /// By which parameters of the model; increasing.
  [[nodiscard]] std::vector<int> parameters(const Model& model) const;
  /// By which components at time 0; increasing.
  [[nodiscard]] std::vector<int> initial(const Model& model) const;
  /// Of one work item's stored states [bytes]; 0: by default.
  [[nodiscard]] std::int64_t memory_bytes() const;

 private:
  [[nodiscard]] bool wants(const std::string& name) const;
};

inline constexpr std::array all_gradient_modes = {GradientMode::pathwise,
                                                  GradientMode::checkpointed, GradientMode::adjoint,
                                                  GradientMode::reversible_heun};
[[nodiscard]] std::vector<std::string> gradient_mode_names();

/// How a deck names the component at time 0: "initial.price".
[[nodiscard]] std::string initial_name(const std::string& component);

/// Throws `UsageError` at the key `where` for a scheme whose steps are not differentiated.
void require_gradients(const deck::Source& deck, const std::string& where,
                       const std::string& scheme, const Model& model);
/// The same where the scheme has no gradients of this model in this mode.
void require_mode(const deck::Source& deck, const std::string& where, GradientMode mode,
                  const std::string& scheme, const Model& model);

}  // namespace driftwood::sde
