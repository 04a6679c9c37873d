// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <bit>

#include "stats/bytes.hpp"
#include "stats/float_bits.hpp"
#include "stats/quantile_search.hpp"
#include "stats/quantiles.hpp"

namespace driftwood::stats {
namespace {

using Keys = std::vector<std::uint64_t>;

/// Appends the keys of the finite values. Without a branch: a value that does not count is
/// overwritten by the next.
template <bool Masked, class R>
void append_keys(Keys& keys, std::span<const R> values, PathMask finite) {
  std::array<std::uint64_t, 1024> buffer;
  for (std::size_t first = 0; first < values.size(); first += buffer.size()) {
    const std::size_t last = std::min(first + buffer.size(), values.size());
    std::size_t kept = 0;
    for (std::size_t i = first; i < last; ++i) {
      const auto x = static_cast<double>(values[i]) + 0.0;  // -0 becomes 0
      buffer[kept] = ordered_key(x);
      bool counts = is_finite(x);
      if constexpr (Masked) counts = counts && finite[i] != 0;
      kept += counts ? 1 : 0;
    }
    keys.insert(keys.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(kept));
  }
}

class ExactQuantiles final : public QuantileCollector {
 public:
  ExactQuantiles(const Cells& cells, std::int64_t values_per_cell)
      : cells_(cells), keys_(cells.count()) {
    for (auto& keys : keys_) keys.reserve(static_cast<std::size_t>(values_per_cell));
  }

  void add(std::int64_t time, std::int64_t component, std::span<const double> values,
           PathMask finite) override {
    append(cells_.index(time, component), values, finite);
  }
  void add(std::int64_t time, std::int64_t component, std::span<const float> values,
           PathMask finite) override {
    append(cells_.index(time, component), values, finite);
  }

  [[nodiscard]] std::vector<double> quantiles(
      const comm::Communicator& comm, std::span<const double> probabilities) const override {
    std::vector<std::int64_t> counts;
    for (const auto& keys : keys_) counts.push_back(static_cast<std::int64_t>(keys.size()));
    const auto items = [this](std::size_t cell) { return std::span(keys_[cell]); };
    return search_quantiles<std::uint64_t>(comm, cells_, std::move(counts), probabilities, items,
                                           from_ordered_key);
  }

  [[nodiscard]] std::string_view method() const override { return "exact"; }

  [[nodiscard]] std::vector<std::byte> bytes() const override {
    ByteWriter out;
    for (const auto& keys : keys_) out.put_vector(keys);
    return out.take();
  }

  void absorb(std::span<const std::byte> bytes) override {
    ByteReader in(bytes);
    for (auto& keys : keys_) {
      const auto more = in.get_vector<std::uint64_t>();
      keys.insert(keys.end(), more.begin(), more.end());
    }
  }

  [[nodiscard]] std::size_t memory() const override {
    std::size_t sum = 0;
    for (const auto& keys : keys_) sum += sizeof(Keys) + keys.size() * sizeof(std::uint64_t);
    return sum;
  }

 private:
  template <class R>
  void append(std::size_t cell, std::span<const R> values, PathMask finite) {
    if (finite.empty()) {
      append_keys<false>(keys_[cell], values, finite);
    } else {
      append_keys<true>(keys_[cell], values, finite);
    }
  }

  Cells cells_;
  std::vector<Keys> keys_;
};

}  // namespace

std::unique_ptr<QuantileCollector> make_exact_quantiles(const Cells& cells,
                                                        std::int64_t values_per_cell) {
  return std::make_unique<ExactQuantiles>(cells, values_per_cell);
}

}  // namespace driftwood::stats
