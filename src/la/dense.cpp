// SPDX-License-Identifier: BSD-3-Clause
#include "la/dense.hpp"

// clang-format off
#include <petscsys.h>  // which the other needs
#include <petscblaslapack.h>
// clang-format on

#include <algorithm>

namespace driftwood::la {
namespace {

PetscBLASInt as_int(std::size_t n) { return static_cast<PetscBLASInt>(n); }

}  // namespace

void multiply(const DenseView& x, const DenseView& y, double* to, std::size_t stride, double b) {
  const double one = 1;
  const PetscBLASInt step = 1;
  const PetscBLASInt ldx = as_int(std::max(x.stride, std::size_t{1}));
  const PetscBLASInt ldy = as_int(std::max(y.stride, std::size_t{1}));
  const PetscBLASInt ldto = as_int(std::max(stride, std::size_t{1}));
  const char form_x = x.is_transposed ? 'T' : 'N';
  const char form_y = y.is_transposed ? 'T' : 'N';
  if (y.columns == 1 && !y.is_transposed) {
    const PetscBLASInt rows = as_int(x.rows);
    const PetscBLASInt columns = as_int(x.columns);
    BLASgemv_(&form_x, &rows, &columns, &one, x.values, &ldx, y.values, &step, &b, to, &step);
    return;
  }
  const PetscBLASInt m = as_int(x.is_transposed ? x.columns : x.rows);
  const PetscBLASInt k = as_int(x.is_transposed ? x.rows : x.columns);
  const PetscBLASInt n = as_int(y.is_transposed ? y.rows : y.columns);
  BLASgemm_(&form_x, &form_y, &m, &n, &k, &one, x.values, &ldx, y.values, &ldy, &b, to, &ldto);
}

}  // namespace driftwood::la
