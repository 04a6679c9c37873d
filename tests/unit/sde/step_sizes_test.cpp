// SPDX-License-Identifier: BSD-3-Clause
// Claims: a step of its own size and at its own time in every lane is, bit for bit, the step that
// the path of that lane takes alone.
#include <gtest/gtest.h>

#include <random>

#include "sde/convert.hpp"
#include "sde/fields/additive_time_dependent.hpp"
#include "sde/fields/double_well.hpp"
#include "sde/fields/ginzburg_landau.hpp"
#include "sde/fields/stiff_linear.hpp"
#include "sde/schemes/euler_maruyama.hpp"
#include "sde/schemes/foster.hpp"
#include "sde/schemes/heun.hpp"
#include "sde/schemes/milstein.hpp"
#include "sde/schemes/sra.hpp"
#include "sde/schemes/sri.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;

using R = Lane<double>;

/// A step from state x over (W, H).
template <class S, class F, class Time, class L>
L step(const Time& t, const Time& h, const L& x, const L& w, const L& area) {
  const typename S::template Step<FieldFor<S, F>, Time> take{FieldFor<S, F>{F{}}, h};
  constexpr Increments kind = increments_for<S, F>();
  Increment<Vec<L, 1>, kind> noise;
  noise.dw = Vec<L, 1>{w};
  if constexpr (kind == Increments::with_area) noise.area = Vec<L, 1>{area};
  return take(t, Vec<L, 1>{x}, noise)[0];
}

template <class S, class F>
void expect_lanes_as_alone() {
  constexpr int width = width_of<R>;
  std::mt19937_64 engine(17);
  std::normal_distribution<double> normal;
  double t[width], h[width], x[width], w[width], area[width], packed[width];
  for (int l = 0; l < width; ++l) {
    t[l] = 0.1 * l;
    h[l] = 0.5 / (1 << (l % 7));
    x[l] = 1 + 0.1 * normal(engine);
    w[l] = std::sqrt(h[l]) * normal(engine);
    area[l] = std::sqrt(h[l] / 12) * normal(engine);
  }
  store_lanes(packed, step<S, F>(load<R>(t), load<R>(h), load<R>(x), load<R>(w), load<R>(area)));
  for (int l = 0; l < width; ++l) {
    const double alone = step<S, F>(t[l], h[l], x[l], w[l], area[l]);
    EXPECT_EQ(packed[l], alone) << S::name << ", lane " << l;
    EXPECT_NE(alone, x[l]);
  }
}

template <class F, class... S>
void expect_all() {
  (expect_lanes_as_alone<S, F>(), ...);
}

TEST(StepSizes, EachLaneHasItsOwnOnAdditiveNoise) {
  expect_all<DoubleWell<>, EulerMaruyama, Milstein, Heun, Sra1, Sra3, Sosra, Sriw1, Spark, Shark>();
}
TEST(StepSizes, EachLaneHasItsOwnOnDiagonalNoise) {
  expect_all<GinzburgLandau<>, EulerMaruyama, Milstein, Heun, Sriw1, Sriw2, Sosri, SlowRk>();
}
TEST(StepSizes, EachLaneHasItsOwnTime) {
  expect_all<AdditiveTimeDependent<>, EulerMaruyama, Heun, Sra1, Sra3, Sriw1, Spark>();
  expect_all<StiffLinear<>, EulerMaruyama, Heun, Sra1, Sosra>();
}

}  // namespace
