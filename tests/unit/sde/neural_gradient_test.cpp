// SPDX-License-Identifier: BSD-3-Clause
// Gradients through equations of networks: GR-4 to GR-10 and GR-12 of the specification.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "neural_problem.hpp"
#include "random/normal.hpp"
#include "support/kokkos_environment.hpp"

namespace driftwood::sde {
namespace {

using namespace driftwood::test;

constexpr PathRange one_group{0, neural::group_paths};

struct Found {
  std::vector<double> derivatives;
  std::vector<double> values;
  GradientRecord record;
};

Found gradient_of(const NeuralEquation& equation, std::string_view scheme, Precision precision,
                  const GradientPlan& plan, PathRange paths = one_group) {
  const auto solver = make_neural_gradients(equation, scheme_of(scheme), precision, plan);
  std::vector<double> sample = samples_of(*solver, paths).front();
  EXPECT_EQ(sample.back(), 1) << "weight of a group";
  sample.pop_back();
  const auto first = plan.formula_count() * plan.times();
  return {{sample.begin() + first, sample.end()},
          {sample.begin(), sample.begin() + first},
          solver->record()};
}

/// Of a mode that goes back on a path of its own, beside the stored solution.
struct Compared {
  double error;
  double rebuilt;
};
Compared compare(const NeuralNetworks& networks, std::string_view scheme, GradientMode mode,
                 Precision precision, std::int64_t steps,
                 const std::vector<std::int64_t>& observed = {}) {
  const NeuralEquation equation = equation_of(networks);
  const Found own =
      gradient_of(equation, scheme, precision, neural_plan(networks, mode, steps, observed));
  const Found stored = gradient_of(equation, scheme, precision,
                                   neural_plan(networks, GradientMode::pathwise, steps, observed));
  return {difference(own.derivatives, stored.derivatives), own.record.rebuilt};
}

// GR-4. Measured in double: 1e-16 to 4e-15.
TEST(NeuralGradients, GR4ReversibleHeunIsExactInDouble) {
  for (const std::int64_t steps : {1, 4, 16, 64, 256, 1024}) {
    const Compared found = compare(error_table_networks(), "reversible_heun",
                                   GradientMode::reversible_heun, Precision::double_, steps);
    std::printf("  %5ld steps: error %.1e, rebuilt %.1e\n", static_cast<long>(steps), found.error,
                found.rebuilt);
    EXPECT_LE(found.error, 1e-14) << steps;
    EXPECT_LE(found.rebuilt, 1e-13) << steps;
  }
}

TEST(NeuralGradients, GR4ReversibleHeunIsExactInSingle) {
  for (const std::int64_t steps : {1, 4, 16, 64, 256, 1024}) {
    const Compared found = compare(error_table_networks(), "reversible_heun",
                                   GradientMode::reversible_heun, Precision::single_, steps);
    std::printf("  %5ld steps: error %.1e, rebuilt %.1e\n", static_cast<long>(steps), found.error,
                found.rebuilt);
    EXPECT_LE(found.error, 5e-6) << steps;
  }
}

// GR-5: the table of section 6.3, which is of other random numbers.
TEST(NeuralGradients, GR5AdjointErrorsFallWithTheStep) {
  const std::vector<std::int64_t> steps = {1, 4, 16, 64, 256, 1024};
  const std::vector<double> midpoint = {5.1e-2, 1.2e-2, 3.6e-3, 7.9e-4, 1.8e-4, 4.8e-5};
  const std::vector<double> heun = {5.7e-2, 9.7e-3, 1.9e-3, 3.5e-4, 8.1e-5, 2.1e-5};
  for (const auto& [scheme, expected] :
       {std::pair<std::string, std::vector<double>>{"midpoint", midpoint}, {"heun", heun}}) {
    double first = 0;
    double last = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Compared found = compare(error_table_networks(), scheme, GradientMode::adjoint,
                                     Precision::double_, steps[i]);
      std::printf("  %s, %5ld steps: error %.1e, table %.1e\n", scheme.c_str(),
                  static_cast<long>(steps[i]), found.error, expected[i]);
      EXPECT_LE(found.error, 3 * expected[i]) << scheme << ", " << steps[i];
      EXPECT_GE(found.error, expected[i] / 3) << scheme << ", " << steps[i];
      if (steps[i] == 4) first = found.error;
      last = found.error;
    }
    EXPECT_NEAR(std::log2(first / last) / 8, 1, 0.15) << scheme;
  }
}

/// tanh(A x) and tanh(B x + 0.3) with normal entries of variance 1/8.
NeuralEquation tanh_fields(bool is_diagonal) {
  using enum neural::Activation;
  const int m = is_diagonal ? 8 : 4;
  NeuralEquation equation =
      equation_of(networks_of(8, m, is_diagonal, {.depth = 0, .output = tanh}));
  const random::Stream stream(7, random::Purpose::probe, 0);
  const int drift = neural::parameter_count(equation.networks.drift);
  for (std::size_t j = 0; j < equation.parameters.size(); ++j) {
    const double z = random::normals<double>(stream, {j}, 0, 1.0 / 8).z[0];
    const bool is_bias = equation.parameters[j].name.find("bias") != std::string::npos;
    const double bias = static_cast<int>(j) < drift ? 0 : 0.3;
    equation.parameters[j].value = is_bias ? bias : z;
  }
  return equation;
}

// GR-6, for the noises that networks have. What round-off does grows with the end as paths part
// from each other backwards: for T = 30 the limit is for one path, as it was measured; of 256 the
// worst has 1e-7.
TEST(NeuralGradients, GR6StatesAreRebuilt) {
  struct Case {
    double end;
    std::int64_t steps;
    double limit;
    std::int64_t paths = neural::group_paths;
  };
  for (const bool is_diagonal : {true, false}) {
    const NeuralEquation equation = tanh_fields(is_diagonal);
    for (const Case& c : {Case{2, 20, 1e-13},
                          {1, 100, 1e-12},
                          {1, 10000, 1e-12},
                          {10, 10000, 1e-8},
                          {30, 30000, 1e-8, 1}}) {
      GradientPlan plan = neural_plan(equation.networks, GradientMode::reversible_heun, c.steps);
      plan.end = c.end;
      const Found found =
          gradient_of(equation, "reversible_heun", Precision::double_, plan, {0, c.paths});
      std::printf("  %s, T = %g, %ld steps: rebuilt %.1e, gap %.1e\n",
                  is_diagonal ? "diagonal" : "general", c.end, static_cast<long>(c.steps),
                  found.record.rebuilt, found.record.gap);
      EXPECT_LE(found.record.rebuilt, c.limit) << c.end << ", " << c.steps;
      EXPECT_GT(found.record.gap, 0);
    }
  }
}

// GR-7: against central differences of the mean of the formulas.
TEST(NeuralGradients, GR7AgreeWithDifferences) {
  using enum neural::Activation;
  struct Case {
    std::string scheme;
    GradientMode mode;
    double limit;
  };
  const std::vector<Case> cases = {
      {"euler_maruyama", GradientMode::pathwise, 1e-6},
      {"heun", GradientMode::pathwise, 1e-6},
      {"midpoint", GradientMode::pathwise, 1e-6},
      {"reversible_heun", GradientMode::pathwise, 1e-6},
      {"reversible_heun", GradientMode::reversible_heun, 1e-6},
      {"heun", GradientMode::adjoint, 1e-2},
      {"midpoint", GradientMode::adjoint, 1e-2},
  };
  for (const bool is_diagonal : {true, false}) {
    const NeuralNetworks networks =
        networks_of(3, is_diagonal ? 3 : 2, is_diagonal,
                    {.depth = 2, .width = 5, .hidden = swish, .output = tanh, .takes_time = true});
    for (const Case& c : cases) {
      const NeuralEquation equation = equation_of(networks);
      GradientPlan plan = neural_plan(networks, c.mode, 500, {0, 200, 500});
      plan.end = 0.5;
      plan.formulas = neural_formulas(3, {"x1*x2 + t*x3*x1_start", "exp(-x2^2)"});
      plan.weights = {{0.5, -1, 2, 1, 0.3, -0.7}};
      const Found found = gradient_of(equation, c.scheme, Precision::double_, plan);
      const auto objective = [&](const NeuralEquation& of) {
        const std::vector<double> values =
            gradient_of(of, c.scheme, Precision::double_, plan).values;
        double sum = 0;
        for (std::size_t i = 0; i < values.size(); ++i) sum += plan.weights[0][i] * values[i];
        return sum;
      };
      constexpr double eps = 1e-6;
      for (std::size_t j = 0; j < equation.parameters.size(); j += 29) {
        NeuralEquation up = equation;
        NeuralEquation down = equation;
        up.parameters[j].value += eps;
        down.parameters[j].value -= eps;
        const double expected = (objective(up) - objective(down)) / (2 * eps);
        EXPECT_NEAR(found.derivatives[j], expected, c.limit)
            << c.scheme << " " << to_string(c.mode) << " " << equation.parameters[j].name;
      }
      for (std::size_t i = 0; i < 3; ++i) {
        const auto moved = [&](double by) {
          NeuralEquation out = equation;
          std::vector<deck::Distribution> laws(3, equation.initial[0]);
          laws[i].first += by;
          out.initial = laws;
          return objective(out);
        };
        const double expected = (moved(eps) - moved(-eps)) / (2 * eps);
        EXPECT_NEAR(found.derivatives[equation.parameters.size() + i], expected, c.limit)
            << c.scheme << " " << to_string(c.mode) << " initial " << i;
      }
    }
  }
}

// GR-8.
TEST(NeuralGradients, GR8ManyTimes) {
  const std::vector<std::int64_t> observed = {0, 8, 16, 24, 32, 40, 48, 56, 64};
  const Compared exact = compare(error_table_networks(), "reversible_heun",
                                 GradientMode::reversible_heun, Precision::double_, 64, observed);
  EXPECT_LE(exact.error, 1e-14);
  const Compared heun = compare(error_table_networks(), "heun", GradientMode::adjoint,
                                Precision::double_, 64, observed);
  EXPECT_LE(heun.error, 3 * 3.5e-4);
}

/// Each formula at each time on its own gives what they give together.
TEST(NeuralGradients, ObjectivesAddUp) {
  using enum neural::Activation;
  const NeuralNetworks networks =
      networks_of(3, 3, true, {.depth = 1, .width = 6, .hidden = swish, .output = sigmoid});
  const NeuralEquation equation = equation_of(networks);
  for (const auto& [scheme, mode] :
       {std::pair<std::string, GradientMode>{"heun", GradientMode::pathwise},
        {"heun", GradientMode::adjoint},
        {"reversible_heun", GradientMode::checkpointed},
        {"reversible_heun", GradientMode::reversible_heun}}) {
    GradientPlan plan = neural_plan(networks, mode, 10, {3, 7, 10});
    const Found together = gradient_of(equation, scheme, Precision::double_, plan);
    plan.weights = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    const Found apart = gradient_of(equation, scheme, Precision::double_, plan);
    EXPECT_EQ(together.values, apart.values);
    const std::size_t count = together.derivatives.size();
    for (std::size_t j = 0; j < count; ++j) {
      const double sum =
          apart.derivatives[j] + apart.derivatives[count + j] + apart.derivatives[2 * count + j];
      EXPECT_NEAR(sum, together.derivatives[j], 1e-13) << scheme << " " << j;
    }
  }
}

// GR-9.
TEST(NeuralGradients, GR9CheckpointsChangeNoBit) {
  const NeuralNetworks networks = error_table_networks();
  const NeuralEquation equation = equation_of(networks);
  for (const std::string scheme : {"euler_maruyama", "heun", "midpoint", "reversible_heun"}) {
    for (const Precision precision : {Precision::single_, Precision::double_}) {
      GradientPlan plan = neural_plan(networks, GradientMode::pathwise, 30, {0, 7, 21, 30});
      const Found stored = gradient_of(equation, scheme, precision, plan);
      plan.mode = GradientMode::checkpointed;
      for (const std::int64_t slots : {2, 8}) {
        plan.memory = slots * 2 * 32 * 8 * neural::group_paths;
        const Found found = gradient_of(equation, scheme, precision, plan);
        EXPECT_EQ(found.derivatives, stored.derivatives) << scheme << ", " << slots;
        EXPECT_EQ(found.values, stored.values) << scheme << ", " << slots;
        EXPECT_LE(found.record.bytes, plan.memory);
      }
    }
  }
}

// GR-10.
TEST(NeuralGradients, GR10MemoryDoesNotGrowWithSteps) {
  using enum neural::Activation;
  const NeuralNetworks networks =
      networks_of(4, 4, true, {.depth = 1, .width = 8, .hidden = swish, .output = sigmoid});
  const NeuralEquation equation = equation_of(networks);
  std::vector<double> bytes;
  for (const std::int64_t steps : {100, 1000, 10000, 100000}) {
    const Found found = gradient_of(equation, "reversible_heun", Precision::single_,
                                    neural_plan(networks, GradientMode::reversible_heun, steps));
    bytes.push_back(static_cast<double>(found.record.bytes));
  }
  for (const double b : bytes) EXPECT_NEAR(b / bytes[0], 1, 0.05);
}

// GR-12: a group's sample does not depend on which others are in a call.
TEST(NeuralGradients, GR12GroupsDoNotDependOnBatches) {
  const NeuralNetworks networks = error_table_networks();
  const NeuralEquation equation = equation_of(networks);
  for (const bool antithetic : {false, true}) {
    GradientPlan plan = neural_plan(networks, GradientMode::reversible_heun, 5);
    plan.capacity = 4 * neural::group_paths;
    plan.antithetic = antithetic;
    const auto solver =
        make_neural_gradients(equation, scheme_of("reversible_heun"), Precision::single_, plan);
    const auto all = samples_of(*solver, {0, 4 * neural::group_paths});
    const auto last = samples_of(*solver, {2 * neural::group_paths, 2 * neural::group_paths});
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[2], last[0]);
    EXPECT_EQ(all[3], last[1]);
    EXPECT_NE(all[2], all[3]);
  }
}

