// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/advice/trial.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include "base/error.hpp"
#include "comm/gather.hpp"
#include "natgrad/ensemble/pivots.hpp"

namespace driftwood::natgrad {
namespace {

const double not_a_number = std::nan("");

/// theta of every filter of one P, from rows and their labels: theta = R M (f o w) with P = R R^T,
/// where s are the eigenvalues of R^T X^T X R / n and f = (1 - exp(-t (s + ridge))) / (s + ridge).
class Fit {
 public:
  Fit(const Dense& x, std::span<const double> y, std::span<const double> p) {
    fill_roots(p, roots_);
    Dense scaled = x;
    scale_columns(scaled, roots_);
    const double per_row = 1 / static_cast<double>(x.rows());
    const Dense labels = column_of(y);
    Dense right;
    if (x.rows() <= x.columns()) {
      Dense u;
      blas::square(blas::Form::plain, scaled, u, per_row);
      blas::decompose(u, values_);
      blas::multiply(blas::Form::transposed, u, blas::Form::plain, labels, right, per_row);
      blas::multiply(blas::Form::transposed, scaled, blas::Form::plain, u, basis_);
    } else {
      blas::square(blas::Form::transposed, scaled, basis_, per_row);
      blas::decompose(basis_, values_);
      Dense products;
      blas::multiply(blas::Form::transposed, scaled, blas::Form::plain, labels, products, per_row);
      blas::multiply(blas::Form::transposed, basis_, blas::Form::plain, products, right);
    }
    weights_.assign(right.data(), right.data() + right.rows());
    for (double& s : values_) s = std::max(s, 0.0);
  }

  [[nodiscard]] bool is_singular() const {
    return !(values_.front() >= least_pivot * values_.back());
  }

  /// (d, estimators)
  [[nodiscard]] Dense thetas(std::span<const Estimator> of) const {
    Dense filtered(values_.size(), of.size());
    for (std::size_t j = 0; j < of.size(); ++j) {
      for (std::size_t k = 0; k < values_.size(); ++k) {
        const double shifted = values_[k] + of[j].ridge;
        const double f = shifted > 0 ? -std::expm1(-of[j].time * shifted) / shifted : of[j].time;
        filtered(k, j) = f * weights_[k];
      }
    }
    Dense out;
    blas::multiply(blas::Form::plain, basis_, blas::Form::plain, filtered, out);
    for (std::size_t j = 0; j < of.size(); ++j) {
      for (std::size_t i = 0; i < out.rows(); ++i) out(i, j) *= roots_[i];
    }
    return out;
  }

 private:
  static Dense column_of(std::span<const double> y) {
    Dense out(y.size(), 1);
    std::copy(y.begin(), y.end(), out.data());
    return out;
  }

  std::vector<double> roots_{};
  Dense basis_{};  ///< M
  std::vector<double> values_{};
  std::vector<double> weights_{};
};

/// Numbers of the grid's rows that leave at least as many besides.
std::vector<std::size_t> few_enough(const AdviceGrid& grid, const AdviceRows& rows,
                                    std::int64_t replicas) {
  std::vector<std::size_t> out;
  for (std::size_t n = 0; n < grid.rows().size() && rows.are_many() && replicas > 0; ++n) {
    if (2 * grid.rows()[n] <= rows.count()) out.push_back(n);
  }
  return out;
}

}  // namespace

AdviceTrial::AdviceTrial(const AdviceGrid& grid, const AdviceRows& rows, std::int64_t replicas,
                         std::uint64_t seed)
    : grid_(grid),
      rows_(rows),
      replicas_(replicas),
      seed_(seed),
      tried_(few_enough(grid, rows, replicas)),
      replica_(true),
      found_(static_cast<std::int64_t>(tried_.size()) * replicas, numbers()) {
  if (rows.labels.empty()) return;
  for (std::size_t i = 0; i < rows.features(); ++i) {
    const auto x = rows.rows.column(i);
    double sum = 0;
    for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * rows.labels[k];
    products_.push_back(sum / static_cast<double>(x.size()));
  }
}

std::size_t AdviceTrial::numbers() const {
  const std::size_t errors = grid_.preconditioners().size() * AdviceGrid::filters();
  return 2 * grid_.per_rows() + (rows_.labels.empty() ? 0 : errors);
}

std::vector<std::int64_t> AdviceTrial::order() const {
  std::vector<std::size_t> places(tried_.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return grid_.rows()[tried_[a]] > grid_.rows()[tried_[b]];
  });
  std::vector<std::int64_t> out;
  for (const std::size_t k : places) {
    for (std::int64_t r = 0; r < replicas_; ++r) {
      out.push_back(static_cast<std::int64_t>(k) * replicas_ + r);
    }
  }
  return out;
}

