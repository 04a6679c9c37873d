// SPDX-License-Identifier: BSD-3-Clause
// Claims: jumps come at times of their law and are drawn one by one, the Brownian motion is what it
// is without them, schemes keep their order across them, and what becomes of a path does not depend
// on the paths beside it. Seeds are fixed; each statistical check says its false-alarm rate.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "formula/graph.hpp"
#include "sde/convert.hpp"
#include "sde/launch/field_propagator.hpp"
#include "sde/schemes/euler_maruyama.hpp"
#include "sde/schemes/heun.hpp"
#include "sde/schemes/milstein.hpp"
#include "sde/schemes/sri.hpp"
#include "stats/slope.hpp"
#include "support/growth.hpp"
#include "support/kokkos_environment.hpp"
#include "support/kolmogorov_smirnov.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;
using test::growth;
using test::Growth;
using test::ks_p_value;

/// Nothing moves but by jumps.
struct Still {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::scalar;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 1;

  void describe(deck::Schema&) {}
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(const auto&, const Vec<R, 2>&) const {
    return {R(0), R(0)};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Mat<R, 2, 1> diffusion(const auto&, const Vec<R, 2>&) const {
    return {{{R(0)}, {R(0)}}};
  }
};

formula::Program program(const std::string& text, const std::vector<std::string>& names) {
  formula::Scope scope;
  for (const std::string& name : names) scope.add_varying(name);
  formula::Graph graph(scope);
  const int number = graph.add(formula::parse(text, scope));
  return {graph, {number}};
}

/// Jumps of the component x of (x, w), with the mark z.
JumpKind jump(RateLaw law, const std::string& rate, const std::string& change, double bound = 0,
              const deck::Distribution& mark = 0.0) {
  return {.name = "jump",
          .law = law,
          .bound = bound,
          .rate = program(rate, {"x", "w"}),
          .marks = {mark},
          .components = {0},
          .change = program(change, {"x", "w", "z"})};
}

struct Ends {
  std::vector<double> x;
  std::vector<double> w;
  std::vector<double> jumps;
  double above = 0;
};

struct Grid {
  std::int64_t steps = 1;
  double tolerance = 0;  ///< of steps that adapt
};

template <class S, class F>
Ends run(const JumpKind& kind, const Grid& grid, std::int64_t paths, std::uint64_t first = 0) {
  PropagatorOptions options{.end = 1, .steps = grid.steps, .seed = 5, .capacity = paths};
  options.jumps = std::make_shared<const JumpPlan>(JumpPlan{{kind}, {}});
  if (grid.tolerance > 0) {
    options.control = StepControl{grid.tolerance, grid.tolerance, 0.01, 24, {0.4, 1.0}};
    options.steps = 2;
  }
  FieldPropagator<S, F, double, OwnMotion> propagator(F{}, {1.0, 0.0}, options);
  propagator.start({first, paths});
  propagator.advance({0, options.steps});
  const Channels to("to", 3, static_cast<std::size_t>((paths + 127) / 128 * 128));
  propagator.read(to);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), to);
  Ends out;
  for (std::int64_t p = 0; p < paths; ++p) {
    out.x.push_back(host(0, p));
    out.w.push_back(host(1, p));
    out.jumps.push_back(host(2, p));
  }
  out.above = propagator.rates_above_bounds().front();
  return out;
}

struct Moments {
  double n;
  double mean;
  double variance;
};

Moments moments(const std::vector<double>& x) {
  const auto n = static_cast<double>(x.size());
  double sum = 0;
  double square = 0;
  for (const double v : x) sum += v;
  for (const double v : x) square += (v - sum / n) * (v - sum / n);
  return {n, sum / n, square / n};
}

/// That these are Poisson numbers of this mean: their mean and variance, whose standard errors are
/// sqrt(m / n) and sqrt((m + 2 m^2) / n). Four standard errors each: false alarms 1.3e-4.
void expect_poisson(const std::vector<double>& counts, double mean) {
  const Moments m = moments(counts);
  EXPECT_NEAR(m.mean, mean, 4 * std::sqrt(mean / m.n));
  EXPECT_NEAR(m.variance, mean, 4 * std::sqrt((mean + 2 * mean * mean) / m.n));
}

constexpr std::int64_t paths = 40'000;

