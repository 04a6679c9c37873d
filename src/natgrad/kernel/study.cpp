// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/kernel/study.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "natgrad/ensemble/draw.hpp"
#include "natgrad/theory/sums.hpp"

namespace driftwood::natgrad {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void put_mean_squares(const Dense& errors, std::size_t columns, std::vector<double>& to) {
  for (std::size_t k = 0; k < columns; ++k) {
    to.push_back(errors.rows() == 0 ? nan
                                    : product(errors.column(k), errors.column(k)) /
                                          static_cast<double>(errors.rows()));
  }
}

Dense columns_of(const Dense& x, std::size_t first, std::size_t count) {
  Dense out(x.rows(), count);
  std::copy_n(x.column(first).data(), x.rows() * count, out.data());
  return out;
}

}  // namespace

KernelFits::KernelFits(const KernelOptions& options)
    : options_(options),
      kernel_(options.function.choice->kernel(options.data.learnt)),
      found_(std::ssize(options.lambda), numbers()) {}

std::size_t KernelFits::numbers() const {
  const KernelData& data = options_.data;
  return data.targets.size() * (4 + data.tested.size()) + 2;
}

std::vector<std::int64_t> KernelFits::order() const {
  if (options_.solver == "eigen") return {0};
  std::vector<std::int64_t> out(options_.lambda.size());
  std::iota(out.begin(), out.end(), std::int64_t{0});
  return out;
}

double KernelFits::shift(std::int64_t lambda) const {
  return static_cast<double>(options_.data.learnt.size()) *
         options_.lambda[static_cast<std::size_t>(lambda)];
}

std::vector<double> KernelFits::judged(const RidgeFit& fit, double of_shift,
                                       std::int64_t iterations, double trace_error) const {
  const KernelData& data = options_.data;
  const std::size_t targets = data.targets.size();
  std::vector<double> out;
  put_mean_squares(fit.left_out, targets, out);
  const std::vector<double> validated = fit.cross_validated();
  out.insert(out.end(), validated.begin(), validated.end());
  const Dense predicted = apply(kernel_, data.tested, data.learnt, fit.coefficients);
  Dense off = predicted;
  for (std::size_t k = 0; k < targets; ++k) {
    for (std::size_t i = 0; i < off.rows(); ++i) off(i, k) -= data.tested_labels(i, k);
  }
  put_mean_squares(off, targets, out);
  // On the rows that are learnt from y - K a = shift a.
  put_mean_squares(fit.coefficients, targets, out);
  for (auto v = out.end() - static_cast<std::ptrdiff_t>(targets); v != out.end(); ++v) {
    *v *= of_shift * of_shift;
  }
  out.push_back(static_cast<double>(iterations));
  out.push_back(trace_error);
  for (std::size_t i = 0; i < predicted.rows(); ++i) {
    for (std::size_t k = 0; k < targets; ++k) out.push_back(predicted(i, k) + data.means[k]);
  }
  return out;
}

void KernelFits::work(std::int64_t task) {
  const KernelData& data = options_.data;
  Dense k = gram(kernel_, data.learnt);
  if (options_.solver == "cholesky") {
    const double of = shift(task);
    found_.put(task, judged(solve_ridge(std::move(k), data.labels, of), of));
    return;
  }
  const RidgePath path(std::move(k));
  for (std::int64_t l = 0; l < std::ssize(options_.lambda); ++l) {
    found_.put(l, judged(path(data.labels, shift(l)), shift(l)));
  }
}

void KernelFits::work_together(const comm::Communicator& comm, std::int64_t lambda) {
  const KernelData& data = options_.data;
  if (!iterative_) {
    comm.agree([&] {
      iterative_.emplace(comm, kernel_, data.learnt, static_cast<std::size_t>(options_.centres));
    });
  }
  const Dense right = with_probes();
  const auto fit = (*iterative_)(right, shift(lambda), {options_.tolerance, options_.iterations});
  comm.agree([&] {
    if (!comm.is_root()) return;
    const std::size_t targets = data.targets.size();
    const std::size_t probes = right.columns() - targets;
    const auto trace = iterative_->inverse_trace(columns_of(right, targets, probes),
                                                 columns_of(fit.coefficients, targets, probes));
    RidgeFit known;
    known.coefficients = columns_of(fit.coefficients, 0, targets);
    known.inverse_trace = trace.value;
    found_.put(lambda,
               judged(known, shift(lambda), fit.iterations, trace.standard_error / trace.value));
  });
}

Dense KernelFits::with_probes() const {
  const Dense& labels = options_.data.labels;
  const auto probes = static_cast<std::size_t>(options_.probes);
  Dense out(labels.rows(), labels.columns() + probes);
  std::copy_n(labels.data(), labels.rows() * labels.columns(), out.data());
  draw_rows({.seed = options_.seed}, RowSource::hidden, FeatureLaw::rademacher, 0, labels.rows(),
            std::vector<double>(probes, 1.0), out.column(labels.columns()).data());
  return out;
}

std::vector<KernelErrors> KernelFits::errors(std::span<const double> found) const {
  const std::size_t targets = options_.data.targets.size();
  std::vector<KernelErrors> out;
  for (std::size_t at = 0; at < found.size(); at += numbers()) {
    std::span<const double> rest = found.subspan(at, numbers());
    const auto take = [&](std::size_t count) {
      const auto taken = rest.first(count);
      rest = rest.subspan(count);
      return std::vector<double>(taken.begin(), taken.end());
    };
    KernelErrors& e = out.emplace_back();
    e.left_out = take(targets);
    e.cross_validated = take(targets);
    e.test = take(targets);
    e.train = take(targets);
    e.iterations = static_cast<std::int64_t>(take(1).front());
    e.trace_error = take(1).front();
    e.predictions = take(rest.size());
  }
  return out;
}

const std::vector<double>& choosing(const KernelOptions& options, const KernelErrors& errors) {
  return options.is_iterative() ? errors.cross_validated : errors.left_out;
}

std::size_t best_of(const KernelOptions& options, const std::vector<KernelErrors>& errors) {
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t l = 0; l < errors.size(); ++l) {
    double sum = 0;
    for (std::size_t k = 0; k < options.data.variances.size(); ++k) {
      sum += choosing(options, errors[l])[k] / options.data.variances[k];
    }
    if (!(sum < least)) continue;
    least = sum;
    best = l;
  }
  return best;
}

}  // namespace driftwood::natgrad
