// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/lane.hpp"
#include "mcmc/targets/posteriordb/posterior.hpp"
#include "support/kokkos_environment.hpp"

namespace {
using namespace driftwood;
namespace models = mcmc::posteriordb;
using models::Posterior;
using Values = std::vector<double>;

constexpr int chains = mcmc::block_chains;

/// Data of a model, and the logarithm of its density written down once more, in the plainest way.
struct Case {
  std::string name;
  Posterior (*read)(const io::JsonObject&);
  std::string data;
  std::vector<std::string> parameters;
  std::function<double(const Values&)> log_density;
  double tolerance = 1e-11;
  double spread = 0.7;  ///< of the points
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

double normal(double x, double mean, double sd) {
  return -std::log(sd) - 0.5 * (x - mean) * (x - mean) / (sd * sd);
}
double cauchy(double x, double scale) { return -std::log(1 + x * x / (scale * scale)); }
double lognormal(double x, double mean, double sd) {
  return normal(std::log(x), mean, sd) - std::log(x);
}

/// Normal answers with means x beta; the last parameter is their standard deviation.
double regression(const Values& theta, const std::vector<Values>& x, const Values& y) {
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    double mean = 0;
    for (std::size_t j = 0; j + 1 < theta.size(); ++j) mean += x[i][j] * theta[j];
    sum += normal(y[i], mean, theta.back());
  }
  return sum;
}
double normal_coefficients(const Values& theta) {
  double sum = 0;
  for (std::size_t j = 0; j + 1 < theta.size(); ++j) sum += normal(theta[j], 0, 10);
  return sum;
}

double eight_schools(const Values& theta) {
  const Values y{28, -3, 7}, sigma{15, 16, 11};
  const double mu = theta[3], tau = theta[4];
  double sum = normal(mu, 0, 5) + cauchy(tau, 5);
  for (std::size_t j = 0; j < 3; ++j) {
    sum += normal(theta[j], mu, tau) + normal(y[j], theta[j], sigma[j]);
  }
  return sum;
}

double garch(const Values& theta) {
  const Values y{4.9, 5.3, 3.2, 6.8, 5.1};
  double variance = 0.25, sum = 0;
  for (const double value : y) {
    sum += normal(value, theta[0], std::sqrt(variance));
    const double error = value - theta[0];
    variance = theta[1] + theta[2] * error * error + theta[3] * variance;
  }
  return sum;
}

double mixture(const Values& theta) {
  const double p = theta[4];
  double sum = 4 * std::log(p) + 4 * std::log(1 - p);
  for (const int k : {0, 1, 2, 3}) sum += normal(theta[static_cast<std::size_t>(k)], 0, 2);
  for (const double y : {-3.1, -2.2, 2.9, 3.4, 0.1, -2.6}) {
    sum += std::log(p * std::exp(normal(y, theta[0], theta[2])) +
                    (1 - p) * std::exp(normal(y, theta[1], theta[3])));
  }
  return sum;
}

/// By elimination instead of a Cholesky factor.
double gaussian_process(const Values& theta) {
  const Values x{-2, 0, 1, 4}, y{1.5, 0.3, -0.2, 2.2};
  const double rho = theta[0], alpha = theta[1], sigma = theta[2];
  double m[4][5];
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      const double d = (x[i] - x[j]) / rho;
      m[i][j] = alpha * alpha * std::exp(-0.5 * d * d) + (i == j ? sigma : 0);
    }
    m[i][4] = y[i];
  }
  double sum = 24 * std::log(rho) - 4 * rho + normal(alpha, 0, 2) + normal(sigma, 0, 1);
  for (std::size_t i = 0; i < 4; ++i) {
    sum -= 0.5 * (std::log(m[i][i]) + m[i][4] * m[i][4] / m[i][i]);
    for (std::size_t r = i + 1; r < 4; ++r) {
      const double factor = m[r][i] / m[i][i];
      for (std::size_t c = i; c < 5; ++c) m[r][c] -= factor * m[i][c];
    }
  }
  return sum;
}

