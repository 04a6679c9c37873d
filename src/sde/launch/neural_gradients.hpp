// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sde/gradient/solver.hpp"
#include "sde/initial_state.hpp"
#include "sde/neural/networks.hpp"
#include "sde/neural/tableau.hpp"

namespace driftwood::sde {

/// An equation whose drift and diffusion are networks, with numbers.
struct NeuralEquation {
  NeuralNetworks networks;
  std::vector<ParameterInfo> parameters;  ///< of the drift, then of the diffusion
  std::vector<std::string> components;
  InitialState initial;
};

/// A solver whose samples are groups of paths. Throws `UsageError` for modes that the scheme does
/// not have, for stored states that take more memory than the plan has, and for formulas that name
/// parameters of networks.
[[nodiscard]] std::unique_ptr<GradientSolver> make_neural_gradients(const NeuralEquation& equation,
                                                                    const NeuralScheme& scheme,
                                                                    Precision precision,
                                                                    const GradientPlan& plan);

}  // namespace driftwood::sde
