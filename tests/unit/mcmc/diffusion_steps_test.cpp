// SPDX-License-Identifier: BSD-3-Clause
/// Claims: steps of Ito diffusions are their formulas written out; Levy areas have their law;
/// strong orders are those that are said.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "mcmc/diffusion_schemes.hpp"
#include "mcmc/targets/ito_diffusion.hpp"
#include "unit/mcmc/diffusion_paths.hpp"

namespace {
using namespace driftwood;

constexpr int dim = 3;
using Point = std::array<double, dim>;
constexpr mcmc::SlowlyGrowing target{1.2, 0.9};
constexpr double h = 0.3;
constexpr std::uint64_t seed = 17;

/// A chain of its own, with the noise of chain `id`.
struct Lone {
  static constexpr mcmc::RowLayout layout{.dim = dim,
                                          .vectors = mcmc::Slot::own + mcmc::DiffusionStep::vectors,
                                          .numbers = mcmc::Number::own + dim * (dim - 1) / 2};

  std::vector<double> rows =
      std::vector<double>(static_cast<std::size_t>(layout.rows() * mcmc::block_chains));
  std::uint64_t id = 0;

  mcmc::Chain<double> chain() { return {rows.data(), layout, {seed, {id}, 2}}; }
  void step(const Point& x, const mcmc::DiffusionStep& step) {
    for (int i = 0; i < dim; ++i) chain().position().set(i, x[static_cast<std::size_t>(i)]);
    mcmc::MoveByDiffusion<mcmc::SlowlyGrowing>{target, step}(chain());
  }
  [[nodiscard]] double increment(int i) { return chain().vector(mcmc::Slot::own)[i]; }
  /// A_ij.
  [[nodiscard]] double area(int i, int j) {
    if (i == j) return 0;
    return i < j ? chain().number(mcmc::DiffusionStep::pair(i, j, dim)) : -area(j, i);
  }
};

double size(const Point& x) { return 1.2 + (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]) / 2; }
Point drift(const Point& x) {
  Point out;
  for (std::size_t k = 0; k < dim; ++k) {
    out[k] = -x[k] / 4 + 0.5 * (0.5 - 0.9) * x[k] / std::sqrt(size(x));
  }
  return out;
}
Point column(const Point& x, std::size_t j) {
  Point out{};
  out[j] = std::pow(size(x), 0.25);
  return out;
}
Point sum(Point a, double factor, const Point& b) {
  for (std::size_t k = 0; k < dim; ++k) a[k] += factor * b[k];
  return a;
}

constexpr Point start{0.4, -1.1, 0.7};

void expect_point(Lone& lone, const Point& expected) {
  for (int i = 0; i < dim; ++i) {
    EXPECT_NEAR(lone.chain().position()[i], expected[static_cast<std::size_t>(i)], 1e-13);
  }
}

TEST(DiffusionStep, OfEulerMaruyamaIsItsFormula) {
  Lone lone;
  lone.step(start, {.scheme = mcmc::DiffusionScheme::em, .h = h});
  Point expected = sum(start, h, drift(start));
  for (int j = 0; j < dim; ++j) {
    expected = sum(expected, lone.increment(j), column(start, static_cast<std::size_t>(j)));
  }
  expect_point(lone, expected);
}

TEST(DiffusionStep, OfStochasticRungeKuttaIsItsFormula) {
  for (const auto areas :
       {mcmc::LevyAreas::none, mcmc::LevyAreas::talay, mcmc::LevyAreas::wiktorsson}) {
    Lone lone;
    lone.step(start, {.scheme = mcmc::DiffusionScheme::srk_id,
                      .areas = areas,
                      .terms = random::LevyTerms(4),
                      .h = h});
    Point expected = sum(start, h, drift(start));
    for (int i = 0; i < dim; ++i) {
      const auto column_i = static_cast<std::size_t>(i);
      expected = sum(expected, lone.increment(i), column(start, column_i));
      Point shift{};
      for (int j = 0; j < dim; ++j) {
        const double integral =
            (lone.increment(j) * lone.increment(i) - (i == j ? h : 0)) / 2 + lone.area(j, i);
        shift = sum(shift, integral / std::sqrt(h), column(start, static_cast<std::size_t>(j)));
      }
      expected = sum(expected, std::sqrt(h) / 2, column(sum(start, 1, shift), column_i));
      expected = sum(expected, -std::sqrt(h) / 2, column(sum(start, -1, shift), column_i));
    }
    expect_point(lone, expected);
  }
}

