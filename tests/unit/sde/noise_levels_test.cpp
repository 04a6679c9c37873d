// SPDX-License-Identifier: BSD-3-Clause
// Claims: the finest grid has the noise that ensembles have, and the coarser ones are the same
// Brownian path: increments, space-time areas and Levy areas.
#include "sde/noise_levels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sde/fields/levy_area.hpp"
#include "sde/launch/field_propagator.hpp"
#include "sde/registry.hpp"
#include "sde/schemes/milstein.hpp"
#include "support/kokkos_environment.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;
using random::Increments;

constexpr std::int64_t paths = 300;

std::vector<double> states(Propagator& propagator, int dim) {
  const Channels to("to", static_cast<std::size_t>(dim), 512);
  propagator.read(to);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), to);
  std::vector<double> out;
  for (int i = 0; i < dim; ++i) {
    for (std::int64_t p = 0; p < paths; ++p) out.push_back(host(i, p));
  }
  return out;
}

void expect_same_paths(const Model& model, Increments kind) {
  const PropagatorOptions options{1.0, 32, 9, paths};
  const auto dim = static_cast<int>(model.components().size());
  NoiseLevels noise({kind, model.noises(), 1.0, 8, 3, paths}, 9);
  noise.draw({5000, paths});
  int compared = 0;
  for (const auto& scheme : model.schemes()) {
    // Others have areas of their own: those of a Levy series, or no Brownian path at all.
    const Increments asked = scheme_info(scheme).increments(model.noise());
    if (asked != Increments::brownian && asked != kind) continue;
    const auto drawn = model.propagator(scheme, Precision::double_, options);
    const auto given = model.propagator(scheme, Precision::double_, options);
    drawn->start({5000, paths});
    drawn->advance({0, 32});
    given->start({5000, paths});
    given->follow(noise.level(2));
    EXPECT_EQ(states(*drawn, dim), states(*given, dim)) << scheme;
    ++compared;
  }
  EXPECT_GE(compared, 8);
}

TEST(NoiseLevels, FinestGridGivesThePathsOfAnEnsemble) {
  // Schemes that need no areas, and those that do: each takes its part of the same noise.
  const auto market = make_geometric_brownian_motion();
  const auto heston = make_heston();
  if (!market || !heston) GTEST_SKIP() << "this build leaves out a model of assets";
  expect_same_paths(*market, Increments::with_area);
  expect_same_paths(*heston, Increments::with_levy);
}

TEST(NoiseLevels, AllGridsHaveTheSamePathAndTheSameLevyArea) {
  // What Milstein's scheme makes of an area does not depend on steps.
  NoiseLevels noise({Increments::with_levy, 2, 0.5, 1, 6, paths}, 4);
  noise.draw({0, paths});
  const std::vector<double> origin(3, 0.0);
  std::vector<double> finest;
  for (int l = 5; l >= 0; --l) {
    FieldPropagator<Milstein, LevyArea, double> propagator({}, origin, {0.5, 1 << l, 4, paths});
    propagator.start({0, paths});
    propagator.follow(noise.level(l));
    const auto now = states(propagator, 3);
    if (finest.empty()) finest = now;
    for (std::size_t i = 0; i < now.size(); ++i) EXPECT_NEAR(now[i], finest[i], 1e-14);
  }
}

/// Mean of f over steps and paths of a level.
template <class F>
double average(const GivenNoise& noise, F&& f) {
  double sum = 0;
  for (std::int64_t n = 0; n < noise.steps; ++n) {
    for (std::int64_t p = 0; p < paths; ++p) sum += f(n, p);
  }
  return sum / static_cast<double>(noise.steps * paths);
}

