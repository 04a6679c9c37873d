// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/large/large_replica.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.hpp"
#include "la/cholesky.hpp"
#include "la/conjugate_gradients.hpp"
#include "la/flow.hpp"
#include "la/session.hpp"
#include "natgrad/ensemble/blas.hpp"
#include "natgrad/ensemble/preconditioned.hpp"
#include "natgrad/ensemble/singular.hpp"
#include "natgrad/large/plan.hpp"
#include "natgrad/large/probes.hpp"

namespace driftwood::natgrad {
namespace {

using Kind = Preconditioner::Kind;
using Solver = LargeOptions::Solver;

/// Problem and estimator, in range.
struct Task {
  Design design;
  std::span<const double> features;
  std::span<const double> prior;
  Estimator by;
  LargeOptions options;
  std::vector<double> p{};
  bool is_to_the_end = false;
  /// To the end, without a ridge and with more rows than features: no P, no bias.
  bool is_least_squares = false;
};

void check_eigenvalues(std::span<const double> of, const char* what) {
  for (const double v : of) {
    if (v >= 0 && std::isfinite(v)) continue;
    throw UsageError(fmt::format("{} has the eigenvalue {}", what, v),
                     "eigenvalues of large designs are finite and not negative");
  }
}

void check_ranges(const Task& task) {
  if (task.design.n == 0 || task.design.d == 0) {
    throw UsageError("a design has no rows or no features");
  }
  if (task.prior.size() != task.design.d) throw Error("features and prior differ in number");
  check_eigenvalues(task.features, "the covariance of the features");
  check_eigenvalues(task.prior, "the covariance of the signal");
  if (!(task.by.time >= 0)) throw UsageError("the time of an estimator is negative");
  if (!(task.by.ridge >= 0) || std::isinf(task.by.ridge)) {
    throw UsageError(fmt::format("the ridge is {}", task.by.ridge),
                     "it is finite and not negative");
  }
  if (task.options.probes < 2) throw UsageError("a trace needs two probes or more");
}

/// P, where it is one that large designs have.
void fill_preconditioner(Task& task) {
  task.p.assign(task.design.d, 1.0);
  const Preconditioner& of = task.by.preconditioner;
  const bool no_matter = task.is_to_the_end && task.by.ridge == 0;
  if (of.kind == Kind::fisher_sample && no_matter) return;  // the same theta as without P
  if (!of.is_fixed()) {
    throw UsageError(fmt::format("large designs have no preconditioner '{}'", of.name()),
                     of.kind == Kind::fisher_sample ? "but to the end and without a ridge"
                                                    : "it is a matrix of drawn rows",
                     "use the solver 'lapack'");
  }
  of.fill(task.features, task.prior, task.p);
  check_eigenvalues(task.p, "the preconditioner");
  if (!task.is_least_squares) return;
  if (std::any_of(task.p.begin(), task.p.end(), [](double v) { return v == 0; })) {
    throw UsageError("a preconditioner lacks directions", "there are more rows than features",
                     "give a ridge or a time, or a prior without zeros");
  }
  task.p.assign(task.design.d, 1.0);
}

/// F b of F = (1 - exp(-t S)) S^-1, by what the task asks for.
class Inverse {
 public:
  Inverse(const Task& task, la::DesignOperator& design) : task_(task), design_(design) {
    if (!task.is_to_the_end || task.options.solver != Solver::cholesky || task.is_least_squares) {
      return;
    }
    factor_.emplace(design, task.p, task.by.ridge);
    expect_regular("pivot", factor_->least_at(), factor_->least_pivot(), factor_->largest_pivot());
  }

  void operator()(std::span<const double> b, std::size_t columns, std::span<double> x,
                  LargeFindings& found) {
    if (factor_) {
      factor_->solve(b, x, columns);
      found.condition = factor_->largest_pivot() / factor_->least_pivot();
      return;
    }
    if (!s_ || s_->columns() != columns) s_.emplace(design_, task_.p, task_.by.ridge, columns);
    if (!task_.is_to_the_end) {
      const auto restarts = la::flow(
          *s_, task_.by.time, b, x,
          {.tolerance = task_.options.tolerance, .most_restarts = task_.options.most_iterations});
      found.iterations = std::max(found.iterations, restarts);
      return;
    }
    const la::CgReport report = la::solve(
        *s_, b, x,
        {.tolerance = task_.options.tolerance, .most_iterations = task_.options.most_iterations});
    expect_regular("eigenvalue", 0, report.smallest, report.largest);
    found.iterations = std::max(found.iterations, report.iterations);
    found.residual = std::max(found.residual, report.residual);
    found.condition = std::max(found.condition, report.condition());
  }

