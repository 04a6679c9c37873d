// SPDX-License-Identifier: BSD-3-Clause
// Claims: AD-1 and AD-2 of the specification, that steps which adapt leave the law of the Brownian
// motion as it is; AD-3, that errors fall with the tolerance; and that what becomes of a path does
// not depend on the paths beside it.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <vector>

#include "sde/convert.hpp"
#include "sde/launch/field_propagator.hpp"
#include "sde/schemes/euler_maruyama.hpp"
#include "sde/schemes/heun.hpp"
#include "sde/schemes/milstein.hpp"
#include "sde/schemes/sra.hpp"
#include "sde/schemes/sri.hpp"
#include "support/growth.hpp"
#include "support/kokkos_environment.hpp"
#include "support/kolmogorov_smirnov.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;
using test::growth;
using test::Growth;
using test::ks_p_value;

/// dX = (b / sqrt(1 + t) - X / (2 (1 + t))) dt + a b / sqrt(1 + t) dW likewise: Kloeden and Platen
/// (1992), section 4.4. X(t) = (x0 + b (t + a W(t))) / sqrt(1 + t).
template <class P = double>
struct Cooling {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::additive;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 1;

  P a{0.6};
  P b{0.9};

  void describe(deck::Schema& s) {
    s.key("a", a, "noise");
    s.key("b", b, "drift");
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(const auto& t, const Vec<R, 2>& x) const {
    return {fma(as_lane<R>(-0.5 / (1 + t)), x[0], R(b) * as_lane<R>(1 / sqrt(1 + t))), R(0)};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Mat<R, 2, 1> diffusion(const auto& t, const Vec<R, 2>&) const {
    return {{{R(a) * R(b) * as_lane<R>(1 / sqrt(1 + t))}, {R(1)}}};
  }
};

struct Ends {
  std::vector<double> x;
  std::vector<double> w;
  StepCounts steps;
};

PropagatorOptions options_of(double tolerance, std::int64_t paths, std::vector<double> times) {
  PropagatorOptions options{.end = times.back(),
                            .steps = static_cast<std::int64_t>(times.size()),
                            .seed = 7,
                            .capacity = paths};
  options.control = StepControl{tolerance, tolerance, 0.01, 24, std::move(times)};
  return options;
}

template <class S, class F>
Ends run(double tolerance, std::uint64_t first, std::int64_t paths,
         const std::vector<double>& times = {1.0}) {
  const PropagatorOptions options = options_of(tolerance, paths, times);
  FieldPropagator<S, F, double, OwnMotion> propagator(F{}, {1.0, 0.0}, options);
  propagator.start({first, paths});
  propagator.advance({0, options.steps});
  const Channels to("to", 2, static_cast<std::size_t>((paths + 127) / 128 * 128));
  propagator.read(to);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), to);
  Ends out{{}, {}, propagator.step_counts()};
  for (std::int64_t p = 0; p < paths; ++p) {
    out.x.push_back(host(0, p));
    out.w.push_back(host(1, p));
  }
  return out;
}

std::int64_t sum(const std::vector<std::int64_t>& counts) {
  std::int64_t all = 0;
  for (const std::int64_t n : counts) all += n;
  return all;
}

double cooling(double w) { return (1 + 0.9 * (1 + 0.6 * w)) / std::numbers::sqrt2; }

template <class S, class F>
double error_of(double tolerance, double (*solution)(double), StepCounts* steps = nullptr) {
  const Ends ends = run<S, F>(tolerance, 0, 2048);
  double square = 0;
  for (std::size_t p = 0; p < ends.x.size(); ++p) {
    const double d = ends.x[p] - solution(ends.w[p]);
    square += d * d;
  }
  if (steps != nullptr) *steps = ends.steps;
  return std::sqrt(square / static_cast<double>(ends.x.size()));
}

/// AD-3: tolerances from 1e-2 to 1e-5.
template <class S, class F>
void expect_errors_fall(double (*solution)(double)) {
  std::vector<double> x;
  std::vector<double> y;
  for (const double tolerance : {1e-2, 1e-3, 1e-4, 1e-5}) {
    StepCounts steps;
    const double error = error_of<S, F>(tolerance, solution, &steps);
    if (!y.empty()) {
      EXPECT_LT(std::log(error), y.back()) << S::name << ' ' << tolerance;
    }
    x.push_back(std::log(tolerance));
    y.push_back(std::log(error));
    EXPECT_EQ(steps.forced, 0);
    EXPECT_LT(sum(steps.rejected), sum(steps.accepted)) << S::name << ' ' << tolerance;
    std::printf("%s tolerance %g: error %.3g, %.1f steps, %.1f rejected\n", S::name.data(),
                tolerance, error, static_cast<double>(sum(steps.accepted)) / 2048,
                static_cast<double>(sum(steps.rejected)) / 2048);
  }
  const double slope = (y.back() - y.front()) / (x.back() - x.front());
  EXPECT_GE(slope, 0.5) << S::name;
}

