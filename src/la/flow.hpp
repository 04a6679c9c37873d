// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>

#include "la/gram.hpp"

namespace driftwood::la {

struct FlowOptions {
  double tolerance = 1e-10;
  std::int64_t most_restarts = 1000;
  std::int64_t basis = 40;  ///< vectors of a Krylov space, each as large as all columns
};

/// x = S^-1 (1 - exp(-time S)) b, both (own, columns), what flow until `time` has made of the
/// inverse of S = K/n + ridge: by Krylov spaces on all columns together, without loss of digits
/// where time S is small. `-mfn_...` options of the user count. Returns the restarts. Throws
/// `NumericsError` with SLEPc's reason where it does not converge. Collective.
std::int64_t flow(Gram& s, double time, std::span<const double> b, std::span<double> x,
                  const FlowOptions& options = {});

/// x = exp(-time S) b, what flow has left. As above.
std::int64_t decay(Gram& s, double time, std::span<const double> b, std::span<double> x,
                   const FlowOptions& options = {});

}  // namespace driftwood::la
