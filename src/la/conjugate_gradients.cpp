// SPDX-License-Identifier: BSD-3-Clause
#include "la/conjugate_gradients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.hpp"
#include "la/session.hpp"

namespace driftwood::la {
namespace {

/// (k) norms of the columns of x (own, k). Collective.
std::vector<double> column_norms(const Gram& s, std::span<const double> x) {
  const std::size_t own = s.design().own();
  std::vector<double> out(s.columns(), 0.0);
  for (std::size_t c = 0; c < out.size(); ++c) {
    for (std::size_t i = 0; i < own; ++i) out[c] += x[i + c * own] * x[i + c * own];
  }
  add_ranks(s.design().comm(), out);
  for (double& v : out) v = std::sqrt(v);
  return out;
}

void scale_columns(std::span<double> x, std::span<const double> scales) {
  const std::size_t own = x.size() / scales.size();
  for (std::size_t c = 0; c < scales.size(); ++c) {
    for (std::size_t i = 0; i < own; ++i) x[i + c * own] *= scales[c];
  }
}

KspHandle solver(Gram& s, const CgOptions& options) {
  KSP raw = nullptr;
  check(KSPCreate(ranks_of(s.design().comm()), &raw), "make a solver");
  KspHandle ksp(raw);
  const auto most = static_cast<PetscInt>(options.most_iterations);
  PC pc = nullptr;
  s.check(KSPSetOperators(raw, s.get(), s.get()), "set up a solver");
  s.check(KSPSetType(raw, KSPCG), "set up a solver");
  s.check(KSPSetNormType(raw, KSP_NORM_UNPRECONDITIONED), "set up a solver");
  s.check(KSPGetPC(raw, &pc), "set up a solver");
  s.check(PCSetType(pc, PCNONE), "set up a solver");
  s.check(KSPSetTolerances(raw, options.tolerance, 0, PETSC_DEFAULT, most), "set up a solver");
  s.check(KSPSetComputeSingularValues(raw, PETSC_TRUE), "set up a solver");
  s.check(KSPSetFromOptions(raw), "take the options of a solver");
  return ksp;
}

void throw_unless_converged(KSP ksp) {
  KSPConvergedReason reason{};
  check(KSPGetConvergedReason(ksp, &reason), "say how it ended");
  if (reason > 0) return;
  const char* name = nullptr;
  PetscInt iterations = 0;
  double residual = 0;
  check(KSPGetConvergedReasonString(ksp, &name), "say how it ended");
  check(KSPGetIterationNumber(ksp, &iterations), "say how it ended");
  check(KSPGetResidualNorm(ksp, &residual), "say how it ended");
  throw NumericsError(
      "conjugate gradients did not converge",
      fmt::format("{} after {} iterations, residual {:.3g}", name, iterations, residual),
      "give a ridge, or more iterations by -ksp_max_it");
}

}  // namespace

CgReport solve(Gram& s, std::span<const double> b, std::span<double> x, const CgOptions& options) {
  std::vector<double> norms = column_norms(s, b);
  std::vector<double> inverse(norms.size());
  std::transform(norms.begin(), norms.end(), inverse.begin(),
                 [](double v) { return v > 0 ? 1 / v : 0; });
  std::vector<double> right(b.begin(), b.end());
  scale_columns(right, inverse);
  std::fill(x.begin(), x.end(), 0.0);

  const KspHandle ksp = solver(s, options);
  {
    const VecHandle from = s.borrow(right);
    const VecHandle to = s.borrow(x);
    s.check(KSPSolve(ksp.get(), from.get(), to.get()), "solve by conjugate gradients");
  }
  throw_unless_converged(ksp.get());
  CgReport report;
  PetscInt iterations = 0;
  check(KSPGetIterationNumber(ksp.get(), &iterations), "count iterations");
  report.iterations = iterations;
  check(KSPComputeExtremeSingularValues(ksp.get(), &report.largest, &report.smallest),
        "estimate the condition");

  std::vector<double> left(right.size());
  s.multiply(x, left);
  for (std::size_t i = 0; i < left.size(); ++i) left[i] -= right[i];
  const std::vector<double> residuals = column_norms(s, left);
  report.residual = *std::max_element(residuals.begin(), residuals.end());
  scale_columns(x, norms);
  return report;
}

}  // namespace driftwood::la
