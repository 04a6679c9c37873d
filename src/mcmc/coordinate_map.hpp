// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "mcmc/coordinates.hpp"
#include "mcmc/preconditioner.hpp"

namespace driftwood::mcmc {

/// How the coordinates z that samplers move make the coordinates x that targets see, of one lane of
/// chains: x = scale z, or x = L z with a lower triangle L, see `Preconditioner`. A view. O(dim),
/// or O(dim^2).
struct CoordinateMap {
  /// Rows and columns of L are padded with zeros to multiples of this: so many are taken at once.
  static constexpr int group = 8;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION static constexpr int padded(int dim) {
    return (dim + group - 1) / group * group;
  }

  const double* scale = nullptr;   ///< (dim)
  const double* factor = nullptr;  ///< (padded dim, padded dim) by rows; null: none

  /// Fills x, whose memory is not that of z.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION void apply(const Coordinates<R>& z, const Coordinates<R>& x) const {
    if (factor != nullptr) {
      apply_factor(z, x);
      return;
    }
    for (int i = 0; i < z.size(); ++i) x.set(i, R(scale[i]) * z[i]);
  }
  /// Of a gradient by x makes that by z.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION void pull_back(const Coordinates<R>& gradient) const {
    if (factor != nullptr) {
      pull_back_factor(gradient);
      return;
    }
    for (int i = 0; i < gradient.size(); ++i) gradient.set(i, R(scale[i]) * gradient[i]);
  }
  /// Component i of the gradient by z, of one by x with the components by_x(j).
  template <class R, class F>
  KOKKOS_FORCEINLINE_FUNCTION R pulled_back(int i, int dim, const F& by_x) const {
    if (factor == nullptr) return R(scale[i]) * by_x(i);
    R sum(0);
    for (int j = i; j < dim; ++j) sum = fma(R(factor[j * padded(dim) + i]), by_x(j), sum);
    return sum;
  }
  /// Fills z, whose memory may be that of x.
  template <class R>
  KOKKOS_FUNCTION void solve(const Coordinates<R>& x, const Coordinates<R>& z) const {
    if (factor == nullptr) {
      for (int i = 0; i < x.size(); ++i) z.set(i, x[i] / R(scale[i]));
      return;
    }
    for (int i = 0; i < x.size(); ++i) {
      const double* const row = factor + i * padded(x.size());
      R rest = x[i];
      for (int j = 0; j < i; ++j) rest = fma(R(-row[j]), z[j], rest);
      z.set(i, rest / R(row[i]));
    }
  }

 private:
  template <class R>
  KOKKOS_FUNCTION void apply_factor(const Coordinates<R>& z, const Coordinates<R>& x) const {
    const int stride = padded(z.size());
    for (int i = 0; i < z.size(); i += group) {
      R sum[group] = {R(0), R(0), R(0), R(0), R(0), R(0), R(0), R(0)};
      const double* const rows = factor + i * stride;
      const int end = least(i + group, z.size());
      for (int j = 0; j < end; ++j) {
        const R zj = z[j];
        for (int k = 0; k < group; ++k) sum[k] = fma(R(rows[k * stride + j]), zj, sum[k]);
      }
      for (int k = 0; i + k < end; ++k) x.set(i + k, sum[k]);
    }
  }
  template <class R>
  KOKKOS_FUNCTION void pull_back_factor(const Coordinates<R>& g) const {
    const int stride = padded(g.size());
    for (int i = 0; i < g.size(); i += group) {  // which needs none of those before
      R sum[group] = {R(0), R(0), R(0), R(0), R(0), R(0), R(0), R(0)};
      for (int j = i; j < g.size(); ++j) {
        const R gj = g[j];
        const double* const some = factor + j * stride + i;
        for (int k = 0; k < group; ++k) sum[k] = fma(R(some[k]), gj, sum[k]);
      }
      const int end = least(i + group, g.size());
      for (int k = 0; i + k < end; ++k) g.set(i + k, sum[k]);
    }
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION static int least(int a, int b) { return a < b ? a : b; }
};

/// The factor as maps take it; empty where there is none.
[[nodiscard]] inline std::vector<double> padded_factor(const Preconditioner& by) {
  if (by.factor.empty()) return {};
  const std::size_t dim = by.scale.size();
  const auto stride = static_cast<std::size_t>(CoordinateMap::padded(static_cast<int>(dim)));
  std::vector<double> out(stride * stride);
  for (std::size_t i = 0; i < dim; ++i) {
    for (std::size_t j = 0; j <= i; ++j) out[i * stride + j] = by.factor[i * dim + j];
  }
  return out;
}

}  // namespace driftwood::mcmc
