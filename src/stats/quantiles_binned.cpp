// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <utility>

#include "stats/bytes.hpp"
#include "stats/float_bits.hpp"
#include "stats/quantile_search.hpp"
#include "stats/quantiles.hpp"

namespace driftwood::stats {
namespace {

// A bin is the leading bits of a double without its sign: 11 of the exponent and 9 of the mantissa.
constexpr int bin_bits = 9;
constexpr int dropped_bits = mantissa_bits - bin_bits;
constexpr std::uint64_t bins_per_octave = 1ULL << bin_bits;
constexpr std::uint64_t first_normal = bins_per_octave;           // below: zero and denormals
constexpr std::uint64_t first_infinite = bins_per_octave * 2047;  // from here: infinities and NaN

constexpr std::uint64_t bin_of(double x) {
  return (std::bit_cast<std::uint64_t>(x) & ~sign_bit) >> dropped_bits;
}

constexpr double centre_of(std::uint64_t bin) {
  return std::bit_cast<double>(bin << dropped_bits | 1ULL << (dropped_bits - 1));
}

std::uint64_t sign_of(double x) { return std::bit_cast<std::uint64_t>(x) >> 63; }

/// A contiguous range of bins, whole octaves.
struct BinRange {
  std::uint64_t first = 0;
  std::uint64_t size = 0;

  [[nodiscard]] bool holds(std::uint64_t bin) const { return bin - first < size; }

  /// This range extended to hold `bin`, and by an eighth beyond, so that extending stays rare.
  /// Never beyond the normal numbers: what is not finite must not have a bin.
  [[nodiscard]] BinRange with(std::uint64_t bin) const {
    const std::uint64_t octave = bin / bins_per_octave * bins_per_octave;
    const std::uint64_t next = octave + bins_per_octave;
    if (size == 0) return {octave, bins_per_octave};
    const std::uint64_t slack = size / 8 / bins_per_octave * bins_per_octave;
    std::uint64_t low = first;
    std::uint64_t high = first + size;
    if (octave < low) low = std::max(octave, first_normal + slack) - slack;
    if (next > high) high = std::min(next + slack, first_infinite);
    return {low, high - low};
  }
};

/// The counts of one cell, in ranges that grow as values arrive.
class CellCounts {
 public:
  template <class R>
  void add(std::span<const R> values, PathMask finite) {
    for (std::size_t first = 0; first < values.size(); first += chunk) {
      const std::size_t size = std::min(chunk, values.size() - first);
      const auto part = values.subspan(first, size);
      const auto mask = finite.empty() ? finite : finite.subspan(first, size);
      if (add_inside(part, mask)) continue;
      for (std::size_t i = 0; i < size; ++i) {
        const auto x = static_cast<double>(part[i]);
        if (counts(mask, i, x)) add_one(x);
      }
    }
  }

  void add(std::size_t sign, std::uint64_t bin, std::int64_t count) {
    if (!ranges_[sign].holds(bin)) grow(sign, bin);
    counts_[slot(sign, bin)] += count;
  }
  void add_zeros(std::int64_t count) { zeros_ += count; }

  [[nodiscard]] std::int64_t zeros() const { return zeros_; }
  [[nodiscard]] const BinRange& range(std::size_t sign) const { return ranges_[sign]; }
  [[nodiscard]] std::span<const std::int64_t> counts_of(std::size_t sign) const {
    return std::span(counts_).subspan(sign == 0 ? 0 : ranges_[0].size, ranges_[sign].size);
  }
  [[nodiscard]] std::int64_t total() const {
    return std::accumulate(counts_.begin(), counts_.end(), zeros_);
  }
  [[nodiscard]] std::size_t memory() const {
    return sizeof(*this) + counts_.size() * sizeof(std::int64_t);
  }

 private:
  static constexpr std::size_t chunk = 256;

  /// Adds at most a chunk of values if all of them count and lie in the present ranges, as nearly
  /// always. Where they go is a vector loop, the counting a short scalar one.
  template <class R>
  bool add_inside(std::span<const R> values, PathMask finite) {
    std::array<std::uint32_t, chunk> slots;
    const auto [positive, negative] = ranges_;
    std::uint64_t inside = 1;
    for (std::size_t i = 0; i < finite.size(); ++i) inside &= finite[i] != 0;
    // Chosen by masks: a branch on the sign would be mispredicted half of the time.
    const std::uint64_t first_change = positive.first ^ negative.first;
    const std::uint64_t size_change = positive.size ^ negative.size;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto x = static_cast<double>(values[i]);
      const std::uint64_t minus = 0 - sign_of(x);
      const std::uint64_t offset = bin_of(x) - (positive.first ^ (first_change & minus));
      inside &= offset < (positive.size ^ (size_change & minus));
      slots[i] = static_cast<std::uint32_t>(offset + (positive.size & minus));
    }
    if (inside == 0) return false;
    std::int64_t* const to = counts_.data();
    for (std::size_t i = 0; i < values.size(); ++i) ++to[slots[i]];
    return true;
  }

