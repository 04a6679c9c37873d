// SPDX-License-Identifier: BSD-3-Clause
#include "la/spectrum_ends.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "la/session.hpp"

namespace driftwood::la {
namespace {

const char* name_of(EPSConvergedReason reason) {
  switch (reason) {
    case EPS_DIVERGED_ITS:
      return "EPS_DIVERGED_ITS";
    case EPS_DIVERGED_BREAKDOWN:
      return "EPS_DIVERGED_BREAKDOWN";
    case EPS_DIVERGED_SYMMETRY_LOST:
      return "EPS_DIVERGED_SYMMETRY_LOST";
    default:
      return "EPS_CONVERGED_ITERATING";
  }
}

/// The eigenvalue at one end; adds its restarts.
double end(Gram& s, EPSWhich which, const SpectrumOptions& options, std::int64_t& restarts) {
  EPS raw = nullptr;
  s.check(EPSCreate(ranks_of(s.design().comm()), &raw), "make an eigensolver");
  const EpsHandle eps(raw);
  const auto n = static_cast<std::int64_t>(s.design().n());
  s.check(EPSSetOperators(raw, s.get(), nullptr), "set up an eigensolver");
  s.check(EPSSetProblemType(raw, EPS_HEP), "set up an eigensolver");
  s.check(EPSSetWhichEigenpairs(raw, which), "set up an eigensolver");
  s.check(
      EPSSetDimensions(raw, 1, static_cast<PetscInt>(std::min(options.basis, n)), PETSC_DEFAULT),
      "set up an eigensolver");
  s.check(EPSSetTolerances(raw, options.tolerance, static_cast<PetscInt>(options.most_restarts)),
          "set up an eigensolver");
  s.check(EPSSetFromOptions(raw), "take the options of an eigensolver");
  s.check(EPSSolve(raw), "find eigenvalues");
  EPSConvergedReason reason{};
  PetscInt found = 0;
  PetscInt iterations = 0;
  check(EPSGetConvergedReason(raw, &reason), "say how it ended");
  check(EPSGetConverged(raw, &found), "say how it ended");
  check(EPSGetIterationNumber(raw, &iterations), "say how it ended");
  if (reason <= 0 || found < 1) {
    throw NumericsError("the ends of the spectrum did not converge",
                        fmt::format("{} after {} restarts", name_of(reason), iterations),
                        "give more vectors by -eps_ncv or more restarts by -eps_max_it");
  }
  restarts += iterations;
  double value = 0;
  check(EPSGetEigenvalue(raw, 0, &value, nullptr), "read an eigenvalue");
  return value;
}

}  // namespace

SpectrumEnds spectrum_ends(Gram& s, const SpectrumOptions& options) {
  if (s.columns() != 1) throw Error("the spectrum of several columns is that of one");
  SpectrumEnds out;
  out.largest = end(s, EPS_LARGEST_REAL, options, out.iterations);
  out.smallest = end(s, EPS_SMALLEST_REAL, options, out.iterations);
  return out;
}

}  // namespace driftwood::la
