// SPDX-License-Identifier: BSD-3-Clause
#include "stats/kernel_stein.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "base/error.hpp"

namespace driftwood::stats {
namespace {

using Coordinates = std::span<const double>;

void check(const ScoredPoints& x, const ImqKernel& kernel) {
  check_points(x.points, x.scores);
  if (x.points.count != x.scores.count) throw Error("there is not one score for each point");
  if (!(kernel.c > 0 && kernel.beta > -1 && kernel.beta < 0)) {
    throw Error("a Stein kernel has c > 0 and beta between -1 and 0");
  }
}

double stein_kernel(Coordinates x, Coordinates y, Coordinates score_x, Coordinates score_y,
                    const ImqKernel& kernel) {
  double square = 0;
  double scores = 0;
  double slope = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double r = x[k] - y[k];
    square += r * r;
    scores += score_x[k] * score_y[k];
    slope += (score_y[k] - score_x[k]) * r;
  }
  const double beta = kernel.beta;
  const double q = kernel.c * kernel.c + square;
  const double value = beta == -0.5 ? 1 / std::sqrt(q) : std::pow(q, beta);
  const auto dim = static_cast<double>(x.size());
  return value * (scores + 2 * beta / q * (slope - dim - 2 * (beta - 1) * square / q));
}

double kernel_of(const ScoredPoints& x, std::int64_t i, const ScoredPoints& y, std::int64_t j,
                 const ImqKernel& kernel) {
  return stein_kernel(x.points[i], y.points[j], x.scores[i], y.scores[j], kernel);
}

}  // namespace

SteinSums stein_block_sums(const ScoredPoints& x, const ScoredPoints& y, const ImqKernel& kernel) {
  check(x, kernel);
  check(y, kernel);
  check_points(x.points, y.points);
  SteinSums out;
  for (std::int64_t i = 0; i < x.points.count; ++i) {
    SteinSums row;
    for (std::int64_t j = 0; j < y.points.count; ++j) {
      const double value = kernel_of(x, i, y, j, kernel);
      row.sum += value;
      row.squares += value * value;
    }
    out.sum += row.sum;
    out.squares += row.squares;
  }
  return out;
}

double stein_block_sum(const ScoredPoints& x, const ScoredPoints& y, const ImqKernel& kernel) {
  return stein_block_sums(x, y, kernel).sum;
}

double stein_diagonal_sum(const ScoredPoints& x, const ImqKernel& kernel) {
  check(x, kernel);
  double sum = 0;
  for (std::int64_t i = 0; i < x.points.count; ++i) sum += kernel_of(x, i, x, i, kernel);
  return sum;
}

SteinDiscrepancy stein_discrepancy(double all, double diagonal, std::int64_t n) {
  const auto count = static_cast<double>(n);
  const double pairs = count * (count - 1);
  return {all / (count * count),
          n < 2 ? std::numeric_limits<double>::quiet_NaN() : (all - diagonal) / pairs};
}

SteinDiscrepancy stein_discrepancy(const ScoredPoints& x, const ImqKernel& kernel) {
  check(x, kernel);
  double off_diagonal = 0;  // each pair of points twice
  for (std::int64_t i = 1; i < x.points.count; ++i) {
    double row = 0;
    for (std::int64_t j = 0; j < i; ++j) row += kernel_of(x, i, x, j, kernel);
    off_diagonal += 2 * row;
  }
  const double diagonal = stein_diagonal_sum(x, kernel);
  return stein_discrepancy(off_diagonal + diagonal, diagonal, x.points.count);
}

}  // namespace driftwood::stats