 private:
  void expect_regular(std::string_view kind, std::size_t at, double least, double largest) const {
    if (least >= least_pivot * largest) return;
    throw_singular("the matrix X P X^T / n", kind, at, least, largest, task_.design);
  }

  const Task& task_;
  la::DesignOperator& design_;
  std::optional<la::Cholesky> factor_{};
  std::optional<la::Gram> s_{};
};

/// sum of weights[j] x_j^2
double weighted_square(std::span<const double> weights, std::span<const double> x) {
  double sum = 0;
  for (std::size_t j = 0; j < x.size(); ++j) sum += weights[j] * x[j] * x[j];
  return sum;
}

double weighted_sum(std::span<const double> weights, std::span<const double> x) {
  double sum = 0;
  for (std::size_t j = 0; j < x.size(); ++j) sum += weights[j] * x[j];
  return sum;
}

/// Probes of one design, in batches.
class Prober {
 public:
  Prober(const Task& task, la::DesignOperator& design, LargeFindings& found)
      : task_(task),
        design_(design),
        found_(found),
        inverse_(task, design),
        squares_(design.squares()),
        n_(static_cast<double>(task.design.n)),
        d_(static_cast<double>(task.design.d)) {
    fill_roots(task.is_least_squares ? task.features : task.prior, roots_);
  }

  void run(std::size_t together) {
    const std::span<const double> seen = task_.is_least_squares ? task_.features : task_.prior;
    Probes bias(weighted_sum(seen, squares_));
    Probes variance(weighted_sum(task_.p, squares_) / n_ + n_ * task_.by.ridge);
    const auto probes = static_cast<std::size_t>(task_.options.probes);
    for (std::size_t first = 0; first < probes; first += together) {
      const std::size_t k = std::min(together, probes - first);
      if (task_.is_least_squares) {
        probe_least_squares(first, k, bias);
      } else {
        probe(first, k, bias, variance);
      }
    }
    if (task_.is_least_squares) {
      const auto of_variance = bias.estimate();
      found_.mean.variance = of_variance.mean;
      found_.standard_error.variance = of_variance.standard_error;
      found_.left_by_controls = {1, of_variance.left};
      return;
    }
    const auto of_bias = bias.estimate();
    const auto of_variance = variance.estimate();
    found_.mean = {of_bias.mean / d_, of_variance.mean};
    found_.standard_error = {of_bias.standard_error / d_, of_variance.standard_error};
    found_.left_by_controls = {of_bias.left, of_variance.left};
  }

 private:
  /// Signs times roots, (d, k), and X of them in the columns of `right` from `at` on.
  [[nodiscard]] std::vector<double> signals(std::size_t first, std::size_t k,
                                            std::span<double> right) {
    std::vector<double> s =
        probe_signs(task_.design.key, Probed::bias, first, k, 0, task_.design.d);
    for (std::size_t c = 0; c < k; ++c) {
      for (std::size_t j = 0; j < task_.design.d; ++j) s[j + c * task_.design.d] *= roots_[j];
    }
    design_.times(s, k, right);
    return s;
  }

  /// (k) squares of columns of all rows. Collective.
  [[nodiscard]] std::vector<double> row_squares(std::span<const double> x, std::size_t k) const {
    std::vector<double> out(k, 0.0);
    for (std::size_t c = 0; c < k; ++c) {
      for (std::size_t i = 0; i < design_.own(); ++i) {
        out[c] += x[i + c * design_.own()] * x[i + c * design_.own()];
      }
    }
    la::add_ranks(design_.comm(), out);
    return out;
  }

