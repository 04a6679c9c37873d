// SPDX-License-Identifier: BSD-3-Clause
#include "la/cholesky.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/error.hpp"
#include "la/dense.hpp"
#include "la/session.hpp"

namespace driftwood::la {

Cholesky::Cholesky(DesignOperator& design, std::span<const double> p, double ridge)
    : design_(design) {
  form(p, ridge);
  factor();
  look_at_pivots();
}

void Cholesky::form(std::span<const double> p, double ridge) {
  const std::size_t n = design_.n();
  const std::size_t d = design_.d();
  const std::size_t own = design_.own();
  const auto local = static_cast<PetscInt>(own);
  const auto all = static_cast<PetscInt>(n);
  Mat s = nullptr;
  check(MatCreateDense(ranks_of(design_.comm()), local, local, all, all, nullptr, &s),
        "form a matrix of all rows");
  s_ = MatHandle(s);
  double* values = nullptr;
  check(MatDenseGetArrayWrite(s, &values), "form a matrix of all rows");
  // Columns of S by blocks of rows, which any rank can draw: nothing is sent.
  std::vector<double> others(std::min(design_.block(), n) * d);
  for (std::size_t first = 0; first < n; first += design_.block()) {
    const std::size_t m = std::min(design_.block(), n - first);
    design_.fill_rows(static_cast<std::int64_t>(first), m, others.data());
    for (std::size_t j = 0; j < d; ++j) {
      const double scale = p[j] / static_cast<double>(n);
      for (std::size_t i = 0; i < m; ++i) others[i + j * m] *= scale;
    }
    design_.for_each_block([&](std::size_t at, std::size_t rows, const double* x) {
      multiply(
          {.values = x, .rows = rows, .columns = d, .stride = rows},
          {.values = others.data(), .rows = m, .columns = d, .stride = m, .is_transposed = true},
          values + at + first * own, own, 0);
    });
  }
  for (std::size_t i = 0; i < own; ++i) {
    values[i + (static_cast<std::size_t>(design_.share().first) + i) * own] += ridge;
  }
  check(MatDenseRestoreArrayWrite(s, &values), "form a matrix of all rows");
  check(MatAssemblyBegin(s, MAT_FINAL_ASSEMBLY), "form a matrix of all rows");
  check(MatAssemblyEnd(s, MAT_FINAL_ASSEMBLY), "form a matrix of all rows");
}

void Cholesky::factor() {
  if (design_.comm().size() > 1) {
    Mat cyclic = nullptr;
    check(MatConvert(s_.get(), MATSCALAPACK, MAT_INITIAL_MATRIX, &cyclic),
          "share out a matrix for ScaLAPACK");
    s_ = MatHandle(cyclic);
  } else {
    // else LAPACK is asked for a factor of indefinite matrices
    check(MatSetOption(s_.get(), MAT_SPD, PETSC_TRUE), "factor a matrix");
  }
  try {
    check(MatCholeskyFactor(s_.get(), nullptr, nullptr), "factor the matrix X P X^T / n");
  } catch (const Error& error) {
    throw NumericsError(error.what(), {},
                        "give a ridge, or features and a preconditioner with more directions than "
                        "rows");
  }
}

void Cholesky::look_at_pivots() {
  Vec raw = nullptr;
  check(MatCreateVecs(s_.get(), &raw, nullptr), "look at pivots");
  const VecHandle diagonal(raw);
  check(MatGetDiagonal(s_.get(), raw), "look at pivots");
  PetscInt at = 0;
  check(VecMin(raw, &at, &least_), "look at pivots");
  least_at_ = static_cast<std::size_t>(at);
  check(VecMax(raw, nullptr, &largest_), "look at pivots");
  least_ *= least_;
  largest_ *= largest_;
}

void Cholesky::solve(std::span<const double> b, std::span<double> x, std::size_t columns) {
  const auto ranks = static_cast<std::size_t>(design_.comm().size());
  // ScaLAPACK wants as many columns on each rank: some more of zeros.
  const std::size_t each = (columns + ranks - 1) / ranks;
  std::vector<double> padded(design_.own() * each * ranks, 0.0);
  std::copy(b.begin(), b.end(), padded.begin());
  const auto made = [&](const auto& make) {
    Mat out = nullptr;
    check(make(&out), "share out vectors");
    return MatHandle(out);
  };
  MatHandle right = made([&](Mat* out) {
    return MatCreateDense(ranks_of(design_.comm()), static_cast<PetscInt>(design_.own()),
                          static_cast<PetscInt>(each), static_cast<PetscInt>(design_.n()),
                          static_cast<PetscInt>(each * ranks), padded.data(), out);
  });
  const auto convert = [&](const MatHandle& of, MatType type) {
    return made([&](Mat* out) { return MatConvert(of.get(), type, MAT_INITIAL_MATRIX, out); });
  };
  if (ranks > 1) right = convert(right, MATSCALAPACK);
  MatHandle left =
      made([&](Mat* out) { return MatDuplicate(right.get(), MAT_DO_NOT_COPY_VALUES, out); });
  check(MatMatSolve(s_.get(), right.get(), left.get()), "solve by a factor");
  if (ranks > 1) left = convert(left, MATDENSE);
  const double* values = nullptr;
  check(MatDenseGetArrayRead(left.get(), &values), "read a solution");
  std::copy_n(values, x.size(), x.begin());
  check(MatDenseRestoreArrayRead(left.get(), &values), "read a solution");
}

}  // namespace driftwood::la
