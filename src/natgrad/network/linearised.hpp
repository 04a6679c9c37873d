// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A network that is linear in its parameters, by its Jacobian at the start. The stationary points
/// of preconditioned gradient descent then need nothing but products of rows of that Jacobian.

#include <cstddef>

#include "natgrad/ensemble/blas.hpp"

namespace driftwood::natgrad {

/// Products of rows of a Jacobian: the rows that are learnt from come first, then others that make
/// the Fisher matrix with them.
struct RowProducts {
  Dense among;     ///< (N, N) of these
  Dense to_tests;  ///< (T, N) of rows on which predictions are made
};

/// Predictions at the end of gradient descent, which interpolates: J_t P J^T (J P J^T)^-1 y of the
/// first `labels.rows()` rows, for each column of labels. P = I.
[[nodiscard]] Dense plain_limit(const RowProducts& of, const Dense& labels);

/// The same of P = (J_q^T J_q / N + damping I)^-1, J_q the first N = `rows` of all rows, the
/// learnt-from among them, so that P J^T = N J_q^T (J_q J_q^T + N damping I)^-1 without what these
/// rows do not see. Throws `NumericsError` where a matrix is singular.
[[nodiscard]] Dense natural_limit(const RowProducts& of, std::size_t rows, double damping,
                                  const Dense& labels);

}  // namespace driftwood::natgrad