TEST(Jumps, ConstantRatesGivePoissonNumbers) {
  const JumpKind kind = jump(RateLaw::constant, "2.5", "1 + 0*z");
  for (const std::int64_t steps : {1, 7, 64}) {
    const Ends ends = run<EulerMaruyama, Still>(kind, {steps}, paths);
    expect_poisson(ends.jumps, 2.5);
    for (std::size_t p = 0; p < ends.x.size(); ++p) EXPECT_EQ(ends.x[p], 1 + ends.jumps[p]);
  }
}

/// The times of jumps are those of the path, whatever the steps are.
TEST(Jumps, StepsDoNotMoveThem) {
  const JumpKind kind = jump(RateLaw::constant, "3", "t + 0*z");
  const Ends one = run<EulerMaruyama, Still>(kind, {1}, 1000);
  const Ends many = run<EulerMaruyama, Still>(kind, {100}, 1000);
  for (std::size_t p = 0; p < one.x.size(); ++p) {
    EXPECT_EQ(one.jumps[p], many.jumps[p]);
    EXPECT_NEAR(one.x[p], many.x[p], 1e-12);
  }
}

/// Of paths with one jump, its time is uniform. False alarms: 1e-4.
TEST(Jumps, TheTimeOfASingleJumpIsUniform) {
  const Ends ends = run<EulerMaruyama, Still>(jump(RateLaw::constant, "1", "t + 0*z"), {5}, paths);
  std::vector<double> times;
  for (std::size_t p = 0; p < ends.x.size(); ++p) {
    if (ends.jumps[p] == 1) times.push_back(ends.x[p] - 1);
  }
  EXPECT_GE(ks_p_value(times, [](double t) { return t; }), 1e-4);
}

/// Rates that vary, below a bound: their integral is the mean number of jumps.
TEST(Jumps, ThinningIsExactForAnyStep) {
  const JumpKind kind = jump(RateLaw::bounded, "6*t", "1 + 0*z", 6);
  expect_poisson(run<EulerMaruyama, Still>(kind, {1}, paths).jumps, 3);
  expect_poisson(run<EulerMaruyama, Still>(kind, {13}, paths).jumps, 3);
}

/// Each of k jumps draws a mark of its own: the variance of their sum is E[k] E[z^2], and not that
/// of k times one mark, which is larger by E[k]^2. Four standard errors: false alarms 6e-5.
TEST(Jumps, EachDrawsMarksOfItsOwn) {
  const deck::Distribution normal(deck::Distribution::Kind::normal, 0, 1);
  const Ends ends =
      run<EulerMaruyama, Still>(jump(RateLaw::constant, "4", "z", 0, normal), {1}, paths);
  const Moments m = moments(ends.x);
  EXPECT_NEAR(m.mean, 1, 4 * std::sqrt(4.0 / m.n));
  // The fourth cumulant of the compound sum is E[k] E[z^4] = 12.
  EXPECT_NEAR(m.variance, 4, 4 * std::sqrt((12 + 2 * 16) / m.n));
}

/// A birth at rate 2 x each: geometric numbers, exactly in one step, as nothing but jumps changes
/// the rate. Four standard errors: false alarms 1.3e-4.
TEST(Jumps, HeldRatesAreExactWhereJumpsAloneMoveThePath) {
  const Ends ends = run<EulerMaruyama, Still>(jump(RateLaw::held, "2*x", "1 + 0*z"), {1}, paths);
  const Moments m = moments(ends.x);
  const double mean = std::exp(2.0);
  const double variance = mean * (mean - 1);
  EXPECT_NEAR(m.mean, mean, 4 * std::sqrt(variance / m.n));
  const double p = 1 / mean;
  const double kurtosis = 9 + p * p / (1 - p);
  EXPECT_NEAR(m.variance, variance, 4 * variance * std::sqrt((kurtosis - 1) / m.n));
}

/// False alarms: 1e-4 each, and four standard errors of the covariance.
TEST(Jumps, LeaveTheBrownianMotionAsItIs) {
  const JumpKind kind = jump(RateLaw::constant, "5", "0.1*x + 0*z");
  for (const Grid& grid : {Grid{3}, Grid{1, 1e-2}}) {
    const Ends ends = run<Sriw1, Growth<>>(kind, grid, paths);
    EXPECT_GE(ks_p_value(ends.w), 1e-4);
    expect_poisson(ends.jumps, 5);
    double covariance = 0;
    for (std::size_t p = 0; p < ends.w.size(); ++p) covariance += ends.w[p] * (ends.jumps[p] - 5);
    EXPECT_NEAR(covariance / paths, 0, 4 * std::sqrt(5.0 / paths));
  }
}

