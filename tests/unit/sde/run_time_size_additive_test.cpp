// SPDX-License-Identifier: BSD-3-Clause
// Claim: as in run_time_size_test.cpp, for additive noise.
#include "run_time_size.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;
using namespace driftwood::sde::test;

/// dX_1 = (X_2 - X_1) dt + sigma_11 cos t dW_1, dX_2 = (X_1 - X_2^3) dt + sigma_21 t dW_1 +
/// sigma_22 dW_2: noise that depends on time.
struct FixedChain {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::additive;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 2;
  double sigma[2][2];

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(double, const Vec<R, 2>& x) const {
    return {x[1] - x[0], x[0] - x[1] * x[1] * x[1]};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Lower<R, 2> diffusion(double t, const Vec<R, 2>&) const {
    using T = value_of<R>;
    return {{{R(T(sigma[0][0] * ::cos(t)))}, {R(T(sigma[1][0] * t)), R(T(sigma[1][1]))}}};
  }
};

struct RunTimeNoise {
  double value[2][2];
};
template <class R>
KOKKOS_FUNCTION Block<R> fma(const RunTimeNoise& g, const Block<R>& w, const Block<R>& c) {
  using T = value_of<R>;
  return generate(c, [&](int i) {
    R sum = c[i];
    for (int j = 0; j <= i; ++j) sum = fma(R(T(g.value[i][j])), w[j], sum);
    return sum;
  });
}
[[maybe_unused]] KOKKOS_FUNCTION double entry(const RunTimeNoise& g, int i, int j) {
  return g.value[i][j];
}

struct RunTimeChain {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::additive;
  int dim;
  int noise_dim;
  const double* sigma;
  int parameters = 0;
  const double* parameter = nullptr;

  template <class R>
  KOKKOS_FUNCTION RunTimeChain with(const Block<R>&) const {
    return *this;
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Block<R> drift(double, const Block<R>& x) const {
    const auto out = uninitialized(x);
    out[0] = x[1] - x[0];
    out[1] = x[0] - x[1] * x[1] * x[1];
    return out;
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION RunTimeNoise diffusion(double t, const Block<R>&) const {
    return {{{sigma[0] * ::cos(t), 0}, {sigma[2] * t, sigma[3]}}};
  }
};

TEST(RunTimeSize, AdditiveNoiseTakesTheSamePaths) {
  const auto held = on_device<double>("numbers", {0.5, 0, 0.3, 0.4});
  expect_equal(FixedChain{{{0.5, 0}, {0.3, 0.4}}}, RunTimeChain{2, 2, held.data()}, held,
               {0.5, 0.8});
}
}  // namespace
