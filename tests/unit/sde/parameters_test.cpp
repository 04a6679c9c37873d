// SPDX-License-Identifier: BSD-3-Clause
// Claims: a path that draws its parameters takes the steps it would take if all paths shared them;
// antithetic paths see W and -W.
#include "sde/parameters.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "sde/fields/basket.hpp"
#include "sde/fields/heston.hpp"
#include "sde/fields/levy_area.hpp"
#include "sde/launch/block_propagator.hpp"
#include "sde/launch/field_propagator.hpp"
#include "sde/schemes.hpp"
#include "support/kokkos_environment.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;
using Kind = deck::Distribution::Kind;

constexpr std::int64_t paths = 70;  // more than one lane, and not a whole number of them
const PropagatorOptions options{.end = 0.5, .steps = 9, .seed = 31, .capacity = paths};

/// Component i of path p at [i][p].
std::vector<std::vector<double>> ends(Propagator& propagator, std::size_t dim) {
  const Channels state("state", dim, path_padding);
  propagator.start({1001, paths});
  propagator.advance({0, 9});
  propagator.read(state);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state);
  std::vector<std::vector<double>> out(dim);
  for (std::size_t i = 0; i < dim; ++i) {
    for (std::int64_t p = 0; p < paths; ++p) out[i].push_back(host(i, p));
  }
  return out;
}

/// What paths draw for the parameters of these indices.
std::vector<std::vector<double>> draws(const DrawnParameters& drawn) {
  const States<double> values("values", drawn.size(), paths);
  fill_states(values, upload(drawn), options.seed, random::Purpose::parameter, {1001, paths});
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), values);
  std::vector<std::vector<double>> out(drawn.size());
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    for (std::size_t p = 0; p < paths; ++p) out[i].push_back(host(i, p));
  }
  return out;
}

TEST(Parameters, PathsTakeTheStepsOfTheirOwnParameters) {
  const std::vector<double> initial = {100, 0.04};
  const DrawnParameters drawn = {{1, {Kind::uniform, 0.5, 2}}, {4, {Kind::uniform, -0.9, 0.9}}};
  const auto values = draws(drawn);
  EXPECT_GT(std::set<double>(values[1].begin(), values[1].end()).size(), 60U);
  using Tried = TypeList<EulerMaruyama, Milstein, Heun, ThetaEulerMaruyama, Dri1>;
  for_each_type(Tried{}, [&]<class S>(TypeTag<S>) {
    using Simulated = FieldPropagator<S, Heston<>, double>;
    Simulated own(Heston<>{}, initial, options, drawn);
    const auto all = ends(own, 2);
    for (const std::size_t p : {0U, 33U, 69U}) {
      Simulated one({.kappa = values[0][p], .theta = Heston<>{}.theta, .rho = values[1][p]},
                    initial, options);
      const auto expected = ends(one, 2);
      EXPECT_EQ(all[0][p], expected[0][p]) << S::name;
      EXPECT_EQ(all[1][p], expected[1][p]) << S::name;
    }
  });
}

TEST(Parameters, AreDrawnForFieldsOfRunTimeSizeToo) {
  const std::vector<double> initial = {1, 2};
  std::vector<double> numbers = {0.05, 0.1, 0.2, 0.3, 1, 0, 0.6, 0.8};
  const DrawnParameters drawn = {{3, {Kind::lognormal, -1, 0.3}}};
  const auto values = draws(drawn);
  for_each_type(TypeList<EulerMaruyama, Milstein, Exact>{}, [&]<class S>(TypeTag<S>) {
    const auto simulated = [&](const DrawnParameters& laws) {
      const auto held = on_device("basket", numbers);
      const Basket<> field{2, 2, held.data() + 4, 4, held.data()};
      BlockPropagator<S, Basket<>, double> propagator(field, held, initial, options, laws);
      return ends(propagator, 2);
    };
    const auto all = simulated(drawn);
    for (const std::size_t p : {0U, 33U, 69U}) {
      numbers[3] = values[0][p];
      EXPECT_EQ(all[1][p], simulated({})[1][p]) << S::name;
    }
  });
}

TEST(Antithetic, PairsSeeBrownianMotionsOfOppositeSign) {
  PropagatorOptions pairs = options;
  pairs.antithetic = true;
  FieldPropagator<Milstein, LevyArea, double> propagator({}, std::vector<double>{0, 0, 0}, pairs);
  const auto x = ends(propagator, 3);
  // Path 1001 is the second of its pair; Levy areas have two factors of W.
  for (std::size_t p = 1; p + 1 < paths; p += 2) {
    ASSERT_EQ(x[0][p], -x[0][p + 1]);
    ASSERT_EQ(x[1][p], -x[1][p + 1]);
    ASSERT_EQ(x[2][p], x[2][p + 1]);
    ASSERT_NE(x[0][p], x[0][p - 1]);
  }
}

TEST(Antithetic, FirstOfAPairIsThePathOfHalfItsId) {
  PropagatorOptions pairs = options;
  pairs.antithetic = true;
  const std::vector<double> initial = {100, 0.04};
  FieldPropagator<Heun, Heston<>, double> mirrored({}, initial, pairs);
  const auto x = ends(mirrored, 2);
  FieldPropagator<Heun, Heston<>, double> plain({}, initial, options);
  const Channels state("state", 2, path_padding);
  plain.start({501, paths});
  plain.advance({0, 9});
  plain.read(state);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state);
  for (std::size_t p = 1; p < paths; p += 2) ASSERT_EQ(x[0][p], host(0, (p - 1) / 2));
}
}  // namespace
