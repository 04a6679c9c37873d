// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace driftwood::stats {

/// The x for which a standard normal is below x with probability p, to about 1e-15 of itself:
/// Wichura (1988), algorithm AS 241, PPND16. -inf and inf for p = 0 and 1; NaN outside [0, 1].
[[nodiscard]] double normal_quantile(double p);

/// A value, and its place among the values that were sorted.
struct Placed {
  double value;
  std::int64_t place;
};

/// The values in increasing order, equal ones by their place. None may be NaN.
[[nodiscard]] std::vector<Placed> sort_with_places(std::span<const double> x);

/// |x - centre| in increasing order, from the x in increasing order, in linear time.
[[nodiscard]] std::vector<Placed> folded(std::span<const Placed> sorted, double centre);

/// The median of n > 0 sorted values: the mean of the two in the middle of an even number.
[[nodiscard]] double median(std::span<const Placed> sorted);

/// The p-quantile, p in [0, 1], of n > 0 sorted values, interpolated linearly between those at the
/// positions about (n - 1) p, from 0 (Hyndman & Fan 1996, definition 7).
[[nodiscard]] double interpolated_quantile(std::span<const Placed> sorted, double p);

/// Ranks of sorted values, from 1, where equal values share the mean of their ranks. Entry i is of
/// the value at place i; the places are 0 to n - 1. No value may be NaN.
[[nodiscard]] std::vector<double> average_ranks(std::span<const Placed> sorted);
[[nodiscard]] std::vector<double> average_ranks(std::span<const double> x);

/// Normal scores z = Phi^-1((r - 3/8) / (n + 1/4)) of the average ranks r: Blom (1958), as in
/// Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), eq. 14. Ordered as `average_ranks`.
[[nodiscard]] std::vector<double> normal_scores(std::span<const Placed> sorted);
[[nodiscard]] std::vector<double> normal_scores(std::span<const double> x);

}  // namespace driftwood::stats
