// SPDX-License-Identifier: BSD-3-Clause
// Claim: as in run_time_size_test.cpp, for general noise.
#include "run_time_size.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;
using namespace driftwood::sde::test;

/// dX = A X dt + sum_k B_k X o dW_k with three matrices that do not commute: two components and
/// three noises, in the sense of Stratonovich. `matrices` holds A, B_1, B_2, B_3 by rows.
struct FixedLinear {
  static constexpr Calculus calculus = Calculus::stratonovich;
  static constexpr Noise noise = Noise::general;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 3;
  double matrices[16];

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(double, const Vec<R, 2>& x) const {
    return generate(x, [&](int i) { return row(0, i, x); });
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Mat<R, 2, 3> diffusion(double, const Vec<R, 2>& x) const {
    Mat<R, 2, 3> g;
    for (int i = 0; i < 2; ++i) {
      for (int k = 0; k < 3; ++k) g(i, k) = row(k + 1, i, x);
    }
    return g;
  }

 private:
  template <class X>
  KOKKOS_FORCEINLINE_FUNCTION lane_of<X> row(int matrix, int i, const X& x) const {
    using R = lane_of<X>;
    using T = value_of<R>;
    const double* m = matrices + 4 * matrix + 2 * i;
    return fma(R(T(m[0])), x[0], R(T(m[1])) * x[1]);
  }
};

template <class R>
struct LinearNoise {
  const double* matrices;
  Block<R> x;
};
template <class R>
KOKKOS_FUNCTION R entry(const LinearNoise<R>& g, int i, int k) {
  using T = value_of<R>;
  const double* m = g.matrices + 4 * k + 2 * i;
  return fma(R(T(m[0])), g.x[0], R(T(m[1])) * g.x[1]);
}
template <class R>
KOKKOS_FUNCTION Block<R> fma(const LinearNoise<R>& g, const Block<R>& w, const Block<R>& c) {
  return generate(c, [&](int i) {
    R sum = c[i];
    for (int k = 0; k < w.size(); ++k) sum = fma(entry(g, i, k), w[k], sum);
    return sum;
  });
}

struct RunTimeLinear {
  static constexpr Calculus calculus = Calculus::stratonovich;
  static constexpr Noise noise = Noise::general;
  int dim;
  int noise_dim;
  const double* matrices;
  int parameters = 0;
  const double* parameter = nullptr;

  template <class R>
  KOKKOS_FUNCTION RunTimeLinear with(const Block<R>&) const {
    return *this;
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Block<R> drift(double, const Block<R>& x) const {
    return generate(x, [&](int i) { return entry(LinearNoise<R>{matrices, x}, i, 0); });
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION LinearNoise<R> diffusion(double, const Block<R>& x) const {
    return {matrices + 4, x};
  }
};

TEST(RunTimeSize, GeneralNoiseTakesTheSamePaths) {
  const FixedLinear fixed{
      {-0.7, 0.4, 0.1, -0.5, 0.5, 0.2, -0.3, 0.1, 0.1, -0.6, 0.4, 0.2, 0.2, 0.3, 0.1, -0.4}};
  const auto held =
      on_device<double>("linear", {std::begin(fixed.matrices), std::end(fixed.matrices)});
  expect_equal(fixed, RunTimeLinear{2, 3, held.data()}, held, {1.0, -0.5});
}
}  // namespace
