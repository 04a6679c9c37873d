// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/large/probes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "natgrad/means.hpp"

namespace driftwood::natgrad {
namespace {

/// Numbers of the rows of signs, among unlabelled rows: far beyond any that are rows of a design.
constexpr std::uint64_t first_of(Probed what) {
  return (what == Probed::bias ? std::uint64_t{3} : std::uint64_t{2}) << 61;
}

constexpr std::size_t fewest_for_controls = 16;

/// Sums over some probes, of values and controls whose means are about 0.
struct Sums {
  void add(double value, double control, double sign = 1) {
    count += sign;
    values += sign * value;
    controls += sign * control;
    products += sign * value * control;
    squares += sign * control * control;
  }
  [[nodiscard]] Sums without(double value, double control) const {
    Sums out = *this;
    out.add(value, control, -1);
    return out;
  }
  /// Of values against controls, by least squares.
  [[nodiscard]] double slope() const {
    const double spread = squares - controls * controls / count;
    return spread > 0 ? (products - values * controls / count) / spread : 0;
  }

  double count = 0;
  double values = 0;
  double controls = 0;
  double products = 0;
  double squares = 0;
};

/// The mean where the control has the mean `at`, each half with the slope of the other.
double crossed(const Sums& a, const Sums& b, double at) {
  const double sum = a.values - b.slope() * (a.controls - a.count * at) + b.values -
                     a.slope() * (b.controls - b.count * at);
  return sum / (a.count + b.count);
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
  const auto count = static_cast<double>(size);
  const double plain = squares_of(values_) / (count - 1) / count;
  if (size < fewest_for_controls || !(plain > 0)) return {mean_of(values_), std::sqrt(plain), 1};

  const double value = mean_of(values_);
  const double control = mean_of(controls_);
  const std::size_t half = size / 2;
  Sums a;
  Sums b;
  for (std::size_t i = 0; i < size; ++i) {
    (i < half ? a : b).add(values_[i] - value, controls_[i] - control);
  }
  // The jackknife knows that slopes are estimates, too, whatever the law of the probes.
  std::vector<double> without(size);
  for (std::size_t i = 0; i < size; ++i) {
    const double v = values_[i] - value;
    const double c = controls_[i] - control;
    without[i] =
        i < half ? crossed(a.without(v, c), b, -control) : crossed(a, b.without(v, c), -control);
  }
  const double square = squares_of(without) * (count - 1) / count;
  return {value + crossed(a, b, -control), std::sqrt(square), square / plain};
}

}  // namespace driftwood::natgrad
