// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "natgrad/ensemble/blas.hpp"

namespace driftwood::natgrad {

/// Of outputs f and targets y of one sample.
enum class Loss {
  squared,   ///< |f - y|^2 / 2
  logistic,  ///< sum_k log(1 + exp(f_k)) - y_k f_k, y_k in [0, 1]
  softmax,   ///< log(sum_k exp(f_k)) - y^T f, y_k >= 0 of sum 1
};

/// The mean over samples, one a column.
[[nodiscard]] double mean_loss(Loss loss, const Dense& f, const Dense& y);

/// Its derivative with respect to the outputs, times the number of samples.
void residuals(Loss loss, const Dense& f, const Dense& y, Dense& to);

/// Roots C of the second derivatives H = C C^T with respect to the outputs, which are the Fisher
/// matrices of what the model says of its outputs: matrix k holds column k of C of each sample.
[[nodiscard]] std::vector<Dense> curvature_roots(Loss loss, const Dense& f);

}  // namespace driftwood::natgrad