/// Paths beyond the last one of a group that is not full count nowhere.
TEST(NeuralGradients, PaddingDoesNotCount) {
  const NeuralNetworks networks = error_table_networks();
  const NeuralEquation equation = equation_of(networks);
  GradientPlan plan = neural_plan(networks, GradientMode::reversible_heun, 4);
  plan.start = std::vector<std::vector<double>>(100, std::vector<double>(32, 0.5));
  plan.end = 1e-30;  // so that paths stay where they are
  const auto solver =
      make_neural_gradients(equation, scheme_of("reversible_heun"), Precision::double_, plan);
  const auto sample = samples_of(*solver, {0, 100}).front();
  EXPECT_NEAR(sample[0], 16, 1e-12);
  for (std::size_t i = sample.size() - 33; i + 1 < sample.size(); ++i) {
    EXPECT_NEAR(sample[i], 1, 1e-12);
  }
}

TEST(NeuralGradients, OtherParametersFollow) {
  const NeuralNetworks networks = error_table_networks();
  const NeuralEquation one = equation_of(networks, 3);
  const NeuralEquation two = equation_of(networks, 4);
  const GradientPlan plan = neural_plan(networks, GradientMode::reversible_heun, 4);
  const auto& scheme = scheme_of("reversible_heun");
  const auto solver = make_neural_gradients(one, scheme, Precision::double_, plan);
  const auto other = make_neural_gradients(two, scheme, Precision::double_, plan);
  EXPECT_NE(samples_of(*solver, one_group), samples_of(*other, one_group));
  solver->set_parameters(other->parameters());
  EXPECT_EQ(samples_of(*solver, one_group), samples_of(*other, one_group));
  EXPECT_THROW(solver->set_parameters({1.0}), Error);
}

