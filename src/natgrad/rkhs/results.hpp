// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "io/result_file.hpp"
#include "natgrad/rkhs/step_counts.hpp"

namespace driftwood::natgrad {

/// How steps and risks go with n by theory, for the source condition r and the decay s of
/// eigenvalues.
struct RkhsTheory {
  double steps;  ///< of gradient descent: s / (2 r s + 1), as 1 / alpha
  double
      printed;  ///< the exponent 2 r s / (2 r s + 1) of the paper as remembered; equal at r = 1/2
  double risk;  ///< -2 r s / (2 r s + 1), of the least risk of all methods
};
[[nodiscard]] RkhsTheory rkhs_theory(double source, double decay);

/// Writes it. Rank 0 has what was found. Collective.
void write(io::ResultFile& file, const RkhsOptions& options, const RkhsFindings& found);

/// Steps and least risks for each source and method, and what follows, in plain language.
[[nodiscard]] std::string table_text(const RkhsOptions& options, const RkhsFindings& found);

}  // namespace driftwood::natgrad
