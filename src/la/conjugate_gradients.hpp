// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>

#include "la/gram.hpp"

namespace driftwood::la {

struct CgOptions {
  double tolerance = 1e-10;  ///< of the residual, over the right-hand side
  std::int64_t most_iterations = 10000;
};

struct CgReport {
  std::int64_t iterations = 0;
  double residual = 0;  ///< |b - S x| / |b| of the worst column, computed anew
  double smallest = 0;  ///< estimates of the extreme eigenvalues of S, by what the iteration saw
  double largest = 0;

  /// sqrt(condition) is what the number of iterations grows with.
  [[nodiscard]] double condition() const { return largest / smallest; }
};

/// x = S^-1 b, both (own, columns), by conjugate gradients on all columns together: they share step
/// sizes, and the spectrum decides the number of iterations as if there were one. Columns are
/// scaled to norm 1 first, so that none is neglected. `-ksp_...` options of the user count. Throws
/// `NumericsError` with PETSc's reason where it does not converge. Collective.
CgReport solve(Gram& s, std::span<const double> b, std::span<double> x,
               const CgOptions& options = {});

}  // namespace driftwood::la
