// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/ensemble/blas.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"

// Fortran's names; lengths of characters come last, as compilers of Fortran pass them.
extern "C" {
void dgemm_(const char* of_x, const char* of_y, const int* m, const int* n, const int* k,
            const double* a, const double* x, const int* ldx, const double* y, const int* ldy,
            const double* b, double* to, const int* ldto, std::size_t, std::size_t);
void dsyrk_(const char* uplo, const char* form, const int* n, const int* k, const double* a,
            const double* x, const int* ldx, const double* b, double* to, const int* ldto,
            std::size_t, std::size_t);
void dtrsm_(const char* side, const char* uplo, const char* form, const char* diagonal,
            const int* m, const int* n, const double* a, const double* x, const int* ldx,
            double* to, const int* ldto, std::size_t, std::size_t, std::size_t, std::size_t);
void dtrmm_(const char* side, const char* uplo, const char* form, const char* diagonal,
            const int* m, const int* n, const double* a, const double* x, const int* ldx,
            double* to, const int* ldto, std::size_t, std::size_t, std::size_t, std::size_t);
void dsymv_(const char* uplo, const int* n, const double* a, const double* s, const int* lds,
            const double* x, const int* incx, const double* b, double* y, const int* incy,
            std::size_t);
void dpotrf_(const char* uplo, const int* n, double* x, const int* ldx, int* info, std::size_t);
void dpstrf_(const char* uplo, const int* n, double* x, const int* ldx, int* order, int* rank,
             const double* least, double* work, int* info, std::size_t);
void dtrtri_(const char* uplo, const char* diagonal, const int* n, double* x, const int* ldx,
             int* info, std::size_t, std::size_t);
void dsyevd_(const char* job, const char* uplo, const int* n, double* x, const int* ldx, double* w,
             double* work, const int* lwork, int* iwork, const int* liwork, int* info, std::size_t,
             std::size_t);
}

