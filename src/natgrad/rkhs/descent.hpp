// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "natgrad/ensemble/blas.hpp"
#include "natgrad/ensemble/draw.hpp"

namespace driftwood::natgrad {

/// One descent in a reproducing kernel Hilbert space:
///
///     f <- f - eta P (Sigma_hat f - S*_hat y),
///
/// P the identity, or (Sigma + alpha I)^-1, or the same of the operator of some unlabelled inputs.
struct DescentMethod {
  std::size_t target = 0;       ///< which coefficients labels have
  std::optional<double> alpha;  ///< none: P is the identity
  std::size_t unlabelled = 0;   ///< inputs that Sigma is estimated from; 0: it is known
};

/// Runs several of them on one design. In coordinates theta_j = c_j / sqrt(mu_j) of a function with
/// coefficients c, Sigma_hat = M^1/2 E^T E M^1/2 / n with the waves E (n, J) of the inputs and M =
/// diag(mu), and all descents take a step together, by matrix products.
class Descents {
 public:
  /// With eigenvalues mu, and coefficients (target, J).
  Descents(std::vector<double> mu, std::vector<std::vector<double>> targets);

  /// Draws n uniform inputs and normal noise of labels.
  void draw(const DesignKey& key, std::size_t n, double noise_sd);

  /// The risk |f_t - f*|^2 in L2 after t = 0 ... steps steps of each method, (method, t), from f =
  /// 0. The step is eta = step over the largest eigenvalue of P Sigma_hat, that to six digits by
  /// power iteration. Throws `NumericsError` where an estimate of Sigma + alpha I is singular.
  [[nodiscard]] std::vector<double> risks(const std::vector<DescentMethod>& methods, double step,
                                          std::int64_t steps);

 private:
  /// to = Sigma_hat x.
  void apply_covariance(const Dense& x, Dense& to);
  /// x_k = P_k x_k for every column.
  void precondition(const std::vector<DescentMethod>& methods, Dense& x) const;
  void factor_estimates(const std::vector<DescentMethod>& methods);
  [[nodiscard]] std::vector<double> largest(const std::vector<DescentMethod>& methods);
  [[nodiscard]] Dense right_sides(const std::vector<DescentMethod>& methods) const;

  std::vector<double> mu_;
  std::vector<double> roots_;
  std::vector<std::vector<double>> targets_;
  DesignKey key_;
  Dense waves_;                ///< (n, J) E M^1/2
  std::vector<double> noise_;  ///< (n)
  Dense covariance_;           ///< (J, J) Sigma_hat, where that is cheaper
  bool has_covariance_ = false;
  Dense inner_;
  std::vector<Dense> factors_;  ///< of each method, Cholesky's of what its P inverts, or empty
};

}  // namespace driftwood::natgrad