  void add_one(double x) {
    const std::uint64_t bin = bin_of(x);
    if (bin < first_normal) {
      ++zeros_;
    } else {
      add(sign_of(x), bin, 1);
    }
  }

  [[nodiscard]] std::size_t slot(std::size_t sign, std::uint64_t bin) const {
    return (sign == 0 ? 0 : ranges_[0].size) + (bin - ranges_[sign].first);
  }

  void grow(std::size_t sign, std::uint64_t bin) {
    const CellCounts old = *this;
    ranges_[sign] = ranges_[sign].with(bin);
    counts_.assign(ranges_[0].size + ranges_[1].size, 0);
    for (const std::size_t s : {0U, 1U}) {
      if (old.range(s).size == 0) continue;
      std::ranges::copy(old.counts_of(s), counts_.data() + slot(s, old.range(s).first));
    }
  }

  std::int64_t zeros_ = 0;
  std::array<BinRange, 2> ranges_;    // positive, negative
  std::vector<std::int64_t> counts_;  // of the positive range, then of the negative one
};

/// The bins that hold something, as their centres.
std::vector<CountedKey> keys_of(const CellCounts& cell) {
  std::vector<CountedKey> found;
  if (cell.zeros() > 0) found.push_back({ordered_key(0.0), cell.zeros()});
  for (const std::size_t sign : {0U, 1U}) {
    std::uint64_t bin = cell.range(sign).first;
    for (const auto count : cell.counts_of(sign)) {
      const double centre = centre_of(bin++);
      if (count > 0) found.push_back({ordered_key(sign == 0 ? centre : -centre), count});
    }
  }
  return found;
}

class BinnedQuantiles final : public QuantileCollector {
 public:
  explicit BinnedQuantiles(const Cells& cells) : cells_(cells), counts_(cells.count()) {}

  void add(std::int64_t time, std::int64_t component, std::span<const double> values,
           PathMask finite) override {
    counts_[cells_.index(time, component)].add(values, finite);
  }
  void add(std::int64_t time, std::int64_t component, std::span<const float> values,
           PathMask finite) override {
    counts_[cells_.index(time, component)].add(values, finite);
  }

  [[nodiscard]] std::vector<double> quantiles(
      const comm::Communicator& comm, std::span<const double> probabilities) const override {
    std::vector<std::int64_t> totals;
    for (const auto& cell : counts_) totals.push_back(cell.total());
    const auto items = [this](std::size_t cell) { return keys_of(counts_[cell]); };
    return search_quantiles<CountedKey>(comm, cells_, std::move(totals), probabilities, items);
  }

  [[nodiscard]] std::string_view method() const override { return "binned"; }

  [[nodiscard]] std::vector<std::byte> bytes() const override {
    ByteWriter out;
    for (const auto& cell : counts_) {
      out.put(cell.zeros());
      for (const std::size_t sign : {0U, 1U}) {
        out.put(cell.range(sign).first);
        out.put(cell.range(sign).size);
        out.put_all(cell.counts_of(sign));
      }
    }
    return out.take();
  }

  void absorb(std::span<const std::byte> bytes) override {
    ByteReader in(bytes);
    for (auto& cell : counts_) {
      cell.add_zeros(in.get<std::int64_t>());
      for (const std::size_t sign : {0U, 1U}) {
        auto bin = in.get<std::uint64_t>();
        for (const auto count : in.get_vector<std::int64_t>()) {
          if (count > 0) cell.add(sign, bin, count);
          ++bin;
        }
      }
    }
  }

  [[nodiscard]] std::size_t memory() const override {
    std::size_t sum = 0;
    for (const auto& cell : counts_) sum += cell.memory();
    return sum;
  }

 private:
  Cells cells_;
  std::vector<CellCounts> counts_;
};

}  // namespace

std::unique_ptr<QuantileCollector> make_binned_quantiles(const Cells& cells) {
  return std::make_unique<BinnedQuantiles>(cells);
}

}  // namespace driftwood::stats
