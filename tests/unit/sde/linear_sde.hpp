// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A linear equation whose matrices do not commute, and its second moments.

#include <array>

#include "sde/concepts.hpp"

namespace driftwood::sde::test {

/// dX = A X dt + sum_k B_k X dW_k in two components with M noises, said to be of kind N.
template <int M, Noise N>
struct Linear {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = N;
  static constexpr int dim = 2;
  static constexpr int noise_dim = M;

  static constexpr double a[2][2] = {{-.7, .4}, {.1, -.5}};
  static constexpr double b[3][2][2] = {
      {{.5, .2}, {-.3, .1}}, {{.1, -.6}, {.4, .2}}, {{.2, .3}, {.1, -.4}}};

  template <class R>
  Vec<R, 2> drift(double, const Vec<R, 2>& x) const {
    return generate(x, [&](int i) { return R(a[i][0]) * x[0] + R(a[i][1]) * x[1]; });
  }
  template <class R>
  Mat<R, 2, M> diffusion(double, const Vec<R, 2>& x) const {
    Mat<R, 2, M> g;
    for (int i = 0; i < 2; ++i) {
      for (int k = 0; k < M; ++k) g(i, k) = R(b[k][i][0]) * x[0] + R(b[k][i][1]) * x[1];
    }
    return g;
  }
};

/// A linear map of the moments E[X_i X_j], row and column 2 i + j.
struct MomentMap {
  std::array<std::array<double, 4>, 4> value{};

  static MomentMap identity() {
    MomentMap out;
    for (std::size_t i = 0; i < 4; ++i) out.value[i][i] = 1;
    return out;
  }
  /// Adds `weight` times the Kronecker product of p and q.
  template <class P, class Q>
  void add(double weight, const P& p, const Q& q) {
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 4; ++j) {
        value[i][j] += weight * p[i / 2][j / 2] * q[i % 2][j % 2];
      }
    }
  }
  friend MomentMap operator*(const MomentMap& a, const MomentMap& b) {
    MomentMap out;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 4; ++j) {
        for (std::size_t k = 0; k < 4; ++k) out.value[i][j] += a.value[i][k] * b.value[k][j];
      }
    }
    return out;
  }
  [[nodiscard]] MomentMap power(int n) const {
    MomentMap out = identity();
    for (int i = 0; i < n; ++i) out = out * *this;
    return out;
  }
  /// The largest difference of two entries.
  [[nodiscard]] double distance(const MomentMap& other) const {
    double most = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 4; ++j) {
        most = std::max(most, std::abs(value[i][j] - other.value[i][j]));
      }
    }
    return most;
  }
};

/// The exact map over time 1: the exponential of L = A (x) I + I (x) A + sum_k B_k (x) B_k.
template <int M, Noise N>
MomentMap exact_moments(const Linear<M, N>& sde) {
  constexpr double unit[2][2] = {{1, 0}, {0, 1}};
  MomentMap generator;
  generator.add(1, sde.a, unit);
  generator.add(1, unit, sde.a);
  for (int k = 0; k < M; ++k) generator.add(1, sde.b[k], sde.b[k]);
  MomentMap sum = MomentMap::identity();
  MomentMap term = sum;
  for (int n = 1; n <= 40; ++n) {
    term = term * generator;
    for (auto& row : term.value) {
      for (double& v : row) v /= n;
    }
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 4; ++j) sum.value[i][j] += term.value[i][j];
    }
  }
  return sum;
}

/// The matrix of one step with the given noise.
template <class Step, class W>
std::array<std::array<double, 2>, 2> matrix_of(const Step& step, const W& w) {
  std::array<std::array<double, 2>, 2> out;
  for (int j = 0; j < 2; ++j) {
    const auto y = step(0.0, Vec<double, 2>{j == 0 ? 1.0 : 0.0, j == 0 ? 0.0 : 1.0}, w);
    for (int i = 0; i < 2; ++i)
      out[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] = y[i];
  }
  return out;
}

}  // namespace driftwood::sde::test
