// SPDX-License-Identifier: BSD-3-Clause
/// On U = kappa q^2 / 2 a step is linear in position, velocity and normals. Its matrix is read off
/// the kernels by giving them unit vectors; the stationary covariance then follows without
/// simulation, and is compared with closed forms and with products of the pieces' own matrices.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <string>
#include <unsupported/Eigen/MatrixFunctions>

#include "mcmc/samplers/aboba.hpp"
#include "mcmc/samplers/baoab.hpp"
#include "mcmc/samplers/heun.hpp"
#include "mcmc/samplers/klmc1.hpp"
#include "mcmc/samplers/oabao.hpp"
#include "mcmc/samplers/obabo.hpp"
#include "mcmc/samplers/rmm.hpp"
#include "mcmc/samplers/rmm_k.hpp"
#include "mcmc/samplers/ubu.hpp"
#include "unit/mcmc/given_chain.hpp"
#include "unit/mcmc/transition_operator.hpp"

namespace {
using namespace driftwood;
using Matrix = Eigen::MatrixXd;

/// Gauss and Legendre's rule on (-1, 1), by Newton's method.
test::Rule gauss_legendre(int n) {
  test::Rule rule;
  for (int i = 1; i <= n; ++i) {
    double x = std::cos(3.14159265358979323846 * (i - 0.25) / (n + 0.5));
    double slope = 1;
    for (int k = 0; k < 20; ++k) {
      double before = 1;
      double p = x;
      for (int j = 2; j <= n; ++j) {
        const double next = ((2 * j - 1) * x * p - (j - 1) * before) / j;
        before = p;
        p = next;
      }
      slope = n * (before - x * p) / (1 - x * x);
      x -= p / slope;
    }
    rule.nodes.push_back(x);
    rule.weights.push_back(2 / ((1 - x * x) * slope * slope));
  }
  return rule;
}

struct Spring {
  double kappa;

  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    gradient.set(0, R(kappa) * x[0]);
    return R(0.5 * kappa) * x[0] * x[0];
  }
};

/// A step (q, v)' = map (q, v) + noise z.
struct Linear {
  Matrix map;
  Matrix noise;
};

template <class S>
constexpr bool is_kinetic = std::is_base_of_v<mcmc::Kinetic, S>;

/// Of a kernel, for a uniform number of the step.
template <class S>
Linear step_of(double kappa, double h, double friction, double uniform = 0.5) {
  S sampler;
  if constexpr (is_kinetic<S>) sampler.friction = friction;
  constexpr int size = is_kinetic<S> ? 2 : 1;
  constexpr int kinds = test::GivenNoise::kinds;
  Linear out{Matrix(size, size), Matrix(size, kinds)};
  for (int unit = 0; unit < size + kinds; ++unit) {
    test::GivenChain<Spring> chain(S::traits, {kappa}, 1);
    chain.give_uniform(uniform);
    if (unit >= size) chain.give(unit - size, 0, 0, 1.0);
    if (unit == 1 && size == 2) chain.vector(mcmc::velocity_slot).set(0, 1.0);
    chain.place({unit == 0 ? 1.0 : 0.0});
    chain.advance(sampler, h);
    auto column = unit < size ? out.map.col(unit) : out.noise.col(unit - size);
    column(0) = chain.position(0);
    if (size == 2) column(1) = chain.vector(mcmc::velocity_slot)[0];
  }
  return out;
}

/// C with C = sum of w (M C M^T + N N^T) over the steps, each with a weight.
Matrix stationary(const std::vector<std::pair<double, Linear>>& steps) {
  const Eigen::Index n = steps.front().second.map.rows();
  Matrix system = Matrix::Identity(n * n, n * n);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(n * n);
  for (const auto& [w, s] : steps) {
    for (Eigen::Index a = 0; a < n * n; ++a) {
      for (Eigen::Index b = 0; b < n * n; ++b) {
        system(a, b) -= w * s.map(a / n, b / n) * s.map(a % n, b % n);
      }
    }
    const Matrix c = s.noise * s.noise.transpose();
    for (Eigen::Index a = 0; a < n * n; ++a) right(a) += w * c(a / n, a % n);
  }
  const Eigen::VectorXd solved = system.fullPivLu().solve(right);
  Matrix out(n, n);
  for (Eigen::Index a = 0; a < n * n; ++a) out(a / n, a % n) = solved(a);
  return out;
}
template <class S>
Matrix stationary_of(double kappa, double h, double friction = 2) {
  return stationary({{1.0, step_of<S>(kappa, h, friction)}});
}
/// The same of a sampler with a uniform number in each step.
template <class S>
Matrix randomized(double kappa, double h, double friction = 2) {
  const test::Rule rule = gauss_legendre(24);
  std::vector<std::pair<double, Linear>> steps;
  for (std::size_t i = 0; i < rule.nodes.size(); ++i) {
    const double u = 0.5 + 0.5 * rule.nodes[i];
    steps.emplace_back(0.5 * rule.weights[i], step_of<S>(kappa, h, friction, u));
  }
  return stationary(steps);
}

