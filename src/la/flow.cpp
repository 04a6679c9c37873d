// SPDX-License-Identifier: BSD-3-Clause
#include "la/flow.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "la/session.hpp"

namespace driftwood::la {
namespace {

const char* name_of(MFNConvergedReason reason) {
  switch (reason) {
    case MFN_DIVERGED_ITS:
      return "MFN_DIVERGED_ITS";
    case MFN_DIVERGED_BREAKDOWN:
      return "MFN_DIVERGED_BREAKDOWN";
    default:
      return "MFN_CONVERGED_ITERATING";
  }
}

/// x = b f(a S) y for f = exp or its quotient (exp(z) - 1) / z.
std::int64_t apply(Gram& s, FNType f, double a, double scale, std::span<const double> b,
                   std::span<double> x, const FlowOptions& options) {
  MFN raw = nullptr;
  FN function = nullptr;
  s.check(MFNCreate(ranks_of(s.design().comm()), &raw), "make a matrix function");
  const MfnHandle mfn(raw);
  s.check(MFNSetOperator(raw, s.get()), "set up a matrix function");
  s.check(MFNGetFN(raw, &function), "set up a matrix function");
  s.check(FNSetType(function, f), "set up a matrix function");
  s.check(FNSetScale(function, a, scale), "set up a matrix function");
  s.check(MFNSetType(raw, MFNKRYLOV), "set up a matrix function");
  s.check(MFNSetTolerances(raw, options.tolerance, static_cast<PetscInt>(options.most_restarts)),
          "set up a matrix function");
  const auto all = static_cast<std::int64_t>(s.design().n() * s.columns());
  s.check(MFNSetDimensions(raw, static_cast<PetscInt>(std::min(options.basis, all))),
          "set up a matrix function");
  s.check(MFNSetErrorIfNotConverged(raw, PETSC_FALSE), "set up a matrix function");
  s.check(MFNSetFromOptions(raw), "take the options of a matrix function");
  {
    const VecHandle from = s.borrow(b);
    const VecHandle to = s.borrow(x);
    s.check(MFNSolve(raw, from.get(), to.get()), "follow a flow");
  }
  MFNConvergedReason reason{};
  PetscInt restarts = 0;
  check(MFNGetConvergedReason(raw, &reason), "say how it ended");
  check(MFNGetIterationNumber(raw, &restarts), "say how it ended");
  if (reason <= 0) {
    throw NumericsError("the flow did not converge",
                        fmt::format("{} after {} restarts", name_of(reason), restarts),
                        "give more vectors by -mfn_ncv or more restarts by -mfn_max_it");
  }
  return restarts;
}

}  // namespace

std::int64_t flow(Gram& s, double time, std::span<const double> b, std::span<double> x,
                  const FlowOptions& options) {
  return apply(s, FNPHI, -time, time, b, x, options);
}

std::int64_t decay(Gram& s, double time, std::span<const double> b, std::span<double> x,
                   const FlowOptions& options) {
  return apply(s, FNEXP, -time, 1, b, x, options);
}

}  // namespace driftwood::la
