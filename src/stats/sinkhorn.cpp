// SPDX-License-Identifier: BSD-3-Clause
#include "stats/sinkhorn.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace driftwood::stats {
namespace {

using Row = std::vector<double>;

/// Squared distances, row by row.
Row costs(const PointSet& x, const PointSet& y) {
  Row cost;
  cost.reserve(static_cast<std::size_t>(x.count * y.count));
  for (std::int64_t i = 0; i < x.count; ++i) {
    for (std::int64_t j = 0; j < y.count; ++j) cost.push_back(squared_distance(x[i], y[j]));
  }
  return cost;
}

double mean(const Row& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

/// The median, or the mean where that is 0.
double typical(Row x) {
  const auto middle = x.begin() + static_cast<std::ptrdiff_t>((x.size() - 1) / 2);
  std::nth_element(x.begin(), middle, x.end());
  return *middle > 0 ? *middle : mean(x);
}

/// Potentials are in units of epsilon, and so is the cost (m, n) here. -log(mean(exp(g_j - c_ij)))
/// for each row i.
void soft_minima_of_rows(const Row& cost, const Row& g, Row& f) {
  const std::size_t n = g.size();
  for (std::size_t i = 0; i < f.size(); ++i) {
    const double* const c = cost.data() + i * n;
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < n; ++j) largest = std::max(largest, g[j] - c[j]);
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += std::exp(g[j] - c[j] - largest);
    f[i] = -largest - std::log(sum / static_cast<double>(n));
  }
}

/// The same for each column, with f on the rows.
void soft_minima_of_columns(const Row& cost, const Row& f, Row& g) {
  const std::size_t n = g.size();
  Row largest(n, -std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < f.size(); ++i) {
    const double* const c = cost.data() + i * n;
    for (std::size_t j = 0; j < n; ++j) largest[j] = std::max(largest[j], f[i] - c[j]);
  }
  Row sum(n, 0.0);
  for (std::size_t i = 0; i < f.size(); ++i) {
    const double* const c = cost.data() + i * n;
    for (std::size_t j = 0; j < n; ++j) sum[j] += std::exp(f[i] - c[j] - largest[j]);
  }
  for (std::size_t j = 0; j < n; ++j) {
    g[j] = -largest[j] - std::log(sum[j] / static_cast<double>(f.size()));
  }
}

/// How far marginals are from equal weights in L1, if the potential that makes them equal is
/// `right`.
double marginal_error(const Row& used, const Row& right) {
  double sum = 0;
  for (std::size_t j = 0; j < used.size(); ++j) sum += std::abs(std::expm1(used[j] - right[j]));
  return sum / static_cast<double>(used.size());
}

/// Speeds up an iteration x <- F(x) that converges slowly (Anderson 1965; Walker & Ni 2011, SIAM J.
/// Numer. Anal. 49, 1715): the combination of the last iterates whose step F(x) - x is the
/// shortest.
class Anderson {
 public:
  explicit Anderson(std::size_t n) : moves_(index(n), memory), bends_(index(n), memory) {}

  /// From x and F(x) to the next x.
  void advance(Row& x, const Row& image) {
    const Eigen::VectorXd at = Eigen::Map<const Eigen::VectorXd>(x.data(), index(x.size()));
    const Eigen::VectorXd to = Eigen::Map<const Eigen::VectorXd>(image.data(), index(x.size()));
    const Eigen::VectorXd step = to - at;
    if (last_at_.size() > 0) {
      moves_.col(count_ % memory) = at - last_at_;
      bends_.col(count_ % memory) = step - last_step_;
      ++count_;
    }
    Eigen::Map<Eigen::VectorXd> next(x.data(), index(x.size()));
    next = to;
    const Eigen::Index used = std::min(count_, memory);
    if (used > 0) {
      const Eigen::VectorXd weights = bends_.leftCols(used).colPivHouseholderQr().solve(step);
      next -= (moves_.leftCols(used) + bends_.leftCols(used)) * weights;
    }
    last_at_ = at;
    last_step_ = step;
  }

  /// Forgets what was before.
  void restart() {
    count_ = 0;
    last_at_.resize(0);
  }

 private:
  static constexpr Eigen::Index memory = 8;
  static Eigen::Index index(std::size_t n) { return static_cast<Eigen::Index>(n); }

  Eigen::MatrixXd moves_;  // differences of iterates, of steps
  Eigen::MatrixXd bends_;
  Eigen::VectorXd last_at_;
  Eigen::VectorXd last_step_;
  Eigen::Index count_ = 0;
};

class Transport {
 public:
  Transport(const SinkhornOptions& options, double epsilon)
      : options_(options), epsilon_(epsilon) {}

  /// OT between two sets, from their costs.
  double between(Row cost, std::size_t m, std::size_t n) {
    scale(cost);
    Row f(m);
    Row g(n, 0.0);
    Row next(n);
    Anderson anderson(n);
    double least = std::numeric_limits<double>::infinity();
    for (int k = 1; k <= options_.max_iterations; ++k) {
      soft_minima_of_rows(cost, g, f);
      soft_minima_of_columns(cost, f, next);
      const double error = marginal_error(g, next);
      if (error < options_.tolerance) return done(k, mean(f) + mean(next));
      if (error > 2 * least) {
        anderson.restart();
        g = next;
        least = error;
      } else {
        least = std::min(least, error);
        anderson.advance(g, next);
      }
    }
    fail();
  }

  /// OT of a set with itself, whose two potentials are one: half steps converge fast.
  double within(Row cost, std::size_t n) {
    scale(cost);
    Row f(n, 0.0);
    Row next(n);
    for (int k = 1; k <= options_.max_iterations; ++k) {
      soft_minima_of_rows(cost, f, next);
      const double error = marginal_error(f, next);
      for (std::size_t i = 0; i < n; ++i) f[i] = (f[i] + next[i]) / 2;
      if (error < options_.tolerance) return done(k, mean(f) + mean(next));
    }
    fail();
  }

  [[nodiscard]] int iterations() const { return iterations_; }

 private:
  void scale(Row& cost) const {
    for (double& c : cost) c /= epsilon_;
  }
  double done(int iterations, double value) {
    iterations_ = std::max(iterations_, iterations);
    return epsilon_ * value;
  }
  [[noreturn]] static void fail() {
    throw NumericsError("Sinkhorn's iteration did not reach its marginals",
                        "it is slow where epsilon is far below the distances of the points",
                        "raise relative_epsilon or max_iterations");
  }

  SinkhornOptions options_;
  double epsilon_;
  int iterations_ = 0;
};

}  // namespace

SinkhornDivergence sinkhorn_divergence(const PointSet& x, const PointSet& y,
                                       const SinkhornOptions& options) {
  check_points(x, y);
  if (!(options.relative_epsilon > 0 && options.tolerance > 0 && options.max_iterations > 0)) {
    throw Error("an option of a Sinkhorn divergence is not positive");
  }
  Row cost = costs(x, y);
  const double epsilon = options.relative_epsilon * typical(cost);
  if (!(epsilon > 0)) return {0, 0, 0};  // all points are one
  const auto m = static_cast<std::size_t>(x.count);
  const auto n = static_cast<std::size_t>(y.count);
  Transport transport(options, epsilon);
  const double between = transport.between(std::move(cost), m, n);
  const double within = (transport.within(costs(x, x), m) + transport.within(costs(y, y), n)) / 2;
  return {between - within, epsilon, transport.iterations()};
}

}  // namespace driftwood::stats
