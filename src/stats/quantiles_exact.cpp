// SPDX-License-Identifier: BSD-3-Clause
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "stats/bytes.hpp"
#include "stats/float_bits.hpp"
#include "stats/quantile_search.hpp"
#include "stats/quantiles.hpp"

namespace driftwood::stats {
namespace {

/// Uninitialised room for many keys. Nearly every page of it is written exactly once, so that first
/// touches would dominate the cost of collecting; huge pages cut them several-fold.
class KeyBuffer {
 public:
  explicit KeyBuffer(std::size_t keys) {
    const std::size_t bytes = (keys * sizeof(std::uint64_t) / huge_page + 1) * huge_page;
    keys_.reset(static_cast<std::uint64_t*>(std::aligned_alloc(huge_page, bytes)));
    if (!keys_) throw std::bad_alloc();
    ::madvise(keys_.get(), bytes, MADV_HUGEPAGE);  // only advice: failure changes nothing
  }

  [[nodiscard]] std::uint64_t* data() const { return keys_.get(); }

 private:
  static constexpr std::size_t huge_page = std::size_t{2} << 20;

  struct Free {
    void operator()(std::uint64_t* keys) const { std::free(keys); }
  };
  std::unique_ptr<std::uint64_t, Free> keys_;
};

/// -0 becomes 0.
template <class R>
std::uint64_t key_of_value(R value) {
  return ordered_key(static_cast<double>(value) + 0.0);
}

/// Writes the keys of the values that count, and returns how many. Chunks in which all count,
/// nearly every one, take vector loops.
template <class R>
std::size_t write_keys(std::uint64_t* keys, std::span<const R> values, PathMask finite) {
  constexpr std::size_t chunk = 256;
  std::size_t kept = 0;
  for (std::size_t first = 0; first < values.size(); first += chunk) {
    const std::size_t last = std::min(first + chunk, values.size());
    std::uint64_t all = 1;
    for (std::size_t i = first; i < last; ++i) all &= is_finite(static_cast<double>(values[i]));
    if (!finite.empty()) {
      for (std::size_t i = first; i < last; ++i) all &= finite[i] != 0;
    }
    if (all != 0) {
      std::uint64_t* const to = keys + kept;
      for (std::size_t i = first; i < last; ++i) to[i - first] = key_of_value(values[i]);
      kept += last - first;
      continue;
    }
    for (std::size_t i = first; i < last; ++i) {
      if (counts(finite, i, static_cast<double>(values[i]))) keys[kept++] = key_of_value(values[i]);
    }
  }
  return kept;
}

class ExactQuantiles final : public QuantileCollector {
 public:
  ExactQuantiles(const Cells& cells, std::int64_t values_per_cell)
      : cells_(cells),
        capacity_(static_cast<std::size_t>(values_per_cell)),
        keys_(cells.count() * capacity_),
        used_(cells.count(), 0) {}

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
    for (const auto used : used_) counts.push_back(static_cast<std::int64_t>(used));
    const auto items = [this](std::size_t cell) { return keys_of(cell); };
    return search_quantiles<std::uint64_t>(comm, cells_, std::move(counts), probabilities, items);
  }

  [[nodiscard]] std::string_view method() const override { return "exact"; }

  [[nodiscard]] std::vector<std::byte> bytes() const override {
    ByteWriter out;
    for (std::size_t cell = 0; cell < used_.size(); ++cell) {
      out.put(static_cast<std::uint64_t>(used_[cell]));
      out.put_all(keys_of(cell));
    }
    return out.take();
  }

  void absorb(std::span<const std::byte> bytes) override {
    ByteReader in(bytes);
    std::vector<std::vector<std::uint64_t>> more;
    std::size_t most = 0;
    for (std::size_t cell = 0; cell < used_.size(); ++cell) {
      more.push_back(in.get_vector<std::uint64_t>());
      most = std::max(most, more.back().size());
    }
    grow(most);
    for (std::size_t cell = 0; cell < used_.size(); ++cell) {
      std::ranges::copy(more[cell], end_of(cell));
      used_[cell] += more[cell].size();
    }
  }

  [[nodiscard]] std::size_t memory() const override {
    return used_.size() * (capacity_ * sizeof(std::uint64_t) + sizeof(std::size_t));
  }

 private:
  [[nodiscard]] std::span<const std::uint64_t> keys_of(std::size_t cell) const {
    return {keys_.data() + cell * capacity_, used_[cell]};
  }
  [[nodiscard]] std::uint64_t* end_of(std::size_t cell) const {
    return keys_.data() + cell * capacity_ + used_[cell];
  }

  void grow(std::size_t more) {
    if (more == 0) return;
    const std::size_t capacity = capacity_ + more;
    KeyBuffer keys(used_.size() * capacity);
    for (std::size_t cell = 0; cell < used_.size(); ++cell) {
      std::ranges::copy(keys_of(cell), keys.data() + cell * capacity);
    }
    keys_ = std::move(keys);
    capacity_ = capacity;
  }

  template <class R>
  void append(std::size_t cell, std::span<const R> values, PathMask finite) {
    if (values.size() > capacity_ - used_[cell]) {
      throw Error("a cell of the exact quantiles gets too many values",
                  "there is room for " + std::to_string(capacity_) + " on this rank");
    }
    used_[cell] += write_keys(end_of(cell), values, finite);
  }

  Cells cells_;
  std::size_t capacity_;  // keys per cell
  KeyBuffer keys_;
  std::vector<std::size_t> used_;  // keys per cell so far
};

}  // namespace

std::unique_ptr<QuantileCollector> make_exact_quantiles(const Cells& cells,
                                                        std::int64_t values_per_cell) {
  return std::make_unique<ExactQuantiles>(cells, values_per_cell);
}

}  // namespace driftwood::stats
