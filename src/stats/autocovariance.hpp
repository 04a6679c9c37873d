// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "stats/chain_draws.hpp"

namespace driftwood::stats {

/// Autocovariances of chains of one length, sum_i (x_i - mean)(x_{i+t} - mean) / n for the lags
/// t = 0 ... n - 1: the biased estimate, which Geyer (1992) recommends.
///
/// By Fourier transforms padded with zeros, O(n log n) per chain (FFTW 3). Their plans are
/// estimated, not measured, so that results are the same in every run. One object serves one thread
/// at a time. Objects may be made and destroyed in several threads, but not while the program uses
/// FFTW's planner by itself, which is not thread safe.
class Autocovariance {
 public:
  /// Of chains with n draws. Throws `Error` for n < 1.
  explicit Autocovariance(std::int64_t draws);
  ~Autocovariance();
  Autocovariance(Autocovariance&&) noexcept;
  Autocovariance& operator=(Autocovariance&&) noexcept;

  /// Of every chain by itself, of shape (chains, lags). Throws `Error` for chains of another
  /// length.
  [[nodiscard]] std::vector<double> of_each(const ChainDraws& x);

  /// Their mean over the chains, of shape (lags), by one transform back. Throws `Error` for chains
  /// of another length, or none.
  [[nodiscard]] std::vector<double> mean(const ChainDraws& x);

 private:
  class Transform;
  std::unique_ptr<Transform> transform_;
};

/// The mean of a chain, exact where its draws are equal: the first draw and the mean distance from
/// it. NaN for no draws.
[[nodiscard]] double chain_mean(std::span<const double> chain);

}  // namespace driftwood::stats
