// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/large/probes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace driftwood::natgrad {
namespace {

/// Numbers of the rows of signs, among unlabelled rows: far beyond any that are rows of a design.
constexpr std::uint64_t first_of(Probed what) {
  return (what == Probed::bias ? std::uint64_t{3} : std::uint64_t{2}) << 61;
}

constexpr std::size_t fewest_for_controls = 16;

double mean_of(std::span<const double> x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

double variance_of(std::span<const double> x) {
  const double mean = mean_of(x);
  double sum = 0;
  for (const double v : x) sum += (v - mean) * (v - mean);
  return sum / (static_cast<double>(x.size()) - 1);
}

/// The slope of values against controls.
double slope(std::span<const double> values, std::span<const double> controls) {
  const double mean = mean_of(values);
  const double control = mean_of(controls);
  double product = 0;
  double square = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    product += (values[i] - mean) * (controls[i] - control);
    square += (controls[i] - control) * (controls[i] - control);
  }
  return square > 0 ? product / square : 0;
}

}  // namespace

std::vector<double> probe_signs(const DesignKey& key, Probed what, std::size_t first, std::size_t k,
                                std::size_t begin, std::size_t end) {
  // A probe is a row, and rows come with all their features.
  const std::vector<double> ones(end, 1.0);
  std::vector<double> rows(k * end);
  draw_rows(key, RowSource::unlabelled, FeatureLaw::rademacher, first_of(what) + first, k, ones,
            rows.data());
  std::vector<double> out(k * (end - begin));
  for (std::size_t c = 0; c < k; ++c) {
    for (std::size_t i = begin; i < end; ++i) out[i - begin + c * (end - begin)] = rows[c + i * k];
  }
  return out;
}

void Probes::add(double value, double control) {
  values_.push_back(value);
  controls_.push_back(control - control_mean_);
}

Probes::Estimate Probes::estimate() const {
  const std::size_t size = values_.size();
  std::vector<double> corrected = values_;
  if (size >= fewest_for_controls) {
    const std::size_t half = size / 2;
    const std::span<const double> values(values_);
    const std::span<const double> controls(controls_);
    const double of_first = slope(values.first(half), controls.first(half));
    const double of_second = slope(values.subspan(half), controls.subspan(half));
    for (std::size_t i = 0; i < size; ++i) {
      corrected[i] -= (i < half ? of_second : of_first) * controls_[i];
    }
  }
  const double before = variance_of(values_);
  const double after = variance_of(corrected);
  return {mean_of(corrected), std::sqrt(after / static_cast<double>(size)),
          before > 0 ? after / before : 1};
}

}  // namespace driftwood::natgrad
