// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/fit_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "io/fit_layout.hpp"
#include "io/layout.hpp"

namespace driftwood::sde {
namespace {

namespace names = io::layout::fit;
using Numbers = std::vector<double>;
using Names = std::vector<std::string>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t tests = 4;

class Writer {
 public:
  Writer(io::ResultFile& file, const FitFindings& found) : file_(file), found_(found) {}

  void write() {
    write_parameters();
    write_trace();
    write_moments();
    if (found_.series == nullptr) return;
    Names components;
    for (const ComponentInfo& one : found_.components) components.push_back(one.name);
    file_.coordinate(io::layout::component,
                     {{}, "1", "component of the state", std::span<const std::string>(components)});
    write_residuals();
    write_tests();
    write_fan();
  }

 private:
  template <class T>
  void put(std::string_view name, std::vector<std::string_view> dimensions,
           const std::string& units, const std::string& what, const std::vector<T>& values,
           std::vector<std::pair<std::string, io::Attribute>> attributes = {}) {
    file_.write(name, {{dimensions.begin(), dimensions.end()},
                       units,
                       what,
                       std::span<const T>(values),
                       std::move(attributes)});
  }
  template <class T>
  void dimension(std::string_view name, const std::string& units, const std::string& what,
                 const std::vector<T>& values) {
    file_.coordinate(name, {{}, units, what, std::span<const T>(values)});
  }
  void number(std::string_view name, const std::string& what, double value) {
    put(name, {}, "1", what, Numbers{value});
  }

  void write_parameters() {
    const FitEstimate& e = found_.estimate;
    const std::size_t count = e.parameters.size();
    Names parameters;
    Numbers start;
    Numbers errors;
    for (std::size_t i = 0; i < count; ++i) {
      parameters.push_back(found_.search.coordinates()[i].name());
      start.push_back(found_.search.coordinates()[i].start());
      errors.push_back(std::sqrt(e.covariance[i * (count + 1)]));
    }
    dimension(names::parameter, "1", "parameter of the model", parameters);
    dimension(names::other_parameter, "1", "the same", parameters);
    const bool is_series = found_.series != nullptr;
    put(names::estimate, {names::parameter}, "1", "estimate", e.parameters,
        {{std::string(names::method), std::string(is_series ? "transitions" : "targets")},
         {std::string(names::transform),
          is_series ? found_.series->transform : std::string("none")},
         {std::string(names::interval), found_.interval}});
    put(names::start, {names::parameter}, "1", "where the fit began", start);
    put(names::standard_error, {names::parameter}, "1",
        "standard error of the estimate, the noise of the simulation included", errors);
    put(names::lower, {names::parameter}, "1", "lower end of the 95 % interval", e.lower);
    put(names::upper, {names::parameter}, "1", "upper end of the 95 % interval", e.upper);
    put(names::covariance, {names::parameter, names::other_parameter}, "1",
        "covariance of the estimates", e.covariance);
    number(names::objective, "half of gap^T W gap", e.objective);
    put(names::converged, {}, "1", "1: a further step would be within the tolerance",
        std::vector<std::int64_t>{e.is_converged ? 1 : 0});
    number(names::last_step, "length of a further step of Gauss and Newton, in standard errors",
           e.last_step);
    if (std::isnan(e.overidentification)) return;
    number(names::overidentification::statistic,
           "Hansen's J: gap^T W gap with optimal weights, chi-squared where the model holds",
           e.overidentification);
    put(names::overidentification::freedom, {}, "1", "moments less parameters",
        std::vector<std::int64_t>{found_.moments.moments() - static_cast<std::int64_t>(count)});
    number(names::overidentification::p_value, "probability of a J as large where the model holds",
           e.overidentification_p);
  }

  void write_trace() {
    const FitSearch::Trace& trace = found_.search.trace();
    std::vector<std::int64_t> iterations(trace.objective.size());
    std::iota(iterations.begin(), iterations.end(), 0);
    dimension(names::trace::iteration, "1", "evaluation of the moments", iterations);
    put(names::trace::objective, {names::trace::iteration}, "1", "half of gap^T W gap",
        trace.objective);
    put(names::trace::parameters, {names::trace::iteration, names::parameter}, "1",
        "parameters there", trace.parameters);
    put(names::trace::weighting, {names::trace::iteration}, "1",
        "W: 0 by variances alone, 1 by the whole covariance", trace.weighting);
    put(names::trace::accepted, {names::trace::iteration}, "1", "1: the search went on from there",
        trace.accepted);
  }

  void write_moments() {
    const MomentGaps& gaps = found_.search.gaps();
    const std::size_t count = gaps.gap.size();
    Numbers data;
    Numbers errors;
    Numbers t;
    for (std::size_t m = 0; m < count; ++m) {
      data.push_back(gaps.model[m] + gaps.gap[m]);
      errors.push_back(std::sqrt(gaps.covariance[m * (count + 1)]));
      const double left = found_.estimate.leftover[m];
      t.push_back(left > 0 ? gaps.gap[m] / std::sqrt(left) : nan);
    }
    dimension(names::moments::name, "1", "moment, or formula and time", found_.moments.names);
    put(names::moments::data, {names::moments::name}, "1", "mean of data, or the given value",
        data);
    put(names::moments::model, {names::moments::name}, "1", "mean of the fitted model", gaps.model);
    put(names::moments::standard_error, {names::moments::name}, "1",
        "standard error of their difference", errors);
    put(names::moments::t, {names::moments::name}, "1",
        "their difference in standard errors that the fit leaves it; NaN: it leaves none", t);
  }

