// SPDX-License-Identifier: BSD-3-Clause
// Claims: regressions have the potential that their definition gives row by row, in any number of
// rows and columns and with coordinates that are scaled; labels and columns that do not fit are
// refused.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/on_device.hpp"
#include "mcmc/host_evaluation.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/target_decks.hpp"

namespace {
using namespace driftwood;

/// A table of normal numbers and a label of each row.
struct Made {
  std::vector<std::vector<double>> x;
  std::vector<int> y;

  Made(int rows, int columns, int labels, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal;
    std::string text;
    for (int r = 0; r < rows; ++r) {
      x.emplace_back();
      for (int j = 0; j < columns; ++j) {
        x.back().push_back(std::round(1e3 * normal(engine)) / 1e3);
        text += std::to_string(x.back().back()) + " ";
      }
      y.push_back(r < labels ? r : static_cast<int>(engine() % static_cast<unsigned>(labels)));
      text += std::to_string(y.back()) + "\n";
    }
    test::write_data("made.txt", text);
  }
};

/// log(1 + exp(eta)), log of the normal distribution function, ... in long double.
long double row_potential(const std::string& model, const std::vector<long double>& eta, int y) {
  const long double e = eta[0];
  if (model == "logistic") return std::log1p(std::exp(-std::abs(e))) + std::max(e, 0.0L) - y * e;
  if (model == "probit") {
    return -std::log(std::erfc((y == 1 ? -e : e) / std::sqrt(2.0L)) / 2);
  }
  if (model == "linear") return (e - y) * (e - y) / (2 * 0.5L * 0.5L);
  if (model == "poisson") return std::exp(e) - y * e;
  long double sum = 1;
  for (const long double one : eta) sum += std::exp(one);
  return std::log(sum) - (y == 0 ? 0 : eta[static_cast<std::size_t>(y) - 1]);
}

long double potential(const std::string& model, const Made& data, const std::vector<double>& beta,
                      int predictors) {
  const std::size_t columns = data.x[0].size() + 1;
  long double sum = 0;
  for (std::size_t r = 0; r < data.x.size(); ++r) {
    std::vector<long double> eta;
    for (std::size_t k = 0; k < static_cast<std::size_t>(predictors); ++k) {
      eta.push_back(beta[k * columns]);
      for (std::size_t j = 1; j < columns; ++j) {
        eta.back() += static_cast<long double>(data.x[r][j - 1]) * beta[k * columns + j];
      }
    }
    sum += row_potential(model, eta, data.y[r]);
  }
  for (const double b : beta) sum += static_cast<long double>(b) * b / (2 * 1.5L * 1.5L);
  return sum;
}

struct Shape {
  std::string model;
  int rows;
  int columns;
  int labels;
};

TEST(Regression, HasThePotentialOfItsDefinition) {
  std::mt19937_64 engine(3);
  std::normal_distribution<double> normal;
  for (const Shape& shape :
       {Shape{"logistic", 7, 1, 2}, Shape{"logistic", 1201, 13, 2}, Shape{"probit", 49, 5, 2},
        Shape{"linear", 50, 3, 4}, Shape{"poisson", 48, 6, 4}, Shape{"softmax", 100, 4, 3},
        Shape{"softmax", 530, 2, 33}}) {
    const Made data(shape.rows, shape.columns, shape.labels, 5);
    const auto target = test::target_of("name = '" + shape.model +
                                        "'\ndata = 'made.txt'\nstandardise = false\n"
                                        "prior_sd = [1.5]" +
                                        (shape.model == "linear" ? "\nnoise_sd = 0.5" : ""));
    const auto density = target->density();
    const int predictors = shape.model == "softmax" ? shape.labels - 1 : 1;
    ASSERT_EQ(density->dim(), predictors * (shape.columns + 1));
    for (const double spread : {0.1, 1.0}) {
      std::vector<double> beta(static_cast<std::size_t>(density->dim()));
      for (double& b : beta) b = spread * normal(engine);
      const auto exact = static_cast<double>(potential(shape.model, data, beta, predictors));
      EXPECT_NEAR(mcmc::evaluate_at(*density, beta).potentials[0], exact, 1e-13 * exact)
          << shape.model << ' ' << shape.rows;
    }
  }
}

TEST(Regression, PriorOfTheDesignIsOneOfLinearPredictors) {
  const Made data(60, 2, 2, 9);
  const std::string keys =
      "name = 'logistic'\ndata = 'made.txt'\nstandardise = false\nintercept = false\n";
  const std::vector<double> beta{0.4, -0.9};
  const double with =
      mcmc::evaluate_at(*test::target_of(keys + "design_prior = 0.6")->density(), beta)
          .potentials[0];
  const double flat =
      mcmc::evaluate_at(*test::target_of(keys + "prior_sd = [1e9]")->density(), beta).potentials[0];
  double squares = 0;
  for (const auto& row : data.x) {
    squares += std::pow(row[0] * beta[0] + row[1] * beta[1], 2);
  }
  EXPECT_NEAR(with - flat, 0.5 * 0.6 * squares / 60, 1e-12);
}

/// Samplers move z, of which x = scale z: the gradient is by z, and only the asked vectors change.
TEST(Regression, TakesScaledCoordinatesAndAnyVector) {
  const Made data(130, 3, 2, 4);
  const auto density =
      test::target_of("name = 'logistic'\ndata = 'made.txt'\nstandardise = false")->density();
  const std::vector<double> scale{0.5, 2.0, 0.25, 3.0};
  const std::vector<double> z{0.3, -0.2, 1.1, 0.1};
  std::vector<double> x(4);
  for (std::size_t i = 0; i < 4; ++i) x[i] = scale[i] * z[i];
  const auto expected = mcmc::evaluate_at(*density, x);

  mcmc::RowLayout layout{.dim = 4, .theta = 0, .vectors = 4, .numbers = 4, .is_scaled = true};
  const mcmc::ChainRows rows("rows", 3, static_cast<std::size_t>(layout.rows()), 64);
  const auto host = Kokkos::create_mirror_view(rows);
  for (int i = 0; i < 4; ++i) host(2, layout.vector(2) + i, 17) = z[static_cast<std::size_t>(i)];
  Kokkos::deep_copy(rows, host);
  const auto held = on_device("scale", scale);
  const std::int64_t lanes = 2 * 64 / width_of<Lane<double>>;
  density->evaluate({rows, layout, 1, lanes, {held.data(), nullptr}, 2, 3, 3});
  Kokkos::deep_copy(host, rows);
  EXPECT_EQ(host(2, layout.number(3), 17), expected.potentials[0]);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(host(2, layout.vector(3) + static_cast<int>(i), 17),
              scale[i] * expected.gradients[i]);
    EXPECT_EQ(host(0, layout.vector(3) + static_cast<int>(i), 17), 0.0);
  }
}

