// SPDX-License-Identifier: BSD-3-Clause
// Gradients of compiled models: against finite differences path by path, closed forms, and each
// mode against the others.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "base/error.hpp"
#include "random/normal.hpp"
#include "sde/gradient/schedule.hpp"
#include "support/gradient_runs.hpp"
#include "support/kokkos_environment.hpp"

namespace driftwood::sde {
namespace {

using namespace test;

TEST(Gradient, EverySchemeAgreesWithFiniteDifferences) {
  for (const Problem& problem : problems) {
    const auto model = model_of(problem.model);
    if (model == nullptr) continue;
    int schemes = 0;
    for (const std::string& scheme : model->schemes()) {
      GradientPlan plan = plan_of(*model, GradientMode::pathwise, 8, problem.formulas, {0, 3, 8});
      plan.start = {problem.start};
      std::unique_ptr<GradientSolver> solver;
      try {
        solver = model->gradients(scheme, Precision::double_, plan);
      } catch (const UsageError&) {
        continue;
      }
      ++schemes;
      expect_central_differences(*solver, plan.weights.size(), 1e-5, problem.difference_bound,
                                 problem.model + ", " + scheme);
    }
    EXPECT_GE(schemes, 8) << problem.model;
  }
}

TEST(Gradient, CheckpointedHasTheBitsOfPathwise) {  // GR-9
  for (const Problem& problem : problems) {
    const auto model = model_of(problem.model);
    if (model == nullptr) continue;
    for (const std::string scheme : {"euler_maruyama", "milstein", "reversible_heun"}) {
      const auto all =
          run(*model, scheme,
              plan_of(*model, GradientMode::pathwise, 100, problem.formulas, {20, 100}));
      for (const std::int64_t memory : {1, 20000}) {
        GradientPlan plan =
            plan_of(*model, GradientMode::checkpointed, 100, problem.formulas, {20, 100});
        plan.memory = memory;
        EXPECT_EQ(run(*model, scheme, plan), all) << problem.model << ", " << scheme;
      }
    }
  }
}

TEST(Gradient, ReversibleHeunIsExact) {  // GR-4, GR-8
  for (const Problem& problem : problems) {
    const auto model = model_of(problem.model);
    if (model == nullptr) continue;
    for (const std::int64_t steps : {1, 16, 256}) {
      const std::vector<std::int64_t> observed =
          steps == 1 ? std::vector<std::int64_t>{1}
                     : std::vector<std::int64_t>{0, steps / 2, steps};
      const auto stored =
          run(*model, "reversible_heun",
              plan_of(*model, GradientMode::pathwise, steps, problem.formulas, observed));
      const auto reversed =
          run(*model, "reversible_heun",
              plan_of(*model, GradientMode::reversible_heun, steps, problem.formulas, observed));
      EXPECT_LE(largest_difference(stored, reversed), problem.rebuilt_bound)
          << problem.model << ", " << steps;
    }
  }
}

TEST(Gradient, AdjointConvergesToPathwise) {  // GR-5
  for (const Problem& problem : problems) {
    const auto model = model_of(problem.model);
    if (model == nullptr || problem.model == "heston") continue;
    for (const std::string scheme : {"heun", "midpoint", "milstein"}) {
      std::vector<double> error;
      for (const std::int64_t steps : {64, 1024}) {
        const std::vector<std::int64_t> observed{steps / 4, steps};
        const auto stored =
            run(*model, scheme,
                plan_of(*model, GradientMode::pathwise, steps, problem.formulas, observed));
        const auto adjoint =
            run(*model, scheme,
                plan_of(*model, GradientMode::adjoint, steps, problem.formulas, observed));
        double sum = 0;
        double all = 0;
        for (std::size_t r = 4; r < stored.size(); ++r) {
          for (std::size_t p = 0; p < paths; ++p) {
            sum += std::abs(stored[r][p] - adjoint[r][p]);
            all += std::abs(stored[r][p]);
          }
        }
        error.push_back(sum / all);
      }
      const double slope = std::log(error[0] / error[1]) / std::log(16.0);
      if (error[1] > 1e-12) {
        EXPECT_GE(slope, 0.85) << problem.model << ", " << scheme << ": " << error[0] << ", "
                               << error[1];
      }
    }
  }
}

// To the last bits: products of a traced field may have their factors in another order, on which
// the rounding of derivatives in a scheme depends.
TEST(Gradient, ValuesAreThoseOfTheEnsemble) {
  for (const Problem& problem : problems) {
    const auto model = model_of(problem.model);
    if (model == nullptr) continue;
    for (const std::string& scheme : model->schemes()) {
      std::vector<std::string> components;
      for (const ComponentInfo& c : model->components()) components.push_back(c.name);
      const GradientPlan plan = plan_of(*model, GradientMode::pathwise, 10, components, {10});
      std::unique_ptr<GradientSolver> solver;
      try {
        solver = model->gradients(scheme, Precision::double_, plan);
      } catch (const UsageError&) {
        continue;
      }
      const auto samples = run(*solver);
      const auto propagator = model->propagator(
          scheme, Precision::double_, {.end = 1, .steps = 10, .seed = 11, .capacity = paths});
      propagator->start({0, paths});
      propagator->advance({0, 10});
      const Channels states("states", components.size(), path_padding);
      propagator->read(states);
      for (std::size_t i = 0; i < components.size(); ++i) {
        for (std::size_t p = 0; p < paths; ++p) {
          EXPECT_NEAR(samples[i][p], states(i, p), 1e-14 * (1 + std::abs(states(i, p))))
              << problem.model << ", " << scheme;
        }
      }
    }
  }
}

TEST(Gradient, SamplesDoNotDependOnTheirBatch) {  // GR-12
  const auto model = model_of("heston");
  if (model == nullptr) GTEST_SKIP() << "heston is left out of this build";
  for (const GradientMode mode : {GradientMode::pathwise, GradientMode::reversible_heun}) {
    const auto solver =
        model->gradients("reversible_heun", Precision::double_,
                         plan_of(*model, mode, 20, {"max(price - 100, 0)"}, {10, 20}));
    const auto all = run(*solver);
    const auto some = run(*solver, {13, 30});
    for (std::size_t r = 0; r < some.size(); ++r) {
      for (std::size_t p = 0; p < 30; ++p) EXPECT_EQ(some[r][p], all[r][p + 13]);
    }
  }
}

/// W at time 1 of each path in so many steps, by the exact solution of geometric Brownian motion.
std::vector<double> brownian_ends(const Model& model, std::int64_t steps) {
  const auto propagator = model.propagator(
      "exact", Precision::double_, {.end = 1, .steps = steps, .seed = 11, .capacity = paths});
  const Channels start("start", 1, path_padding);
  const Channels end("end", 1, path_padding);
  propagator->start({0, paths});
  propagator->read(start);
  propagator->advance({0, steps});
  propagator->read(end);
  const double drift = model.parameters()[0].value;
  const double volatility = model.parameters()[1].value;
  std::vector<double> out;
  for (std::size_t p = 0; p < paths; ++p) {
    const double growth = std::log(end(0, p) / start(0, p));
    out.push_back((growth - drift) / volatility + volatility / 2);
  }
  return out;
}

TEST(Gradient, GeometricBrownianMotionClosedForm) {  // GR-1
  // dX/d drift = X, dX/d volatility = (W - volatility) X, dX/dx0 = X / x0 at time 1, of ten
  // equations whose volatility and drift are drawn as in the specification.
  const auto model = model_of("geometric_brownian_motion");
  if (model == nullptr) GTEST_SKIP() << "geometric_brownian_motion is left out of this build";
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  const random::Stream stream(7, random::Purpose::probe, 0);
  constexpr double x0 = 0.1;
  for (const std::string scheme : {"milstein", "heun"}) {
    std::vector<double> errors;
    for (const std::int64_t steps : {125, 1000}) {
      const std::vector<double> w = brownian_ends(*model, steps);
      GradientPlan plan = plan_of(*model, GradientMode::adjoint, steps, {"price"}, {steps});
      plan.start = {{x0}};
      const auto solver = model->gradients(scheme, Precision::double_, plan);
      double error = 0;
      double all = 0;
      for (std::uint64_t i = 0; i < 10; ++i) {
        const auto normal = random::normals<double>(stream, {i}, 0, 1);
        const double volatility = sigmoid(normal.z[0]);
        const double drift = -volatility * volatility - sigmoid(normal.z[1]);
        solver->set_parameters({drift, volatility});
        const auto samples = run(*solver);
        for (std::size_t p = 0; p < paths; ++p) {
          const double growth = std::exp(drift - volatility * volatility / 2 + volatility * w[p]);
          const double exact[] = {x0 * growth, (w[p] - volatility) * x0 * growth, growth};
          for (std::size_t j = 0; j < 3; ++j) {
            error += std::pow(samples[1 + j][p] - exact[j], 2);
            all += exact[j] * exact[j];
          }
        }
      }
      errors.push_back(std::sqrt(error / all));
    }
    const double slope = std::log(errors[0] / errors[1]) / std::log(8.0);
    std::printf("  %s: %.1e at 1000 steps, slope %.2f\n", scheme.c_str(), errors[1], slope);
    EXPECT_LE(errors[1], 1e-2) << scheme;
    EXPECT_GE(slope, 0.9) << scheme;
  }
}

TEST(Gradient, ArctanClosedForm) {  // GR-2
  // X_T = atan(p W + tan x0): dX/dp = W / (1 + (p W + tan x0)^2), of which tan X_T gives W.
  const auto model = model_of("arctan");
  if (model == nullptr) GTEST_SKIP() << "arctan is left out of this build";
  for (const auto& [scheme, mode] :
       std::vector<std::pair<std::string, GradientMode>>{{"milstein", GradientMode::adjoint},
                                                         {"heun", GradientMode::adjoint},
                                                         {"sriw1", GradientMode::pathwise}}) {
    std::vector<double> errors;
    for (const std::int64_t steps : {125, 1000}) {
      const GradientPlan plan = plan_of(*model, mode, steps, {"x"}, {steps});
      const auto samples = run(*model, scheme, plan);
      const double p = model->parameters()[0].value;
      double error = 0;
      double all = 0;
      for (std::size_t i = 0; i < paths; ++i) {
        const double u = std::tan(samples[0][i]);
        const double start = std::tan(0.5);
        const double by_p = (u - start) / p / (1 + u * u);
        const double by_start = (1 + start * start) / (1 + u * u);
        error += std::pow(samples[1][i] - by_p, 2) + std::pow(samples[2][i] - by_start, 2);
        all += by_p * by_p + by_start * by_start;
      }
      errors.push_back(std::sqrt(error / all));
    }
    EXPECT_LE(errors[1], 1e-2) << scheme;
    const double slope = std::log(errors[0] / errors[1]) / std::log(8.0);
    std::printf("  %s: %.1e at 1000 steps, slope %.2f\n", scheme.c_str(), errors[1], slope);
    EXPECT_GE(slope, 0.9) << scheme;
  }
}

TEST(Gradient, AdditiveClosedForm) {  // GR-3
  // X_1 = (x0 + b (1 + a W)) / sqrt(2): X_1 gives W, and with it all derivatives.
  const auto model = model_of("additive_time_dependent");
  if (model == nullptr) GTEST_SKIP() << "additive_time_dependent is left out of this build";
  struct Case {
    std::string scheme;
    GradientMode mode;
    double bound;
  };
  for (const Case& c :
       {Case{"sra1", GradientMode::pathwise, 1e-4}, Case{"heun", GradientMode::pathwise, 1e-4},
        Case{"heun", GradientMode::adjoint, 1e-2}, Case{"midpoint", GradientMode::adjoint, 1e-2},
        Case{"milstein", GradientMode::adjoint, 1e-2}}) {
    GradientPlan plan = plan_of(*model, c.mode, 1000, {"x"}, {1000});
    plan.start = {{0.5}};
    const auto samples = run(*model, c.scheme, plan);
    const double a = model->parameters()[0].value;
    const double b = model->parameters()[1].value;
    double error = 0;
    double all = 0;
    for (std::size_t i = 0; i < paths; ++i) {
      const double moved = (samples[0][i] * std::sqrt(2.0) - 0.5) / b;  // 1 + a W
      const double exact[] = {b * (moved - 1) / a / std::sqrt(2.0), moved / std::sqrt(2.0),
                              1 / std::sqrt(2.0)};
      for (std::size_t j = 0; j < 3; ++j) {
        error += std::pow(samples[1 + j][i] - exact[j], 2);
        all += exact[j] * exact[j];
      }
    }
    EXPECT_LE(std::sqrt(error / all), c.bound) << c.scheme;
  }
}

TEST(WayBack, TakesFewestSteps) {
  EXPECT_EQ(steps_forward(way_back(100, 100)), 99);
  // 3 slots and every step at most 3 times forwards reach 20 steps: Griewank and Walther, table 1.
  for (const std::int64_t slots : {1, 2, 3, 7}) {
    for (const std::int64_t steps : {1, 2, 5, 20, 93}) {
      std::vector<std::int64_t> slot(static_cast<std::size_t>(slots), -1);
      slot[0] = 0;
      std::int64_t at = 0;
      std::int64_t next = steps;
      for (const Action& a : way_back(steps, slots)) {
        if (a.kind == Action::store) {
          ASSERT_EQ(at, a.node);
          slot.at(static_cast<std::size_t>(a.slot)) = at;
        } else if (a.kind == Action::restore) {
          at = slot.at(static_cast<std::size_t>(a.slot));
          ASSERT_EQ(at, a.node);
        } else if (a.kind == Action::advance) {
          ASSERT_LE(at, a.node);
          at = a.node;
        } else {
          ASSERT_EQ(at, a.node);
          ASSERT_EQ(--next, a.node);
        }
      }
      EXPECT_EQ(next, 0);
    }
  }
}

}  // namespace
}  // namespace driftwood::sde
