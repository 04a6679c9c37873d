// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "formula/program.hpp"
#include "random/increments.hpp"
#include "sde/calculus.hpp"

namespace driftwood::sde {

/// A vector field as programs of (components; parameters) and time, kept whole.
struct FieldPrograms {
  int dim;
  int noise_dim;
  int parameters;
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
};

/// Numbers that the noise of one step of `noises` components is.
[[nodiscard]] int noise_inputs(random::Increments increments, int noises);

enum class AdjointScheme { heun, midpoint, milstein };

/// One step of the stochastic adjoint equation backwards in time, of a Stratonovich field: Li,
/// Wong, Chen and Duvenaud (2020), "Scalable gradients for stochastic differential equations",
/// section 3. In time s = -t the state z obeys the negated field, A and a the vector-Jacobian
/// products of A. These are the cotangent lift of the field, so their noise commutes where that of
/// the field does.
[[nodiscard]] formula::Program adjoint_step(const FieldPrograms& field, AdjointScheme scheme,
                                            double h);

/// What happens at a node of reversible Heun on the way there and on the way back: Kidger, Foster,
/// Li and Lyons (2021), algorithms 1 and 2, regrouped so that each node takes one evaluation of the
/// field, and on the way back one vector-Jacobian product. With steps h_l, W_l before the node and
/// h_r, W_r after it,
///
///     y = half + (h_l f + g W_l) / 2        half' = y + (h_r f + g W_r) / 2
///     z' = 2 y - z + h_r f + g W_r
///
/// where f and g are at z. On the way back `half` comes from the right, and with c = y_bar / 2 +
/// z_bar of the node to the right, the cotangents of f and g are
///
///     f_bar = h_r c + h_l y_bar / 2         g_bar = c W_r^T + y_bar W_l^T / 2.
[[nodiscard]] formula::Program reversible_heun_node(const FieldPrograms& field);
[[nodiscard]] formula::Program reversible_heun_node_back(const FieldPrograms& field);

}  // namespace driftwood::sde
