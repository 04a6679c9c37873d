// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sde/equation.hpp"
#include "sde/initial_state.hpp"
#include "sde/model.hpp"
#include "sde/propagator.hpp"
#include "sde/propagator_options.hpp"

namespace driftwood::sde {

/// An equation with what its formulas do not say.
struct ExpressionRun {
  const Equation& equation;
  Calculus written;
  std::vector<deck::Distribution> parameters;  ///< in the order of their names
  InitialState initial;
};

/// The kernels for equations of one class of noise; each class is compiled in a file of its own.
template <Noise kind>
struct ExpressionKernels {
  /// Names of the schemes that integrate the class.
  [[nodiscard]] static std::vector<std::string> schemes();
  /// Throws `UsageError` when the scheme does not integrate the class.
  [[nodiscard]] static std::unique_ptr<Propagator> propagator(const ExpressionRun& run,
                                                              const std::string& scheme,
                                                              Precision precision,
                                                              const PropagatorOptions& options);
};

/// Throws `UsageError` where the equation has no derivatives, or as `gradient_programs`.
[[nodiscard]] std::unique_ptr<GradientSolver> expression_gradients(const Model& model,
                                                                   const ExpressionRun& run,
                                                                   const std::string& scheme,
                                                                   Precision precision,
                                                                   const GradientPlan& plan);

}  // namespace driftwood::sde
