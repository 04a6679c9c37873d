// SPDX-License-Identifier: BSD-3-Clause
#include "la/gram.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/error.hpp"
#include "la/session.hpp"

namespace driftwood::la {

Gram::Gram(DesignOperator& design, std::span<const double> p, double ridge, std::size_t columns)
    : design_(design), scales_(p.begin(), p.end()), ridge_(ridge), columns_(columns) {
  if (p.size() != design.d()) throw Error("a preconditioner and a design differ in features");
  if (columns == 0 ||
      design.n() > static_cast<std::size_t>(std::numeric_limits<PetscInt>::max()) / columns) {
    throw UsageError(fmt::format("PETSc cannot hold {} vectors of {}", columns, design.n()), {},
                     "solve for fewer at once");
  }
  features_.resize(design.d() * columns);
  for (double& scale : scales_) scale /= static_cast<double>(design.n());
  const auto own = static_cast<PetscInt>(size());
  const auto all = static_cast<PetscInt>(design.n() * columns);
  Mat shell = nullptr;
  la::check(MatCreateShell(ranks_of(design.comm()), own, own, all, all, this, &shell),
            "make a matrix");
  shell_ = MatHandle(shell);
  la::check(MatShellSetOperation(shell, MATOP_MULT, reinterpret_cast<void (*)()>(&Gram::mat_mult)),
            "make a matrix");
  la::check(MatSetOption(shell, MAT_SYMMETRIC, PETSC_TRUE), "make a matrix");
  la::check(MatSetOption(shell, MAT_SYMMETRY_ETERNAL, PETSC_TRUE), "make a matrix");
}

void Gram::multiply(std::span<const double> from, std::span<double> to) {
  const std::size_t d = design_.d();
  design_.transposed_times(from, columns_, features_);
  for (std::size_t c = 0; c < columns_; ++c) {
    double* const column = features_.data() + c * d;
    for (std::size_t j = 0; j < d; ++j) column[j] *= scales_[j];
  }
  design_.times(features_, columns_, to);
  if (ridge_ != 0) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += ridge_ * from[i];
  }
  ++products_;
}

PetscErrorCode Gram::mat_mult(Mat shell, Vec from, Vec to) noexcept {
  void* context = nullptr;
  if (const PetscErrorCode code = MatShellGetContext(shell, static_cast<void*>(&context));
      code != 0) {
    return code;
  }
  auto& self = *static_cast<Gram*>(context);
  const double* x = nullptr;
  double* y = nullptr;
  if (const PetscErrorCode code = VecGetArrayRead(from, &x); code != 0) return code;
  if (const PetscErrorCode code = VecGetArrayWrite(to, &y); code != 0) return code;
  // No exception may pass through PETSc.
  try {
    self.multiply({x, self.size()}, {y, self.size()});
  } catch (...) {
    self.failure_ = std::current_exception();
  }
  VecRestoreArrayWrite(to, &y);
  VecRestoreArrayRead(from, &x);
  return self.failure_ ? PETSC_ERR_USER : 0;
}

void Gram::check(PetscErrorCode code, std::string_view doing) {
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  la::check(code, doing);
}

VecHandle Gram::borrow(std::span<const double> values) const {
  Vec out = nullptr;
  la::check(VecCreateMPIWithArray(ranks_of(design_.comm()), 1, static_cast<PetscInt>(values.size()),
                                  PETSC_DECIDE, values.data(), &out),
            "borrow a vector");
  return VecHandle(out);
}

}  // namespace driftwood::la