namespace driftwood::natgrad::blas {
namespace {

constexpr char lower_triangle = 'L';
constexpr char any_diagonal = 'N';
constexpr int together = 1;

int as_int(std::size_t n) { return static_cast<int>(n); }

}  // namespace

void hold_one_thread() {
  const auto tell = [](const char* name) {
    // Nothing that is linked says which BLAS the loader finds.
    void* const found = dlsym(RTLD_DEFAULT, name);
    if (found != nullptr) reinterpret_cast<void (*)(int)>(found)(1);
  };
  for (const char* name :
       {"openblas_set_num_threads", "MKL_Set_Num_Threads", "bli_thread_set_num_threads"}) {
    tell(name);
  }
}

void multiply(Form of_x, const Dense& x, Form of_y, const Dense& y, Dense& to, double a, double b) {
  const bool turned = of_x == Form::transposed;
  const int m = as_int(turned ? x.columns() : x.rows());
  const int k = as_int(turned ? x.rows() : x.columns());
  const int n = as_int(of_y == Form::transposed ? y.rows() : y.columns());
  if (b == 0) to.shape(static_cast<std::size_t>(m), static_cast<std::size_t>(n));
  const char form_x = static_cast<char>(of_x);
  const char form_y = static_cast<char>(of_y);
  const int ldx = as_int(x.rows());
  const int ldy = as_int(y.rows());
  dgemm_(&form_x, &form_y, &m, &n, &k, &a, x.data(), &ldx, y.data(), &ldy, &b, to.data(), &m, 1, 1);
}

void square(Form form, const Dense& x, Dense& to, double a, double b) {
  const bool turned = form == Form::transposed;
  const std::size_t size = turned ? x.columns() : x.rows();
  if (b == 0) to.shape(size, size);
  const int n = as_int(size);
  const int k = as_int(turned ? x.rows() : x.columns());
  const int ldx = as_int(x.rows());
  const char form_x = static_cast<char>(form);
  dsyrk_(&lower_triangle, &form_x, &n, &k, &a, x.data(), &ldx, &b, to.data(), &n, 1, 1);
}

std::size_t factor(Dense& x) {
  const int n = as_int(x.rows());
  int info = 0;
  dpotrf_(&lower_triangle, &n, x.data(), &n, &info, 1);
  return static_cast<std::size_t>(std::max(info, 0));
}

std::size_t factor_by_pivots(Dense& x, double least, std::vector<std::size_t>& order) {
  const int n = as_int(x.rows());
  double largest = 0;
  for (std::size_t k = 0; k < x.rows(); ++k) largest = std::max(largest, x(k, k));
  std::vector<int> pivots(x.rows());
  std::vector<double> work(2 * x.rows());
  const double bound = least * largest;
  int rank = 0;
  int info = 0;
  dpstrf_(&lower_triangle, &n, x.data(), &n, pivots.data(), &rank, &bound, work.data(), &info, 1);
  order.clear();
  for (const int p : pivots) order.push_back(static_cast<std::size_t>(p - 1));
  return static_cast<std::size_t>(rank);
}

void solve(Side side, Form form, const Dense& lower, Dense& to) {
  const int m = as_int(to.rows());
  const int n = as_int(to.columns());
  const int ld = as_int(lower.rows());
  const double one = 1;
  const char from = static_cast<char>(side);
  const char form_l = static_cast<char>(form);
  dtrsm_(&from, &lower_triangle, &form_l, &any_diagonal, &m, &n, &one, lower.data(), &ld, to.data(),
         &m, 1, 1, 1, 1);
}

void multiply_by_triangle(Side side, Form form, const Dense& lower, Dense& to) {
  const int m = as_int(to.rows());
  const int n = as_int(to.columns());
  const int ld = as_int(lower.rows());
  const double one = 1;
  const char from = static_cast<char>(side);
  const char form_l = static_cast<char>(form);
  dtrmm_(&from, &lower_triangle, &form_l, &any_diagonal, &m, &n, &one, lower.data(), &ld, to.data(),
         &m, 1, 1, 1, 1);
}

void invert_triangle(Dense& lower) {
  const int n = as_int(lower.rows());
  int info = 0;
  dtrtri_(&lower_triangle, &any_diagonal, &n, lower.data(), &n, &info, 1, 1);
}

void decompose(Dense& x, std::vector<double>& eigenvalues) {
  if (x.rows() > most_decomposed) {
    throw NumericsError(
        fmt::format("eigenvalues of a matrix of {} rows are not to be had", x.rows()),
        fmt::format("LAPACK takes {} at most", most_decomposed));
  }
  const int n = as_int(x.rows());
  eigenvalues.resize(x.rows());
  const char with_vectors = 'V';
  int info = 0;
  double best_work = 0;
  int best_iwork = 0;
  int size = -1;  // asks how much it takes
  dsyevd_(&with_vectors, &lower_triangle, &n, x.data(), &n, eigenvalues.data(), &best_work, &size,
          &best_iwork, &size, &info, 1, 1);
  std::vector<double> work(static_cast<std::size_t>(best_work));
  std::vector<int> iwork(static_cast<std::size_t>(best_iwork));
  const int lwork = as_int(work.size());
  const int liwork = as_int(iwork.size());
  dsyevd_(&with_vectors, &lower_triangle, &n, x.data(), &n, eigenvalues.data(), work.data(), &lwork,
          iwork.data(), &liwork, &info, 1, 1);
  if (info != 0) throw NumericsError("LAPACK found no eigenvalues (dsyevd did not converge)");
}

double quadratic(const Dense& symmetric, std::span<const double> x) {
  const int n = as_int(x.size());
  const double one = 1;
  const double zero = 0;
  std::vector<double> y(x.size());
  dsymv_(&lower_triangle, &n, &one, symmetric.data(), &n, x.data(), &together, &zero, y.data(),
         &together, 1);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

}  // namespace driftwood::natgrad::blas
