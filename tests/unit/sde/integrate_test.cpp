// SPDX-License-Identifier: BSD-3-Clause
// Claims: what becomes of a path depends on its id alone. Bitwise, for shuffled ids, for one lane
// and packs, and however the steps are cut.
#include "sde/integrate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "sde/convert.hpp"
#include "sde/fields/double_well.hpp"
#include "sde/fields/geometric_brownian_motion.hpp"
#include "sde/fields/heston.hpp"
#include "sde/fields/ornstein_uhlenbeck.hpp"
#include "sde/launch/field_propagator.hpp"
#include "sde/schemes.hpp"
#include "support/kokkos_environment.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;

constexpr random::GridBrownian noise{99, 0.01};

template <class S, class F, class R>
void follow(const F& field, const Steps& steps, const std::uint64_t* ids, Vec<R, F::dim>& x) {
  using Field = FieldFor<S, With<F, R>>;
  const PathParameters<F, value_of<R>> parameters(
      field, {}, States<value_of<R>>("none", 1, static_cast<std::size_t>(width_of<R>)));
  const typename S::template Step<Field> step{Field{parameters.template field<R>(0)}, noise.step};
  Carried<S, Vec<R, F::dim>> state{};
  state.x = x;
  if constexpr (CarriesState<S>) state.carried = x;
  integrate<S, Field>(step, PathNoise<R>{noise, random::Ids<R>::from(ids)}, NoiseVec<F, R>{}, steps,
                      state);
  x = state.x;
}

template <class T, int N>
Vec<T, N> start() {
  Vec<T, N> x;
  for (int i = 0; i < N; ++i) x[i] = T(1) / static_cast<T>(i + 2);
  return x;
}

/// End states by packs of shuffled ids, sorted by id again, and one path at a time.
template <class S, class F, class T>
void expect_lanes_do_not_matter(const F& field) {
  using R = Lane<T>;
  constexpr std::size_t width = width_of<R>;
  constexpr std::size_t paths = 8 * width;
  std::vector<std::uint64_t> ids(paths);
  for (std::size_t i = 0; i < paths; ++i) ids[i] = i;
  std::shuffle(ids.begin(), ids.end(), std::mt19937_64(5));

  std::vector<T> packed(paths * F::dim);
  for (std::size_t p = 0; p < paths; p += width) {
    Vec<R, F::dim> x;
    const auto x0 = start<T, F::dim>();
    for (int i = 0; i < F::dim; ++i) x[i] = R(x0[i]);
    follow<S, F, R>(field, {0, 37}, &ids[p], x);
    for (std::size_t i = 0; i < F::dim; ++i) {
      std::array<T, width> lanes;
      store_lanes(lanes.data(), x[static_cast<int>(i)]);
      for (std::size_t l = 0; l < width; ++l) packed[ids[p + l] * F::dim + i] = lanes[l];
    }
  }
  for (std::uint64_t id = 0; id < paths; ++id) {
    auto x = start<T, F::dim>();
    follow<S, F, T>(field, {0, 37}, &id, x);
    for (std::size_t i = 0; i < F::dim; ++i) {
      ASSERT_EQ(packed[id * F::dim + i], x[static_cast<int>(i)]) << "path " << id;
    }
  }
}

TEST(Integrate, ShuffledIdsInPacksGiveTheBitsOfSinglePaths) {
  const GeometricBrownianMotion<double, 3> basket{
      {0.05, 0.1, 0.02}, {0.2, 0.3, 0.25}, {{1, 0, 0}, {0.6, 0.8, 0}, {0, -0.28, 0.96}}};
  expect_lanes_do_not_matter<EulerMaruyama, Heston<>, double>({});
  expect_lanes_do_not_matter<EulerMaruyama, Heston<>, float>({});
  expect_lanes_do_not_matter<EulerMaruyama, GeometricBrownianMotion<double, 3>, double>(basket);
  expect_lanes_do_not_matter<Exact, GeometricBrownianMotion<double, 3>, float>(basket);
  expect_lanes_do_not_matter<Exact, OrnsteinUhlenbeck<>, double>({});
  expect_lanes_do_not_matter<Milstein, Heston<>, double>({});
  expect_lanes_do_not_matter<Sriw1, OrnsteinUhlenbeck<>, float>({});
  expect_lanes_do_not_matter<ThetaEulerMaruyama, DoubleWell<>, double>({});
  expect_lanes_do_not_matter<TamedEulerMaruyama, DoubleWell<>, float>({});
  expect_lanes_do_not_matter<MilsteinDerivativeFree, DoubleWell<>, double>({});
  expect_lanes_do_not_matter<Heun, Heston<>, double>({});
  expect_lanes_do_not_matter<ReversibleHeun, Heston<>, float>({});
  expect_lanes_do_not_matter<Sosra, OrnsteinUhlenbeck<>, double>({});
  expect_lanes_do_not_matter<Spark, Heston<>, double>({});
  expect_lanes_do_not_matter<SplitStepBackwardEuler, DoubleWell<>, float>({});
  expect_lanes_do_not_matter<ImplicitMilstein, Heston<>, double>({});
  expect_lanes_do_not_matter<WeakEuler, Heston<>, float>({});
  expect_lanes_do_not_matter<Dri1, GeometricBrownianMotion<double, 3>, double>(basket);
}

template <class T>
void expect_cuts_do_not_matter() {
  const Heston<> field;
  const std::uint64_t id = 1234;
  auto whole = start<T, 2>();
  follow<EulerMaruyama, Heston<>, T>(field, {0, 101}, &id, whole);
  std::mt19937_64 engine(6);
  for (int round = 0; round < 50; ++round) {
    auto cut = start<T, 2>();
    std::int64_t at = 0;
    while (at < 101) {
      const std::int64_t next =
          std::min<std::int64_t>(101, at + std::uniform_int_distribution<>(0, 9)(engine));
      follow<EulerMaruyama, Heston<>, T>(field, {at, next}, &id, cut);
      at = next;
    }
    ASSERT_EQ(cut[0], whole[0]);
    ASSERT_EQ(cut[1], whole[1]);
  }
}

TEST(Integrate, StepsMayBeCutAnywhere) {
  expect_cuts_do_not_matter<double>();
  expect_cuts_do_not_matter<float>();
}
}  // namespace
