// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/advice/inversion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <functional>

#include "base/error.hpp"
#include "natgrad/ensemble/blas.hpp"
#include "natgrad/theory/sums.hpp"

namespace driftwood::natgrad {
namespace {

using Complex = std::complex<double>;

/// How small an estimated eigenvalue may be, over their mean: rows tell no less.
constexpr double least_share = 1e-6;

/// Where the equation is asked to hold, and what the sample says there.
struct Point {
  Complex z;
  Complex v;
  Complex slope;  ///< v'
};

double mean_of(std::span<const double> x) {
  const auto [sum] = sums_over<1>(x.size(), [&](std::size_t i) { return std::array{x[i]}; });
  return sum / static_cast<double>(x.size());
}

/// v and v' at z, of the positive eigenvalues and as many zeros as there are rows besides.
Point point_at(Complex z, std::span<const double> positive, std::size_t rows) {
  Complex v{};
  Complex slope{};
  for (const double s : positive) {
    const Complex inverse = 1.0 / (s - z);
    v += inverse;
    slope += inverse * inverse;
  }
  const auto zeros = static_cast<double>(rows - std::min(rows, positive.size()));
  const auto n = static_cast<double>(rows);
  return {z, (v - zeros / z) / n, (slope + zeros / (z * z)) / n};
}

/// On three rays from 0, at scales from a third of the small eigenvalues to twice the largest.
/// Scales that hold only a few eigenvalues tell what these few are, not what they are of.
std::vector<Point> points_around(std::span<const double> positive, std::size_t rows) {
  constexpr int scales = 24;
  const double pi = std::acos(-1.0);
  const std::array<Complex, 3> rays = {std::polar(1.0, pi / 6), Complex(0, 1), Complex(-1, 0)};
  const std::size_t few = std::min<std::size_t>(4, positive.size() / 8);
  const double low = std::log(positive[positive.size() - 1 - few] / 3);
  const double high = std::log(positive.front() * 2);
  std::vector<Point> out;
  for (const Complex ray : rays) {
    for (int k = 0; k < scales; ++k) {
      const double scale = std::exp(low + (high - low) * k / (scales - 1));
      out.push_back(point_at(scale * ray, positive, rows));
    }
  }
  return out;
}

/// Eigenvalues drawn towards their mean until their variance is what the population's should be.
std::vector<double> shrunk(std::span<const double> sample, double per_row) {
  const double mean = mean_of(sample);
  const auto [sum] =
      sums_over<1>(sample.size(), [&](std::size_t i) { return std::array{sample[i] * sample[i]}; });
  const double square = sum / static_cast<double>(sample.size()) / (mean * mean);
  // E mean[s^2] = mean[t^2] + d/N mean[t]^2
  const double spread = std::max(square - 1 - per_row, 0.0);
  const double keep = square > 1 ? std::sqrt(std::min(spread / (square - 1), 1.0)) : 0;
  std::vector<double> out(sample.begin(), sample.end());
  for (double& t : out) t = std::max(mean + keep * (t - mean), least_share * mean);
  return out;
}

/// The equation at all points, real and imaginary parts one after the other, in standard errors.
class Equation {
 public:
  Equation(std::span<const double> positive, std::size_t features, std::size_t rows)
      : points_(points_around(positive, rows)),
        per_row_(static_cast<double>(features) / static_cast<double>(rows)),
        rows_(static_cast<double>(rows)) {}

  /// Residuals, and their derivatives (2 points, d) by log t where wanted.
  void at(std::span<const double> t, std::vector<double>& residual, Dense* slope) const {
    const std::size_t count = points_.size();
    const auto d = static_cast<double>(t.size());
    residual.resize(2 * count);
    if (slope != nullptr) slope->shape(2 * count, t.size());
    for (std::size_t k = 0; k < count; ++k) {
      const auto& [z, v, derivative] = points_[k];
      Complex mean{};
      Complex by_v{};
      for (const double x : t) {
        const Complex inverse = 1.0 / (1.0 + x * v);
        mean += x * v * inverse;
        by_v += x * inverse * inverse;
      }
      // What moves by 1/N of |z v'|: linear statistics of eigenvalues have errors of order 1/N.
      const double error = std::abs(z - per_row_ * by_v / d) * std::abs(z * derivative) / rows_;
      const Complex rest = (1.0 + z * v - per_row_ * mean / d) / error;
      residual[k] = rest.real();
      residual[count + k] = rest.imag();
      if (slope == nullptr) continue;
      for (std::size_t i = 0; i < t.size(); ++i) {
        const Complex inverse = 1.0 / (1.0 + t[i] * v);
        const Complex by_log = per_row_ / d / error * t[i] * v * inverse * inverse;
        (*slope)(k, i) = by_log.real();
        (*slope)(count + k, i) = by_log.imag();
      }
    }
  }