// ---- Steps written another way: products of the pieces' matrices, noise by its covariance ----

/// z' = map z + a normal of some covariance.
struct Law {
  Matrix map = Matrix::Identity(2, 2);
  Matrix covariance = Matrix::Zero(2, 2);

  [[nodiscard]] Law then(const Law& next) const {
    return {next.map * map, next.map * covariance * next.map.transpose() + next.covariance};
  }
};

/// dz = F z dt + G dW over a time: van Loan (1978), "Computing integrals involving the matrix
/// exponential".
Law flow(const Matrix& f, double diffusion, double t) {
  if (f.norm() * t > 1) {  // else what decays and what grows lie too far apart
    const Law half = flow(f, diffusion, t / 2);
    return half.then(half);
  }
  Matrix block = Matrix::Zero(4, 4);
  block.topLeftCorner(2, 2) = -f * t;
  block(1, 3) = diffusion * t;
  block.bottomRightCorner(2, 2) = f.transpose() * t;
  const Matrix e = block.exp();
  const Matrix map = e.bottomRightCorner(2, 2).transpose();
  return {map, map * e.topRightCorner(2, 2)};
}
Matrix two(double a, double b, double c, double d) {
  Matrix m(2, 2);
  m << a, b, c, d;
  return m;
}
Law drift(double t) { return {two(1, t, 0, 1)}; }
Law kick(double kappa, double t) { return {two(1, 0, -kappa * t, 1)}; }
Law rub(double friction, double t) { return flow(two(0, 0, 0, -friction), 2 * friction, t); }
Law free_motion(double friction, double t) {
  return flow(two(0, 1, 0, -friction), 2 * friction, t);
}

Law pieces(const std::string& letters, double kappa, double h, double friction) {
  const auto share = [&](char letter) {
    return h / static_cast<double>(std::count(letters.begin(), letters.end(), letter));
  };
  Law out;
  for (const char letter : letters) {
    const double t = share(letter);
    out = out.then(letter == 'A'   ? drift(t)
                   : letter == 'B' ? kick(kappa, t)
                   : letter == 'O' ? rub(friction, t)
                                   : free_motion(friction, t));
  }
  return out;
}

/// A gradient that stays what it was: z and the start q0 together are linear, too.
Law frozen(double kappa, double h, double friction) {
  const Law free = free_motion(friction, h);
  // v grows by the integral of exp(-friction s), q by the integral of that.
  const double reach = (1 - std::exp(-friction * h)) / friction;
  const double drop = (h - reach) / friction;
  return {free.map - kappa * two(drop, 0, reach, 0), free.covariance};
}

void expect_same(const Linear& found, const Law& wanted, const std::string& what) {
  const double scale = 1e-12;
  EXPECT_LT((found.map - wanted.map).norm(), scale) << what;
  const Matrix covariance = found.noise * found.noise.transpose();
  EXPECT_LT((covariance - wanted.covariance).norm(), scale) << what << "\n" << covariance;
}

TEST(LinearSteps, AreProductsOfTheirPieces) {
  for (const double kappa : {1.0, 0.3}) {
    for (const double h : {1.0, 0.25, 0.01}) {
      for (const double friction : {2.0, 0.5, 20.0}) {
        const std::string at = " kappa " + std::to_string(kappa) + " h " + std::to_string(h) +
                               " friction " + std::to_string(friction);
        const auto is = [&](const Linear& found, const char* letters) {
          expect_same(found, pieces(letters, kappa, h, friction), letters + at);
        };
        is(step_of<mcmc::Obabo>(kappa, h, friction), "OBABO");
        is(step_of<mcmc::Baoab>(kappa, h, friction), "BAOAB");
        is(step_of<mcmc::Aboba>(kappa, h, friction), "ABOBA");
        is(step_of<mcmc::Oabao>(kappa, h, friction), "OABAO");
        is(step_of<mcmc::Ubu>(kappa, h, friction), "UBU");
        expect_same(step_of<mcmc::Klmc1>(kappa, h, friction), frozen(kappa, h, friction),
                    "KLMC1" + at);
      }
    }
  }
}

