// SPDX-License-Identifier: BSD-3-Clause
#include "stats/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/error.hpp"
#include "stats/bytes.hpp"

namespace driftwood::stats {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Range nothing_seen{infinity, -infinity};

// Neat ranges stay where the power of ten of their unit and its inverse are finite.
constexpr double largest = 1e300;
constexpr double smallest_span = 1e-290;
constexpr double coincident = 1e-9;  // a span relative to the values below which they are one value

Range around(double centre) {
  const double half = std::abs(centre) < smallest_span ? 0.5 : std::abs(centre) / 2;
  return {centre - half, centre + half};
}

/// The uniform bins of one cell, ready for many values.
class Bins {
 public:
  explicit Bins(std::span<const double> edges)
      : edges_(edges),
        last_(edges.size() - 2),
        scale_(static_cast<double>(last_ + 1) / (edges.back() - edges.front())) {}

  /// 0 for below, 1 + bin, or 1 + bins for above. The product only guesses, the edges decide.
  [[nodiscard]] std::size_t slot(double x) const {
    if (x < edges_.front()) return 0;
    if (x > edges_.back()) return last_ + 2;
    auto bin = std::min(last_, static_cast<std::size_t>((x - edges_.front()) * scale_));
    while (x < edges_[bin]) --bin;
    while (bin < last_ && x >= edges_[bin + 1]) ++bin;
    return bin + 1;
  }

 private:
  std::span<const double> edges_;
  std::size_t last_;
  double scale_;
};

}  // namespace

Range neat_range(const Range& values) {
  const double low = std::max(values.low, -largest);
  const double high = std::min(values.high, largest);
  const double span = high - low;
  const double magnitude = std::max(std::abs(low), std::abs(high));
  if (!(span > std::max(coincident * magnitude, smallest_span))) return around(low + span / 2);

  const double wide_low = low - span / 4;
  const double wide_high = high + span / 4;
  const double exponent = std::floor(std::log10(wide_high - wide_low)) - 1;
  const double power = std::pow(10.0, std::abs(exponent));
  const auto in_tens = [&](double x) { return exponent < 0 ? x * power : x / power; };
  const auto from_tens = [&](double x) { return exponent < 0 ? x / power : x * power; };
  const double width = in_tens(wide_high - wide_low);  // from 10 to 100 units
  const double unit = width < 20 ? 1 : width < 50 ? 2 : 5;
  return {from_tens(std::floor(in_tens(wide_low) / unit) * unit),
          from_tens(std::ceil(in_tens(wide_high) / unit) * unit)};
}

Histogram::Histogram(const Cells& cells, std::int64_t bins)
    : cells_(cells), bins_(bins), pilots_(cells.count(), nothing_seen) {
  if (bins < 1) throw Error("a histogram has " + std::to_string(bins) + " bins");
  edges_.resize(edge_offset(cells.count()));
  counts_.resize(count_offset(cells.count()), 0);
  for (std::int64_t t = 0; t < cells.times; ++t) {
    for (std::int64_t c = 0; c < cells.components; ++c) set_range(t, c, Range{});
  }
}

std::size_t Histogram::edge_offset(std::size_t cell) const {
  return cell * static_cast<std::size_t>(bins_ + 1);
}

std::size_t Histogram::count_offset(std::size_t cell) const {
  return cell * static_cast<std::size_t>(bins_ + 2);
}

template <class R>
void Histogram::widen(std::size_t cell, std::span<const R> values, PathMask finite) {
  Range& seen = pilots_[cell];
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto x = static_cast<double>(values[i]);
    if (!stats::counts(finite, i, x)) continue;
    seen = {std::min(seen.low, x), std::max(seen.high, x)};
  }
}

template <class R>
void Histogram::count(std::size_t cell, std::span<const R> values, PathMask finite) {
  const auto width = static_cast<std::size_t>(bins_ + 1);
  const Bins bins(std::span<const double>(edges_).subspan(edge_offset(cell), width));
  std::int64_t* const slots = counts_.data() + count_offset(cell);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto x = static_cast<double>(values[i]);
    if (stats::counts(finite, i, x)) ++slots[bins.slot(x)];
  }
}