  /// Of every transition and component, on rank 0.
  template <class Get>
  Numbers of_entries(const Get& get) const {
    Numbers out(found_.series->starts.size() * found_.series->components, nan);
    const auto& entries = found_.residuals->entries();
    for (std::size_t i = 0; i < std::min(entries.size(), out.size()); ++i) out[i] = get(entries[i]);
    return out;
  }

  void write_residuals() {
    const Series& series = *found_.series;
    std::vector<std::int64_t> rows;
    Names labels;
    for (const std::size_t start : series.starts) {
      rows.push_back(static_cast<std::int64_t>(start) + 1);
      if (!series.labels.empty()) labels.push_back(series.labels[start + 1]);
    }
    namespace of = names::residuals;
    using Entry = FitResiduals::Entry;
    dimension(of::observation, "1", "row of the series at the end of a transition", rows);
    if (!labels.empty()) put(of::label, {of::observation}, "1", "its date", labels);
    const auto put_one = [&](std::string_view name, const char* what, const auto& get) {
      put(name, {of::observation, io::layout::component}, "1", what, of_entries(get));
    };
    put_one(of::value, "(x - mean) / sd", [](const Entry& e) { return e.value; });
    put_one(of::mean, "mean of x given the observation before",
            [](const Entry& e) { return e.mean; });
    put_one(of::sd, "standard deviation of x given the observation before",
            [](const Entry& e) { return e.sd; });
    put_one(of::beaten, "share of simulated values below x; uniform where the model holds",
            [](const Entry& e) { return e.beaten; });
  }

  void write_tests() {
    namespace of = names::residuals;
    const Names test = {"ljung_box", "ljung_box_of_squares", "jarque_bera", "kolmogorov_smirnov"};
    dimension(of::test, "1", "test of the residuals", test);
    const std::size_t components = found_.series->components;
    Numbers statistics(tests * components, nan);
    Numbers p_values(tests * components, nan);
    if (!found_.residuals->entries().empty()) {
      std::size_t c = 0;
      for (const FitResiduals::Tests& one : found_.residuals->tests()) {
        const stats::TestResult results[tests] = {one.serial, one.serial_squares, one.normal,
                                                  one.uniform};
        for (std::size_t i = 0; i < tests; ++i) {
          statistics[i * components + c] = results[i].statistic;
          p_values[i * components + c] = results[i].p_value;
        }
        ++c;
      }
    }
    put(of::statistic, {of::test, io::layout::component}, "1", "statistic of the test", statistics);
    put(of::p_value, {of::test, io::layout::component}, "1",
        "probability of one as extreme where the model holds", p_values);
  }

  void write_fan() {
    namespace of = names::fan;
    const Series& series = *found_.series;
    const FanTimes& times = *found_.fan_times;
    Numbers time;
    Numbers data;
    Names labels;
    for (const std::int64_t k : times.after) {
      const std::size_t row = times.first + static_cast<std::size_t>(k);
      time.push_back(static_cast<double>(k) * found_.interval);
      data.insert(data.end(), series.row(row), series.row(row) + series.components);
      if (!series.labels.empty()) labels.push_back(series.labels[row]);
    }
    const Numbers& quantiles = found_.fan_options->quantiles;
    dimension(of::time, found_.time_units, "time after the observation where paths begin", time);
    dimension(of::quantile, "1", "probability", quantiles);
    if (!labels.empty()) put(of::label, {of::time}, "1", "date of the observation", labels);
    put(of::data, {of::time, io::layout::component}, "1", "observation", data);
    Numbers values(time.size() * quantiles.size() * series.components, nan);
    if (found_.fan != nullptr) values = found_.fan->value;
    put(of::value, {of::time, of::quantile, io::layout::component}, "1",
        "quantiles of simulated paths", values);
  }

  io::ResultFile& file_;
  const FitFindings& found_;
};

std::string test_text(const char* name, const stats::TestResult& result) {
  return fmt::format("  {:<34}{:>12.4g}   p = {:.3g}\n", name, result.statistic, result.p_value);
}

}  // namespace

void write(io::ResultFile& file, const FitFindings& found) { Writer(file, found).write(); }

std::string table_text(const FitFindings& found) {
  const FitEstimate& e = found.estimate;
  const std::size_t count = e.parameters.size();
  std::string out = fmt::format("{:<20}{:>14}{:>16}     95 % interval\n", "parameter", "estimate",
                                "standard error");
  for (std::size_t i = 0; i < count; ++i) {
    out += fmt::format("{:<20}{:>14.6g}{:>16.3g}     {:.6g} to {:.6g}\n",
                       found.search.coordinates()[i].name(), e.parameters[i],
                       std::sqrt(e.covariance[i * (count + 1)]), e.lower[i], e.upper[i]);
  }
  if (!std::isnan(e.overidentification)) {
    out += fmt::format("\nJ = {:.4g} on {} degrees of freedom, p = {:.3g}\n", e.overidentification,
                       found.moments.moments() - static_cast<std::int64_t>(count),
                       e.overidentification_p);
  }
  if (found.residuals == nullptr || found.residuals->entries().empty()) return out;
  const auto results = found.residuals->tests();
  for (std::size_t c = 0; c < results.size(); ++c) {
    out += fmt::format("\nresiduals of {}\n", found.components[c].name);
    const std::string lags = fmt::format("Ljung and Box, {} lags", FitResiduals::lags);
    out += test_text(lags.c_str(), results[c].serial);
    out += test_text((lags + ", squares").c_str(), results[c].serial_squares);
    out += test_text("Jarque and Bera", results[c].normal);
    out += test_text("Kolmogorov and Smirnov", results[c].uniform);
  }
  return out;
}

}  // namespace driftwood::sde