/// With the populations themselves, in steps so small that all errors are gone.
double lotka_volterra(const Values& t) {
  using Pair = std::array<double, 2>;
  const std::vector<Pair> counts{{30, 4}, {47, 6}, {70, 10}, {36, 59}};
  const Values times{0, 1, 2, 4};
  const auto change = [&](const Pair& z) {
    return Pair{(t[0] - t[1] * z[1]) * z[0], (t[3] * z[0] - t[2]) * z[1]};
  };
  const auto moved = [](const Pair& z, double h, const Pair& by) {
    return Pair{z[0] + h * by[0], z[1] + h * by[1]};
  };
  Pair z{t[4], t[5]};
  double sum = normal(t[0], 1, 0.5) + normal(t[1], 0.05, 0.05) + normal(t[2], 1, 0.5) +
               normal(t[3], 0.05, 0.05);
  for (const std::size_t k : {0u, 1u}) {
    sum += lognormal(t[6 + k], -1, 1) + lognormal(t[4 + k], std::log(10.0), 1);
  }
  for (std::size_t n = 0; n < counts.size(); ++n) {
    const int steps = 4000;
    const double h = n == 0 ? 0 : (times[n] - times[n - 1]) / steps;
    for (int i = 0; i < steps; ++i) {
      const Pair a = change(z);
      const Pair b = change(moved(z, h / 2, a));
      const Pair c = change(moved(z, h / 2, b));
      const Pair d = change(moved(z, h, c));
      z = moved(moved(moved(moved(z, h / 6, a), h / 3, b), h / 3, c), h / 6, d);
    }
    for (const std::size_t k : {0u, 1u}) {
      sum += lognormal(counts[n][k], std::log(z[k]), t[6 + k]);
    }
  }
  return sum;
}

