// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace driftwood::stats {

/// Paths whose moments are taken together, and the leaf of the merge tree.
inline constexpr std::int64_t block_paths = 4096;

/// Where the numbers of a flat record of moments lie.
///
/// A record describes some set of paths at every output time. Per time it holds `stride()` doubles:
///
///     n | mean[K] | M2[K] | M3[K] | M4[K] | co-moments[C (C - 1) / 2]
///
/// where n counts the finite paths (one count for all channels), the K = C + F channels are the C
/// state components followed by the F formulas, Mp is the sum of (x - mean)^p, and the co-moment of
/// components i < j is the sum of (x_i - mean_i)(x_j - mean_j): the upper triangle, row by row.
struct MomentLayout {
  std::int64_t times = 0;
  std::int64_t components = 0;
  std::int64_t formulas = 0;
  bool covariance = true;  ///< false: no co-moments

  [[nodiscard]] constexpr std::int64_t channels() const { return components + formulas; }
  [[nodiscard]] constexpr std::int64_t pairs() const {
    return covariance ? components * (components - 1) / 2 : 0;
  }

  /// Doubles per time, and in a whole record.
  [[nodiscard]] constexpr std::int64_t stride() const { return 1 + 4 * channels() + pairs(); }
  [[nodiscard]] constexpr std::int64_t size() const { return times * stride(); }

  // Offsets within the doubles of one time.
  [[nodiscard]] static constexpr std::int64_t count() { return 0; }
  [[nodiscard]] static constexpr std::int64_t mean(std::int64_t channel) { return 1 + channel; }
  /// The central sum Mp of a channel, for p = 2, 3, 4.
  [[nodiscard]] constexpr std::int64_t central(int p, std::int64_t channel) const {
    return 1 + (p - 1) * channels() + channel;
  }
  /// The co-moment of components i < j.
  [[nodiscard]] constexpr std::int64_t comoment(std::int64_t i, std::int64_t j) const {
    return 1 + 4 * channels() + i * (2 * components - i - 1) / 2 + (j - i - 1);
  }

  friend bool operator==(const MomentLayout&, const MomentLayout&) = default;
};

/// Merges the record of one set of paths into that of another, disjoint one: left <- left + right.
///
/// Chan, Golub & LeVeque (1983) for M2; Pebay (2008), SAND2008-6212, for M3, M4 and co-moments.
/// With d = mean_r - mean_l and w = n_l / n, v = n_r / n, the deviations from the merged mean are
/// those from the old means shifted by -v d and w d; expanding their powers gives
///
///     M2 = M2_l + M2_r + d^2 n_l v
///     M3 = M3_l + M3_r + d^3 n_l v (w - v) + 3 d (w M2_r - v M2_l)
///     M4 = M4_l + M4_r + d^4 n_l v (w^2 - w v + v^2) + 6 d^2 (w^2 M2_r + v^2 M2_l)
///          + 4 d (w M3_r - v M3_l)
///     C  = C_l + C_r + d_i d_j n_l v
///
/// A side with n = 0 at some time is the identity there, bit for bit. Not associative in floating
/// point: whoever merges fixes the order (`MergeTree`). Throws `Error` when a length is not the
/// layout's.
void merge_moments(const MomentLayout& layout, std::span<double> left,
                   std::span<const double> right);

/// `merge_moments` as a value, for `MergeTree<double, MomentMerge>`.
struct MomentMerge {
  MomentLayout layout;
  void operator()(std::span<double> left, std::span<const double> right) const {
    merge_moments(layout, left, right);
  }
};

/// Statistics of a group of channels, each of shape (times, channels of the group).
struct MomentTable {
  std::vector<double> mean;
  std::vector<double> variance;        ///< unbiased, M2 / (n - 1); NaN for n < 2
  std::vector<double> standard_error;  ///< of the mean, sqrt(variance / n)
  std::vector<double> skewness;        ///< the moment estimator g1 = (M3 / n) / (M2 / n)^(3/2)
  std::vector<double> kurtosis;        ///< n M4 / M2^2: not the excess, 3 for a normal distribution
};

/// What a record says once all blocks are merged.
///
/// Skewness and kurtosis are NaN where the values do not vary: M2 = 0, or a standard deviation
/// below the rounding error of the mean. Everything is NaN where n = 0.
struct MomentSummary {
  std::vector<double> count;          ///< finite paths (times)
  MomentTable components;             ///< (times, components)
  std::vector<MomentTable> formulas;  ///< one per formula (times)
  std::vector<double> covariance;     ///< unbiased (times, components, components), or empty
};

/// Standard error of the mean of n values with squared deviations m2, of which each independent one
/// is there `copies` times.
[[nodiscard]] double error_of_mean(double n, double m2, int copies);

/// Throws `Error` when the record's length is not the layout's.
[[nodiscard]] MomentSummary summarise(const MomentLayout& layout, std::span<const double> record);

}  // namespace driftwood::stats
