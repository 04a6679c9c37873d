// SPDX-License-Identifier: BSD-3-Clause
// Claim: as in run_time_size_test.cpp, for diagonal noise.
#include "run_time_size.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;
using namespace driftwood::sde::test;

/// dX_i = rate X_i (1 - X_i) dt + sigma_i X_i dW_i: diagonal noise, in both forms.
template <int N>
struct FixedLogistic {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  static constexpr int dim = N;
  static constexpr int noise_dim = N;
  double rate = 0.7;
  double sigma[N];

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, N> drift(double, const Vec<R, N>& x) const {
    const R r(static_cast<value_of<R>>(rate));
    return generate(x, [&](int i) { return r * x[i] * (R(1) - x[i]); });
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, N> diffusion(double, const Vec<R, N>& x) const {
    Diagonal<R, N> g;
    for (int i = 0; i < N; ++i) g[i] = R(static_cast<value_of<R>>(sigma[i])) * x[i];
    return g;
  }
};

template <class R>
struct DiagonalBlock {
  Block<R> value;
};
template <class R>
KOKKOS_FUNCTION R entry(const DiagonalBlock<R>& g, int i, int j) {
  return i == j ? g.value[i] : R(0);
}
template <class R>
KOKKOS_FUNCTION Block<R> fma(const DiagonalBlock<R>& g, const Block<R>& w, const Block<R>& c) {
  return generate(c, [&](int i) { return fma(g.value[i], w[i], c[i]); });
}

struct RunTimeLogistic {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  int dim;
  int noise_dim;
  const double* sigma;
  double rate = 0.7;
  int parameters = 0;
  const double* parameter = nullptr;

  template <class R>
  KOKKOS_FUNCTION RunTimeLogistic with(const Block<R>&) const {
    return *this;
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Block<R> drift(double, const Block<R>& x) const {
    const R r(static_cast<value_of<R>>(rate));
    return generate(x, [&](int i) { return r * x[i] * (R(1) - x[i]); });
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION DiagonalBlock<R> diffusion(double, const Block<R>& x) const {
    return {generate(x, [&](int i) { return R(static_cast<value_of<R>>(sigma[i])) * x[i]; })};
  }
};

TEST(RunTimeSize, DiagonalNoiseTakesTheSamePaths) {
  const auto held = on_device<double>("numbers", {0.5, 0.3, 0.1});
  expect_equal(FixedLogistic<3>{0.7, {0.5, 0.3, 0.1}}, RunTimeLogistic{3, 3, held.data()}, held,
               {0.5, 0.8, 1.2});
}
}  // namespace
