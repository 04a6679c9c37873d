// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/ensemble/replica.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "natgrad/theory/sums.hpp"

namespace driftwood::natgrad {
namespace {

using Kind = Preconditioner::Kind;

/// tr[Sigma_theta of] / d
double weighted_mean(std::span<const double> prior, std::span<const double> of) {
  const auto sum =
      sums_over<1>(of.size(), [&](std::size_t j) { return std::array{prior[j] * of[j]}; })[0];
  return sum / static_cast<double>(of.size());
}

/// rho of the Fisher matrix of the sample, over its mean eigenvalue.
constexpr double sample_damping = 1e-6;

void check_eigenvalues(std::span<const double> of, const char* what) {
  for (const double v : of) {
    if (v >= 0 && std::isfinite(v)) continue;
    throw UsageError(fmt::format("{} has the eigenvalue {}", what, v),
                     "eigenvalues of a covariance are finite and not negative");
  }
}

}  // namespace

Replica::Replica(bool many_filters) : many_filters_(many_filters) { blas::hold_one_thread(); }

void Replica::begin(const DesignKey& key, std::size_t n, std::span<const double> features) {
  if (n == 0 || features.empty()) throw UsageError("a design has no rows or no features");
  check_eigenvalues(features, "the covariance of the features");
  design_ = {key, n, features.size()};
  features_.assign(features.begin(), features.end());
  least_squares_.reset();
  chosen_.reset();
}

void Replica::draw(const DesignKey& key, std::size_t n, std::span<const double> features,
                   FeatureLaw law) {
  begin(key, n, features);
  law_ = law;
  std::vector<double> scales;
  fill_roots(features, scales);
  x_.shape(n, features.size());
  draw_rows(key, RowSource::design, law, 0, n, scales, x_.data());
}

void Replica::take(const DesignKey& key, Dense rows, std::span<const double> features) {
  if (rows.columns() != features.size()) throw Error("rows and features differ in number");
  begin(key, rows.rows(), features);
  x_ = std::move(rows);
}

BiasVariance Replica::operator()(std::span<const double> prior, const Estimator& by) {
  check(prior, by);
  if (by.time == 0) return {weighted_mean(prior, features_), 0};
  const bool to_the_end = std::isinf(by.time);
  if (design_.n > design_.d && to_the_end && by.ridge == 0) {
    if (by.preconditioner.is_fixed()) {
      choose(prior, by.preconditioner);
      if (p_.is_singular()) {
        throw UsageError("a preconditioner lacks directions", "there are more rows than features",
                         "give a ridge or a time, or a prior without zeros");
      }
    }
    if (!least_squares_) least_squares_ = least_squares_variance(x_, features_, design_);
    return {0, *least_squares_};
  }
  choose(prior, by.preconditioner);
  if (to_the_end && !many_filters_ && design_.n <= design_.d) {
    const Losses& losses = factored(by.ridge);
    return {weighted_mean(prior, losses.bias), losses.variance};
  }
  if (!is_decomposed_) decomposed_.decompose(x_, features_, p_, design_);
  is_decomposed_ = true;
  return decomposed_(features_, prior, by.ridge, by.time);
}

void Replica::check(std::span<const double> prior, const Estimator& by) const {
  if (x_.rows() == 0) throw Error("no design was drawn");
  if (prior.size() != design_.d) throw Error("features and prior of a replica differ in number");
  if (!(by.time >= 0)) throw UsageError("the time of an estimator is negative");
  if (!(by.ridge >= 0) || std::isinf(by.ridge)) {
    throw UsageError(fmt::format("the ridge is {}", by.ridge), "it is finite and not negative");
  }
  check_eigenvalues(prior, "the covariance of the signal");
  if (by.preconditioner.kind != Kind::fisher_estimate || by.time == 0) return;
  // To the end and without a ridge theta depends on the column space of P X^T alone, to which the
  // rows of the sample may be added.
  const bool only_space = std::isinf(by.time) && by.ridge == 0;
  const auto u = static_cast<std::size_t>(std::max<std::int64_t>(by.preconditioner.rows, 0));
  const std::size_t rows = only_space ? u + design_.n : u;
  if (rows >= design_.d) return;
  throw UsageError(
      fmt::format("{} unlabelled rows are too few to estimate a Fisher matrix of {} features", u,
                  design_.d),
      only_space ? fmt::format("with the {} of the sample they must be as many", design_.n)
                 : "with a ridge or a time they must be as many");
}

void Replica::choose(std::span<const double> prior, const Preconditioner& preconditioner) {
  Chosen wanted{.preconditioner = preconditioner};
  if (preconditioner.is_fixed()) {
    wanted.preconditioner = {};  // what has the same eigenvalues is the same
    wanted.p.resize(design_.d);
    preconditioner.fill(features_, prior, wanted.p);
  }
  if (chosen_ == wanted) return;
  chosen_.reset();
  by_ridge_.clear();
  is_decomposed_ = false;
  if (preconditioner.is_fixed()) {
    p_.set_diagonal(wanted.p);
  } else if (preconditioner.kind == Kind::fisher_sample && design_.n <= design_.d) {
    p_.set_of_rows(root_of_sample());
  } else {
    Dense fisher;
    fill_fisher(preconditioner, fisher);
    factor_or_throw(fisher, "the Fisher matrix", design_);
    p_.set_factor(std::move(fisher));
  }
  chosen_ = std::move(wanted);
}

Dense Replica::root_of_sample() const {
  // (X^T X/n + rho)^-1 X^T = X^T (X X^T/n + rho)^-1: of the small matrix, which has a condition
  // that does not grow as rho falls.
  Dense vectors;
  std::vector<double> values;
  blas::square(blas::Form::plain, x_, vectors, 1 / static_cast<double>(design_.n));
  double trace = 0;
  for (std::size_t i = 0; i < design_.n; ++i) trace += vectors(i, i);
  const double rho = sample_damping * trace / static_cast<double>(design_.d);
  blas::decompose(vectors, values);
  for (double& v : values) v = 1 / std::sqrt(std::sqrt(std::max(v, 0.0) + rho));
  scale_columns(vectors, values);
  Dense root;
  blas::multiply(blas::Form::plain, vectors, blas::Form::transposed, vectors, root);
  return root;
}

void Replica::fill_fisher(const Preconditioner& preconditioner, Dense& fisher) const {
  const std::size_t d = design_.d;
  const auto trace = [&] {
    double sum = 0;
    for (std::size_t j = 0; j < d; ++j) sum += fisher(j, j);
    return sum;
  };
  if (preconditioner.kind == Kind::fisher_sample) {
    blas::square(blas::Form::transposed, x_, fisher, 1 / static_cast<double>(design_.n));
    const double rho = sample_damping * trace() / static_cast<double>(d);
    for (std::size_t j = 0; j < d; ++j) fisher(j, j) += rho;
    return;
  }
  constexpr std::size_t together = 512;  // rows in memory
  const auto u = static_cast<std::size_t>(preconditioner.rows);
  const double per_row = 1 / static_cast<double>(u);
  std::vector<double> scales;
  fill_roots(features_, scales);
  Dense z;
  bool is_begun = false;
  if (u < d) {
    blas::square(blas::Form::transposed, x_, fisher, per_row);
    is_begun = true;
  }
  for (std::size_t first = 0; first < u; first += together) {
    z.shape(std::min(together, u - first), d);
    draw_rows(design_.key, RowSource::unlabelled, law_, first, z.rows(), scales, z.data());
    blas::square(blas::Form::transposed, z, fisher, per_row, is_begun ? 1 : 0);
    is_begun = true;
  }
}

const Losses& Replica::factored(double ridge) {
  for (const auto& [known, losses] : by_ridge_) {
    if (known == ridge) return losses;
  }
  Losses losses;
  factored_.compute(x_, features_, p_, ridge, design_, losses);
  by_ridge_.emplace_back(ridge, std::move(losses));
  return by_ridge_.back().second;
}

}  // namespace driftwood::natgrad