/// The pieces of free motion where times are short keep their relative accuracy: the variance of
/// what of the noise of q does not follow from that of v is friction t^3 / 6 then.
TEST(FreeFlow, DoesNotCancelWhereTimesAreShort) {
  for (const double t : {1e-8, 1e-4, 1e-2, 0.0499, 0.0501, 0.1}) {
    const auto flow = mcmc::FreeFlow<double>::over(t, 2.0);
    const double y = 2 * t;  // 2 (y - 2 tanh(y/2)) = y^3 / 6 (1 - y^2 / 10 + 17 y^4 / 1680 - ...)
    const double series =
        y * y * y / 6 *
        (1 +
         y * y * (-0.1 + y * y * (17.0 / 1680 - y * y * (31.0 / 30240 - y * y * 691.0 / 6652800))));
    EXPECT_NEAR(flow.across * flow.across * 4 / series, 1.0, t < 0.05 ? 1e-13 : 1e-9) << t;
  }
  const auto by_tanh = mcmc::FreeFlow<double>::over(0.05 * (1 + 1e-15), 2.0);
  const auto by_series = mcmc::FreeFlow<double>::over(0.05 * (1 - 1e-15), 2.0);
  EXPECT_NEAR(by_tanh.across / by_series.across, 1.0, 1e-12);
}

struct Row {
  double h;
  double of_q;
  double of_v;
};
template <class S>
void expect_table(const std::initializer_list<Row>& rows) {
  for (const Row& row : rows) {
    const Matrix c = stationary_of<S>(1.0, row.h);
    EXPECT_NEAR(c(0, 0) - 1, row.of_q, 5.1e-7) << S::traits.name << " h " << row.h;
    EXPECT_NEAR(c(1, 1) - 1, row.of_v, 5.1e-7) << S::traits.name << " h " << row.h;
  }
}

/// Var q - 1 and Var v - 1 on q^2 / 2 with friction 2, from Lyapunov's equation.
TEST(StationaryCovariance, IsThatOfTheTable) {
  expect_table<mcmc::Klmc1>({{1.0, .307826, .244447},
                             {.5, .139807, .130245},
                             {.25, .066307, .065035},
                             {.125, .032215, .032053}});
  expect_table<mcmc::Obabo>(
      {{1.0, .333333, 0}, {.5, .066667, 0}, {.25, .015873, 0}, {.125, .003922, 0}});
  expect_table<mcmc::Baoab>(
      {{1.0, 0, -.25}, {.5, 0, -.0625}, {.25, 0, -.015625}, {.125, 0, -.003906}});
  expect_table<mcmc::Aboba>(
      {{1.0, 0, .333333}, {.5, 0, .066667}, {.25, 0, .015873}, {.125, 0, .003922}});
  expect_table<mcmc::Oabao>(
      {{1.0, -.25, 0}, {.5, -.0625, 0}, {.25, -.015625, 0}, {.125, -.003906, 0}});
  expect_table<mcmc::Ubu>({{1.0, -.148869, .053304},
                           {.5, -.040660, .018508},
                           {.25, -.010356, .005054},
                           {.125, -.002600, .001292}});
}

TEST(StationaryCovariance, HasItsClosedForms) {
  for (const double kappa : {1.0, 3.0, 0.2}) {
    for (const double h : {1.0, .5, .25, .125}) {
      for (const double friction : {2.0, 0.7}) {
        const double defect = 1 - kappa * h * h / 4;
        const auto is = [&](const Matrix& c, double of_q, double of_v) {
          EXPECT_NEAR(kappa * c(0, 0), of_q, 1e-12 * of_q);
          EXPECT_NEAR(c(1, 1), of_v, 1e-12 * of_v);
        };
        is(stationary_of<mcmc::Obabo>(kappa, h, friction), 1 / defect, 1);
        is(stationary_of<mcmc::Baoab>(kappa, h, friction), 1, defect);
        is(stationary_of<mcmc::Aboba>(kappa, h, friction), 1, 1 / defect);
        is(stationary_of<mcmc::Oabao>(kappa, h, friction), defect, 1);
      }
    }
  }
}