TEST(AdaptiveSteps, Ad3ErrorsFallWithTheToleranceOnMultiplicativeNoise) {
  expect_errors_fall<Milstein, Growth<>>(growth);
  expect_errors_fall<Sriw1, Growth<>>(growth);
  expect_errors_fall<Sosri, Growth<>>(growth);
  expect_errors_fall<Heun, Growth<>>(growth);
}

TEST(AdaptiveSteps, Ad3ErrorsFallWithTheToleranceOnAdditiveNoise) {
  expect_errors_fall<EulerMaruyama, Cooling<>>(cooling);
  expect_errors_fall<Sra1, Cooling<>>(cooling);
  expect_errors_fall<Sosra, Cooling<>>(cooling);
  expect_errors_fall<Heun, Cooling<>>(cooling);
}

TEST(AdaptiveSteps, PathsDoNotDependOnThoseBesideThem) {
  const Ends all = run<Sriw1, Growth<>>(1e-3, 1000, 200, {0.3, 0.7, 1.0});
  for (const std::int64_t p : {0, 77, 199}) {
    const Ends alone =
        run<Sriw1, Growth<>>(1e-3, 1000 + static_cast<std::uint64_t>(p), 1, {0.3, 0.7, 1.0});
    EXPECT_EQ(all.x[static_cast<std::size_t>(p)], alone.x[0]);
    EXPECT_EQ(all.w[static_cast<std::size_t>(p)], alone.w[0]);
  }
}

/// The Brownian motion at the end is that of the root, whatever the steps to it.
TEST(AdaptiveSteps, StepsAddUpToTheWholeBrownianMotion) {
  const Ends fine = run<Milstein, Growth<>>(1e-5, 0, 256);
  const Ends coarse = run<Milstein, Growth<>>(1e-1, 0, 256);
  for (std::size_t p = 0; p < fine.w.size(); ++p) EXPECT_NEAR(fine.w[p], coarse.w[p], 1e-13);
  EXPECT_NE(fine.x[0], coarse.x[0]);
}

/// The ends of many walks of which `halves(lane, first visit, W of the cell, level)` says whether
/// they reject a cell.
template <class Halves>
std::vector<double> walked(std::int64_t paths, Halves&& halves) {
  using V = Vec<double, 1>;
  std::vector<double> out;
  for (std::int64_t p = 0; p < paths; ++p) {
    double waiting[random::DyadicWalk<V>::memory(1, 32)];
    random::DyadicWalk<V> walk({11}, {static_cast<std::uint64_t>(p)}, V{}, 32, waiting);
    walk.begin(0, 1.0);
    double w = 0;
    while (!walk.done()) {
      if (halves(static_cast<std::uint64_t>(p), walk)) {
        walk.descend(true);
      } else {
        w += walk.noise().dw[0];
        walk.next(true);
      }
    }
    out.push_back(w);
  }
  return out;
}

// Fixed seeds; the false-alarm rate of AD-1 is 1e-4, of AD-2 (4 standard errors) 6e-5.
TEST(AdaptiveSteps, Ad1RandomRejectionsLeaveTheLaw) {
  const auto ends = walked(100'000, [](std::uint64_t path, const auto& walk) {
    const auto node = static_cast<std::uint64_t>(walk.number());
    const random::Stream coins(5, random::Purpose::probe, 0);
    const bool rejects = (coins.words<double>({path}, node).word[0] & 1) != 0;
    return rejects && walk.level() < 12;
  });
  EXPECT_GE(ks_p_value(ends), 1e-4);
}

TEST(AdaptiveSteps, Ad2RejectionsThatSeeTheNoiseDoNotBiasIt) {
  const auto ends = walked(100'000, [](std::uint64_t, const auto& walk) {
    return walk.noise().dw[0] > 0 && walk.level() < 6;
  });
  double mean = 0;
  double square = 0;
  for (const double w : ends) {
    mean += w;
    square += w * w;
  }
  const auto n = static_cast<double>(ends.size());
  mean /= n;
  EXPECT_LE(std::abs(mean), 4 / std::sqrt(n));
  EXPECT_NEAR(square / n, 1, 4 * std::sqrt(2 / n));
  EXPECT_GE(ks_p_value(ends), 1e-4);
}

}  // namespace