/// Mean distance from X = exp(...) 1.3^k, whose k are those of the path; its mean square would be
/// that of the few paths that jumped most often.
template <class S>
double error_of(const Grid& grid, std::int64_t count = 4096) {
  const JumpKind kind = jump(RateLaw::constant, "2", "0.3*x + 0*z");
  const Ends ends = run<S, Growth<>>(kind, grid, count);
  double sum = 0;
  for (std::size_t p = 0; p < ends.x.size(); ++p) {
    sum += std::abs(ends.x[p] - growth(ends.w[p]) * std::pow(1.3, ends.jumps[p]));
  }
  return sum / static_cast<double>(ends.x.size());
}

template <class S>
double order_of(std::int64_t coarsest) {
  std::vector<double> x;
  std::vector<double> y;
  const std::vector<double> unit = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
  for (const std::int64_t steps : {coarsest, 2 * coarsest, 4 * coarsest, 8 * coarsest}) {
    x.push_back(-std::log(static_cast<double>(steps)));
    y.push_back(std::log(error_of<S>({steps})));
  }
  return stats::fit_slope(x, y, unit).value;
}

/// Slopes of eight seeds have a standard deviation of 0.02; the rest of what is allowed is for
/// grids that are not fine yet.
TEST(Jumps, SchemesKeepTheirStrongOrders) {
  EXPECT_NEAR(order_of<EulerMaruyama>(64), 0.5, 0.15);
  EXPECT_NEAR(order_of<Milstein>(16), 1, 0.15);
  EXPECT_NEAR(order_of<Heun>(16), 1, 0.15);
  EXPECT_NEAR(order_of<Sriw1>(16), 1.5, 0.2);
}

TEST(Jumps, ErrorsFallWithTheToleranceOfAdaptiveSteps) {
  double before = error_of<Sosri>({1, 1e-2}, 512);
  for (const double tolerance : {1e-3, 1e-4, 1e-5}) {
    const double now = error_of<Sosri>({1, tolerance}, 512);
    EXPECT_LT(now, 0.5 * before);
    before = now;
  }
}

TEST(Jumps, PathsDoNotDependOnThoseBesideThem) {
  const deck::Distribution uniform(deck::Distribution::Kind::uniform, -0.5, 0.5);
  const JumpKind kind = jump(RateLaw::bounded, "min(x, 8)", "x*z", 8, uniform);
  for (const Grid& grid : {Grid{9}, Grid{1, 1e-3}}) {
    const Ends all = run<Sriw1, Growth<>>(kind, grid, 200, 1000);
    for (const std::int64_t p : {0, 77, 199}) {
      const Ends alone = run<Sriw1, Growth<>>(kind, grid, 1, 1000 + static_cast<std::uint64_t>(p));
      EXPECT_EQ(all.x[static_cast<std::size_t>(p)], alone.x[0]);
      EXPECT_EQ(all.jumps[static_cast<std::size_t>(p)], alone.jumps[0]);
    }
  }
}

TEST(Jumps, RatesAboveTheirBoundAreNoticed) {
  const Ends in = run<EulerMaruyama, Still>(jump(RateLaw::bounded, "x", "1 + 0*z", 1e3), {1}, 100);
  EXPECT_EQ(in.above, 0);
  const Ends out = run<EulerMaruyama, Still>(jump(RateLaw::bounded, "x", "1 + 0*z", 2), {1}, 1000);
  EXPECT_GT(out.above, 2);
}

/// Rates with a bound are asked for when a jump may come, others at every step.
TEST(Jumps, PathsAreLostWhereTheRateHasNoValue) {
  for (const RateLaw law : {RateLaw::held, RateLaw::bounded}) {
    const JumpKind kind = jump(law, "sqrt(2.5 - x)", "1 + 0*z", 9);
    const Ends ends = run<EulerMaruyama, Still>(kind, {4}, 1000);
    int lost = 0;
    int beyond = 0;
    for (std::size_t p = 0; p < ends.x.size(); ++p) {
      if (ends.x[p] > 2.5) ++beyond;
      if (!std::isnan(ends.jumps[p])) continue;
      ++lost;
      EXPECT_GT(ends.x[p], 2.5);
    }
    EXPECT_GT(lost, 0);
    if (law == RateLaw::held) {
      EXPECT_GT(lost, beyond / 2);
    }
  }
}

}  // namespace