void expect_refusal(std::string_view scheme, const GradientPlan& plan, const std::string& words) {
  const NeuralEquation equation = equation_of(error_table_networks());
  try {
    static_cast<void>(make_neural_gradients(equation, scheme_of(scheme), Precision::double_, plan));
    ADD_FAILURE() << "not refused: " << words;
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

TEST(NeuralGradients, RefusesWhatItCannotDo) {
  const NeuralNetworks networks = error_table_networks();
  expect_refusal("euler_maruyama", neural_plan(networks, GradientMode::adjoint, 4),
                 "needs scheme heun or midpoint");
  expect_refusal("reversible_heun", neural_plan(networks, GradientMode::adjoint, 4),
                 "needs scheme heun or midpoint");
  expect_refusal("heun", neural_plan(networks, GradientMode::reversible_heun, 4),
                 "needs that scheme");
  // 8 bytes of 32 components of 256 paths are 64 KiB.
  expect_refusal("heun", neural_plan(networks, GradientMode::pathwise, 5000),
                 "would store 312 MiB");
  GradientPlan plan = neural_plan(networks, GradientMode::pathwise, 4);
  formula::Scope scope;
  for (int i = 1; i <= 32; ++i) scope.add_varying("x" + std::to_string(i));
  for (int j = 0; j < networks.parameters(); ++j) scope.add_fixed("p" + std::to_string(j));
  for (int i = 1; i <= 32; ++i) scope.add_fixed("x" + std::to_string(i) + "_start");
  formula::Graph graph(scope);
  plan.formulas =
      formula::Program(graph, {graph.add(formula::parse("x1*p5", scope))}, formula::Keep::all);
  expect_refusal("heun", plan, "names a parameter of a network");
}

}  // namespace
}  // namespace driftwood::sde