const std::vector<Case> cases{
    {"eight_schools",
     models::eight_schools,
     R"({"J": 3, "y": [28, -3, 7], "sigma": [15, 16, 11]})",
     {"theta[0]", "theta[1]", "theta[2]", "mu", "tau"},
     eight_schools},
    {"kidscore_momiq",
     models::kidscore_momiq,
     R"({"N": 4, "kid_score": [65, 98, 85, 83], "mom_iq": [121, 89, 115, 99]})",
     {"beta[0]", "beta[1]", "sigma"},
     [](const Values& t) {
       return regression(t, {{1, 121}, {1, 89}, {1, 115}, {1, 99}}, {65, 98, 85, 83}) +
              cauchy(t[2], 2.5);
     }},
    {"kidscore_interaction",
     models::kidscore_interaction,
     R"({"N": 6, "kid_score": [65, 98, 85, 83, 115, 90], "mom_iq": [121, 89, 115, 99, 92, 107],
         "mom_hs": [1, 0, 1, 1, 0, 0]})",
     {"beta[0]", "beta[1]", "beta[2]", "beta[3]", "sigma"},
     [](const Values& t) {
       return regression(t,
                         {{1, 1, 121, 121},
                          {1, 0, 89, 0},
                          {1, 1, 115, 115},
                          {1, 1, 99, 99},
                          {1, 0, 92, 0},
                          {1, 0, 107, 0}},
                         {65, 98, 85, 83, 115, 90}) +
              cauchy(t[4], 2.5);
     }},
    {"arK",
     models::ar_k,
     R"({"K": 2, "T": 8, "y": [0.7, 0.8, 0.5, 1.0, 0.9, 1.3, 0.6, 0.2]})",
     {"alpha", "beta[0]", "beta[1]", "sigma"},
     [](const Values& t) {
       return regression(t,
                         {{1, 0.8, 0.7},
                          {1, 0.5, 0.8},
                          {1, 1.0, 0.5},
                          {1, 0.9, 1.0},
                          {1, 1.3, 0.9},
                          {1, 0.6, 1.3}},
                         {0.5, 1.0, 0.9, 1.3, 0.6, 0.2}) +
              normal_coefficients(t) + cauchy(t[3], 2.5);
     }},
    {"logearn_height",
     models::logearn_height,
     R"({"N": 4, "earn": [50000, 9000, 30000, 27000], "height": [74, 62, 66, 70]})",
     {"beta[0]", "beta[1]", "sigma"},
     [](const Values& t) {
       return regression(
           t, {{1, 74}, {1, 62}, {1, 66}, {1, 70}},
           {std::log(50000.0), std::log(9000.0), std::log(30000.0), std::log(27000.0)});
     }},
    {"logmesquite_logvolume",
     models::logmesquite_logvolume,
     R"({"N": 4, "weight": [400, 60, 500, 90], "diam1": [2, 1, 2.5, 1.2], "diam2": [1, 0.9, 2, 1],
         "canopy_height": [1.3, 0.6, 1.2, 0.8]})",
     {"beta[0]", "beta[1]", "sigma"},
     [](const Values& t) {
       return regression(
           t, {{1, std::log(2.6)}, {1, std::log(0.54)}, {1, std::log(6.0)}, {1, std::log(0.96)}},
           {std::log(400.0), std::log(60.0), std::log(500.0), std::log(90.0)});
     }},
    {"blr",
     models::blr,
     R"({"N": 4, "D": 2, "y": [3.1, -1.4, 0.2, 2.8], "X": [[1, 2], [-1, 0.5], [0.3, -0.7], [2, 1]]})",
     {"beta[0]", "beta[1]", "sigma"},
     [](const Values& t) {
       return regression(t, {{1, 2}, {-1, 0.5}, {0.3, -0.7}, {2, 1}}, {3.1, -1.4, 0.2, 2.8}) +
              normal_coefficients(t) + normal(t[2], 0, 10);
     }},
    {"nes",
     models::nes,
     R"({"N": 12, "partyid7": [1, 5, 2, 7, 3, 4, 6, 2, 1, 5, 3, 6],
         "real_ideo": [2, 6, 3, 7, 4, 4, 5, 3, 1, 5, 2, 6], "race_adj": [1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 2, 1],
         "age_discrete": [1, 2, 3, 4, 1, 2, 3, 4, 2, 3, 4, 1], "educ1": [3, 4, 2, 1, 2, 3, 4, 1, 1, 2, 3, 3],
         "gender": [1, 2, 1, 2, 2, 1, 2, 1, 1, 1, 2, 2], "income": [3, 4, 1, 5, 2, 3, 3, 4, 1, 2, 5, 1]})",
     {"beta[0]", "beta[1]", "beta[2]", "beta[3]", "beta[4]", "beta[5]", "beta[6]", "beta[7]",
      "beta[8]", "sigma"},
     [](const Values& t) {
       return regression(t,
                         {{1, 2, 1, 0, 0, 0, 3, 1, 3},
                          {1, 6, 1, 1, 0, 0, 4, 2, 4},
                          {1, 3, 2, 0, 1, 0, 2, 1, 1},
                          {1, 7, 1, 0, 0, 1, 1, 2, 5},
                          {1, 4, 1, 0, 0, 0, 2, 2, 2},
                          {1, 4, 2, 1, 0, 0, 3, 1, 3},
                          {1, 5, 1, 0, 1, 0, 4, 2, 3},
                          {1, 3, 1, 0, 0, 1, 1, 1, 4},
                          {1, 1, 2, 1, 0, 0, 1, 1, 1},
                          {1, 5, 1, 0, 1, 0, 2, 1, 2},
                          {1, 2, 2, 0, 0, 1, 3, 2, 5},
                          {1, 6, 1, 0, 0, 0, 3, 2, 1}},
                         {1, 5, 2, 7, 3, 4, 6, 2, 1, 5, 3, 6});
     }},
    {"garch11",
     models::garch11,
     R"({"T": 5, "y": [4.9, 5.3, 3.2, 6.8, 5.1], "sigma1": 0.5})",
     {"mu", "alpha0", "alpha1", "beta1"},
     garch},
    {"gauss_mix",
     models::gauss_mix,
     R"({"N": 6, "y": [-3.1, -2.2, 2.9, 3.4, 0.1, -2.6]})",
     {"mu[0]", "mu[1]", "sigma[0]", "sigma[1]", "theta"},
     mixture},
    {"gp_regr",
     models::gp_regr,
     R"({"N": 4, "x": [-2, 0, 1, 4], "y": [1.5, 0.3, -0.2, 2.2]})",
     {"rho", "alpha", "sigma"},
     gaussian_process},
    {"lotka_volterra",
     models::lotka_volterra,
     R"({"N": 3, "ts": [1, 2, 4], "y_init": [30, 4], "y": [[47, 6], [70, 10], [36, 59]]})",
     {"theta[0]", "theta[1]", "theta[2]", "theta[3]", "z_init[0]", "z_init[1]", "sigma[0]",
      "sigma[1]"},
     lotka_volterra,
     1e-4,
     0.1},
};

io::JsonObject object_with(const std::string& text) {
  const std::string path = ::testing::TempDir() + "driftwood_posteriordb.json";
  std::ofstream(path) << text;
  return io::JsonObject(path);
}

/// A block of chains at points of their own.
class Block {
 public:
  explicit Block(const mcmc::Density& density) : density_(density) {
    layout_.dim = density.dim();
    layout_.theta = density.parameters();
    layout_.vectors = mcmc::Slot::own;
    layout_.numbers = mcmc::Number::own;
    rows_ = mcmc::ChainRows("rows", 1, static_cast<std::size_t>(layout_.rows()), chains);
  }

