// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <bit>

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
constexpr std::uint64_t all_bins = bins_per_octave << 11;
constexpr std::uint64_t first_normal = bins_per_octave;               // below: zero and denormals
constexpr std::uint64_t first_infinite = all_bins - bins_per_octave;  // from here: inf and NaN

constexpr std::uint64_t bin_of(double x) {
  return (std::bit_cast<std::uint64_t>(x) & ~sign_bit) >> dropped_bits;
}

constexpr double centre_of(std::uint64_t bin) {
  return std::bit_cast<double>(bin << dropped_bits | 1ULL << (dropped_bits - 1));
}

// Keys that order the bins of both signs: negative ones reversed, zero, positive ones.
constexpr std::uint64_t zero_key = all_bins;

constexpr double value_of(std::uint64_t key) {
  if (key == zero_key) return 0;
  return key < zero_key ? -centre_of(zero_key - key) : centre_of(key - zero_key);
}

/// Counts for a contiguous range of bins, which grows by whole octaves as values arrive.
struct BinRange {
  std::uint64_t first = 0;
  std::vector<std::int64_t> counts;

  void grow_to(std::uint64_t bin) {
    const std::uint64_t octave = bin / bins_per_octave * bins_per_octave;
    if (counts.empty()) first = octave;
    if (octave < first) {
      counts.insert(counts.begin(), first - octave, 0);
      first = octave;
    }
    const std::uint64_t needed = octave + bins_per_octave - first;
    if (needed > counts.size()) counts.resize(needed, 0);
  }
};

struct CellCounts {
  std::int64_t zeros = 0;
  std::array<BinRange, 2> by_sign;  // positive, negative

  /// Handles what does not fall in the present ranges: not finite, zero, or a new octave.
  void add_outside(double x) {
    const std::uint64_t bin = bin_of(x);
    if (bin >= first_infinite) return;
    if (bin < first_normal) {
      ++zeros;
      return;
    }
    auto& range = by_sign[std::bit_cast<std::uint64_t>(x) >> 63];
    range.grow_to(bin);
    ++range.counts[bin - range.first];
  }

  template <bool Masked, class R>
  void add(std::span<const R> values, PathMask finite) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if constexpr (Masked) {
        if (finite[i] == 0) continue;
      }
      const auto x = static_cast<double>(values[i]);
      auto& range = by_sign[std::bit_cast<std::uint64_t>(x) >> 63];
      const std::uint64_t offset = bin_of(x) - range.first;
      if (offset < range.counts.size()) [[likely]] {
        ++range.counts[offset];
      } else {
        add_outside(x);
      }
    }
  }

  void add(std::size_t sign, const BinRange& more) {
    if (more.counts.empty()) return;
    auto& range = by_sign[sign];
    range.grow_to(more.first);
    range.grow_to(more.first + more.counts.size() - 1);
    auto* const to = range.counts.data() + (more.first - range.first);
    for (std::size_t i = 0; i < more.counts.size(); ++i) to[i] += more.counts[i];
  }

  [[nodiscard]] std::vector<CountedKey> keys() const {
    std::vector<CountedKey> found;
    if (zeros > 0) found.push_back({zero_key, zeros});
    for (std::size_t sign = 0; sign < 2; ++sign) {
      const auto& [first, counts] = by_sign[sign];
      for (std::size_t i = 0; i < counts.size(); ++i) {
        const std::uint64_t key = sign == 0 ? zero_key + (first + i) : zero_key - (first + i);
        if (counts[i] > 0) found.push_back({key, counts[i]});
      }
    }
    return found;
  }

  [[nodiscard]] std::int64_t total() const {
    std::int64_t sum = zeros;
    for (const auto& range : by_sign) {
      for (const auto count : range.counts) sum += count;
    }
    return sum;
  }
};

class BinnedQuantiles final : public QuantileCollector {
 public:
  explicit BinnedQuantiles(const Cells& cells) : cells_(cells), counts_(cells.count()) {}

  void add(std::int64_t time, std::int64_t component, std::span<const double> values,
           PathMask finite) override {
    count(cells_.index(time, component), values, finite);
  }
  void add(std::int64_t time, std::int64_t component, std::span<const float> values,
           PathMask finite) override {
    count(cells_.index(time, component), values, finite);
  }

  [[nodiscard]] std::vector<double> quantiles(
      const comm::Communicator& comm, std::span<const double> probabilities) const override {
    std::vector<std::int64_t> totals;
    for (const auto& cell : counts_) totals.push_back(cell.total());
    const auto items = [this](std::size_t cell) { return counts_[cell].keys(); };
    return search_quantiles<CountedKey>(comm, cells_, std::move(totals), probabilities, items,
                                        value_of);
  }

  [[nodiscard]] std::string_view method() const override { return "binned"; }

  [[nodiscard]] std::vector<std::byte> bytes() const override {
    ByteWriter out;
    for (const auto& cell : counts_) {
      out.put(cell.zeros);
      for (const auto& range : cell.by_sign) {
        out.put(range.first);
        out.put_vector(range.counts);
      }
    }
    return out.take();
  }

  void absorb(std::span<const std::byte> bytes) override {
    ByteReader in(bytes);
    for (auto& cell : counts_) {
      cell.zeros += in.get<std::int64_t>();
      for (std::size_t sign = 0; sign < 2; ++sign) {
        const auto first = in.get<std::uint64_t>();
        cell.add(sign, {first, in.get_vector<std::int64_t>()});
      }
    }
  }

  [[nodiscard]] std::size_t memory() const override {
    std::size_t sum = counts_.size() * sizeof(CellCounts);
    for (const auto& cell : counts_) {
      for (const auto& range : cell.by_sign) sum += range.counts.size() * sizeof(std::int64_t);
    }
    return sum;
  }

 private:
  template <class R>
  void count(std::size_t cell, std::span<const R> values, PathMask finite) {
    if (finite.empty()) {
      counts_[cell].template add<false>(values, finite);
    } else {
      counts_[cell].template add<true>(values, finite);
    }
  }

  Cells cells_;
  std::vector<CellCounts> counts_;
};

}  // namespace

std::unique_ptr<QuantileCollector> make_binned_quantiles(const Cells& cells) {
  return std::make_unique<BinnedQuantiles>(cells);
}

}  // namespace driftwood::stats