TEST(DiffusionStep, OfPlatenIsItsFormula) {
  Lone lone;
  lone.step(start,
            {.scheme = mcmc::DiffusionScheme::platen_w2, .areas = mcmc::LevyAreas::talay, .h = h});
  const double root = std::sqrt(h);
  const auto w = [&](std::size_t j) { return lone.increment(static_cast<int>(j)); };
  const auto coin = [&](std::size_t r, std::size_t j) {  // V_rj = +-h
    return 2 * lone.area(static_cast<int>(r), static_cast<int>(j));
  };
  const Point still = sum(start, h, drift(start));
  Point moved = still;
  for (std::size_t j = 0; j < dim; ++j) moved = sum(moved, w(j), column(start, j));
  Point expected = sum(sum(start, h / 2, drift(moved)), h / 2, drift(start));
  for (std::size_t j = 0; j < dim; ++j) {
    const Point r_plus = sum(still, root, column(start, j));
    const Point r_minus = sum(still, -root, column(start, j));
    expected = sum(expected, w(j) / 4, column(r_plus, j));
    expected = sum(expected, w(j) / 4, column(r_minus, j));
    expected = sum(expected, w(j) / 2, column(start, j));
    const double odd = (w(j) * w(j) - h) / (4 * root);
    expected = sum(sum(expected, odd, column(r_plus, j)), -odd, column(r_minus, j));
    for (std::size_t r = 0; r < dim; ++r) {
      if (r == j) continue;
      const Point u_plus = sum(start, root, column(start, r));
      const Point u_minus = sum(start, -root, column(start, r));
      expected = sum(expected, w(j) / 4, column(u_plus, j));
      expected = sum(expected, w(j) / 4, column(u_minus, j));
      expected = sum(expected, -w(j) / 2, column(start, j));
      const double mixed = (w(j) * w(r) + coin(r, j)) / (4 * root);
      expected = sum(sum(expected, mixed, column(u_plus, j)), -mixed, column(u_minus, j));
    }
  }
  expect_point(lone, expected);
}

/// Scaled coordinates z move as x does: x = scale z.
TEST(DiffusionStep, IsOfTheCoordinatesThatTheTargetSees) {
  const std::vector<double> scale{2.0, 0.5, 4.0};
  Lone plain;
  Lone scaled;
  mcmc::DiffusionStep step{
      .scheme = mcmc::DiffusionScheme::platen_w2, .areas = mcmc::LevyAreas::talay, .h = h};
  plain.step(start, step);
  step.scale = scale.data();
  scaled.step({start[0] / scale[0], start[1] / scale[1], start[2] / scale[2]}, step);
  for (int i = 0; i < dim; ++i) {
    EXPECT_EQ(plain.chain().position()[i],
              scaled.chain().position()[i] * scale[static_cast<std::size_t>(i)]);
  }
}

