// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "natgrad/advice/table.hpp"

namespace driftwood::natgrad {

/// A number, and what 95 % of its posterior are between.
struct Estimated {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// What labels say of the signal behind them, in the scale of theory: predicting 0 has risk 1.
struct Signal {
  std::vector<double> prior;  ///< (d) eigenvalues of Sigma_theta, mean[prior t] = 1
  double noise = 0;           ///< variance of what is no linear function of the features
};

/// Labels y = X theta + noise, theta ~ N(0, c Sigma^r), noise ~ N(0, sigma^2): (r, c, sigma^2) by
/// their marginal likelihood, on a grid of r from -2 to 2 and of the ratio of signal to noise from
/// 10^-4 to 10^3, both uniform before the data; sigma^2 in closed form. In the eigenbasis of the
/// rows' covariance, where the eigenvalues t of the population are taken in their order.
///
/// Given these theta is normal. Means of theta_i^2 take the place of c t_i^r where labels are
/// enough to tell, so that a signal of any shape is seen.
class Evidence {
 public:
  Evidence(const AdviceRows& of, std::span<const double> population);

  /// Of the posterior mean of theta_i^2 and the noise at its mean.
  [[nodiscard]] const Signal& signal() const { return signal_; }
  /// Of the labels' variance what is the signal's and what is the noise's; together 1.
  [[nodiscard]] double signal_share() const { return signal_share_; }
  [[nodiscard]] double noise_share() const { return 1 - signal_share_; }
  /// noise / signal
  [[nodiscard]] const Estimated& noise() const { return noise_; }
  /// r
  [[nodiscard]] const Estimated& alignment() const { return alignment_; }
  /// Posterior draw number `i`: a function of the seed and i.
  [[nodiscard]] Signal draw(std::uint64_t seed, std::size_t i) const;

 private:
  /// One cell of the grid.
  struct Cell {
    double alignment;
    double ratio;   ///< of signal to noise
    double noise;   ///< sigma^2 where it is likeliest
    double weight;  ///< posterior
  };

  [[nodiscard]] double log_likelihood(Cell& cell) const;
  void weigh();
  void summarise();
  /// Variance of theta_i before labels are seen, over sigma^2.
  [[nodiscard]] double prior_of(const Cell& cell, double scale, std::size_t i) const;
  /// What makes the ratio of signal to noise that of the cell.
  [[nodiscard]] double scale_of(const Cell& cell) const;
  /// Normalises.
  [[nodiscard]] Signal scaled(std::vector<double> squares, double noise) const;

  std::vector<double> sample_;      ///< (d) of the rows
  std::vector<double> population_;  ///< (d) t
  std::vector<double> powers_;      ///< (alignments, d) t^r
  std::vector<double> moments_;     ///< (alignments) sum of t^(1 + r)
  std::vector<double> projected_;   ///< (d) u_i^T y
  double rest_ = 0;                 ///< |y|^2 outside their span
  double rows_ = 0;
  std::vector<Cell> cells_;
  Signal signal_{};
  double signal_share_ = 0;
  Estimated noise_{};
  Estimated alignment_{};
};

}  // namespace driftwood::natgrad