TEST(StationaryVariance, OfOverdampedSamplersHasItsClosedForms) {
  for (const double kappa : {1.0, 3.0}) {
    for (const double h : {.4, .2, .1, .05}) {
      const double u = kappa * h;
      const double heun = 1 - u + u * u / 2;
      EXPECT_NEAR(kappa * stationary_of<mcmc::Heun>(kappa, h)(0, 0),
                  2 * u * std::pow(1 - u / 2, 2) / (1 - heun * heun), 1e-12);
      const double q = 2 * (u - u * u + u * u * u / 2);
      const double m2 = (1 - u) * (1 - u) + (1 - u) * u * u + std::pow(u, 4) / 3;
      EXPECT_NEAR(kappa * randomized<mcmc::RandomizedMidpoint>(kappa, h)(0, 0), q / (1 - m2),
                  1e-12);
    }
  }
  EXPECT_NEAR(stationary_of<mcmc::Heun>(1, .4)(0, 0) - 1, -4.762e-2, 5e-6);
  EXPECT_NEAR(stationary_of<mcmc::Heun>(1, .05)(0, 0) - 1, -6.406e-4, 5e-8);
  EXPECT_NEAR(randomized<mcmc::RandomizedMidpoint>(1, .4)(0, 0) - 1, 1.594e-2, 5e-6);
  EXPECT_NEAR(randomized<mcmc::RandomizedMidpoint>(1, .2)(0, 0) - 1, 1.629e-3, 5e-7);
}

/// The step of the randomized midpoint method for a given time, from its definition: the joint law
/// of the three integrals over one Brownian motion, by quadrature of their kernels.
TEST(RandomizedMidpointKinetic, HasTheJointLawOfItsIntegrals) {
  const double friction = 1.7;
  const double h = 0.6;
  const double kappa = 1.3;
  for (const double u : {0.1, 0.5, 0.83}) {
    const double middle = u * h;
    const auto decay = [&](double t) { return std::exp(-friction * t); };
    const auto reach = [&](double t) { return (1 - decay(t)) / friction; };
    const auto integral = [&](double from, double to, const auto& f) {
      const test::Rule rule = gauss_legendre(30);
      double sum = 0;
      for (std::size_t i = 0; i < rule.nodes.size(); ++i) {
        const double s = from + (to - from) * (0.5 + 0.5 * rule.nodes[i]);
        sum += 0.5 * (to - from) * rule.weights[i] * f(s);
      }
      return sum;
    };
    // Integrands of N_1, N_2 and N_3 against sqrt(2 friction) dW.
    const auto kernel = [&](int k, double s) {
      return k == 0 ? (s < middle ? reach(middle - s) : 0.0) : k == 1 ? reach(h - s) : decay(h - s);
    };
    Matrix joint(3, 3);
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 3; ++b) {
        const auto product = [&](double s) { return kernel(a, s) * kernel(b, s); };
        joint(a, b) = 2 * friction * (integral(0, middle, product) + integral(middle, h, product));
      }
    }
    const double drop = integral(0, middle, [&](double s) { return reach(middle - s); });
    const double rest = h - middle;
    // q_u = (1 - drop kappa) q + reach(u h) v + N_1, and what its gradient does.
    Matrix map = two(1, reach(h), 0, decay(h));
    Matrix of_noise(2, 3);
    of_noise << 0, 1, 0, 0, 0, 1;
    const double pull[2] = {h * kappa * reach(rest), h * kappa * decay(rest)};
    for (int row = 0; row < 2; ++row) {
      map(row, 0) -= pull[row] * (1 - drop * kappa);
      map(row, 1) -= pull[row] * reach(middle);
      of_noise(row, 0) -= pull[row];
    }
    expect_same(step_of<mcmc::RandomizedMidpointKinetic>(kappa, h, friction, u),
                {map, of_noise * joint * of_noise.transpose()}, "u " + std::to_string(u));
  }
}

/// Biases of the variance of q at steps that halve: their ratio tells the order.
TEST(RandomizedMidpointKinetic, HasABiasOfAtLeastTheOrderThatItClaims) {
  const auto bias = [](double h) {
    return randomized<mcmc::RandomizedMidpointKinetic>(1.0, h)(0, 0) - 1;
  };
  for (const double h : {.5, .25, .125}) {
    std::printf("rmm_k: Var q - 1 = %.3e at h = %g\n", bias(h), h);
  }
  EXPECT_GT(std::log2(bias(.25) / bias(.125)),
            mcmc::RandomizedMidpointKinetic::traits.bias_order - 0.1);
}

}  // namespace