  void probe(std::size_t first, std::size_t k, Probes& bias, Probes& variance) {
    const std::size_t d = task_.design.d;
    const std::size_t half = design_.own() * k;
    std::vector<double> right = probe_signs(task_.design.key, Probed::variance, first, k,
                                            static_cast<std::size_t>(design_.share().first),
                                            static_cast<std::size_t>(design_.share().last));
    right.resize(2 * half);
    const std::vector<double> s = signals(first, k, std::span(right).subspan(half));
    const std::vector<double> of_signals = row_squares(std::span(right).subspan(half), k);
    std::vector<double> w(d * 2 * k);
    design_.transposed_times(std::span(right).first(half), k, std::span(w).first(d * k));
    std::vector<double> of_signs(k);
    for (std::size_t c = 0; c < k; ++c) {
      const auto column = std::span(w).subspan(c * d, d);
      of_signs[c] = weighted_square(task_.p, column) / n_ + n_ * task_.by.ridge;
    }

    std::vector<double> u(right.size());
    inverse_(right, 2 * k, u, found_);
    design_.transposed_times(u, 2 * k, w);
    for (std::size_t c = 0; c < 2 * k; ++c) {
      const auto column = std::span(w).subspan(c * d, d);
      for (std::size_t j = 0; j < d; ++j) column[j] *= task_.p[j] / n_;
      if (c >= k) {
        for (std::size_t j = 0; j < d; ++j) column[j] -= s[j + (c - k) * d];
      }
      const double square = weighted_square(task_.features, column);
      if (c < k) {
        variance.add(square, of_signs[c]);
      } else {
        bias.add(square, of_signals[c - k]);
      }
    }
  }

  /// s^T (X^T X)^-1 s = |(X X^T)^+ X s|^2, with s of the covariance of features: X s is in the
  /// range of X X^T, where conjugate gradients stay.
  void probe_least_squares(std::size_t first, std::size_t k, Probes& variance) {
    std::vector<double> right(design_.own() * k);
    static_cast<void>(signals(first, k, right));
    const std::vector<double> controls = row_squares(right, k);
    std::vector<double> u(right.size());
    inverse_(right, k, u, found_);
    const std::vector<double> squares = row_squares(u, k);
    for (std::size_t c = 0; c < k; ++c) variance.add(squares[c] / (n_ * n_), controls[c]);
  }

  const Task& task_;
  la::DesignOperator& design_;
  LargeFindings& found_;
  Inverse inverse_;
  std::vector<double> squares_;  ///< (d) of the columns of X
  std::vector<double> roots_{};
  double n_;
  double d_;
};

}  // namespace

bool has_large_replicas() { return true; }

LargeFindings large_replica(const comm::Communicator& comm, const DesignKey& key, std::size_t n,
                            std::span<const double> features, std::span<const double> prior,
                            const Estimator& by, const LargeOptions& options) {
  Task task{.design = {key, n, features.size()},
            .features = features,
            .prior = prior,
            .by = by,
            .options = options};
  check_ranges(task);
  task.is_to_the_end = std::isinf(by.time);
  task.is_least_squares = task.is_to_the_end && by.ridge == 0 && n > features.size();
  fill_preconditioner(task);
  if (options.solver == Solver::cholesky && !task.is_to_the_end) {
    throw UsageError("a factor serves no flow that is stopped in time", {},
                     "use conjugate gradients, or the time \"inf\"");
  }
  LargeFindings found;
  if (by.time == 0) {
    found.mean.bias = weighted_sum(prior, features) / static_cast<double>(task.design.d);
    return found;
  }
  blas::hold_one_thread();
  const la::Session session(comm, options.petsc);
  const LargePlan plan = large_plan(comm.size(), n, task.design.d, options);
  std::vector<double> scales;
  fill_roots(features, scales);
  const auto rows = [&](std::int64_t first, std::size_t count, double* to) {
    draw_rows(key, RowSource::design, options.law, static_cast<std::uint64_t>(first), count, scales,
              to);
  };
  try {
    la::DesignOperator design(comm, n, task.design.d, rows,
                              plan.is_stored ? la::Storage::stored : la::Storage::regenerated,
                              static_cast<std::size_t>(LargePlan::block_bytes));
    found.is_stored = plan.is_stored;
    Prober(task, design, found).run(plan.together);
  } catch (const NumericsError& error) {
    throw NumericsError(fmt::format("design {}, replica {}, seed {}, {} rows of {} features: {}",
                                    key.design, key.replica, key.seed, n, task.design.d,
                                    error.what()));
  }
  found.unused_options = session.unused_options();
  return found;
}

}  // namespace driftwood::natgrad
