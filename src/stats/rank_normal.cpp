// SPDX-License-Identifier: BSD-3-Clause
#include "stats/rank_normal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace driftwood::stats {
namespace {

using Coefficients = std::array<double, 8>;  // from the constant upwards

double polynomial(const Coefficients& c, double x) {
  double sum = 0;
  for (std::size_t i = c.size(); i-- > 0;) sum = sum * x + c[i];
  return sum;
}

// Three rational approximations: of the middle, of tails, of far tails.
constexpr Coefficients middle_above = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                       1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                       4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                       3.3430575583588128105e+4, 2.5090809287301226727e+3};
constexpr Coefficients middle_below = {1,
                                       4.2313330701600911252e+1,
                                       6.8718700749205790830e+2,
                                       5.3941960214247511077e+3,
                                       2.1213794301586595867e+4,
                                       3.9307895800092710610e+4,
                                       2.8729085735721942674e+4,
                                       5.2264952788528545610e+3};
constexpr Coefficients tail_above = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                     5.76949722146069140550e0,  3.64784832476320460504e0,
                                     1.27045825245236838258e0,  2.41780725177450611770e-1,
                                     2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr Coefficients tail_below = {1,
                                     2.05319162663775882187e0,
                                     1.67638483018380384940e0,
                                     6.89767334985100004550e-1,
                                     1.48103976427480074590e-1,
                                     1.51986665636164571966e-2,
                                     5.47593808499534494600e-4,
                                     1.05075007164441684324e-9};
constexpr Coefficients far_above = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                    1.78482653991729133580e0,  2.96560571828504891230e-1,
                                    2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                    2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr Coefficients far_below = {1,
                                    5.99832206555887937690e-1,
                                    1.36929880922735805310e-1,
                                    1.48753612908506148525e-2,
                                    7.86869131145613259100e-4,
                                    1.84631831751005468180e-5,
                                    1.42151175831644588870e-7,
                                    2.04426310338993978564e-15};

}  // namespace

double normal_quantile(double p) {
  if (!(p >= 0 && p <= 1)) return std::numeric_limits<double>::quiet_NaN();
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(middle_above, r) / polynomial(middle_below, r);
  }
  const double tail = q < 0 ? p : 1 - p;
  if (tail == 0) return std::copysign(std::numeric_limits<double>::infinity(), q);
  const double r = std::sqrt(-std::log(tail));
  const double x = r <= 5 ? polynomial(tail_above, r - 1.6) / polynomial(tail_below, r - 1.6)
                          : polynomial(far_above, r - 5) / polynomial(far_below, r - 5);
  return std::copysign(x, q);
}

std::vector<Placed> sort_with_places(std::span<const double> x) {
  std::vector<Placed> sorted(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) sorted[i] = {x[i], static_cast<std::int64_t>(i)};
  std::sort(sorted.begin(), sorted.end(), [](const Placed& a, const Placed& b) {
    return a.value < b.value || (a.value == b.value && a.place < b.place);
  });
  return sorted;
}

std::vector<Placed> folded(std::span<const Placed> sorted, double centre) {
  const auto middle =
      std::lower_bound(sorted.begin(), sorted.end(), centre,
                       [](const Placed& item, double value) { return item.value < value; });
  auto below = std::make_reverse_iterator(middle);  // away from the centre, as `above`
  auto above = middle;
  std::vector<Placed> result;
  result.reserve(sorted.size());
  while (below != sorted.rend() || above != sorted.end()) {
    const bool take_below =
        above == sorted.end() ||
        (below != sorted.rend() && centre - below->value < above->value - centre);
    const Placed& item = take_below ? *below++ : *above++;
    result.push_back({std::abs(item.value - centre), item.place});
  }
  return result;
}

double median(std::span<const Placed> sorted) {
  const std::size_t n = sorted.size();
  return n % 2 == 1 ? sorted[n / 2].value : (sorted[n / 2 - 1].value + sorted[n / 2].value) / 2;
}

double interpolated_quantile(std::span<const Placed> sorted, double p) {
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const double low = sorted[below].value;
  if (below + 1 >= sorted.size()) return low;
  const double part = position - static_cast<double>(below);
  return low + part * (sorted[below + 1].value - low);
}

std::vector<double> average_ranks(std::span<const Placed> sorted) {
  std::vector<double> ranks(sorted.size());
  for (std::size_t first = 0; first < sorted.size();) {
    std::size_t end = first + 1;
    while (end < sorted.size() && sorted[end].value == sorted[first].value) ++end;
    const double rank = static_cast<double>(first + 1 + end) / 2;
    for (; first < end; ++first) ranks[static_cast<std::size_t>(sorted[first].place)] = rank;
  }
  return ranks;
}

std::vector<double> average_ranks(std::span<const double> x) {
  return average_ranks(sort_with_places(x));
}

std::vector<double> normal_scores(std::span<const Placed> sorted) {
  const double total = static_cast<double>(sorted.size()) + 0.25;
  auto scores = average_ranks(sorted);
  for (double& r : scores) r = normal_quantile((r - 0.375) / total);
  return scores;
}

std::vector<double> normal_scores(std::span<const double> x) {
  return normal_scores(sort_with_places(x));
}

}  // namespace driftwood::stats