void Histogram::pilot(std::int64_t time, std::int64_t component, std::span<const double> values,
                      PathMask finite) {
  widen(cells_.index(time, component), values, finite);
}

void Histogram::pilot(std::int64_t time, std::int64_t component, std::span<const float> values,
                      PathMask finite) {
  widen(cells_.index(time, component), values, finite);
}

void Histogram::agree(const comm::Communicator& comm) {
  std::vector<double> bounds;
  for (const auto& seen : pilots_) {
    bounds.push_back(seen.low);
    bounds.push_back(-seen.high);
  }
  comm.all_reduce_min(std::span<double>(bounds));
  std::size_t i = 0;
  for (std::int64_t t = 0; t < cells_.times; ++t) {
    for (std::int64_t c = 0; c < cells_.components; ++c, i += 2) {
      const Range seen{bounds[i], -bounds[i + 1]};
      if (seen.low <= seen.high) set_range(t, c, neat_range(seen));
    }
  }
}

void Histogram::set_range(std::int64_t time, std::int64_t component, const Range& range) {
  const double width = (range.high - range.low) / static_cast<double>(bins_);
  const auto offset = edge_offset(cells_.index(time, component));
  const auto edges = std::span(edges_).subspan(offset, static_cast<std::size_t>(bins_ + 1));
  for (std::int64_t i = 0; i < bins_; ++i) {
    edges[static_cast<std::size_t>(i)] = range.low + static_cast<double>(i) * width;
  }
  edges.back() = range.high;
  const auto not_increasing = [](double a, double b) { return !(a < b); };
  if (!(width < infinity) || std::ranges::adjacent_find(edges, not_increasing) != edges.end()) {
    throw Error("a histogram cannot span " + std::to_string(range.low) + " to " +
                    std::to_string(range.high),
                "its " + std::to_string(bins_) + " bins need distinct, finite edges");
  }
}

void Histogram::add(std::int64_t time, std::int64_t component, std::span<const double> values,
                    PathMask finite) {
  count(cells_.index(time, component), values, finite);
}

void Histogram::add(std::int64_t time, std::int64_t component, std::span<const float> values,
                    PathMask finite) {
  count(cells_.index(time, component), values, finite);
}

Histogram Histogram::reduced(const comm::Communicator& comm) const {
  Histogram sum = *this;
  comm.all_reduce_sum(std::span<std::int64_t>(sum.counts_));
  return sum;
}

std::span<const double> Histogram::edges(std::int64_t time, std::int64_t component) const {
  const auto offset = edge_offset(cells_.index(time, component));
  return std::span(edges_).subspan(offset, static_cast<std::size_t>(bins_ + 1));
}

std::span<const std::int64_t> Histogram::counts(std::int64_t time, std::int64_t component) const {
  const auto offset = count_offset(cells_.index(time, component));
  return std::span(counts_).subspan(offset + 1, static_cast<std::size_t>(bins_));
}

std::int64_t Histogram::below(std::int64_t time, std::int64_t component) const {
  return counts_[count_offset(cells_.index(time, component))];
}

std::int64_t Histogram::above(std::int64_t time, std::int64_t component) const {
  return counts_[count_offset(cells_.index(time, component) + 1) - 1];
}

std::vector<std::byte> Histogram::bytes() const {
  ByteWriter out;
  out.put_vector(edges_);
  out.put_vector(counts_);
  return out.take();
}

void Histogram::absorb(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  auto edges = in.get_vector<double>();
  const auto counts = in.get_vector<std::int64_t>();
  if (edges.size() != edges_.size() || counts.size() != counts_.size()) {
    throw Error("a saved histogram has another shape");
  }
  const bool empty = std::ranges::all_of(counts_, [](auto n) { return n == 0; });
  if (!empty && edges != edges_) throw Error("a saved histogram has other edges");
  edges_ = std::move(edges);
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += counts[i];
}

}  // namespace driftwood::stats