/// Given W, the area A_ij has the variance h^2/12 + (h/12) (W_i^2 + W_j^2): Levy (1951). Bounds are
/// 5 standard errors, taken from the sample; 12 of them raise a false alarm in 7e-6 of the seeds.
TEST(LevyAreas, HaveTheMomentsOfLevysLaw) {
  constexpr int n = 40000;
  const auto expect_mean = [&](const auto& f, double expected, const std::string& what) {
    double total = 0;
    double squares = 0;
    Lone lone;
    for (std::uint64_t k = 0; k < n; ++k) {
      lone.id = k;
      lone.step(start, {.scheme = mcmc::DiffusionScheme::srk_id,
                        .areas = mcmc::LevyAreas::wiktorsson,
                        .terms = random::LevyTerms(3),
                        .h = h});
      const double value = f(lone);
      total += value;
      squares += value * value;
    }
    const double mean = total / n;
    const double error = std::sqrt((squares / n - mean * mean) / n);
    EXPECT_NEAR(mean, expected, 5 * error) << what;
  };
  for (const auto& [i, j] : {std::pair{0, 1}, std::pair{0, 2}, std::pair{1, 2}}) {
    const std::string pair = std::to_string(i) + std::to_string(j);
    expect_mean([&](Lone& c) { return c.area(i, j); }, 0, "mean " + pair);
    expect_mean([&](Lone& c) { return std::pow(c.area(i, j), 2); }, h * h / 4, "square " + pair);
    expect_mean(
        [&](Lone& c) {
          const double lengths = std::pow(c.increment(i), 2) + std::pow(c.increment(j), 2);
          return std::pow(c.area(i, j), 2) * lengths;
        },
        h * h * h * 5 / 6, "with increments " + pair);
  }
  expect_mean([&](Lone& c) { return c.area(0, 1) * c.area(0, 2); }, 0, "of two pairs");
  expect_mean([&](Lone& c) { return c.area(0, 1) * c.increment(0); }, 0, "with one increment");
  expect_mean(
      [&](Lone& c) { return c.area(0, 1) * c.area(0, 2) * c.increment(1) * c.increment(2); },
      h * h * h / 12, "given two increments");
}

TEST(LevyAreas, AreFairCoins) {
  constexpr int n = 10000;
  double heads[3] = {};
  Lone lone;
  for (std::uint64_t k = 0; k < n; ++k) {
    lone.id = k;
    lone.step(start,
              {.scheme = mcmc::DiffusionScheme::srk_id, .areas = mcmc::LevyAreas::talay, .h = h});
    const double areas[3] = {lone.area(0, 1), lone.area(0, 2), lone.area(1, 2)};
    for (std::size_t p = 0; p < 3; ++p) {
      EXPECT_EQ(std::fabs(areas[p]), h / 2);
      heads[p] += areas[p] > 0 ? 1 : 0;
    }
  }
  // 5 standard errors: false alarms in 2e-6 of the seeds.
  for (const double count : heads) EXPECT_NEAR(count, n / 2, 2.5 * std::sqrt(n));
}

double order_of(const test::SquareErrors& squares) {
  double slope = 0;
  for (std::size_t k = 0; k < 5; ++k) {
    slope -= (static_cast<double>(k) - 2) * std::log2(squares[k]) / 2;
  }
  return slope / 10;  // the sum of the squares of -2, ..., 2
}

void expect_order(const char* name, const std::vector<test::SquareErrors>& by_batch,
                  double expected) {
  const auto batches = static_cast<double>(by_batch.size());
  double mean = 0;
  double square = 0;
  for (const test::SquareErrors& batch : by_batch) {
    mean += order_of(batch) / batches;
    square += order_of(batch) * order_of(batch) / batches;
  }
  const double error = std::sqrt((square - mean * mean) / (batches - 1));
  const test::SquareErrors all = test::mean_of(by_batch);
  std::printf("%-7s", name);
  for (const double e : all) std::printf(" %.3e", std::sqrt(e));
  std::printf(": order %.3f +- %.3f, seed %d\n", order_of(all), error,
              static_cast<int>(test::strong_seed));
  EXPECT_LT(error, 0.02);
  EXPECT_NEAR(order_of(all), expected, 0.1) << name;
}

/// Standard errors of the orders are below 0.02, from batches of paths.
TEST(DiffusionStep, HasStrongOrderHalfOfEulerAndOneOfStochasticRungeKutta) {
  const test::StrongErrors errors = test::strong_errors();
  expect_order("em", errors.em, 0.5);
  expect_order("srk_id", errors.srk_id, 1);
}

}  // namespace