TEST(NoiseLevels, Bm8LevyAreasHaveTheirLaw) {
  // Var A = h^2 / 4 and E A^4 = 5 h^4 / 16 for the area of a step, and given W and H a variance of
  // h^2 / 20 + (h / 5) (H_1^2 + H_2^2) about H_1 W_2 - W_1 H_2 (specification 3.2). On level 0 they
  // are joined from 4 steps of 3 terms each, and joining leaves the law as it is. With n = 4800
  // samples five standard errors are allowed, from E A^8 = 1385 h^8 / 256: 5.7e-7 false alarms
  // each.
  constexpr double h = 0.25;
  NoiseLevels noise({Increments::with_levy, 2, 16 * h, 16, 3, paths}, 11);
  noise.draw({0, paths});
  const GivenNoise& level = noise.level(0);
  const auto area = [&](auto n, auto p) { return level.levy(n, 0, p); };
  const auto rest = [&](auto n, auto p) {
    return area(n, p) -
           (level.area(n, 0, p) * level.dw(n, 1, p) - level.dw(n, 0, p) * level.area(n, 1, p));
  };
  const auto conditional = [&](auto n, auto p) {
    const double a = level.area(n, 0, p);
    const double b = level.area(n, 1, p);
    return h * h / 20 + h / 5 * (a * a + b * b);
  };
  const double samples = 16.0 * paths;
  const double square = average(level, [&](auto n, auto p) { return std::pow(area(n, p), 2); });
  const double fourth = average(level, [&](auto n, auto p) { return std::pow(area(n, p), 4); });
  EXPECT_NEAR(square, h * h / 4, 5 * std::pow(h, 2) * std::sqrt((5.0 / 16 - 1.0 / 16) / samples));
  EXPECT_NEAR(fourth, 5 * std::pow(h, 4) / 16,
              5 * std::pow(h, 4) * std::sqrt((1385.0 / 256 - 25.0 / 256) / samples));
  const double ratio =
      average(level, [&](auto n, auto p) { return std::pow(rest(n, p), 2) / conditional(n, p); });
  const double spread = average(level, [&](auto n, auto p) {
    return std::pow(std::pow(rest(n, p), 2) / conditional(n, p), 2);
  });
  EXPECT_NEAR(ratio, 1, 5 * std::sqrt((spread - ratio * ratio) / samples));
}

TEST(NoiseLevels, PointVariablesHaveTheirValuesAndMoments) {
  // Three points: E I^2 = h, E I^4 = 3 h^2, E I^6 = 9 h^3 as for a normal; signs are independent.
  NoiseLevels three({Increments::three_point, 2, 1.0, 64, 1, paths}, 3);
  three.draw({0, paths});
  const GivenNoise& level = three.level(0);
  const double h = level.step;
  const double samples = 64.0 * paths;
  int zeros = 0;
  double signs = 0;
  double product = 0;
  const double second = average(level, [&](auto n, auto p) {
    const double x = level.dw(n, 0, p);
    EXPECT_TRUE(x == 0 || std::abs(std::abs(x) - std::sqrt(3 * h)) < 1e-16);
    EXPECT_EQ(std::abs(level.sign(n, 0, p)), 1);
    zeros += x == 0;
    signs += level.sign(n, 0, p) / samples;
    product += level.sign(n, 0, p) * level.sign(n, 1, p) / samples;
    return x * x;
  });
  EXPECT_NEAR(second, h, 5 * h * std::sqrt(2 / samples));
  EXPECT_NEAR(zeros / samples, 2.0 / 3, 5 * std::sqrt(2.0 / 9 / samples));
  EXPECT_NEAR(signs, 0, 5 / std::sqrt(samples));
  EXPECT_NEAR(product, 0, 5 / std::sqrt(samples));

  NoiseLevels two({Increments::two_point, 1, 1.0, 64, 1, paths}, 3);
  two.draw({0, paths});
  const double mean = average(two.level(0), [&](auto n, auto p) {
    EXPECT_EQ(std::abs(two.level(0).dw(n, 0, p)), std::sqrt(h));
    return two.level(0).dw(n, 0, p) / std::sqrt(h);
  });
  EXPECT_NEAR(mean, 0, 5 / std::sqrt(samples));
}
}  // namespace
