// SPDX-License-Identifier: BSD-3-Clause
#include "stats/moments.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/error.hpp"

namespace driftwood::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::size_t as_size(std::int64_t i) { return static_cast<std::size_t>(i); }

/// One time of a record, addressed by the layout's offsets.
template <class T>
class View {
 public:
  View(const MomentLayout& layout, std::span<T> record, std::int64_t time)
      : values_(record.subspan(as_size(time * layout.stride()), as_size(layout.stride()))) {}

  T& operator[](std::int64_t offset) const { return values_[as_size(offset)]; }
  [[nodiscard]] std::span<T> values() const { return values_; }

 private:
  std::span<T> values_;
};

/// What the merge of two counted sets needs to know of their counts.
struct Weights {
  double left;     ///< n_left / n
  double right;    ///< n_right / n
  double product;  ///< n_left n_right / n
};

void merge_channel(const MomentLayout& layout, const Weights& w, std::int64_t k,
                   const View<double>& a, const View<const double>& b) {
  const auto mean = MomentLayout::mean(k);
  const auto m2 = layout.central(2, k);
  const auto m3 = layout.central(3, k);
  const auto m4 = layout.central(4, k);
  const double d = b[mean] - a[mean];
  const double d2 = d * d;
  // The fourth and third sums use the lower ones of `a`, so they are updated first.
  a[m4] += b[m4] + d2 * d2 * w.product * (w.left * w.left - w.left * w.right + w.right * w.right) +
           6 * d2 * (w.left * w.left * b[m2] + w.right * w.right * a[m2]) +
           4 * d * (w.left * b[m3] - w.right * a[m3]);
  a[m3] +=
      b[m3] + d2 * d * w.product * (w.left - w.right) + 3 * d * (w.left * b[m2] - w.right * a[m2]);
  a[m2] += b[m2] + d2 * w.product;
  a[mean] += d * w.right;
}

/// Needs the means before they are merged.
void merge_comoments(const MomentLayout& layout, const Weights& w, const View<double>& a,
                     const View<const double>& b) {
  for (std::int64_t i = 0; i < layout.components; ++i) {
    const double di = (b[MomentLayout::mean(i)] - a[MomentLayout::mean(i)]) * w.product;
    for (std::int64_t j = i + 1; j < layout.components; ++j) {
      const double dj = b[MomentLayout::mean(j)] - a[MomentLayout::mean(j)];
      a[layout.comoment(i, j)] += b[layout.comoment(i, j)] + di * dj;
    }
  }
}

void merge_time(const MomentLayout& layout, const View<double>& a, const View<const double>& b) {
  const double n_left = a[MomentLayout::count()];
  const double n_right = b[MomentLayout::count()];
  if (n_right == 0) return;
  if (n_left == 0) {
    std::ranges::copy(b.values(), a.values().begin());
    return;
  }
  const double n = n_left + n_right;
  const Weights w{n_left / n, n_right / n, n_left * (n_right / n)};
  if (layout.covariance) merge_comoments(layout, w, a, b);
  for (std::int64_t k = 0; k < layout.channels(); ++k) merge_channel(layout, w, k, a, b);
  a[MomentLayout::count()] = n;
}

void require_size(const MomentLayout& layout, std::size_t size) {
  if (size == as_size(layout.size())) return;
  throw Error(
      "a record of moments has the wrong length",
      std::to_string(size) + " doubles where the layout has " + std::to_string(layout.size()));
}

/// Appends the statistics of one channel at one time.
void append(MomentTable& table, const MomentLayout& layout, const View<const double>& record,
            std::int64_t k) {
  const double n = record[MomentLayout::count()];
  const double mean = n > 0 ? record[MomentLayout::mean(k)] : nan;
  const double m2 = record[layout.central(2, k)];
  const double variance = n > 1 ? m2 / (n - 1) : nan;
  const double spread = std::sqrt(m2 / n);  // NaN for n = 0
  const double rounding = std::numeric_limits<double>::epsilon() * std::abs(mean);
  const bool varies = spread > rounding;
  table.mean.push_back(mean);
  table.variance.push_back(variance);
  table.standard_error.push_back(std::sqrt(variance / n));
  // Divided in steps, so that the powers of very small or large values stay in range.
  table.skewness.push_back(varies ? record[layout.central(3, k)] / m2 / spread : nan);
  table.kurtosis.push_back(varies ? record[layout.central(4, k)] / m2 / spread / spread : nan);
}

void append_covariance(std::vector<double>& matrix, const MomentLayout& layout,
                       const View<const double>& record) {
  const double n = record[MomentLayout::count()];
  for (std::int64_t i = 0; i < layout.components; ++i) {
    for (std::int64_t j = 0; j < layout.components; ++j) {
      const auto offset =
          i == j ? layout.central(2, i) : layout.comoment(std::min(i, j), std::max(i, j));
      matrix.push_back(n > 1 ? record[offset] / (n - 1) : nan);
    }
  }
}

}  // namespace

void merge_moments(const MomentLayout& layout, std::span<double> left,
                   std::span<const double> right) {
  require_size(layout, left.size());
  require_size(layout, right.size());
  for (std::int64_t t = 0; t < layout.times; ++t) {
    merge_time(layout, View<double>(layout, left, t), View<const double>(layout, right, t));
  }
}

double error_of_mean(double n, double m2, int copies) {
  return std::sqrt(copies * m2 / (n - copies) / n);
}

MomentSummary summarise(const MomentLayout& layout, std::span<const double> record) {
  require_size(layout, record.size());
  MomentSummary summary;
  summary.formulas.resize(as_size(layout.formulas));
  for (std::int64_t t = 0; t < layout.times; ++t) {
    const View<const double> at_t(layout, record, t);
    summary.count.push_back(at_t[MomentLayout::count()]);
    for (std::int64_t k = 0; k < layout.components; ++k) {
      append(summary.components, layout, at_t, k);
    }
    for (std::int64_t f = 0; f < layout.formulas; ++f) {
      append(summary.formulas[as_size(f)], layout, at_t, layout.components + f);
    }
    if (layout.covariance) append_covariance(summary.covariance, layout, at_t);
  }
  return summary;
}

}  // namespace driftwood::stats
