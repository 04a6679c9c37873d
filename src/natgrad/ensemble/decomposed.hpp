// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

#include "natgrad/ensemble/blas.hpp"
#include "natgrad/ensemble/preconditioned.hpp"
#include "natgrad/ensemble/singular.hpp"
#include "natgrad/theory/bias_variance.hpp"

namespace driftwood::natgrad {

/// Every ridge and time of one design and preconditioner, by the eigenvalues s of K / n = U s U^T:
/// A = P X^T U f U^T / n with f = (1 - exp(-t (s + ridge))) / (s + ridge). Of fewer rows than
/// features K = X P X^T, of others R^T X^T X R with P = R R^T, of which I - A X = R U g U^T R^-1, g
/// = 1 - s f, is known without cancellation.
///
/// A prior costs one product of n^2 d operations; then a ridge or time takes n^2.
class Decomposed {
 public:
  void decompose(const Dense& x, std::span<const double> features, const Preconditioned& p,
                 const Design& of);

  /// Throws `NumericsError` where neither a ridge nor a time keeps a singular K from being
  /// inverted.
  [[nodiscard]] BiasVariance operator()(std::span<const double> features,
                                        std::span<const double> prior, double ridge, double time);

 private:
  /// What is kept of a prior.
  struct Known {
    std::vector<double> prior{};
    std::vector<double> learnt{};  ///< (n) how much of A X on the diagonal each eigenvalue brings
    Dense squares{};               ///< (n, n) S o (Y Sigma_theta Y^T)
    double null_risk = 0;          ///< tr(Sigma_X Sigma_theta)
  };

  void decompose_rows(const Dense& x, const Preconditioned& p);
  void decompose_features(const Dense& x, const Preconditioned& p);
  [[nodiscard]] const Known& known(std::span<const double> features, std::span<const double> prior);

  Design of_{};
  bool by_rows_ = true;           ///< n <= d
  std::vector<double> values_{};  ///< s
  Dense e_{};                     ///< A = E^T f ..., by rows of eigenvalues
  Dense y_{};                     ///< ... Y
  Dense s_{};                     ///< S = E Sigma_X E^T
  std::vector<Known> priors_{};
  std::vector<double> filter_{};
};

}  // namespace driftwood::natgrad