TEST(Regression, NamesItsParameters) {
  test::write_made_data();
  using Texts = std::vector<std::string>;
  const auto names = [](const std::string& keys) {
    return names_of(test::target_of(keys)->parameters());
  };
  EXPECT_EQ(names("name = 'logistic'\ndata = 'binary.csv'\npositive = 'yes'"),
            (Texts{"intercept", "beta[0]", "beta[1]"}));
  EXPECT_EQ(
      names("name = 'softmax'\ndata = 'classes.csv'"),
      (Texts{"intercept_1", "beta_1[0]", "beta_1[1]", "intercept_2", "beta_2[0]", "beta_2[1]"}));
}

TEST(Regression, StandardisesWithTheDivisorN) {
  test::write_data("two.csv", "1 0\n3 1\n");
  const auto density = test::target_of("name = 'logistic'\ndata = 'two.csv'")->density();
  const std::vector<double> beta{0.0, 2.0};  // eta = -2 and 2
  EXPECT_NEAR(mcmc::evaluate_at(*density, beta).potentials[0], 2 * std::log1p(std::exp(-2.0)) + 2,
              1e-14);
}

struct Refusal {
  std::string data;
  std::string keys;
  std::string error;
};

TEST(Regression, RefusesDataThatDoNotFit) {
  const std::string logistic = "name = 'logistic'\ndata = 'bad.csv'\n";
  const std::string at = "d.toml:3:8: error: ";
  const Refusal cases[] = {
      {"a,y\n1,No\n2,Yes\n", logistic,
       at + "it is not said which label stands for 1 (the labels are 'No', 'Yes'); write "
            "'positive = \"Yes\"'"},
      {"a,y\n1,1\n2,2\n", logistic,
       at + "it is not said which label stands for 1 (the labels are '1', '2'); write 'positive = "
            "\"2\"'"},
      {"a,y\n1,No\n2,Yes\n", logistic + "positive = 'yes'",
       at + "no label is 'yes' (the labels are 'No', 'Yes'); write 'positive = \"Yes\"'"},
      {"a,y\n1,0\n2,1\n3,2\n", logistic,
       at + "there are 3 different labels: '0', '1', '2' (the model is of two); name the right "
            "column by 'label'"},
      {"a,y\n1,1\n2,1\n", logistic,
       at + "there is 1 different label: '1' (the model is of two); name the right column by "
            "'label'"},
      {"a,b,y\n1,5,0\n2,5,1\n", logistic,
       at + "column 'b' of the data is constant (its standard deviation is 0); drop it, or write "
            "'standardise = false'"},
      {"a,y\n1,0\n2,x\n", "name = 'poisson'\ndata = 'bad.csv'\n",
       at + "bad.csv:3: the label 'x' is no count (counts are 0, 1, 2, ...); name the right column "
            "by 'label'"},
      {"a,y\n1,0\n2,-1\n", "name = 'poisson'\ndata = 'bad.csv'\n",
       at + "bad.csv:3: the label '-1' is no count (counts are 0, 1, 2, ...); name the right "
            "column by 'label'"},
      {"a,y\n1,0.5\n2,x\n", "name = 'linear'\ndata = 'bad.csv'\n",
       at + "bad.csv:3: the label 'x' is no number; name the right column by 'label'"},
      {"a,y\n1,k\n2,k\n", "name = 'softmax'\ndata = 'bad.csv'\n",
       at + "there are 1 classes (from 2 to 33 are possible); name the right column by 'label'"},
      {"a,y\n1,0\n2,1\n", logistic + "prior_sd = [1.0, 2.0, 3.0]",
       "d.toml:4:12: error: there are 3 numbers (there are 2 coefficients, the intercept among "
       "them); give one for all, or one for each"},
      {"a,y\n1,0\n2,1\n", logistic + "design_prior = 1.0\nprior_sd = [1.0]",
       "d.toml:4:16: error: the prior is given twice; leave out 'prior_sd' or 'design_prior'"},
      {"a,y\n1,0\n2,1\n", logistic + "scale = 2.0",
       "d.toml:4:9: error: columns are scaled twice; write 'standardise = false', or leave out "
       "'scale'"},
      {"a,y\n1,0\n2\n", logistic,
       at + "bad.csv:3: there are 1 columns, not 2 as in the first line; complete the line; 'skip' "
            "passes over lines before the table"},
  };
  for (const Refusal& one : cases) {
    test::write_data("bad.csv", one.data);
    EXPECT_EQ(test::error_of_target(one.keys), one.error);
  }
}

}  // namespace
