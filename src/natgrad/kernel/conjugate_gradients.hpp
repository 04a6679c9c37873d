// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "comm/communicator.hpp"
#include "natgrad/kernel/kernel.hpp"
#include "natgrad/kernel/ridge.hpp"

namespace driftwood::natgrad {

/// An approximate inverse of K + shift I from some rows, the centres: with K' = K_nc K_cc^-1 K_cn =
/// B B^T of rank m (Nystroem), (K' + shift I)^-1 = (I - B (B^T B + shift I)^-1 B^T) / shift.
/// Centres that others span to rounding are left out. Takes n m numbers.
class NystroemInverse {
 public:
  /// The first `centres` rows, which should be in random order.
  NystroemInverse(const Kernel& kernel, const Points& points, std::size_t centres);

  /// For another shift, above 0.
  void set_shift(double shift);
  /// v (n, k) becomes (K' + shift I)^-1 v.
  void apply(Dense& v) const;
  /// tr (K' + shift I)^-1.
  [[nodiscard]] double trace() const;
  [[nodiscard]] std::size_t rank() const { return b_.columns(); }

 private:
  Dense b_;       ///< (n, m)
  Dense square_;  ///< B^T B, its lower triangle
  Dense factor_;  ///< of B^T B + shift I
  double shift_ = 0;
};

struct IterationLimits {
  double tolerance = 1e-10;  ///< of |K a + shift a - y| / |y|, for every column of y
  std::int64_t iterations = 1000;
};

/// Kernel ridge regression by conjugate gradients, preconditioned with Nystroem's approximation
/// (Rudi, Carratino and Rosasco 2017). K is never there: its tiles are made anew for every product,
/// n^2 kernels an iteration, which ranks share; a rank holds O(n m) numbers. All columns of labels
/// are solved for together. The same bits on any number of ranks.
class ConjugateGradients {
 public:
  ConjugateGradients(const comm::Communicator& comm, const Kernel& kernel, const Points& points,
                     std::size_t centres);

  struct Fit {
    Dense coefficients;           ///< (n, k)
    std::int64_t iterations = 0;  ///< products with K
    double residual = 0;          ///< the largest of a column, relative
  };
  /// Collective. Throws `NumericsError` where it takes
  /// more iterations than it may.
  [[nodiscard]] Fit operator()(const Dense& y, double shift, const IterationLimits& limits);

  /// tr (K + shift I)^-1 for the shift of the last fit, from `solved` = (K + shift I)^-1 probes,
  /// columns of independent signs: the exact trace of the preconditioner and the mean of what the
  /// probes see beyond it (Hutchinson 1990).
  struct Trace {
    double value = 0;
    double standard_error = 0;  ///< NaN for a single probe
  };
  [[nodiscard]] Trace inverse_trace(const Dense& probes, const Dense& solved) const;

  [[nodiscard]] std::size_t rank() const { return inverse_.rank(); }

 private:
  /// K v. Collective.
  [[nodiscard]] Dense times_kernel(const Dense& v) const;

  const comm::Communicator& comm_;
  const Kernel& kernel_;
  const Points& points_;
  NystroemInverse inverse_;
};

}  // namespace driftwood::natgrad
