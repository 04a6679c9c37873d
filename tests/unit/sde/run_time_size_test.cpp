// SPDX-License-Identifier: BSD-3-Clause
// Claim: a scheme is written once. The same equation as a field of fixed size and as one of
// run-time size takes the same paths, bit for bit, by every scheme. The files beside this one do
// the other kinds of noise.
#include "run_time_size.hpp"

#include "sde/fields/basket.hpp"
#include "sde/fields/geometric_brownian_motion.hpp"
#include "support/kokkos_environment.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;
using namespace driftwood::sde::test;

TEST(RunTimeSize, CommutativeNoiseTakesTheSamePaths) {
  const GeometricBrownianMotion<double, 2> fixed{{0.05, 0.1}, {0.2, 0.3}, {{1, 0}, {0.6, 0.8}}};
  const auto held = on_device<double>("basket", {0.05, 0.1, 0.2, 0.3, 1, 0, 0.6, 0.8});
  const double* first = held.data();
  expect_equal(fixed, Basket<>{2, 2, first + 4, 4, first}, held, {1.0, 2.0});
}
}  // namespace
