// SPDX-License-Identifier: BSD-3-Clause
// Claim: a scheme is written once. The same equation as a field of fixed size and as one of
// run-time size takes the same paths, bit for bit, by every scheme.
#include <gtest/gtest.h>

#include <vector>

#include "sde/fields/basket.hpp"
#include "sde/fields/geometric_brownian_motion.hpp"
#include "sde/launch/make_propagator.hpp"
#include "support/kokkos_environment.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;

constexpr std::int64_t paths = 200;  // not a whole number of packs

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
R entry(const DiagonalBlock<R>& g, int i, int j) {
  return i == j ? g.value[i] : R(0);
}
template <class R>
Block<R> fma(const DiagonalBlock<R>& g, const Block<R>& w, const Block<R>& c) {
  return generate(c, [&](int i) { return fma(g.value[i], w[i], c[i]); });
}

struct RunTimeLogistic {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  int dim;
  int noise_dim;
  const double* sigma;
  double rate = 0.7;

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

std::vector<double> end_states(Propagator& propagator, int dim) {
  const Channels state("state", static_cast<std::size_t>(dim), 256);
  propagator.start({1000, paths});
  propagator.advance({0, 7});
  propagator.advance({7, 20});
  propagator.read(state);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state);
  std::vector<double> out;
  for (int i = 0; i < dim; ++i) {
    for (int p = 0; p < paths; ++p) out.push_back(host(i, p));
  }
  return out;
}

Kokkos::View<double*, Memory> upload(const std::vector<double>& values) {
  const Kokkos::View<double*, Memory> view("coefficients", values.size());
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t i = 0; i < values.size(); ++i) host(i) = values[i];
  Kokkos::deep_copy(view, host);
  return view;
}

constexpr PropagatorOptions options{1.0, 20, 5, paths};

template <class F, class B>
void expect_equal(const F& fixed, const B& run_time, const Kokkos::View<double*, Memory>& held,
                  const std::vector<double>& initial) {
  int compared = 0;
  for (const Precision precision : {Precision::double_, Precision::single_}) {
    for (const auto& scheme : schemes_for<F>()) {
      const auto one = make_propagator(fixed, initial, scheme, precision, options);
      const auto other = make_propagator(run_time, held, initial, scheme, precision, options);
      const auto expected = end_states(*one, F::dim);
      EXPECT_EQ(expected, end_states(*other, F::dim)) << scheme;
      EXPECT_NE(expected.front(), initial.front()) << scheme;
      EXPECT_EQ(expected, expected) << scheme << " gives NaN";
      ++compared;
    }
  }
  EXPECT_GE(compared, 8);
}

TEST(RunTimeSize, DiagonalNoiseTakesTheSamePaths) {
  const auto held = upload({0.5, 0.3, 0.1});
  expect_equal(FixedLogistic<3>{0.7, {0.5, 0.3, 0.1}}, RunTimeLogistic{3, 3, held.data()}, held,
               {0.5, 0.8, 1.2});
}

TEST(RunTimeSize, CommutativeNoiseTakesTheSamePaths) {
  const GeometricBrownianMotion<2> fixed{{0.05, 0.1}, {{0.2, 0}, {0.12, 0.16}}};
  const auto held =
      upload({0.05, 0.1, 0.2, 0, 0.12, 0.16, 0.2 * 0.2 / 2, (0.12 * 0.12 + 0.16 * 0.16) / 2});
  const double* c = held.data();
  expect_equal(fixed, Basket{2, 2, c, c + 2, c + 6}, held, {1.0, 2.0});
}
}  // namespace
