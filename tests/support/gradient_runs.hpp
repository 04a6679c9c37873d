// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Gradients of compiled models, for tests that compare them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "formula/parse.hpp"
#include "sde/gradient/solver.hpp"
#include "sde/observed_formulas.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde::test {

inline constexpr std::int64_t paths = 64;

/// Formulas of the components, the parameters, and the components at time 0 as `<name>_start`.
inline formula::Program program_of(const Model& model, const std::vector<std::string>& texts) {
  formula::Scope scope;
  add_components(scope, model);
  for (const ParameterInfo& parameter : model.parameters()) scope.add_fixed(parameter.name);
  for (const ComponentInfo& c : model.components()) scope.add_fixed(c.name + "_start");
  formula::Graph graph(scope);
  std::vector<int> formulas;
  for (const std::string& text : texts) formulas.push_back(graph.add(formula::parse(text, scope)));
  return {graph, formulas, formula::Keep::all};
}

/// One objective for each formula at each time; all derivatives.
inline GradientPlan plan_of(const Model& model, GradientMode mode, std::int64_t steps,
                            const std::vector<std::string>& texts,
                            const std::vector<std::int64_t>& observed) {
  GradientPlan plan;
  plan.mode = mode;
  plan.end = 1;
  plan.steps = steps;
  plan.seed = 11;
  plan.capacity = paths;
  plan.observed = observed;
  plan.formulas = program_of(model, texts);
  const std::size_t count = texts.size() * observed.size();
  for (std::size_t i = 0; i < count; ++i) {
    plan.weights.emplace_back(count, 0.0);
    plan.weights.back()[i] = 1;
  }
  for (std::size_t j = 0; j < model.parameters().size(); ++j) {
    plan.parameters.push_back(static_cast<int>(j));
  }
  for (std::size_t i = 0; i < model.components().size(); ++i) {
    plan.initial.push_back(static_cast<int>(i));
  }
  return plan;
}

/// Rows of the samples of the first paths, by row and path.
inline std::vector<std::vector<double>> run(GradientSolver& solver, PathRange range = {0, paths}) {
  solver.run(range);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), solver.samples());
  std::vector<std::vector<double>> out;
  for (std::int64_t r = 0; r < solver.rows(); ++r) {
    out.emplace_back();
    for (std::int64_t p = 0; p < range.count; ++p) {
      EXPECT_EQ(host(solver.rows(), p), 1) << "path " << p << " does not count";
      out.back().push_back(host(r, p));
    }
  }
  return out;
}

inline std::vector<std::vector<double>> run(const Model& model, const std::string& scheme,
                                            const GradientPlan& plan,
                                            Precision precision = Precision::double_) {
  return run(*model.gradients(scheme, precision, plan));
}

inline std::shared_ptr<Model> model_of(const std::string& name) {
  for (const auto& alternative : models()) {
    if (alternative.name == name) return alternative.make();
  }
  return nullptr;
}

inline double largest_difference(const std::vector<std::vector<double>>& a,
                                 const std::vector<std::vector<double>>& b,
                                 std::size_t first_row = 0) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0;
  for (std::size_t r = first_row; r < a.size(); ++r) {
    double scale = 1e-300;
    for (const double x : a[r]) scale = std::max(scale, std::abs(x));
    for (std::size_t p = 0; p < a[r].size(); ++p) {
      most = std::max(most, std::abs(a[r][p] - b[r][p]) / scale);
    }
  }
  return most;
}

/// Paths start away from where a drift vanishes, at which tamed schemes have a kink. Where a
/// variance comes near zero, differences of its square root are worth less, and what is rebuilt
/// backwards too.
struct Problem {
  std::string model;
  std::vector<std::string> formulas;
  std::vector<double> start;
  double difference_bound = 1e-7;
  double rebuilt_bound = 1e-11;
};
inline const std::vector<Problem> problems = {
    {"arctan", {"x", "sin(x)*p"}, {0.5}},
    {"geometric_brownian_motion", {"exp(-2*drift)*price", "price^2/price_start"}, {90.0}},
    {"heston", {"exp(-rate*t)*max(price - 100, 0)", "variance"}, {100.0, 0.03}, 1e-6, 1e-9},
    {"ornstein_uhlenbeck", {"x", "x*x_start + mean*x^2"}, {0.7}},
    {"double_well", {"x", "exp(-x^2)"}, {-0.4}},
};

/// Derivatives against central differences path by path on the same noise, at parameters a little
/// away from the model's. A few paths may meet a kink or take other steps between the two sides:
/// the bound, relative to the largest difference, is on the median of paths. `step` is relative to
/// each parameter. The solver's first objectives are plain formulas, one each.
inline void expect_central_differences(GradientSolver& solver, std::size_t objectives, double step,
                                       double bound, const std::string& what) {
  auto values = solver.parameters();
  for (double& value : values) value += 0.03;
  const auto at_moved = [&](std::size_t j, double by) {
    auto moved = values;
    if (j < moved.size()) moved[j] += by;
    solver.set_parameters(moved);
    return run(solver);
  };
  const auto at = at_moved(values.size(), 0);
  const std::size_t each = solver.derivatives().size();
  for (std::size_t j = 0; j < values.size(); ++j) {
    const double by = step * std::max(1.0, std::abs(values[j]));
    const auto above = at_moved(j, by);
    const auto below = at_moved(j, -by);
    for (std::size_t s = 0; s < objectives; ++s) {
      std::vector<double> error;
      double scale = 1e-2;
      for (std::size_t p = 0; p < paths; ++p) {
        const double difference = (above[s][p] - below[s][p]) / (2 * by);
        scale = std::max(scale, std::abs(difference));
        error.push_back(std::abs(at[objectives + s * each + j][p] - difference));
      }
      std::nth_element(error.begin(), error.begin() + paths / 2, error.end());
      EXPECT_LE(error[paths / 2], bound * scale)
          << what << ", objective " << s << " by " << solver.derivatives()[j];
    }
  }
}

}  // namespace driftwood::sde::test
