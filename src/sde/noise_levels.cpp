// SPDX-License-Identifier: BSD-3-Clause
#include "sde/noise_levels.hpp"

#include <cmath>

#include "base/error.hpp"
#include "random/join.hpp"

namespace driftwood::sde {
namespace {

using random::Increments;
using R = Lane<double>;
using Range = Kokkos::RangePolicy<Exec>;

std::int64_t padded(std::int64_t paths) {
  return (paths + path_padding - 1) / path_padding * path_padding;
}

/// Draws whole draws of the generator for the paths of one lane, a work item for each. Components
/// are few but known at run time only, so they live in an arena of fixed size.
template <Increments I>
struct DrawNoise {
  static constexpr std::int64_t per_draw = random::words_per_draw<R>;

  random::GridBrownian source;
  GivenNoise noise;
  std::uint64_t first_path;
  std::int64_t packs;
  int noises;
  Kokkos::View<std::byte**, Kokkos::LayoutRight, Memory> arenas;
  Kokkos::Experimental::UniqueToken<Exec> tokens;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t p = item % packs * width_of<R>;
    const std::int64_t d = item / packs;
    const auto token = tokens.acquire();
    Arena arena{&arenas(token, 0), arenas.extent(1)};
    const Block<R> like = take<R>(Block<R>{nullptr, 0, &arena}, noises);
    std::uint64_t ids[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) ids[l] = first_path + static_cast<std::uint64_t>(p + l);
    const auto draw = source.draw<I, random::Code::called>(random::Ids<R>::from(ids),
                                                           static_cast<std::uint64_t>(d), like);
    for (std::int64_t s = 0; s < per_draw && d * per_draw + s < noise.steps; ++s) {
      const auto& step = draw.step[s];
      const std::int64_t n = d * per_draw + s;
      store(noise.dw, n, p, step.dw);
      if constexpr (I == Increments::with_area || I == Increments::with_levy) {
        store(noise.area, n, p, step.area);
      }
      if constexpr (I == Increments::with_levy) store(noise.levy, n, p, step.levy.value);
      if constexpr (I == Increments::three_point) store(noise.sign, n, p, step.sign);
    }
    tokens.release(token);
  }

  KOKKOS_FUNCTION static void store(const GivenNoise::Values& to, std::int64_t n, std::int64_t p,
                                    const Block<R>& from) {
    for (int k = 0; k < from.size(); ++k) store_lanes(&to(n, k, p), from[k]);
  }
};

/// One step of the coarse grid from two of the fine one, for one path.
struct JoinNoise {
  GivenNoise fine;
  GivenNoise coarse;
  std::int64_t paths;
  int noises;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t p = item % paths;
    const std::int64_t n = item / paths;
    const bool areas = coarse.area.extent(0) > 0;
    for (int k = 0; k < noises; ++k) {
      const random::Segment<double> left{fine.dw(2 * n, k, p), areas ? fine.area(2 * n, k, p) : 0};
      const random::Segment<double> right{fine.dw(2 * n + 1, k, p),
                                          areas ? fine.area(2 * n + 1, k, p) : 0};
      const auto whole = join(left, fine.step, right, fine.step);
      coarse.dw(n, k, p) = whole.w;
      if (areas) coarse.area(n, k, p) = whole.h;
    }
    if (coarse.levy.extent(0) > 0) join_levy(n, p);
  }

  KOKKOS_FUNCTION void join_levy(std::int64_t n, std::int64_t p) const {
    int pair = 0;
    for (int i = 0; i < noises; ++i) {
      for (int j = i + 1; j < noises; ++j, ++pair) {
        coarse.levy(n, pair, p) = random::join_areas(
            fine.levy(2 * n, pair, p), fine.levy(2 * n + 1, pair, p), fine.dw(2 * n, i, p),
            fine.dw(2 * n, j, p), fine.dw(2 * n + 1, i, p), fine.dw(2 * n + 1, j, p));
      }
    }
  }
};

