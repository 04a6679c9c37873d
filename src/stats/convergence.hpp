// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "stats/chain_draws.hpp"

/// Whether chains agree, and how much they know: after Vehtari, Gelman, Simpson, Carpenter &
/// Buerkner (2021), Bayesian Analysis 16, 667, as in Stan's package `posterior`.
///
/// Unless it says otherwise, a function takes the draws of one coordinate, of shape (chains,
/// draws), without warm-up, and works on the half chains, so that one chain is enough. It gives NaN
/// where there are fewer than 4 draws per chain, where one is not finite, and where all are equal,
/// and throws `Error` where there are not chains x draws values.
namespace driftwood::stats {

/// Split R-hat, sqrt(((n - 1) / n W + B / n) / W) of half chains with n draws: W is the mean of
/// their variances, B / n the variance of their means. 1 where chains agree; infinite where each
/// half chain is constant but not all are the same.
[[nodiscard]] double split_rhat(const ChainDraws& x);

/// Split R-hat of normal scores: `bulk` of the draws, which sees locations that differ, `folded` of
/// their distances from the median, which sees scales that differ.
struct RankRhat {
  double bulk;
  double folded;

  /// The larger one, which is what is reported; NaN if either is.
  [[nodiscard]] double value() const { return bulk > folded || !(bulk == bulk) ? bulk : folded; }
};
[[nodiscard]] RankRhat rank_rhat(const ChainDraws& x);

/// Nested R-hat, for many short chains: `superchains` groups of as many consecutive chains, each
/// group from a common start. sqrt(1 + B / W), B the variance of the groups' means, W the mean over
/// groups of the variance of chain means and the mean variance within a chain (Margossian, Hoffman,
/// Sountsov, Riou-Durand, Vehtari & Gelman 2024, Bayesian Analysis).
///
/// Of whole chains, and defined from 1 draw per chain on: then, or with groups of 1 chain, the
/// variance that there cannot be counts as 0. NaN for fewer than 2 groups. Throws `Error` where the
/// chains are not a multiple of `superchains`.
[[nodiscard]] double nested_rhat(const ChainDraws& x, std::int64_t superchains);

/// Effective sample sizes: of how many independent draws the mean would have the same variance.
///
/// S draws count as S / tau, tau = 1 + 2 (sum of autocorrelations), with autocorrelations from all
/// half chains together, 1 - (W - mean autocovariance) / V, which count what separates chains as
/// correlation. The sum ends by Geyer's (1992) initial monotone sequence of positive pairs, and tau
/// is at least 1 / log10(S). Half chains of fewer than 6 draws are too short for that, and tau is
/// 2; NaN for fewer than 3.
/// @{
[[nodiscard]] double ess_mean(const ChainDraws& x);  ///< of the draws
[[nodiscard]] double ess_bulk(const ChainDraws& x);  ///< of their normal scores: of any location
/// Of the p-quantile: of the indicators of x <= q, q the interpolated quantile of all draws. NaN
/// where these are all equal, as for p = 1. Throws `Error` for p outside [0, 1].
[[nodiscard]] double ess_quantile(const ChainDraws& x, double p);
/// The smaller of those of the quantiles 0.05 and 0.95; NaN if either is.
[[nodiscard]] double ess_tail(const ChainDraws& x);
[[nodiscard]] double ess_sd(const ChainDraws& x);  ///< of squared distances from the mean
/// @}

/// tau = S / `ess_mean` [draws].
[[nodiscard]] double autocorrelation_time(const ChainDraws& x);

/// Monte Carlo standard errors of what all draws together estimate.
/// @{
[[nodiscard]] double mcse_mean(const ChainDraws& x);  ///< sd / sqrt(ess_mean)
/// Of the standard deviation, by its first-order dependence on the second moment (Kenney & Keeping
/// 1951): sqrt((m4 - m2^2) / (4 m2 ess_sd)) with central moments m.
[[nodiscard]] double mcse_sd(const ChainDraws& x);
/// Of the p-quantile: half the distance between two order statistics, at the probabilities that are
/// the quantiles Phi(-1) and Phi(1) of the law Beta(e p + 1, e (1 - p) + 1), e = ess_quantile.
/// Throws `Error` for p outside [0, 1].
[[nodiscard]] double mcse_quantile(const ChainDraws& x, double p);
/// @}

/// Energy fraction of missing information of each chain of energies, sum (E_i - E_{i-1})^2 over
/// sum (E_i - mean)^2 (Betancourt 2016, arXiv:1604.00695), of shape (chains). Below about 0.3
/// momenta move the energy too little from one draw to the next. NaN as above, chain by chain.
[[nodiscard]] std::vector<double> e_bfmi(const ChainDraws& energies);

/// What is said of a coordinate by default.
struct ChainSummary {
  double mean;
  double sd;        ///< sample standard deviation of all draws, by S - 1
  double q5;        ///< interpolated quantile 0.05 of all draws
  double median;    ///< likewise
  double q95;       ///< likewise, 0.95
  double mcse;      ///< Monte Carlo standard error of the mean
  double rhat;      ///< the larger part of `rank_rhat`
  double ess_bulk;  ///< as `ess_bulk`
  double ess_tail;  ///< as `ess_tail`
};

/// All of it, with one sort and one Fourier transform per half chain and series. The entries have
/// the bits of the functions above; mean, sd and quantiles are also given where diagnostics are
/// NaN, if all draws are finite and there are any, sd from 2 draws on.
[[nodiscard]] ChainSummary summarise(const ChainDraws& x);

}  // namespace driftwood::stats
