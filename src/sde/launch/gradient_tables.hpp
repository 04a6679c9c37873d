// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What solvers that differentiate lanes and groups of paths have in common on the host.

#include <algorithm>
#include <string>
#include <vector>

#include "base/on_device.hpp"
#include "sde/launch/gradient_setup.hpp"
#include "sde/states.hpp"

namespace driftwood::sde {

/// States of one work item that wait for the way back, where the deck does not say [bytes].
inline constexpr std::int64_t default_memory = 256 << 20;

using Table = Kokkos::View<double**, Kokkos::LayoutRight, Memory>;

[[nodiscard]] inline Table table_on_device(const std::string& label,
                                           const std::vector<std::vector<double>>& rows) {
  const std::size_t columns = rows.empty() ? 0 : rows.front().size();
  const Table out(label, rows.size(), columns);
  const auto host = Kokkos::create_mirror_view(out);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < columns; ++j) host(i, j) = rows[i].at(j);
  }
  Kokkos::deep_copy(out, host);
  return out;
}

/// Weights of objectives as kernels read them.
inline void put_weights(GradientSetup& setup, const std::vector<std::vector<double>>& weights) {
  const auto times = static_cast<std::size_t>(setup.times);
  std::vector<std::int64_t> last(weights.size(), -1);
  for (std::size_t s = 0; s < weights.size(); ++s) {
    for (std::size_t i = 0; i < weights[s].size(); ++i) {
      if (weights[s][i] != 0) last[s] = std::max(last[s], static_cast<std::int64_t>(i % times));
    }
  }
  setup.weights = table_on_device("weights", weights);
  setup.last = on_device("last times", last);
}

/// Starts paths at rows of a table, one after the other.
template <class T>
struct StartFrom {
  Table table;
  States<T> states;
  std::uint64_t first;
  bool antithetic;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    std::uint64_t path = first + static_cast<std::uint64_t>(p);
    if (antithetic) path /= 2;
    const auto row = path % table.extent(0);
    for (std::size_t i = 0; i < table.extent(1); ++i) {
      states(i, p) = static_cast<T>(table(row, i));
    }
  }
};

}  // namespace driftwood::sde
