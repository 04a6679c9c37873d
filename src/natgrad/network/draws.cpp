// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/network/draws.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "natgrad/ensemble/draw.hpp"

namespace driftwood::natgrad {
namespace {

DesignKey key_of(std::uint64_t seed, NetworkDraw what, std::uint32_t replica, std::size_t layer) {
  return {seed, static_cast<std::uint32_t>(what) + static_cast<std::uint32_t>(layer), replica};
}

Dense draw(const DesignKey& key, std::uint64_t first, std::size_t rows,
           std::span<const double> scales) {
  Dense out(rows, scales.size());
  draw_rows(key, RowSource::hidden, FeatureLaw::normal, first, rows, scales, out.data());
  return out;
}

}  // namespace

Dense drawn(std::uint64_t seed, NetworkDraw what, std::uint32_t replica, std::size_t rows,
            std::span<const double> scales) {
  return draw(key_of(seed, what, replica, 0), 0, rows, scales);
}

std::vector<std::size_t> drawn_order(std::uint64_t seed, NetworkDraw what, std::uint32_t replica,
                                     std::size_t n, std::uint64_t row) {
  const std::vector<double> ones(n, 1.0);
  const Dense numbers = draw(key_of(seed, what, replica, 0), row, 1, ones);
  std::vector<std::size_t> out(n);
  std::iota(out.begin(), out.end(), std::size_t{0});
  std::stable_sort(out.begin(), out.end(),
                   [&](std::size_t i, std::size_t j) { return numbers(0, i) < numbers(0, j); });
  return out;
}

Layers drawn_parameters(const Architecture& of, std::span<const double> sd, std::uint64_t seed,
                        NetworkDraw what, std::uint32_t replica) {
  Layers out = of.zeros();
  for (std::size_t l = 0; l < of.layers(); ++l) {
    const double spread = sd.empty() ? 1 / std::sqrt(static_cast<double>(of.widths[l])) : sd[l];
    const std::vector<double> scales(of.widths[l], spread);
    const Dense weights = draw(key_of(seed, what, replica, l), 0, of.widths[l + 1], scales);
    std::copy_n(weights.data(), weights.rows() * weights.columns(), out[l].data());
  }
  return out;
}

}  // namespace driftwood::natgrad
