// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "la/gram.hpp"

namespace driftwood::la {

struct SpectrumEnds {
  double smallest = 0;
  double largest = 0;
  std::int64_t iterations = 0;  ///< restarts of both
};

struct SpectrumOptions {
  double tolerance = 1e-8;  ///< relative to the eigenvalue
  std::int64_t most_restarts = 1000;
  std::int64_t basis = 48;
};

/// The extreme eigenvalues of S (of one column), by Krylov and Schur. `-eps_...` options of the
/// user count. Throws `NumericsError` with SLEPc's reason where it does not converge. Collective.
SpectrumEnds spectrum_ends(Gram& s, const SpectrumOptions& options = {});

}  // namespace driftwood::la
