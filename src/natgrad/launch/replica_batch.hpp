// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/lane.hpp"
#include "natgrad/ensemble/draw.hpp"
#include "natgrad/theory/bias_variance.hpp"

namespace driftwood::natgrad {

/// Many small designs at once, a team of threads each, where kernels run: what `Replica` computes
/// of them by BLAS one after the other, for preconditioners that are fixed and flows that have come
/// to their end. Of n <= d rows, some 500 at most: a factor is not shared by teams.
///
/// On the host `Replica` is faster.
class ReplicaBatch {
 public:
  /// Of n rows of features with covariance diag(features). Throws `UsageError` where there are more
  /// rows than features, or none.
  ReplicaBatch(std::size_t n, std::span<const double> features,
               FeatureLaw law = FeatureLaw::normal);

  /// Bias and variance (designs, priors) of the designs first.replica, first.replica + 1, ..., with
  /// the eigenvalues p of P and a ridge. Throws `NumericsError` for the first design whose X P X^T
  /// is singular, and `UsageError` where an eigenvalue or the ridge is out of range.
  [[nodiscard]] std::vector<BiasVariance> operator()(
      const DesignKey& first, std::size_t designs, std::span<const double> p, double ridge,
      const std::vector<std::vector<double>>& priors) const;

  /// What is held of a design while it is computed [bytes].
  [[nodiscard]] std::size_t bytes_of_design() const;

 private:
  std::size_t n_;
  std::vector<double> features_;
  FeatureLaw law_;
};

}  // namespace driftwood::natgrad
