// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Levy areas A_ij = (int W_i dW_j - int W_j dW_i) / 2 over a step h, by the Fourier series of the
/// Brownian bridge B(t) = W(t) - (t/h) W = sum_r a_r (cos(2 pi r t/h) - 1) + b_r sin(2 pi r t/h)
/// with independent a_r, b_r ~ N(0, h / (2 pi^2 r^2)). Then
///
///     H    = (1/h) int B dt = -sum_r a_r
///     A_ij = H_i W_j - W_i H_j + pi sum_r r (a_ir b_jr - b_ir a_jr),
///
/// and what the first p terms leave out of both is replaced by normals of its variance, which makes
/// the mean square error O(h^2 / p^2): Kloeden and Platen (1992), section 5.8; Wiktorsson (2001);
/// Mrongowius and Roessler (2022).

#include "base/block.hpp"
#include "random/normal.hpp"

namespace driftwood::random {

/// One value for each pair i < j of the components of V, in the order (0,1), (0,2), ..., (1,2), ...
template <class V>
struct Pairs;
template <class R, int M>
struct Pairs<Vec<R, M>> {
  Vec<R, (M > 1 ? M * (M - 1) / 2 : 1)> value;
};
template <class R>
struct Pairs<Block<R>> {
  Block<R> value;
};
template <class R, int M>
KOKKOS_FORCEINLINE_FUNCTION Pairs<Vec<R, M>> pairs(const Vec<R, M>&) {
  return {};
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Pairs<Block<R>> pairs(const Block<R>& like) {
  return {take<R>(like, like.size() * (like.size() - 1) / 2)};
}

/// A_kj with its sign, from the pairs k < j of m components; zero for k = j.
template <class V>
KOKKOS_FORCEINLINE_FUNCTION lane_of<V> levy_area(const Pairs<V>& areas, int k, int j, int m) {
  using R = lane_of<V>;
  if (k == j) return R(0);
  const int low = k < j ? k : j;
  const int high = k < j ? j : k;
  const R area = areas.value[low * (2 * m - low - 1) / 2 + high - low - 1];
  return k < j ? area : -area;
}

/// A_ij over two adjacent intervals, from those of both and their increments of W.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R join_areas(const R& left, const R& right, const R& left_i,
                                         const R& left_j, const R& right_i, const R& right_j) {
  const R between = left_i * right_j - right_i * left_j;
  return left + right + R(value_of<R>(0.5)) * between;
}

/// How many terms of the series are summed, and what is left. With none, areas are drawn from the
/// normal law that `conditional_area` gives.
struct LevyTerms {
  int count = 1;
  double rest = 0.6449340668482264;  ///< sum of 1/r^2 over r > count

  LevyTerms() = default;
  explicit LevyTerms(int terms) : count(terms), rest(1.6449340668482264) {  // pi^2 / 6
    for (int r = 1; r <= terms; ++r) rest -= 1.0 / (static_cast<double>(r) * r);
  }

  /// A_ij from the sum of its first terms and a standard normal.
  template <class V, class R>
  KOKKOS_FORCEINLINE_FUNCTION R close(double h, const R& sum, const R& normal, const V& w,
                                      const V& area, int i, int j) const {
    using T = value_of<R>;
    const R all = fma(R(T(::sqrt(2 * rest))), normal, sum);
    const R bent = area[i] * w[j] - w[i] * area[j];
    return fma(R(T(h * 0.15915494309189535)), all, bent);  // h / (2 pi)
  }
};

/// A_ij from a standard normal, with the mean H_i W_j - W_i H_j and the variance
/// h^2 / 20 + (h / 5) (H_i^2 + H_j^2) that it has given W and H. Enough for expectations; paths
/// converge no better than without areas. Foster, Lyons and Oberhauser (2020), "An optimal
/// polynomial approximation of Brownian motion".
template <class V, class R>
KOKKOS_FORCEINLINE_FUNCTION R conditional_area(double h, const R& normal, const V& w, const V& area,
                                               int i, int j) {
  using T = value_of<R>;
  const R squares = fma(area[i], area[i], area[j] * area[j]);
  const R variance = fma(R(T(h / 5)), squares, R(T(h * h / 20)));
  return fma(sqrt(variance), normal, area[i] * w[j] - w[i] * area[j]);
}

/// Adds up the series for one step.
template <class V>
struct LevySeries {
  using R = lane_of<V>;
  using T = value_of<R>;

  V cosine;  ///< of the present term, standard normals
  V sine;
  V sum;  ///< of cosines over r

  KOKKOS_FORCEINLINE_FUNCTION void start(const V& like, Pairs<V>& areas) {
    cosine = uninitialized(like);
    sine = uninitialized(like);
    sum = generate(like, [&](int) { return R(0); });
    for (int i = 0; i < areas.value.size(); ++i) areas.value[i] = R(0);
  }
  KOKKOS_FORCEINLINE_FUNCTION void add(int r, Pairs<V>& areas) {
    const R weight(T(1.0 / r));
    int pair = 0;
    for (int i = 0; i < sum.size(); ++i) {
      sum[i] = fma(weight, cosine[i], sum[i]);
      for (int j = i + 1; j < sum.size(); ++j, ++pair) {
        const R product = cosine[i] * sine[j] - sine[i] * cosine[j];
        areas.value[pair] = fma(weight, product, areas.value[pair]);
      }
    }
  }
  KOKKOS_FORCEINLINE_FUNCTION void close(const LevyTerms& terms, int k, const R& normal) {
    sum[k] = fma(R(T(::sqrt(terms.rest))), normal, sum[k]);
  }
  KOKKOS_FORCEINLINE_FUNCTION void write_area(double h, V& area) const {
    const R scale(T(-::sqrt(h / 2) * 0.3183098861837907));  // sqrt(h / 2) / pi
    for (int k = 0; k < sum.size(); ++k) area[k] = scale * sum[k];
  }
};

}  // namespace driftwood::random
