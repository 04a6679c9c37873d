// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "random/dyadic.hpp"
#include "random/grid_path.hpp"

namespace driftwood::random {

/// Where a dyadic path is: root `number` from time `begin` to time `end`.
struct DyadicRoot {
  std::uint64_t number;
  double begin;  ///< [time]
  double end;    ///< [time]
};

/// One component of one path of a dyadic source over one root, seen from the host: what the path
/// does over any interval, in any order of asking. The bits of an answer depend on the question
/// alone; how long it takes, also on the questions before, of which the last split of each level is
/// kept. Not for several threads at once.
class DyadicPath {
 public:
  /// Times are rounded to multiples of 2^-depth of the root. Throws `Error` for a root that has no
  /// length or too large a number, a depth outside [0, most_levels] and a component below 0.
  DyadicPath(DyadicBrownian source, std::uint64_t id, int component, DyadicRoot root,
             int depth = 30)
      : source_(source), id_{id}, component_(component), root_(root), depth_(depth) {
    check();
    // By its step, so that the bits are those of the grid.
    const auto r = static_cast<std::int64_t>(root.number);
    const GridBrownian grid{source.seed, length()};
    whole_ = GridPath(grid, id, component, r + 1).over(r, r + 1);
    kept_.resize(static_cast<std::size_t>(depth) + 1);
  }

  /// Increment and area over [s, t] after rounding; zero where that has no length. Throws `Error`
  /// for t < s and for times outside the root.
  [[nodiscard]] Segment<double> over(double s, double t) {
    if (!(root_.begin <= s && s <= t && t <= root_.end)) {
      throw Error("no Brownian increment over [" + text(s) + ", " + text(t) + "]",
                  "the path has the times [" + text(root_.begin) + ", " + text(root_.end) + "]");
    }
    return over_ticks(tick(s), tick(t));
  }

  /// The same over ticks [first, last), of which the root has 2^depth: the maximal cells in there
  /// joined from left to right.
  [[nodiscard]] Segment<double> over_ticks(std::int64_t first, std::int64_t last) {
    if (last < first || first < 0 || last > ticks()) {
      throw Error("no Brownian increment over ticks [" + std::to_string(first) + ", " +
                      std::to_string(last) + ")",
                  "the path has the ticks [0, " + std::to_string(ticks()) + ")");
    }
    Segment<double> sum{0, 0};
    for (std::int64_t at = first; at < last;) {
      const std::int64_t size = largest_cell(at, last);
      const int level = depth_ - std::countr_zero(static_cast<std::uint64_t>(size));
      const Segment<double> next = cell(level, at / size);
      sum = at == first ? next
                        : join<double>(sum, static_cast<double>(at - first), next,
                                       static_cast<double>(size));
      at += size;
    }
    return sum;
  }

  /// The time `t` [time] in ticks.
  [[nodiscard]] std::int64_t tick(double t) const {
    return std::llround((t - root_.begin) / length() * static_cast<double>(ticks()));
  }
  [[nodiscard]] std::int64_t ticks() const { return std::int64_t{1} << depth_; }
  /// How many cells have been split so far.
  [[nodiscard]] std::int64_t splits() const { return splits_; }

 private:
  struct Split {
    std::int64_t index = -1;  ///< of the cell that was split
    Halves<double> halves{};
  };

  void check() const {
    const auto refuse = [](const std::string& why) { throw Error("no dyadic Brownian path", why); };
    if (!(root_.begin < root_.end) || !std::isfinite(length())) {
      refuse("its root is [" + text(root_.begin) + ", " + text(root_.end) + "]");
    }
    if (root_.number >= DyadicBrownian::most_roots) {
      refuse("its root has the number " + std::to_string(root_.number));
    }
    if (depth_ < 0 || depth_ > DyadicBrownian::most_levels) {
      refuse("its depth is " + std::to_string(depth_));
    }
    if (component_ < 0) refuse("its component is " + std::to_string(component_));
  }

  [[nodiscard]] static std::int64_t largest_cell(std::int64_t at, std::int64_t last) {
    const auto room = std::bit_floor(static_cast<std::uint64_t>(last - at));
    const auto aligned = static_cast<std::uint64_t>(at & -at);  // 0 at the beginning
    return static_cast<std::int64_t>(at == 0 || room < aligned ? room : aligned);
  }

  /// Cell `index` of a level, from the deepest kept split that leads to it.
  [[nodiscard]] Segment<double> cell(int level, std::int64_t index) {
    const auto ancestor = [&](int above) { return index >> (level - above); };
    int at = level;
    while (at > 0 && kept(at).index != ancestor(at - 1)) --at;
    Segment<double> value = at == 0 ? whole_ : half(at, ancestor(at));
    for (; at < level; ++at) {
      split(at, ancestor(at), value);
      value = half(at + 1, ancestor(at + 1));
    }
    return value;
  }

  /// Keeps the halves of cell `index` of `level`.
  void split(int level, std::int64_t index, const Segment<double>& value) {
    const double number = std::ldexp(1.0, level) + static_cast<double>(index);
    kept(level + 1) = {index, source_.halves<double>(id_, component_, root_.number, number,
                                                     std::ldexp(length(), -level), value)};
    ++splits_;
  }

  [[nodiscard]] Segment<double> half(int level, std::int64_t index) {
    return index % 2 == 0 ? kept(level).halves.left : kept(level).halves.right;
  }
  [[nodiscard]] Split& kept(int level) { return kept_[static_cast<std::size_t>(level)]; }
  [[nodiscard]] double length() const { return root_.end - root_.begin; }
  [[nodiscard]] static std::string text(double x) {
    std::array<char, 32> out;
    return {out.data(), std::to_chars(out.data(), out.data() + out.size(), x).ptr};
  }

  DyadicBrownian source_;
  Ids<double> id_;
  int component_;
  DyadicRoot root_;
  int depth_;
  Segment<double> whole_{};
  std::vector<Split> kept_;  ///< the last split into cells of each level
  std::int64_t splits_ = 0;
};

}  // namespace driftwood::random