std::vector<std::size_t> AdviceTrial::chosen(const DesignKey& key, std::size_t n) const {
  std::vector<double> numbers(rows_.count());
  const double one = 1;
  draw_rows(key, RowSource::design, FeatureLaw::normal, 0, numbers.size(), std::span(&one, 1),
            numbers.data());
  std::vector<std::size_t> out(numbers.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  const auto end = out.begin() + static_cast<std::ptrdiff_t>(n);
  std::partial_sort(out.begin(), end, out.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(numbers[a], a) < std::pair(numbers[b], b);
  });
  out.erase(end, out.end());
  return out;
}

std::vector<BiasVariance> AdviceTrial::traces_of(std::size_t signal, std::size_t preconditioner) {
  std::vector<BiasVariance> out;
  for (std::size_t f = 0; f < AdviceGrid::filters(); ++f) {
    try {
      out.push_back(
          replica_(grid_.signals()[signal].prior, grid_.estimator(preconditioner, signal, f)));
    } catch (const NumericsError&) {  // some of the rows depend on others
      out.push_back({not_a_number, not_a_number});
    }
  }
  return out;
}

std::vector<double> AdviceTrial::errors_of(const Dense& x, std::span<const double> y,
                                           std::size_t preconditioner) const {
  std::vector<double> p(x.columns());
  const std::vector<double>& prior = grid_.signals().front().prior;
  grid_.preconditioners()[preconditioner].fill(rows_.covariance, prior, p);
  const Fit fit(x, y, p);
  std::vector<Estimator> estimators;
  for (std::size_t f = 0; f < AdviceGrid::filters(); ++f) {
    estimators.push_back(grid_.estimator(preconditioner, 0, f));
  }
  const Dense thetas = fit.thetas(estimators);
  Dense guessed;
  blas::multiply(blas::Form::plain, x, blas::Form::plain, thetas, guessed);
  const auto all = static_cast<double>(rows_.count());
  std::vector<double> out;
  for (std::size_t f = 0; f < estimators.size(); ++f) {
    double on_all = 1;  // |y - X theta|^2 / N, labels having variance 1
    for (std::size_t i = 0; i < x.columns(); ++i) {
      const double theta = thetas(i, f);
      on_all += theta * (rows_.covariance[i] * theta - 2 * products_[i]);
    }
    double on_picked = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double off = y[i] - guessed(i, f);
      on_picked += off * off;
    }
    out.push_back((all * on_all - on_picked) / (all - static_cast<double>(y.size())));
  }
  if (fit.is_singular() || x.rows() == x.columns()) out.front() = not_a_number;
  return out;
}

void AdviceTrial::work(std::int64_t task) {
  const std::size_t n = grid_.rows()[tried_[static_cast<std::size_t>(task / replicas_)]];
  const DesignKey key{seed_, static_cast<std::uint32_t>(task / replicas_),
                      static_cast<std::uint32_t>(task % replicas_)};
  const std::vector<std::size_t> picked = chosen(key, n);
  Dense x(n, rows_.features());
  for (std::size_t j = 0; j < x.columns(); ++j) {
    const auto from = rows_.rows.column(j);
    for (std::size_t i = 0; i < n; ++i) x(i, j) = from[picked[i]];
  }
  std::vector<double> y;
  if (!rows_.labels.empty()) {
    for (const std::size_t i : picked) y.push_back(rows_.labels[i]);
  }
  replica_.take(key, x, rows_.covariance);

  std::vector<double> found(2 * grid_.per_rows());
  for (std::size_t p = 0; p < grid_.preconditioners().size(); ++p) {
    for (std::size_t s = 0; s < grid_.signals().size(); ++s) {
      std::size_t to = 2 * grid_.cell(0, s, p, 0);
      for (const BiasVariance& of : traces_of(s, p)) {  // what one matrix P serves comes together
        found[to++] = of.bias;
        found[to++] = of.variance;
      }
    }
  }
  for (std::size_t p = 0; p < grid_.preconditioners().size() && !y.empty(); ++p) {
    const std::vector<double> errors = errors_of(x, y, p);
    found.insert(found.end(), errors.begin(), errors.end());
  }
  found_.put(task, std::move(found));
}

std::vector<TrialFinding> AdviceTrial::collected(const comm::Communicator& comm) const {
  std::vector<double> all = found_.merged(comm);
  comm::broadcast(comm, all);
  std::vector<TrialFinding> out;
  for (auto at = all.cbegin(); at != all.cend();) {
    TrialFinding& found = out.emplace_back();
    for (std::size_t c = 0; c < grid_.per_rows(); ++c, at += 2) {
      found.cells.push_back({*at, *std::next(at)});
    }
    const auto end = at + static_cast<std::ptrdiff_t>(numbers() - 2 * grid_.per_rows());
    found.errors.assign(at, end);
    at = end;
  }
  return out;
}

}  // namespace driftwood::natgrad
