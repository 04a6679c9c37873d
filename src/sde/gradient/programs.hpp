// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "formula/program.hpp"
#include "random/increments.hpp"
#include "sde/calculus.hpp"
#include "sde/gradient/solver.hpp"

namespace driftwood::sde {

/// A vector field as programs of (components; parameters) and time, kept whole.
struct FieldPrograms {
  int dim;
  int noise_dim;
  int parameters;
  Noise noise;
  Calculus calculus;           ///< that the drift is written in
  formula::Program drift;      ///< output i
  formula::Program diffusion;  ///< output i noise_dim + k is entry (i, k)
};

/// What a solver of the kernel in sde/launch/gradient_kernel.hpp runs, of one model and scheme.
struct GradientPrograms {
  int dim;
  int noise_dim;
  int parameters;
  int copies;                     ///< states that the scheme carries: 1 or 2
  random::Increments increments;  ///< of one step
  int noise_inputs;               ///< numbers that these are

  /// (states, noise of the step) at the time of its beginning -> states. Of reversible Heun as a
  /// mode: (half, z, noise to the left, noise to the right, step to the left, to the right) at the
  /// time of a node -> (y there, half, z) for the node to the right.
  formula::Program forward;
  /// Of the modes that go back on a path of their own; empty else.
  ///
  /// adjoint: (z, A, a, noise of the step) at minus the time of its end -> (z, A, a) at its
  /// beginning, with A = dL/dz and a = dL/dparameters.
  ///
  /// reversible_heun: (half, z, dL/dy, dL/dz, c, a, noise left, right, step left, right) at the
  /// time of a node -> the first six for the node to the left.
  formula::Program backward;
  /// Of the field that is solved, of the adjoint equation where the mode is that one; empty for
  /// transitions.
  formula::Program drift;
  formula::Program diffusion;
};

/// Numbers that the noise of one step of `noises` components is.
[[nodiscard]] int noise_inputs(random::Increments increments, int noises);

/// What the mode runs for a field with steps of size h, given in the calculus of the scheme and in
/// Stratonovich's. Throws `UsageError` where they do not go together.
[[nodiscard]] GradientPrograms gradient_programs(const FieldPrograms& field,
                                                 const FieldPrograms& stratonovich,
                                                 const std::string& scheme, GradientMode mode,
                                                 double h);
/// The same where a step is the program (components, increments) -> components, of such a field.
[[nodiscard]] GradientPrograms transition_programs(const FieldPrograms& field,
                                                   formula::Program transition);

}  // namespace driftwood::sde