  /// Row i of chain c at i * chains + c.
  void place(const Values& x) {
    write(layout_.vector(mcmc::Slot::position), x);
    density_.evaluate({rows_, layout_, 0, chains / width_of<Lane<double>>});
    Kokkos::fence();
  }
  [[nodiscard]] Values potential() const {
    return read(layout_.number(mcmc::Number::potential), 1);
  }
  [[nodiscard]] Values gradient() const {
    return read(layout_.vector(mcmc::Slot::gradient), layout_.dim);
  }
  [[nodiscard]] Values parameters() const { return read(layout_.parameters(), layout_.theta); }

  [[nodiscard]] double log_jacobian(int chain) const {
    const auto rows = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), rows_);
    Values scratch(static_cast<std::size_t>(layout_.theta * chains));
    return density_.chart().constrain(
        mcmc::Coordinates<double>{
            &rows(0, static_cast<std::size_t>(layout_.vector(mcmc::Slot::position)),
                  static_cast<std::size_t>(chain)),
            layout_.dim},
        mcmc::Coordinates<double>{scratch.data(), layout_.theta});
  }

 private:
  void write(int row, const Values& values) {
    const auto rows = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), rows_);
    for (std::size_t i = 0; i < values.size(); ++i) {
      rows(0, static_cast<std::size_t>(row) + i / chains, i % chains) = values[i];
    }
    Kokkos::deep_copy(rows_, rows);
  }
  [[nodiscard]] Values read(int row, int count) const {
    const auto rows = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), rows_);
    Values out(static_cast<std::size_t>(count * chains));
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = rows(0, static_cast<std::size_t>(row) + i / chains, i % chains);
    }
    return out;
  }

  const mcmc::Density& density_;
  mcmc::RowLayout layout_;
  mcmc::ChainRows rows_;
};

/// The parameters of the first chain.
Values theta_of(const Block& block) {
  const Values all = block.parameters();
  Values out;
  for (std::size_t i = 0; i < all.size(); i += chains) out.push_back(all[i]);
  return out;
}

class PosteriordbTest : public ::testing::TestWithParam<Case> {
 protected:
  PosteriordbTest() : posterior_(GetParam().read(object_with(GetParam().data))) {}

  [[nodiscard]] Values points(int dim) const {
    std::mt19937_64 engine(11);
    std::normal_distribution<double> normal(0, GetParam().spread);
    Values x(static_cast<std::size_t>(dim * chains));
    for (double& value : x) value = normal(engine);
    return x;
  }

  Posterior posterior_;
};

TEST_P(PosteriordbTest, ParametersAreThoseOfTheReferenceDraws) {
  EXPECT_EQ(mcmc::names_of(posterior_.parameters), GetParam().parameters);
  const auto density = posterior_.density();
  EXPECT_EQ(density->parameters(), std::ssize(GetParam().parameters));
}

TEST_P(PosteriordbTest, PotentialIsThatOfTheModel) {
  const auto density = posterior_.density();
  Block block(*density);
  block.place(points(density->dim()));
  const Values potential = block.potential();
  const Values theta = block.parameters();
  double offset = 0;
  for (int c = 0; c < chains; ++c) {
    Values at;
    for (int i = 0; i < density->parameters(); ++i) {
      at.push_back(theta[static_cast<std::size_t>(i * chains + c)]);
    }
    const double expected = -GetParam().log_density(at) - block.log_jacobian(c);
    const double found = potential[static_cast<std::size_t>(c)];
    if (c == 0) offset = found - expected;
    EXPECT_NEAR(found, expected + offset, GetParam().tolerance * (1 + std::abs(expected))) << c;
  }
}

