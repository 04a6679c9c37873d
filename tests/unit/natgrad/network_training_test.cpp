// SPDX-License-Identifier: BSD-3-Clause
// Claims: training ends where theory says it must. A linear network of squared loss ends at least
// squares, whatever the preconditioner and method, and by natural gradient in one step; others
// interpolate, by gradient descent in more steps than by natural gradient; damping adapts and no
// step loses; batches descend; what diverges is said to.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "base/error.hpp"
#include "natgrad/network/draws.hpp"
#include "natgrad/network/training.hpp"

namespace {
using namespace driftwood;
using natgrad::Architecture;
using natgrad::Dense;
using natgrad::FisherChoice;
using natgrad::FisherMethod;
using natgrad::Layers;
using natgrad::Loss;
using natgrad::NetworkDraw;
using natgrad::TrainingData;
using natgrad::TrainingKeys;
using natgrad::TrainingState;

/// (columns, rows) of normal numbers, one sample a column.
Dense samples_of(std::size_t features, std::size_t n, std::uint32_t replica) {
  const std::vector<double> ones(n, 1.0);
  return natgrad::drawn(41, NetworkDraw::inputs, replica, features, ones);
}

struct Problem {
  Architecture of;
  TrainingData data;
  Layers start;

  Problem(const Architecture& architecture, std::size_t n)
      : of(architecture),
        data{.x = samples_of(of.widths.front(), n, 0), .y = samples_of(1, n, 1), .fisher = {}},
        start(natgrad::drawn_parameters(of, {}, 5, NetworkDraw::student, 0)) {}

