// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace driftwood::mcmc {

/// An Ito diffusion dX = b dt + sigma dW, of as many noises as coordinates, whose stationary law is
/// a target. Kernels ask of it, as device values for any lane:
///
///     drift(x, to)          to = b(x)
///     multiply(x, w, to)    to = sigma(x) w
///     column(x, j, to)      to = column j of sigma(x)
///     noise(dim)            whether its noise commutes
enum class DiffusionNoise {
  none,         ///< there is no diffusion
  commutative,  ///< methods of strong order 1 take no Levy areas
  general,
};

}  // namespace driftwood::mcmc