 private:
  std::vector<Point> points_;
  double per_row_;
  double rows_;
};

double mean_square(std::span<const double> x) {
  const auto [sum] = sums_over<1>(x.size(), [&](std::size_t i) { return std::array{x[i] * x[i]}; });
  return sum / static_cast<double>(x.size());
}

/// Damped Gauss-Newton steps of least norm in log t: J^T (J J^T + damping)^-1 r.
class Descent {
 public:
  Descent(const Equation& equation, std::vector<double> start)
      : equation_(equation), t_(std::move(start)) {
    equation_.at(t_, residual_, nullptr);
    misfit_ = mean_square(residual_);
  }

  /// Until the misfit is 1 or does not fall.
  void run() {
    constexpr int most_steps = 100;
    for (int step = 0; step < most_steps && misfit_ > 1; ++step) {
      const double before = misfit_;
      if (!descend() || misfit_ > before * (1 - 1e-4)) return;
    }
  }

  [[nodiscard]] const std::vector<double>& values() const { return t_; }
  [[nodiscard]] double misfit() const { return std::sqrt(misfit_); }

 private:
  bool descend() {
    equation_.at(t_, residual_, &slope_);
    Dense square;
    blas::square(blas::Form::plain, slope_, square);
    double trace = 0;
    for (std::size_t k = 0; k < square.rows(); ++k) trace += square(k, k);
    if (!(trace > 0)) return false;
    if (damping_ == 0) damping_ = 1e-2 * trace;
    std::vector<double> tried;
    std::vector<double> residual;
    for (; damping_ < 1e12 * trace; damping_ *= 4) {
      if (!step_of(square, tried)) continue;
      equation_.at(tried, residual, nullptr);
      const double misfit = mean_square(residual);
      if (!(misfit < misfit_)) continue;
      t_ = tried;
      misfit_ = misfit;
      damping_ /= 3;
      return true;
    }
    return false;
  }

  bool step_of(const Dense& square, std::vector<double>& to) const {
    Dense factor = square;
    for (std::size_t k = 0; k < factor.rows(); ++k) factor(k, k) += damping_;
    if (blas::factor(factor) != 0) return false;
    Dense right(residual_.size(), 1);
    std::copy(residual_.begin(), residual_.end(), right.data());
    blas::solve(blas::Side::left, blas::Form::plain, factor, right);
    blas::solve(blas::Side::left, blas::Form::transposed, factor, right);
    Dense change;
    blas::multiply(blas::Form::transposed, slope_, blas::Form::plain, right, change);
    to.resize(t_.size());
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[i] = t_[i] * std::exp(std::clamp(change(i, 0), -1.0, 1.0));
    }
    return true;
  }

  const Equation& equation_;
  std::vector<double> t_;
  std::vector<double> residual_{};
  Dense slope_{};
  double misfit_ = 0;
  double damping_ = 0;
};

}  // namespace

EstimatedSpectrum population_spectrum(std::span<const double> sample, std::size_t rows) {
  const double largest = sample.empty() ? 0 : *std::max_element(sample.begin(), sample.end());
  std::vector<double> positive;
  for (const double s : sample) {
    if (!(s >= 0) || !std::isfinite(s)) {
      throw UsageError(fmt::format("a sample covariance has the eigenvalue {}", s));
    }
    if (s > 1e-10 * largest) positive.push_back(s);
  }
  if (rows == 0 || positive.empty()) throw UsageError("a spectrum has no rows or no extent");
  std::sort(positive.begin(), positive.end(), std::greater<>());
  positive.resize(std::min(positive.size(), rows));

  const double per_row = static_cast<double>(sample.size()) / static_cast<double>(rows);
  const Equation equation(positive, sample.size(), rows);
  Descent descent(equation, shrunk(sample, per_row));
  descent.run();
  EstimatedSpectrum out{descent.values(), descent.misfit()};
  std::sort(out.values.begin(), out.values.end(), std::greater<>());
  // The trace of a covariance is known best.
  const double scale = mean_of(sample) / mean_of(out.values);
  for (double& t : out.values) t *= scale;
  return out;
}

}  // namespace driftwood::natgrad