  TrainingState train(const FisherChoice& choice, const TrainingKeys& keys, Layers& theta) const {
    theta = start;
    const natgrad::EpochOrder order = [&](std::uint64_t epoch) {
      return natgrad::drawn_order(5, NetworkDraw::batches, 0, data.x.columns(), epoch);
    };
    return natgrad::train(of, Loss::squared, choice, keys, data, order, theta,
                          [](const TrainingState&) {});
  }
  [[nodiscard]] double loss(const Layers& theta) const {
    natgrad::Pass pass;
    natgrad::forward(of, theta, data.x, pass);
    return natgrad::mean_loss(Loss::squared, pass.outputs, data.y);
  }
  [[nodiscard]] Layers gradient(const Layers& theta) const {
    natgrad::Pass pass;
    natgrad::forward(of, theta, data.x, pass);
    Dense residual;
    natgrad::residuals(Loss::squared, pass.outputs, data.y, residual);
    std::vector<Dense> signals;
    natgrad::backward(of, theta, pass, residual, signals);
    Layers out;
    natgrad::gradient(pass, signals, out);
    return out;
  }
};

const Architecture linear{.widths = {6, 1}, .activation = natgrad::Activation::identity};
const Architecture deep{.widths = {8, 12, 1}, .activation = natgrad::Activation::tanh};

TEST(Training, OfALinearNetworkEndsAtLeastSquares) {
  const Problem problem(linear, 40);
  for (const char* name : {"gd", "sample:0.1", "empirical:1"}) {
    for (const FisherMethod method : {FisherMethod::dual, FisherMethod::cg, FisherMethod::kfac}) {
      Layers theta;
      const TrainingKeys keys{
          .fisher = {.method = method}, .steps = 400, .tolerance = 0, .momentum = 0.5, .clip = 100};
      (void)problem.train(FisherChoice::parse(name), keys, theta);
      const Layers g = problem.gradient(theta);
      EXPECT_LT(std::sqrt(natgrad::product(g, g)), 1e-9) << name;
    }
  }
}

/// Of undamped natural gradient, one step of length 1 solves least squares.
TEST(Training, OfALinearNetworkByNaturalGradientTakesOneStep) {
  const Problem problem(linear, 40);
  Layers theta;
  const TrainingKeys keys{.steps = 1, .tolerance = 0, .clip = 100};
  (void)problem.train(FisherChoice::parse("sample:1e-6"), keys, theta);
  const Layers g = problem.gradient(theta);
  const Layers first = problem.gradient(problem.start);
  // What damping leaves, over the least eigenvalue.
  EXPECT_LT(natgrad::product(g, g), 1e-8 * natgrad::product(first, first));
}

TEST(Training, InterpolatesToTheToleranceAndSaysInHowManySteps) {
  const Problem problem(deep, 24);
  std::vector<double> steps;
  for (const char* name : {"gd", "sample:1", "population:1", "empirical:10"}) {
    Layers theta;
    const TrainingKeys keys{.steps = 20'000, .tolerance = 1e-3};
    const TrainingState end = problem.train(FisherChoice::parse(name), keys, theta);
    EXPECT_LT(end.step, 20'000) << name;
    EXPECT_DOUBLE_EQ(end.loss, problem.loss(theta));
    steps.push_back(static_cast<double>(end.step));
  }
  EXPECT_LT(2 * steps[1], steps[0]);  // what natural gradient is for
  EXPECT_EQ(steps[1], steps[2]);      // without unlabelled inputs it is that of the samples
}

TEST(Training, AdaptsDampingAndTakesBackWhatLoses) {
  const Problem problem(deep, 60);
  for (const double start : {1e-6, 1e4}) {
    Layers theta;
    const TrainingKeys keys{.steps = 300, .tolerance = 0.05, .clip = 3, .adapts_damping = true};
    const FisherChoice choice{FisherChoice::Kind::sample, start};
    double last = std::numeric_limits<double>::infinity();
    theta = problem.start;
    const TrainingState end = natgrad::train(problem.of, Loss::squared, choice, keys, problem.data,
                                             {}, theta, [&](const TrainingState& state) {
                                               EXPECT_LE(state.loss, last);
                                               last = state.loss;
                                             });
    EXPECT_LT(end.loss, 0.3 * problem.loss(problem.start));
    EXPECT_TRUE(start < 1 ? end.damping >= start : end.damping < start);
  }
}

TEST(Training, ByBatchesSeesAllSamplesAndDescends) {
  const Problem problem(deep, 60);
  for (const char* name : {"gd", "sample:10"}) {
    Layers theta;
    const TrainingKeys keys{
        .steps = 2000, .tolerance = 0.02, .step = 0.2, .momentum = 0.5, .batch = 16, .refresh = 5};
    const TrainingState end = problem.train(FisherChoice::parse(name), keys, theta);
    EXPECT_LT(end.loss, 0.1 * problem.loss(problem.start)) << name;
  }
}

TEST(Training, SaysThatItDiverges) {
  Architecture of = deep;
  of.activation = natgrad::Activation::relu;
  const Problem problem(of, 60);
  Layers theta;
  // The Fisher matrix of the start knows nothing of where this goes.
  const TrainingKeys keys{.steps = 500, .tolerance = 0, .clip = 1e9, .refresh = 1000};
  try {
    (void)problem.train(FisherChoice::parse("sample:1e-7"), keys, theta);
    FAIL() << "it converged";
  } catch (const NumericsError& error) {
    EXPECT_NE(std::string(error.what()).find("training diverges"), std::string::npos);
  }
}

TEST(FisherChoices, AreNamed) {
  const FisherChoice mix = FisherChoice::parse("population_mix:0.25");
  EXPECT_TRUE(mix.uses_unlabelled());
  EXPECT_DOUBLE_EQ(mix.damping(), 3);
  EXPECT_TRUE(FisherChoice::parse("population_mix:0").is_plain());
  EXPECT_FALSE(FisherChoice::parse("sample:2").uses_unlabelled());
  const auto error_of = [](const char* text) {
    try {
      (void)FisherChoice::parse(text);
      return std::string();
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_NE(error_of("popultion:1").find("did you mean 'population'?"), std::string::npos);
  EXPECT_NE(error_of("sample").find("write it as 'sample:1'"), std::string::npos);
  EXPECT_NE(error_of("sample:0").find("is positive"), std::string::npos);
  EXPECT_NE(error_of("population_mix:1").find("in [0, 1)"), std::string::npos);
  EXPECT_NE(error_of("gd:1").find("takes no number"), std::string::npos);
}

}  // namespace
