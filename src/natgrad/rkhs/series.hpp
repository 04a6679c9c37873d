// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "natgrad/ensemble/blas.hpp"

namespace driftwood::natgrad {

/// Functions on the torus as series of J orthonormal waves, sqrt(2) cos(2 pi f x) and sqrt(2) sin(2
/// pi f x) for f = 1, 2, ...: with uniform inputs the kernel operator Sigma of eigenvalues mu is
/// diagonal.

/// mu_j = j^-decay, j = 1 ... J.
void fill_decaying(double decay, std::span<double> mu);

/// Coefficients c_j of the target Sigma^source h, h_j = -+ j^-0.55 (every third one negative), with
/// |c| = 1: h is barely square summable, so that no greater source describes the target.
void fill_target(std::span<const double> mu, double source, std::span<double> c);

/// to = (x.size(), J): the waves at each input in [0, 1).
void fill_waves(std::span<const double> x, std::size_t count, Dense& to);

}  // namespace driftwood::natgrad
