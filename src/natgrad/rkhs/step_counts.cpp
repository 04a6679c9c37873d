// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/rkhs/step_counts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "natgrad/rkhs/series.hpp"

namespace driftwood::natgrad {
namespace {

constexpr std::uint32_t resamples = 500;

Descents descents_of(const RkhsOptions& options) {
  std::vector<double> mu(static_cast<std::size_t>(options.features));
  fill_decaying(options.decay, mu);
  std::vector<std::vector<double>> targets;
  for (const double r : options.source) fill_target(mu, r, targets.emplace_back(mu.size()));
  return {std::move(mu), std::move(targets)};
}

/// The curves of one source, method and n, of all designs.
class Curves {
 public:
  Curves(const RkhsOptions& options, std::span<const double> found, std::size_t column,
         std::size_t i)
      : length_(static_cast<std::size_t>(options.steps) + 1),
        designs_(static_cast<std::size_t>(options.designs)),
        stride_(options.numbers()),
        values_(found.subspan(i * designs_ * stride_ + column * length_)) {}

  [[nodiscard]] std::size_t length() const { return length_; }
  [[nodiscard]] std::size_t designs() const { return designs_; }
  [[nodiscard]] std::span<const double> curve(std::size_t design) const {
    return values_.subspan(design * stride_, length_);
  }
  /// Over some designs, which may come more than once.
  void mean(std::span<const std::size_t> of, std::vector<double>& to) const {
    to.assign(length_, 0.0);
    for (const std::size_t d : of) {
      const auto from = curve(d);
      for (std::size_t t = 0; t < length_; ++t) to[t] += from[t];
    }
    for (double& v : to) v /= static_cast<double>(of.size());
  }

