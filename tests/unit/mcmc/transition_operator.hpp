// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>
#include <vector>

/// Stationary laws of Markov chains on the line, to the accuracy of quadrature.
namespace driftwood::test {

/// Nodes and weights of a quadrature.
struct Rule {
  std::vector<double> nodes;
  std::vector<double> weights;
};

/// Expectations over a standard normal, exact for polynomials of degree below 2n: the roots of the
/// Hermite polynomial of degree n, by bisection; weights are those of Christoffel.
inline Rule gauss_hermite(int n) {
  std::vector<double> p(static_cast<std::size_t>(n) + 1);
  const auto polynomial = [&](double x) {  // orthonormal, all degrees up to n
    p[0] = 1;
    p[1] = x;
    for (std::size_t k = 1; k + 1 < p.size(); ++k) {
      const auto now = static_cast<double>(k);
      p[k + 1] = (x * p[k] - std::sqrt(now) * p[k - 1]) / std::sqrt(now + 1);
    }
    return p.back();
  };
  Rule rule;
  const double end = std::sqrt(4.0 * n + 2);
  constexpr double spacing = 1e-2;  // closer than any two roots
  for (double left = -end - spacing / 3; left < end; left += spacing) {
    double low = left;
    double high = left + spacing;
    const double sign = polynomial(low);
    if (sign * polynomial(high) > 0) continue;
    for (int k = 0; k < 60; ++k) {
      const double middle = 0.5 * (low + high);
      (sign * polynomial(middle) > 0 ? low : high) = middle;
    }
    polynomial(low);
    double sum = 0;
    for (int k = 0; k < n; ++k)
      sum += p[static_cast<std::size_t>(k)] * p[static_cast<std::size_t>(k)];
    rule.nodes.push_back(low);
    rule.weights.push_back(1 / sum);
  }
  return rule;
}

/// Solves y A = b, where A is (n, n) by rows, by elimination with pivoting of the transposed.
inline std::vector<double> solve_left(const std::vector<double>& a, std::vector<double> b) {
  const std::size_t n = b.size();
  std::vector<double> m(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) m[j * n + i] = a[i * n + j];
  }
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < n; ++i) {
      if (std::abs(m[i * n + k]) > std::abs(m[pivot * n + k])) pivot = i;
    }
    for (std::size_t j = 0; j < n; ++j) std::swap(m[k * n + j], m[pivot * n + j]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = m[i * n + k] / m[k * n + k];
      for (std::size_t j = k; j < n; ++j) m[i * n + j] -= factor * m[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= m[k * n + j] * b[j];
    b[k] /= m[k * n + k];
  }
  return b;
}

/// The stationary law of a chain: weights at Chebyshev points, with which expectations of smooth
/// functions are sums. `step(x, visit)` calls visit(y, p) for the places y to which a step from x
/// leads, of probability p. The operator (P f)(x) = E f(next) is a matrix on interpolants; the law
/// is its left null vector, P - I. What leaves [-end, end] ends there.
template <class Step>
Rule stationary_law(double end, int points, const Step& step) {
  const auto n = static_cast<std::size_t>(points);
  std::vector<double> x(n);
  std::vector<double> barycentric(n);
  for (std::size_t j = 0; j < n; ++j) {
    x[j] = end * std::cos(std::numbers::pi * static_cast<double>(j) / static_cast<double>(n - 1));
    barycentric[j] = (j % 2 == 0 ? 1.0 : -1.0) * (j == 0 || j == n - 1 ? 0.5 : 1.0);
  }
  std::vector<double> matrix(n * n);
  std::vector<double> row(n);
  for (std::size_t i = 0; i < n; ++i) {
    double* const out = matrix.data() + i * n;
    step(x[i], [&](double y, double probability) {
      y = std::fmin(std::fmax(y, -end), end);
      double sum = 0;
      for (std::size_t j = 0; j < n; ++j) {
        const double difference = y - x[j];
        row[j] = barycentric[j] / (difference == 0 ? 1e-300 : difference);
        sum += row[j];
      }
      for (std::size_t j = 0; j < n; ++j) out[j] += probability / sum * row[j];
    });
    out[i] -= 1;
  }
  // One of the equations follows from the others; in its place weights add up to 1.
  for (std::size_t i = 0; i < n; ++i) matrix[i * n + n / 2] = 1;
  std::vector<double> right(n);
  right[n / 2] = 1;
  return {x, solve_left(matrix, right)};
}

/// Expectation over a law.
template <class F>
double expectation(const Rule& law, const F& f) {
  double sum = 0;
  for (std::size_t j = 0; j < law.nodes.size(); ++j) sum += law.weights[j] * f(law.nodes[j]);
  return sum;
}

/// Expectation over the density exp(-potential), by the trapezoidal rule on [-end, end].
template <class Potential, class F>
double exact_expectation(double end, const Potential& potential, const F& f) {
  constexpr int cells = 20000;
  double sum = 0;
  double mass = 0;
  for (int k = 0; k <= cells; ++k) {
    const double x = end * (2.0 * k / cells - 1);
    const double density = std::exp(-potential(x));
    sum += density * f(x);
    mass += density;
  }
  return sum / mass;
}

}  // namespace driftwood::test
