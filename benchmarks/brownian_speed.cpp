// SPDX-License-Identifier: BSD-3-Clause
/// Cost of a walk over the cells of a dyadic Brownian path against drawing as many steps of a grid,
/// on one core. All cases run in turn, round after round; ratios are taken within a round, and
/// medians printed. Times are of the processor.
///
///     brownian_speed [rounds]        9 rounds by default
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "random/dyadic.hpp"
#include "timing.hpp"

namespace {
using namespace driftwood;
using benchmarks::median;
using benchmarks::processor_seconds_of;
using random::DyadicBrownian;
using random::DyadicWalk;
using random::GridBrownian;
using random::Ids;
using random::Increments;

using R = Lane<double>;
using Results = Kokkos::View<double*, Memory>;
constexpr std::int64_t paths = 1 << 11;
constexpr int finest = 12;  ///< level of cells, at most

KOKKOS_FORCEINLINE_FUNCTION Ids<R> ids_of(std::int64_t item) {
  std::uint64_t ids[width_of<R>];
  for (int l = 0; l < width_of<R>; ++l) {
    ids[l] = static_cast<std::uint64_t>(item * width_of<R> + l);
  }
  return Ids<R>::from(ids);
}

/// Adds up what the grid source draws for 2^level steps.
template <Increments I, int M>
struct Grid {
  Results out;
  int level;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const auto ids = ids_of(item);
    const std::int64_t steps = std::int64_t{1} << level;
    const GridBrownian source{1, 1.0 / static_cast<double>(steps)};
    R sum(0);
    for (std::int64_t d = 0; 2 * d < steps; ++d) {
      const auto drawn = source.draw<I>(ids, static_cast<std::uint64_t>(d), Vec<R, M>{});
      for (const auto& step : drawn.step) {
        for (int k = 0; k < M; ++k) {
          sum = sum + step.dw[k];
          if constexpr (I == Increments::with_area) sum = sum + step.area[k];
        }
      }
    }
    store_lanes(&out(item * width_of<R>), sum);
  }
};

/// The same over the cells of a root: all of one level, or each path in cells that get finer and
/// coarser again between this level and three above it, as when steps adapt.
template <int M>
struct Walk {
  Results out;
  Results cells;  ///< how many each path went through
  int level;
  bool mixed;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    R waiting[DyadicWalk<Vec<R, M>>::memory(M, finest)];
    DyadicWalk<Vec<R, M>> walk(DyadicBrownian{1}, ids_of(item), {}, level, waiting);
    R sum(0);
    R count(0);
    double phases[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) phases[l] = static_cast<double>((l * 7) % 32) / 32;
    const R phase = load<R>(phases);
    const R fine(1.0 / static_cast<double>(1 << level));
    walk.begin(0, 1.0);
    for (auto going = !walk.done(); any(going); going = !walk.done()) {
      auto largest = fine;
      if (mixed) {
        const R x = R(8) * walk.start() + phase;
        const R saw = x - (x + R(0x1.8p52) - R(0x1.8p52));  // in [-1/2, 1/2]
        largest = fine * (R(1) + R(14) * abs(saw));
      }
      auto coarse = going & less(largest, walk.size());
      if (!mixed) {  // all paths at once, cell by cell
        while (any(coarse)) {
          walk.descend(coarse);
          coarse = less(largest, walk.size());
        }
      } else {
        walk.descend(coarse);
      }
      const auto taken = going & !less(largest, walk.size());
      for (int k = 0; k < M; ++k) {
        sum = sum + select(taken, walk.noise().dw[k] + walk.noise().area[k], R(0));
      }
      count = count + select(taken, R(1), R(0));
      walk.next(taken);
    }
    store_lanes(&out(item * width_of<R>), sum);
    store_lanes(&cells(item * width_of<R>), count);
  }
};

template <class Kernel>
std::function<void()> launch(Kernel kernel) {
  kernel.out = Results("out", paths);
  return [kernel] {
    Kokkos::parallel_for("brownian", Kokkos::RangePolicy<Exec>(0, paths / width_of<R>), kernel);
    Kokkos::fence();
  };
}

double sum(const Results& of) {
  const auto values = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), of);
  double out = 0;
  for (std::int64_t i = 0; i < paths; ++i) out += values(i);
  return out;
}

struct Case {
  std::string name;
  std::function<void()> run;
  double work;                  ///< steps or cells, of all paths
  int first;                    ///< case of the grid with the same steps: W; W and H follow
  std::vector<double> ns{};     ///< per step or cell of a path, one per round
  std::vector<double> ratio{};  ///< to W and H of the grid
  std::vector<double> ratio_w{};
};

void measure(std::vector<Case>& cases, int rounds) {
  for (int round = -1; round < rounds; ++round) {  // the first one only warms up
    for (Case& c : cases) {
      const double seconds = processor_seconds_of(c.run);
      if (round >= 0) c.ns.push_back(seconds * 1e9 / c.work);
    }
    if (round < 0) continue;
    for (Case& c : cases) {
      const auto first = static_cast<std::size_t>(c.first);
      c.ratio_w.push_back(c.ns.back() / cases[first].ns.back());
      c.ratio.push_back(c.ns.back() / cases[first + 1].ns.back());
    }
  }
}

template <int M>
void add(std::vector<Case>& cases) {
  for (const int level : {8, 10, 12}) {
    const int first = static_cast<int>(cases.size());
    const double work = static_cast<double>(paths << level);
    const auto named = [&](const char* what) {
      return fmt::format("{} of {}, {} steps", what, M == 1 ? "one noise" : "three noises",
                         1 << level);
    };
    cases.push_back(
        {named("grid, W"), launch(Grid<Increments::brownian, M>{{}, level}), work, first});
    cases.push_back(
        {named("grid, W and H"), launch(Grid<Increments::with_area, M>{{}, level}), work, first});
    for (const bool mixed : {false, true}) {
      const Results cells("cells", paths);
      const auto run = launch(Walk<M>{{}, cells, level, mixed});
      run();
      const char* name = mixed ? "walk, each path in its cells" : "walk, equal cells";
      cases.push_back({named(name), run, sum(cells), first});
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Kokkos::ScopeGuard kokkos;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  std::vector<Case> cases;
  add<1>(cases);
  add<3>(cases);

  measure(cases, rounds);

  fmt::print("{}; {} lanes; medians of {} rounds\n\n", Exec::name(), width_of<R>, rounds);
  fmt::print("{:<52} {:>9} {:>10} {:>8}\n", "case", "ns", "x W and H", "x W");
  for (const Case& c : cases) {
    fmt::print("{:<52} {:>9.3f} {:>10.2f} {:>8.2f}\n", c.name, median(c.ns), median(c.ratio),
               median(c.ratio_w));
  }
  double most = 0;
  for (const Case& c : cases) {
    if (c.name.starts_with("walk, equal")) most = std::max(most, median(c.ratio));
  }
  fmt::print("\nPF-5: equal cells cost at most {:.2f} of the grid's steps\n", most);
}
