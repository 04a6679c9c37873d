// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "sde/gradient/fit_method.hpp"
#include "sde/gradient/fit_search.hpp"
#include "sde/gradient/optimiser_options.hpp"
#include "sde/gradient/options.hpp"

namespace driftwood::sde {

/// The deck's table `[fit]`.
struct FitOptions {
  std::shared_ptr<FitMethod> method = std::make_shared<TransitionMethod>();
  std::vector<std::string> positive;
  std::map<std::string, std::vector<double>> range;
  std::string weighting = "optimal";
  double tolerance = 1e-4;
  FitOptimiserOptions optimiser;

  void describe(deck::Schema& s);
  /// Reads the data, too. Throws `UsageError` for parameters that cannot be fitted, fewer moments
  /// than parameters, and what is wrong with the data.
  void validate(const deck::Source& deck, const GradientOptions& gradient, Model& model,
                const TimeOptions& time, const EnsembleOptions& ensemble) const;

  [[nodiscard]] FitSetup setup(const deck::Source& deck, const Model& model,
                               const TimeOptions& time, const EnsembleOptions& ensemble) const {
    return method->setup(deck, "fit", model, time, ensemble.paths);
  }
  /// Of the parameters that derivatives are by. Their ranges are those that the model's keys have,
  /// and those of the deck.
  [[nodiscard]] FitCoordinates coordinates(const deck::Source& deck,
                                           const GradientOptions& gradient, Model& model) const;
  [[nodiscard]] FitSearchSettings search() const;

  /// Null where given values are fitted.
  [[nodiscard]] const TransitionMethod* transitions() const {
    return dynamic_cast<const TransitionMethod*>(method.get());
  }

 private:
  void check_names(const deck::Source& deck, const Model& model) const;
};

/// The parameters of the model that a fit is of: those of `gradient.with_respect_to`, else all.
[[nodiscard]] std::vector<int> fitted_parameters(const deck::Source& deck,
                                                 const GradientOptions& gradient,
                                                 const Model& model);

}  // namespace driftwood::sde
