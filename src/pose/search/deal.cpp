// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/deal.hpp"

#include <algorithm>

#include "pose/draws.hpp"

namespace driftwood::pose {
namespace {

/// Cells of the image, in each direction: many more than there are blocks in practice, few enough
/// for a shuffle within them to mean something.
constexpr std::uint32_t cells = 64;

struct Placed {
  std::uint32_t cell;  ///< in Morton order
  std::uint64_t shuffle;
  int number;
};

std::uint32_t spread(std::uint32_t x) {  // bits 0, 1, 2, ... to 0, 2, 4, ...
  std::uint32_t out = 0;
  for (int bit = 0; bit < 16; ++bit) out |= ((x >> bit) & 1) << (2 * bit);
  return out;
}

std::uint32_t cell_of(double x) {
  return static_cast<std::uint32_t>(
      std::clamp((x + 1) / 2 * cells, 0.0, static_cast<double>(cells - 1)));
}

}  // namespace

std::vector<int> deal(std::span<const Correspondence> all, int block, std::uint64_t seed) {
  // The image as seen along the mean bearing, whose scale is that of the widest bearing.
  Vec3<double> mean{};
  for (const Correspondence& c : all) mean = mean + c.bearing;
  const Vec3<double> axis = norm(mean) > 1e-9 * static_cast<double>(all.size())
                                ? normalised(mean)
                                : Vec3<double>{0, 0, 1};
  const Vec3<double> u = orthogonal_to(axis);
  const Vec3<double> v = cross(axis, u);
  double widest = 1e-300;
  for (const Correspondence& c : all) {
    widest = std::max({widest, std::abs(dot(u, c.bearing)), std::abs(dot(v, c.bearing))});
  }
  std::vector<Placed> placed;
  for (const Correspondence& c : all) {
    const auto id = static_cast<std::uint64_t>(placed.size());
    placed.push_back({spread(cell_of(dot(u, c.bearing) / widest)) |
                          spread(cell_of(dot(v, c.bearing) / widest)) << 1,
                      drawn_words(seed, Draw::deal, id, 0).word[0], static_cast<int>(id)});
  }
  std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
    if (a.cell != b.cell) return a.cell < b.cell;
    return a.shuffle != b.shuffle ? a.shuffle < b.shuffle : a.number < b.number;
  });

  // Round and round over blocks that have room.
  const auto size = static_cast<std::size_t>(block);
  const std::size_t blocks = (placed.size() + size - 1) / size;
  std::vector<std::vector<int>> dealt(blocks);
  const auto room = [&](std::size_t b) {
    return std::min(size, placed.size() - b * size) - dealt[b].size();
  };
  std::size_t next = 0;
  for (const Placed& p : placed) {
    while (room(next) == 0) next = (next + 1) % blocks;
    dealt[next].push_back(p.number);
    next = (next + 1) % blocks;
  }
  std::vector<int> out;
  for (const auto& numbers : dealt) out.insert(out.end(), numbers.begin(), numbers.end());
  return out;
}

}  // namespace driftwood::pose
