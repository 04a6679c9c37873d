// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/kernel/results.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <span>
#include <string_view>

#include "io/study_layout.hpp"

namespace driftwood::natgrad {
namespace {

namespace names = io::layout::kernel;

/// The mean over targets of errors over variances: what predicting the mean leaves is 1.
double relative(const KernelOptions& options, const std::vector<double>& errors) {
  double sum = 0;
  for (std::size_t k = 0; k < errors.size(); ++k) sum += errors[k] / options.data.variances[k];
  return sum / static_cast<double>(errors.size());
}

template <class Get>
std::vector<double> all_of(const std::vector<KernelErrors>& errors, const Get& get) {
  std::vector<double> out;
  for (const KernelErrors& e : errors) {
    const std::vector<double>& values = get(e);
    out.insert(out.end(), values.begin(), values.end());
  }
  return out;
}

std::string cell(double value) {
  return std::isnan(value) ? fmt::format(" {:>11}", "-") : fmt::format(" {:>11.5g}", value);
}

struct MeanOfRows {
  double mean = 0;
  double standard_error = 0;  ///< NaN without two rows
};

MeanOfRows mean_of(const std::vector<double>& values) {
  const auto rows = static_cast<double>(values.size());
  MeanOfRows out;
  for (const double v : values) out.mean += v / rows;
  double square = 0;
  for (const double v : values) square += (v - out.mean) * (v - out.mean);
  out.standard_error = std::sqrt(square / (rows - 1) / rows);
  return out;
}

/// What the test says of the fit of one lambda, beside predicting the mean of the same rows.
std::string test_text(const KernelOptions& options, const KernelErrors& errors) {
  const KernelData& data = options.data;
  if (data.rows.empty()) return "";
  const std::size_t targets = data.targets.size();
  std::vector<double> of_fit(data.rows.size(), 0.0);
  std::vector<double> gain(data.rows.size(), 0.0);
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    for (std::size_t k = 0; k < targets; ++k) {
      const double label = data.tested_labels(i, k);
      const double off = errors.predictions[i * targets + k] - data.means[k] - label;
      const double unit = data.variances[k] * static_cast<double>(targets);
      of_fit[i] += off * off / unit;
      gain[i] += (label * label - off * off) / unit;
    }
  }
  const MeanOfRows error = mean_of(of_fit);
  const MeanOfRows gained = mean_of(gain);
  const std::string figures = fmt::format(
      "test error {:.3g} +- {:.2g}, of the mean {:.3g}, {} row{}", error.mean, error.standard_error,
      error.mean + gained.mean, data.rows.size(), data.rows.size() == 1 ? "" : "s");
  if (!(gained.mean > 2 * gained.standard_error)) {
    return fmt::format(", which explains nothing clearly ({})", figures);
  }
  return fmt::format(", which explains {:.1f} % of what predicting the mean leaves ({})",
                     100 * gained.mean / (error.mean + gained.mean), figures);
}

/// Whether more of the list might say more than the best of it does.
std::string list_text(const KernelOptions& options, std::size_t best, bool finds_nothing) {
  if (options.lambda.size() == 1) {
    return fmt::format("! that is the one lambda of the list{}: extend it\n",
                       finds_nothing ? ", and predicting the mean is as good" : "");
  }
  if (best == 0 || best + 1 == options.lambda.size()) {
    return fmt::format("! that is the {} of the list{}: extend it\n",
                       best == 0 ? "least" : "largest",
                       finds_nothing ? ", and predicting the mean is as good" : "");
  }
  return finds_nothing
             ? "! predicting the mean is as good: this kernel finds nothing in these columns\n"
             : "";
}

std::string verdict(const KernelOptions& options, const std::vector<KernelErrors>& errors) {
  const std::size_t best = best_of(options, errors);
  std::string text =
      fmt::format("\n{} lambda = {:.4g}{}\n",
                  options.is_iterative() ? "cross-validated errors choose" : "left-out rows choose",
                  options.lambda[best], test_text(options, errors[best]));
  text += list_text(options, best, !(relative(options, choosing(options, errors[best])) < 1));
  if (options.test > 0 && options.data.rows.empty()) {
    text += fmt::format(
        "! no row is tested: a fraction of {:g} of {} rows is less than one, take more of "
        "'kernel.test'\n",
        options.test, options.data.learnt.size());
  }
  constexpr double loose = 0.02;
  if (errors[best].trace_error > loose) {
    text += fmt::format(
        "! cross-validated errors are uncertain by {:.2g} %: take more 'kernel.probes' or "
        "'kernel.centres'\n",
        200 * errors[best].trace_error);
  }
  return text;
}

}  // namespace