 private:
  std::size_t length_;
  std::size_t designs_;
  std::size_t stride_;
  std::span<const double> values_;
};

std::vector<std::size_t> all_of(std::size_t n) {
  std::vector<std::size_t> out(n);
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

std::int64_t place_of_least(const std::vector<double>& risk) {
  return std::min_element(risk.begin(), risk.end()) - risk.begin();
}

/// The first step whose risk is at most so much above the least.
std::int64_t first_near(const std::vector<double>& risk, double within) {
  const double bound = (1 + within) * *std::min_element(risk.begin(), risk.end());
  return std::find_if(risk.begin(), risk.end(), [&](double v) { return v <= bound; }) -
         risk.begin();
}

StepCount count(const Curves& curves, double within) {
  StepCount out;
  curves.mean(all_of(curves.designs()), out.risk);
  const auto designs = static_cast<double>(curves.designs());
  out.standard_error.assign(curves.length(), 0.0);
  for (std::size_t d = 0; d < curves.designs(); ++d) {
    const auto curve = curves.curve(d);
    for (std::size_t t = 0; t < curve.size(); ++t) {
      const double off = curve[t] - out.risk[t];
      out.standard_error[t] += off * off / (designs - 1);
    }
  }
  for (double& v : out.standard_error) v = std::sqrt(v / designs);
  out.best_step = place_of_least(out.risk);
  out.steps = first_near(out.risk, within);
  return out;
}

/// Of log y against log n by least squares; not finite where a y is 0.
double slope_of(const std::vector<double>& n, const std::vector<double>& y) {
  std::vector<double> log_n;
  std::vector<double> log_y;
  std::vector<double> weights(n.size() * n.size(), 0.0);
  for (std::size_t i = 0; i < n.size(); ++i) {
    log_n.push_back(std::log(n[i]));
    log_y.push_back(std::log(y[i]));
    weights[i * n.size() + i] = 1;
  }
  return stats::fit_slope(log_n, log_y, weights).value;
}

double spread(const std::vector<double>& values) {
  const auto size = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / size;
  double square = 0;
  for (const double v : values) square += (v - mean) * (v - mean);
  return std::sqrt(square / (size - 1));
}

Growth growth_of(const RkhsOptions& options, const std::vector<Curves>& of,
                 std::span<const StepCount> counts) {
  if (std::any_of(counts.begin(), counts.end(), [](const StepCount& c) { return c.is_cut(); })) {
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    return {{unknown, unknown}, {unknown, unknown}};
  }
  std::vector<double> steps;
  std::vector<double> risks;
  for (const StepCount& c : counts) {
    steps.push_back(static_cast<double>(c.steps));
    risks.push_back(c.best_risk());
  }
  std::vector<double> step_slopes;
  std::vector<double> risk_slopes;
  std::vector<double> mean;
  for (std::uint32_t b = 0; b < resamples; ++b) {
    std::vector<double> drawn_steps;
    std::vector<double> drawn_risks;
    for (std::size_t i = 0; i < of.size(); ++i) {
      std::vector<std::size_t> drawn(of[i].designs());
      draw_resample({options.seed, static_cast<std::uint32_t>(i), b}, drawn.size(), drawn);
      of[i].mean(drawn, mean);
      drawn_steps.push_back(static_cast<double>(first_near(mean, options.within)));
      drawn_risks.push_back(*std::min_element(mean.begin(), mean.end()));
    }
    step_slopes.push_back(slope_of(options.n, drawn_steps));
    risk_slopes.push_back(slope_of(options.n, drawn_risks));
  }
  return {{slope_of(options.n, steps), spread(step_slopes)},
          {slope_of(options.n, risks), spread(risk_slopes)}};
}

}  // namespace

RkhsRuns::RkhsRuns(const RkhsOptions& options)
    : options_(options),
      descents_(descents_of(options)),
      found_(std::ssize(options.n) * options.designs, options.numbers()) {}

std::vector<std::int64_t> RkhsRuns::order() const {
  std::vector<std::int64_t> out;
  for (std::int64_t i = std::ssize(options_.n) - 1; i >= 0; --i) {
    for (std::int64_t d = 0; d < options_.designs; ++d) out.push_back(i * options_.designs + d);
  }
  return out;
}

void RkhsRuns::work(std::int64_t task) {
  const auto i = static_cast<std::size_t>(task / options_.designs);
  descents_.draw({options_.seed, static_cast<std::uint32_t>(i),
                  static_cast<std::uint32_t>(task % options_.designs)},
                 options_.rows(i), options_.noise_sd);
  found_.put(task, descents_.risks(options_.descents(i), options_.step_size, options_.steps));
}

RkhsFindings count_steps(const RkhsOptions& options, std::span<const double> found) {
  RkhsFindings out;
  const std::size_t columns = options.source.size() * options.methods().size();
  for (std::size_t column = 0; column < columns; ++column) {
    std::vector<Curves> curves;
    for (std::size_t i = 0; i < options.n.size(); ++i) {
      curves.emplace_back(options, found, column, i);
      out.counts.push_back(count(curves.back(), options.within));
    }
    out.growth.push_back(growth_of(options, curves, std::span(out.counts).last(options.n.size())));
  }
  return out;
}

RkhsComparison compare(const RkhsOptions& options, const RkhsFindings& found) {
  const std::size_t methods = options.methods().size();
  const std::size_t count = options.n.size();
  RkhsComparison out;
  out.least_ratio = std::numeric_limits<double>::infinity();
  const auto take = [](RkhsComparison::Most& most, const StepCount& c) {
    most.steps = std::max(most.steps, c.steps);
    most.is_cut = most.is_cut || c.is_cut();
  };
  for (std::size_t p = 0; p < options.source.size() * count; ++p) {
    const std::size_t place = p / count * methods * count + p % count;
    const StepCount& plain = found.counts[place];
    const StepCount& other = found.counts[place + count];
    ++out.pairs;
    if (!other.is_cut() && other.steps < plain.steps) ++out.fewer;
    if (!plain.is_cut() && other.steps >= plain.steps) ++out.not_fewer;
    const double bound = 2 * std::hypot(plain.best_error(), other.best_error());
    const double difference = other.best_risk() - plain.best_risk();
    if (difference < -bound) ++out.lower;
    if (difference > bound) ++out.higher;
    const double ratio = other.best_risk() / plain.best_risk();
    out.least_ratio = std::min(out.least_ratio, ratio);
    out.largest_ratio = std::max(out.largest_ratio, ratio);
    take(out.most, other);
    take(out.most_plain, plain);
  }
  return out;
}

}  // namespace driftwood::natgrad
