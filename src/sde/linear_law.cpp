// SPDX-License-Identifier: BSD-3-Clause
#include "sde/linear_law.hpp"

#include <algorithm>
#include <cmath>

namespace driftwood::sde {
namespace {

Matrix zeros(std::size_t n) { return Matrix(n, std::vector<double>(n, 0.0)); }

/// a b, or with `transposed` a b^T.
Matrix product(const Matrix& a, const Matrix& b, bool transposed = false) {
  const std::size_t rows = a.size();
  const std::size_t columns = transposed ? b.size() : b.front().size();
  Matrix out(rows, std::vector<double>(columns, 0.0));
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < a[i].size(); ++k) {
      for (std::size_t j = 0; j < columns; ++j) {
        out[i][j] += a[i][k] * (transposed ? b[j][k] : b[k][j]);
      }
    }
  }
  return out;
}

void add(Matrix& to, const Matrix& what, double factor) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    for (std::size_t j = 0; j < to.size(); ++j) to[i][j] += factor * what[i][j];
  }
}

void scale(Matrix& m, double factor) {
  for (auto& row : m) {
    for (double& entry : row) entry *= factor;
  }
}

double largest_row_sum(const Matrix& m) {
  double largest = 0;
  for (const auto& row : m) {
    double sum = 0;
    for (const double entry : row) sum += std::fabs(entry);
    largest = std::max(largest, sum);
  }
  return largest;
}

/// The law after a time of at most 1 / (2 |A|), by Taylor series: terms fall like 1/k!.
LinearLaw short_law(const Matrix& rate, const Matrix& noise, double h) {
  constexpr int terms = 20;
  const std::size_t n = rate.size();
  LinearLaw law{zeros(n), zeros(n)};
  Matrix power = zeros(n);  // (-A h)^k / k!
  for (std::size_t i = 0; i < n; ++i) power[i][i] = 1;
  Matrix flow = product(noise, noise, true);  // h^(k+1) / (k+1)! of the k-th derivative at 0
  scale(flow, h);
  for (int k = 0; k < terms; ++k) {
    add(law.decay, power, 1);
    add(law.covariance, flow, 1);
    power = product(rate, power);
    scale(power, -h / (k + 1));
    const Matrix left = product(rate, flow);
    flow = product(flow, rate, true);
    add(flow, left, 1);
    scale(flow, -h / (k + 2));
  }
  return law;
}

}  // namespace

LinearLaw linear_law(const Matrix& rate, const Matrix& noise, double h) {
  const double size = 2 * largest_row_sum(rate) * h;
  const int doublings = size > 1 ? static_cast<int>(std::ceil(std::log2(size))) : 0;
  LinearLaw law = short_law(rate, noise, std::ldexp(h, -doublings));
  for (int i = 0; i < doublings; ++i) {
    add(law.covariance, product(product(law.decay, law.covariance), law.decay, true), 1);
    law.decay = product(law.decay, law.decay);
  }
  return law;
}

Matrix cholesky_of_semidefinite(const Matrix& m) {
  constexpr double negligible = 1e-14;  // of a component's variance
  const std::size_t n = m.size();
  Matrix l = zeros(n);
  for (std::size_t j = 0; j < n; ++j) {
    double pivot = m[j][j];
    for (std::size_t k = 0; k < j; ++k) pivot -= l[j][k] * l[j][k];
    if (!(pivot > negligible * m[j][j])) continue;
    l[j][j] = std::sqrt(pivot);
    for (std::size_t i = j + 1; i < n; ++i) {
      double sum = m[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
      l[i][j] = sum / l[j][j];
    }
  }
  return l;
}

}  // namespace driftwood::sde
