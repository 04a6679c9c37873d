// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/chart.hpp"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "base/lane.hpp"
#include "mcmc/chart_inverse.hpp"

namespace {
using namespace driftwood;
using mcmc::Chart;
using mcmc::Coordinates;
using mcmc::Segment;
using Kind = Segment::Kind;
using Values = std::vector<double>;
using R = Lane<double>;

/// Some coordinates of one lane of chains.
template <class L>
class Held {
 public:
  explicit Held(int count)
      : memory_(static_cast<std::size_t>(count * mcmc::block_chains)), count_(count) {}
  explicit Held(const Values& values) : Held(static_cast<int>(values.size())) {
    for (int i = 0; i < count_; ++i) view().set(i, L(values[static_cast<std::size_t>(i)]));
  }
  [[nodiscard]] Coordinates<L> view() { return {memory_.data(), count_}; }
  [[nodiscard]] Values first() const {
    Values out;
    for (int i = 0; i < count_; ++i) {
      out.push_back(memory_[static_cast<std::size_t>(i * mcmc::block_chains)]);
    }
    return out;
  }

 private:
  Values memory_;
  int count_;
};

struct Made {
  Values theta;
  double log_jacobian;
  Values by_x;  ///< gradient of the potential below
};

double weight(std::size_t i) { return 0.1 * static_cast<double>(i + 1); }

/// A potential of parameters that mixes them all.
double potential_of(const Values& theta) {
  double sum = 0;
  for (std::size_t i = 0; i < theta.size(); ++i) sum += weight(i) * theta[i];
  return std::sin(sum) + 0.3 * sum;
}

template <class L>
Made make(const std::vector<Segment>& segments, const Values& x) {
  const Chart chart{segments.data(), static_cast<int>(segments.size())};
  const int dim = static_cast<int>(x.size());
  int parameters = 0;
  for (const Segment& s : segments) {
    parameters = std::max(parameters, s.first_theta + s.parameters());
  }
  Held<L> at(x);
  Held<L> theta(parameters);
  Held<L> by_x(dim);
  const L log_jacobian = chart.constrain(at.view(), theta.view());
  Values by_theta;
  double sum = 0;
  const Values made = theta.first();
  for (std::size_t i = 0; i < made.size(); ++i) sum += weight(i) * made[i];
  for (std::size_t i = 0; i < made.size(); ++i) {
    by_theta.push_back(weight(i) * (std::cos(sum) + 0.3));
  }
  Held<L> gradient(by_theta);
  chart.pull_back(at.view(), theta.view(), gradient.view(), by_x.view());
  Values lanes(width_of<L>);
  store_lanes(lanes.data(), log_jacobian);
  return {theta.first(), lanes[0], by_x.first()};
}

Values shifted(Values x, std::size_t i, double by) {
  x[i] += by;
  return x;
}

/// The derivative of f at 0, to the fourth order.
template <class F>
double slope(const F& f) {
  const double h = 1e-3;
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

/// Of as many parameters as there are coordinates, the first ones.
double log_determinant(const std::vector<Segment>& segments, const Values& x) {
  const auto n = static_cast<Eigen::Index>(x.size());
  Eigen::MatrixXd m(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < n; ++j) {
      m(i, j) = slope([&](double h) {
        const Made made = make<double>(segments, shifted(x, static_cast<std::size_t>(j), h));
        return made.theta[static_cast<std::size_t>(i)];
      });
    }
  }
  return std::log(std::abs(m.determinant()));
}

struct Case {
  std::string name;
  int dim;
  std::vector<Segment> segments;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class ChartTest : public ::testing::TestWithParam<Case> {
 protected:
  Values draw() {
    Values x;
    for (int i = 0; i < GetParam().dim; ++i) x.push_back(normal_(engine_));
    return x;
  }

 private:
  std::mt19937_64 engine_{7};
  std::normal_distribution<double> normal_;
};

TEST_P(ChartTest, JacobianIsThatOfFiniteDifferences) {
  const auto& segments = GetParam().segments;
  const Values origin = draw();
  const double constant =
      make<double>(segments, origin).log_jacobian - log_determinant(segments, origin);
  for (int trial = 0; trial < 20; ++trial) {
    const Values x = draw();
    EXPECT_NEAR(make<double>(segments, x).log_jacobian, log_determinant(segments, x) + constant,
                1e-7);
  }
}

TEST_P(ChartTest, PulledBackGradientIsThatOfFiniteDifferences) {
  const auto& segments = GetParam().segments;
  for (int trial = 0; trial < 20; ++trial) {
    const Values x = draw();
    const Made here = make<double>(segments, x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double expected = slope([&](double h) {
        const Made made = make<double>(segments, shifted(x, i, h));
        return potential_of(made.theta) - made.log_jacobian;
      });
      EXPECT_NEAR(here.by_x[i], expected, 1e-6 * (1 + std::abs(expected))) << i;
    }
  }
}

TEST_P(ChartTest, InverseGivesTheCoordinates) {
  for (int trial = 0; trial < 20; ++trial) {
    const Values x = draw();
    const Values again =
        mcmc::coordinates_of(GetParam().segments, make<double>(GetParam().segments, x).theta);
    ASSERT_EQ(again.size(), x.size());
    // Sticks that are broken again and again lose a digit or two.
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(again[i], x[i], 1e-12);
  }
}

TEST_P(ChartTest, LanesHaveTheBitsOfOneChain) {
  const Values x = draw();
  const Made alone = make<double>(GetParam().segments, x);
  const Made together = make<R>(GetParam().segments, x);
  EXPECT_EQ(alone.theta, together.theta);
  EXPECT_EQ(alone.log_jacobian, together.log_jacobian);
  EXPECT_EQ(alone.by_x, together.by_x);
}

TEST_P(ChartTest, FarOutAllIsFinite) {
  for (const double far : {-600.0, -40.0, 40.0, 600.0}) {
    const Values x(static_cast<std::size_t>(GetParam().dim), far);
    const Made made = make<double>(GetParam().segments, x);
    EXPECT_TRUE(std::isfinite(made.log_jacobian));
    for (const double value : made.theta) EXPECT_TRUE(std::isfinite(value)) << far;
    for (const double value : made.by_x) EXPECT_TRUE(std::isfinite(value)) << far;
  }
}

bool holds(const Segment& s, const Values& theta) {
  double sum = 0;
  bool holds = true;
  for (int i = s.first_theta; i < s.first_theta + s.parameters(); ++i) {
    const double value = theta[static_cast<std::size_t>(i)];
    const bool is_first = i == s.first_theta;
    sum += value;
    holds = holds && (s.kind != Kind::above || value > s.low) &&
            (s.kind != Kind::below || value < s.high) &&
            (s.kind != Kind::interval || (value > s.low && value < s.high)) &&
            (s.kind != Kind::fractions || (value > 0 && sum < 1)) &&
            (s.kind != Kind::simplex || value > 0) &&
            (s.kind != Kind::ordered || is_first || value > theta[static_cast<std::size_t>(i - 1)]);
  }
  return holds && (s.kind != Kind::simplex || std::abs(sum - 1) < 1e-15 * s.parameters());
}

TEST_P(ChartTest, ConstraintsHold) {
  for (int trial = 0; trial < 20; ++trial) {
    const Values theta = make<double>(GetParam().segments, draw()).theta;
    for (const Segment& s : GetParam().segments) EXPECT_TRUE(holds(s, theta));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, ChartTest,
    ::testing::Values(
        Case{"real", 2, {{.count = 2, .centre = 3, .unit = 0.5}}},
        Case{"above", 2, {{.kind = Kind::above, .count = 2, .low = -1, .unit = 2}}},
        Case{"below", 2, {{.kind = Kind::below, .count = 2, .high = 5, .unit = 0.5}}},
        Case{"interval", 2, {{.kind = Kind::interval, .count = 2, .low = -1, .high = 2}}},
        Case{"ordered", 4, {{.kind = Kind::ordered, .count = 4, .centre = -2, .unit = 0.3}}},
        Case{"fractions", 3, {{.kind = Kind::fractions, .count = 3}}},
        Case{"simplex", 3, {{.kind = Kind::simplex, .count = 3}}},
        Case{"shifted",
             5,
             {{.first_x = 0, .first_theta = 3, .count = 1},
              {.kind = Kind::above, .first_x = 1, .first_theta = 4, .count = 1},
              {.kind = Kind::shifted, .first_x = 2, .count = 3, .location = 3, .scale = 4}}},
        Case{"scaled",
             3,
             {{.count = 1}, {.kind = Kind::scaled, .first_x = 1, .first_theta = 1, .count = 2}}},
        Case{"all",
             9,
             {{.count = 1},
              {.kind = Kind::above, .first_x = 1, .first_theta = 1, .count = 1},
              {.kind = Kind::shifted,
               .first_x = 2,
               .first_theta = 2,
               .count = 2,
               .location = 0,
               .scale = 1},
              {.kind = Kind::ordered, .first_x = 4, .first_theta = 4, .count = 2},
              {.kind = Kind::interval, .first_x = 6, .first_theta = 6, .count = 1, .high = 1},
              {.kind = Kind::fractions, .first_x = 7, .first_theta = 7, .count = 2}}}),
    [](const auto& test) { return test.param.name; });

TEST(Chart, TheMiddleOfASimplexIsWhereCoordinatesAreZero) {
  const std::vector<Segment> segments{{.kind = Kind::simplex, .count = 3}};
  for (const double part : make<double>(segments, {0.0, 0.0, 0.0}).theta) {
    EXPECT_NEAR(part, 0.25, 1e-16);
  }
}

/// Stan's reference manual, "Unit simplex": y_k = logit(z_k) - log(1 / (K - k)), with z_k the part
/// of what is left that theta_k takes.
TEST(Chart, CoordinatesOfASimplexAreFoundAgain) {
  const std::vector<Segment> segments{{.kind = Kind::simplex, .count = 3}};
  const Values theta{0.1, 0.2, 0.3, 0.4};
  Values x;
  double left = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    const double z = theta[i] / left;
    x.push_back(std::log(z / (1 - z)) + std::log(static_cast<double>(3 - i)));
    left -= theta[i];
  }
  const Values found = make<double>(segments, x).theta;
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(found[i], theta[i], 1e-15);
}

TEST(Chart, FractionsAreBrokenOffOneAfterTheOther) {
  const std::vector<Segment> segments{{.kind = Kind::fractions, .count = 2}};
  const Made made = make<double>(segments, {0.0, std::log(3.0)});
  EXPECT_DOUBLE_EQ(made.theta[0], 0.5);
  EXPECT_DOUBLE_EQ(made.theta[1], 0.375);
}

}  // namespace