GivenNoise make_noise(const NoiseLevels::Shape& shape, int level) {
  GivenNoise noise;
  noise.steps = shape.coarsest << level;
  noise.step = shape.end / static_cast<double>(noise.steps);
  const auto values = [&](std::int64_t components) {
    return GivenNoise::Values(Kokkos::view_alloc("noise", Kokkos::WithoutInitializing),
                              static_cast<std::size_t>(noise.steps),
                              static_cast<std::size_t>(components),
                              static_cast<std::size_t>(padded(shape.paths)));
  };
  const std::int64_t m = shape.noises;
  noise.dw = values(m);
  if (shape.kind == Increments::with_area || shape.kind == Increments::with_levy) {
    noise.area = values(m);
  }
  if (shape.kind == Increments::with_levy) noise.levy = values(m * (m - 1) / 2);
  if (shape.kind == Increments::three_point) noise.sign = values(m);
  return noise;
}

}  // namespace

NoiseLevels::NoiseLevels(const Shape& shape, std::uint64_t seed) : shape_(shape), seed_(seed) {
  for (int l = 0; l < shape.levels; ++l) levels_.push_back(make_noise(shape, l));
}

std::int64_t NoiseLevels::bytes_per_path(const Shape& shape) {
  const std::int64_t m = shape.noises;
  const std::int64_t values = 2 * m + m * (m - 1) / 2;
  return 2 * (shape.coarsest << (shape.levels - 1)) * values *
         static_cast<std::int64_t>(sizeof(double));
}

void NoiseLevels::draw(const PathRange& paths) {
  if (paths.count > shape_.paths) throw Error("more paths than there is noise for");
  const std::size_t finest = levels_.size() - 1;
  draw_level(finest, paths);
  for (std::size_t l = finest; l-- > 0;) {
    random::is_joinable(shape_.kind) ? join(l) : draw_level(l, paths);
  }
}

void NoiseLevels::join(std::size_t coarse) {
  const std::int64_t paths = padded(shape_.paths);
  Kokkos::parallel_for("sde::join_noise", Range(0, levels_[coarse].steps * paths),
                       JoinNoise{levels_[coarse + 1], levels_[coarse], paths, shape_.noises});
}

void NoiseLevels::draw_level(std::size_t level, const PathRange& paths) {
  const GivenNoise& noise = levels_[level];
  const int terms = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(noise.steps))));
  // Grids of the kinds that stand for no path get seeds of their own.
  const std::uint64_t seed = seed_ + (random::is_joinable(shape_.kind) ? 0 : level);
  const random::GridBrownian source{seed, noise.step, random::LevyTerms(terms)};
  const Kokkos::Experimental::UniqueToken<Exec> tokens;
  const auto m = static_cast<std::size_t>(shape_.noises);
  const std::size_t bytes = (32 * (m + 1) + 2 * m * m) * sizeof(R);
  const Kokkos::View<std::byte**, Kokkos::LayoutRight, Memory> arenas(
      "arenas", static_cast<std::size_t>(tokens.size()), bytes);
  const std::int64_t packs = padded(paths.count) / width_of<R>;
  const auto launch = [&]<Increments I>() {
    const std::int64_t draws = (noise.steps + DrawNoise<I>::per_draw - 1) / DrawNoise<I>::per_draw;
    Kokkos::parallel_for(
        "sde::draw_noise", Range(0, draws * packs),
        DrawNoise<I>{source, noise, paths.first, packs, shape_.noises, arenas, tokens});
  };
  switch (shape_.kind) {
    case Increments::brownian:
      return launch.template operator()<Increments::brownian>();
    case Increments::with_area:
      return launch.template operator()<Increments::with_area>();
    case Increments::with_levy:
      return launch.template operator()<Increments::with_levy>();
    case Increments::two_point:
      return launch.template operator()<Increments::two_point>();
    case Increments::three_point:
      return launch.template operator()<Increments::three_point>();
    case Increments::words:
      throw Error("laws that draw their own words have no noise to share");
  }
}

}  // namespace driftwood::sde