TEST_P(PosteriordbTest, GradientIsThatOfFiniteDifferences) {
  const auto density = posterior_.density();
  Block block(*density);
  const Values x = points(density->dim());
  block.place(x);
  const Values gradient = block.gradient();
  const double h = 1e-3;
  for (int i = 0; i < density->dim(); ++i) {
    std::vector<Values> at;
    for (const double k : {-2.0, -1.0, 1.0, 2.0}) {
      Values moved = x;
      for (int c = 0; c < chains; ++c) moved[static_cast<std::size_t>(i * chains + c)] += k * h;
      block.place(moved);
      at.push_back(block.potential());
    }
    for (std::size_t c = 0; c < chains; ++c) {
      const double expected = (8 * (at[2][c] - at[1][c]) - (at[3][c] - at[0][c])) / (12 * h);
      const double found = gradient[static_cast<std::size_t>(i * chains) + c];
      EXPECT_NEAR(found, expected, 1e-6 * (1 + std::abs(expected))) << "coordinate " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, PosteriordbTest, ::testing::ValuesIn(cases),
                         [](const auto& test) { return test.param.name; });

/// Where a standard deviation is tiny, all numbers but one are of the other component, and the
/// density is as small as that says: nothing of it is lost beside squares of 1e40.
TEST(PosteriordbGaussMix, IsRightWhereAStandardDeviationIsTiny) {
  const std::vector<double> y{-3.1, -2.2, 2.9, 3.4, 0.1, -2.6};
  const auto density =
      models::gauss_mix(object_with(R"({"N": 6, "y": [-3.1, -2.2, 2.9, 3.4, 0.1, -2.6]})"))
          .density();
  Block block(*density);
  const auto potential_at = [&](double log_sigma) {
    Values x(5 * chains);
    for (int c = 0; c < chains; ++c) x[static_cast<std::size_t>(2 * chains + c)] = log_sigma;
    block.place(x);
    return block.potential()[0] + block.log_jacobian(0);
  };
  const auto others = [&](const Values& theta) {
    double sum = 4 * std::log(theta[4]) + 4 * std::log(1 - theta[4]);
    for (std::size_t k = 0; k < 4; ++k) sum += normal(theta[k], 0, 2);
    for (const double number : y) {
      sum += std::log(1 - theta[4]) + normal(number, theta[1], theta[3]);
    }
    return -sum;
  };
  const double moderate = potential_at(0.0);
  const Values at_moderate = theta_of(block);
  for (const double log_sigma : {-20.0, -50.0, -200.0}) {
    const double found = potential_at(log_sigma);
    const double expected = others(theta_of(block));
    EXPECT_NEAR(found - moderate, expected + mixture(at_moderate), 1e-10 * std::abs(expected))
        << log_sigma;
  }
}

struct BadData {
  Posterior (*read)(const io::JsonObject&);
  std::string data;
  std::string problem;
};

TEST(PosteriordbData, WhatIsWrongIsSaid) {
  const std::vector<BadData> bad{
      {models::eight_schools, R"({"J": 2, "y": [1, 2, 3], "sigma": [1, 1]})",
       "field 'y' is not a list of 2 numbers"},
      {models::eight_schools, R"({"J": 2, "y": [1, 2], "sigma": [1, 0]})",
       "field 'sigma' has an entry that is not positive"},
      {models::kidscore_momiq, R"({"N": 3, "kid_score": [1, 2, 3]})", "field 'mom_iq' is missing"},
      {models::kidscore_momiq, R"({"N": 3, "kid_score": [1, 2, 1], "mom_iq": [5, 5, 5]})",
       "field 'N' does not let the coefficients be found (there are too few answers, or their "
       "predictors depend on each other)"},
      {models::logearn_height, R"({"N": 3, "earn": [1, 0, 3], "height": [5, 6, 7]})",
       "field 'earn' has an entry that is not positive"},
      {models::ar_k, R"({"K": 3, "T": 3, "y": [1, 2, 3]})", "field 'T' is not larger than 'K'"},
      {models::garch11, R"({"T": 2, "y": [1, 2], "sigma1": -1})", "field 'sigma1' is not positive"},
      {models::gauss_mix, R"({"N": 2, "y": [1, 1]})", "field 'y' does not vary"},
      {models::gp_regr, R"({"N": 17})", "field 'N' is too large (at most 16 points)"},
      {models::lotka_volterra, R"({"N": 2, "ts": [1, 1], "y_init": [1, 1], "y": [[1, 1], [1, 1]]})",
       "field 'ts' is not increasing from above 0 to at most 10000"},
      {models::lotka_volterra, R"({"N": 1, "ts": [1], "y_init": [1, 1], "y": [[1, -1]]})",
       "field 'y' has an entry that is not positive"},
  };
  for (const BadData& now : bad) {
    try {
      static_cast<void>(now.read(object_with(now.data)));
      ADD_FAILURE() << now.problem;
    } catch (const UsageError& error) {
      const std::string said = error.what();
      EXPECT_EQ(said.substr(said.find("field")), now.problem);
    }
  }
}

}  // namespace
