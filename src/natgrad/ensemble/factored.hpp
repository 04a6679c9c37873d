// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

#include "natgrad/ensemble/blas.hpp"
#include "natgrad/ensemble/preconditioned.hpp"
#include "natgrad/ensemble/singular.hpp"

namespace driftwood::natgrad {

/// What an estimator makes of one design: theta = A y.
struct Losses {
  std::vector<double> bias;  ///< (d) (I - A X)^T Sigma_X (I - A X) on its diagonal
  double variance = 0;       ///< tr[Sigma_X A A^T]
};

/// One ridge (or none), to the end of the flow, by Cholesky factors of K = X P X^T + n ridge. With
/// W = L^-1 X, K = L L^T, and S = W P Sigma_X P W^T = C C^T,
///
///     A X = P W^T W,  bias_j = x_j - 2 x_j (A X)_jj + |C^T w_j|^2,  variance = |L^-T C|^2,
///
/// which costs 4 n^2 d + 5/3 n^3 operations with a diagonal P.
class Factored {
 public:
  /// Of rows X (n, d), n <= d, of features with covariance diag(features). Throws `NumericsError`
  /// where K is singular.
  void compute(const Dense& x, std::span<const double> features, const Preconditioned& p,
               double ridge, const Design& of, Losses& out);

 private:
  /// S = tau I, as P Sigma_X = tau I and there is no ridge.
  void finish_white(std::span<const double> features, double tau, Losses& out);
  void finish(std::span<const double> features, Losses& out);

  Dense k_{};                     ///< K, then L
  Dense w_{};                     ///< (n, d) L^-1 X
  Dense e_{};                     ///< (n, d) L^-1 X P, then times the roots of Sigma_X
  Dense s_{};                     ///< S, then C
  std::vector<double> learnt_{};  ///< (d) (A X)_jj
};

/// As many rows as features or more, no ridge, to the end: least squares, whatever P. The variance,
/// tr[Sigma_X (X^T X)^-1]; there is no bias. Throws `NumericsError` where X^T X is singular.
[[nodiscard]] double least_squares_variance(const Dense& x, std::span<const double> features,
                                            const Design& of);

}  // namespace driftwood::natgrad