void write(io::ResultFile& file, const KernelOptions& options, const Kernel& kernel,
           const std::vector<KernelErrors>& errors) {
  const KernelData& data = options.data;
  const auto numbers = [&](std::string_view name, std::vector<std::string> dimensions,
                           const std::string& what, const std::vector<double>& values) {
    file.write(name, {std::move(dimensions), "1", what, std::span<const double>(values)});
  };
  const std::string lambda(names::lambda);
  const std::string target(names::target);
  file.coordinate(
      names::lambda,
      {{}, "1", "ridge: (K + n lambda I) a = y", std::span<const double>(options.lambda)});
  file.coordinate(names::target,
                  {{}, "1", "columns of labels", std::span<const std::string>(data.targets)});
  numbers(names::length, {}, "length scale of the kernel, NaN where it has none",
          {kernel.has_unit() ? kernel.length : std::numeric_limits<double>::quiet_NaN()});
  const std::vector<std::int64_t> rows{static_cast<std::int64_t>(data.learnt.size())};
  file.write(names::rows,
             {{}, "1", "rows that are learnt from, n", std::span<const std::int64_t>(rows)});
  numbers(names::mean, {target}, "mean of the labels that are learnt from", data.means);
  numbers(names::variance, {target}, "variance of the labels that are learnt from", data.variances);
  numbers(names::left_out, {lambda, target},
          "mean square error of rows that are left out one at a time",
          all_of(
              errors, [](const KernelErrors& e) -> auto& { return e.left_out; }));
  numbers(names::cross_validated, {lambda, target},
          "what generalised cross-validation takes for that error",
          all_of(
              errors, [](const KernelErrors& e) -> auto& { return e.cross_validated; }));
  std::vector<double> trace_errors;
  for (const KernelErrors& e : errors) trace_errors.push_back(e.trace_error);
  numbers(names::trace_error, {lambda},
          "relative standard error of the trace whose square that is divided by", trace_errors);
  numbers(names::train, {lambda, target}, "mean square error of the rows that are learnt from",
          all_of(
              errors, [](const KernelErrors& e) -> auto& { return e.train; }));
  std::vector<std::int64_t> iterations;
  for (const KernelErrors& e : errors) iterations.push_back(e.iterations);
  file.write(names::iterations, {{lambda},
                                 "1",
                                 "iterations of conjugate gradients",
                                 std::span<const std::int64_t>(iterations)});
  numbers(names::best, {}, "lambda of the least error of left-out rows, cross-validated by cg",
          {options.lambda[errors.empty() ? 0 : best_of(options, errors)]});
  if (data.rows.empty()) return;
  const std::string row(names::row);
  file.coordinate(names::row, {{},
                               "1",
                               "row of the table, from 0, that is tested",
                               std::span<const std::int64_t>(data.rows)});
  numbers(names::test, {lambda, target}, "mean square error of the rows that are tested",
          all_of(
              errors, [](const KernelErrors& e) -> auto& { return e.test; }));
  std::vector<double> labels;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    for (std::size_t k = 0; k < data.targets.size(); ++k) {
      labels.push_back(data.tested_labels(i, k) + data.means[k]);
    }
  }
  numbers(names::label, {row, target}, "labels of the rows that are tested", labels);
  numbers(names::prediction, {lambda, row, target}, "predictions of them",
          all_of(
              errors, [](const KernelErrors& e) -> auto& { return e.predictions; }));
}

std::string table_text(const KernelOptions& options, const Kernel& kernel,
                       const std::vector<KernelErrors>& errors) {
  const KernelData& data = options.data;
  std::string text = fmt::format(
      "{} rows of {} columns to learn from, {} to test{}\n"
      "mean square errors over the variance of the labels that are learnt from:\n",
      data.learnt.size(), data.learnt.dimension(), data.tested.size(),
      kernel.has_unit() ? fmt::format("; length {:.5g}", kernel.length) : "");
  text += fmt::format("{:>10} {:>11} {:>11} {:>11}", "lambda",
                      options.is_iterative() ? "cross-val." : "left out", "test", "train");
  if (options.is_iterative()) text += fmt::format(" {:>10}", "iterations");
  text += '\n';
  constexpr std::size_t most = 40;
  const std::size_t best = best_of(options, errors);
  for (std::size_t l = 0; l < errors.size() && l < most; ++l) {
    const KernelErrors& e = errors[l];
    text += fmt::format("{:>10.4g}{}{}{}", options.lambda[l],
                        cell(relative(options, choosing(options, e))),
                        cell(relative(options, e.test)), cell(relative(options, e.train)));
    if (options.is_iterative()) text += fmt::format(" {:>10}", e.iterations);
    text += best == l ? "  <- least\n" : "\n";
  }
  if (errors.size() > most) text += fmt::format("{} more are in the file\n", errors.size() - most);
  return text + verdict(options, errors);
}

}  // namespace driftwood::natgrad
