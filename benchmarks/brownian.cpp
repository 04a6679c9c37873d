// SPDX-License-Identifier: BSD-3-Clause
/// What a Brownian increment costs, in single precision on one core: of the Brownian Interval,
/// asked for the cells of a grid of [0, 1] forwards, forwards and backwards, and in random order;
/// of the grid source; and of a virtual Brownian tree that keeps nothing. All cases run in turn,
/// round after round; ratios are taken within a round, and medians printed. Times are of the
/// processor.
///
///     brownian [rounds [batch]]      5 rounds of all three batches by default
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "random/launch/interval_batch.hpp"
#include "timing.hpp"

namespace {
using namespace driftwood;
using benchmarks::median;
using benchmarks::processor_seconds_of;
using random::Ids;
using random::IntervalBatch;
using random::IntervalOptions;
using random::IntervalPlan;
using random::IntervalTree;

using R = Lane<float>;
using Out = Kokkos::View<float**, Kokkos::LayoutRight, Memory>;
constexpr std::int64_t block = 128;  ///< paths that are asked for together

struct Batch {
  std::int64_t paths;
  int components;
};
constexpr Batch batches[] = {{128, 5}, {256, 128}, {512, 256}};

/// Leaves increments in memory, where a solver would read them.
struct Put {
  Out out;  ///< by component and path

  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t, int component, std::int64_t path,
                                              const R& w) const {
    store_lanes(&out(component, path), w);
  }
};

enum class Order { forward, forward_and_backward, random };

/// Cells of a grid in the order in which they are asked for.
std::vector<int> order_of(int cells, Order order) {
  std::vector<int> out(static_cast<std::size_t>(cells));
  std::iota(out.begin(), out.end(), 0);
  if (order == Order::forward_and_backward) {
    for (int i = cells; i-- > 0;) out.push_back(i);
  }
  if (order == Order::random) std::shuffle(out.begin(), out.end(), std::mt19937_64(1));
  return out;
}

/// Everything that it takes, from the tree to the values of all blocks.
void ask(const Batch& batch, int cells, Order order, double& bridges) {
  IntervalTree tree(IntervalOptions{.step = 1.0 / cells});
  IntervalPlan plan;
  for (const int i : order_of(cells, order)) {
    tree.query(static_cast<double>(i) / cells, static_cast<double>(i + 1) / cells, plan);
  }
  IntervalBatch<R> values(1, 0, block, batch.components, tree.length());
  const Put put{Out("increments", static_cast<std::size_t>(batch.components), block)};
  for (std::int64_t first = 0; first < batch.paths; first += block) {
    if (first > 0) values.start(static_cast<std::uint64_t>(first));
    values.run(plan, put);
  }
  bridges = static_cast<double>(tree.counters().bridges) / static_cast<double>(plan.queries);
}

/// A tree of 2^-10, of which every query knows the root only.
void ask_without_memory(const Batch& batch, int cells, double& bridges) {
  IntervalTree tree(IntervalOptions{.depth = 10, .dyadic = true});
  IntervalPlan plan;
  for (int i = 0; i < cells; ++i) {
    tree.forget();
    tree.query(static_cast<double>(i) / cells, static_cast<double>(i + 1) / cells, plan);
  }
  IntervalBatch<R> values(1, 0, block, batch.components, tree.length());
  values.run(plan, Put{Out("increments", static_cast<std::size_t>(batch.components), block)});
  bridges = static_cast<double>(tree.counters().bridges) / static_cast<double>(plan.queries);
}

/// The same from the grid source, for one lane of paths after the other.
struct Grid {
  Out out;
  int draws;
  bool back;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    std::uint64_t numbers[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) {
      numbers[l] = static_cast<std::uint64_t>(item * width_of<R> + l);
    }
    const auto ids = Ids<R>::from(numbers);
    const std::int64_t path = item * width_of<R> % block;
    const auto components = static_cast<int>(out.extent(0));
    for (int pass = 0; pass < (back ? 2 : 1); ++pass) {
      for (int k = 0; k < draws; ++k) {
        const auto draw = static_cast<std::uint64_t>(pass == 0 ? k : draws - 1 - k);
        for (int c = 0; c < components; ++c) put(ids, draw, c, path);
      }
    }
  }

 private:
  /// Four steps of a component, as `GridBrownian` draws them.
  KOKKOS_FORCEINLINE_FUNCTION void put(const Ids<R>& ids, std::uint64_t draw, int component,
                                       std::int64_t path) const {
    const random::Stream stream(1, random::Purpose::increment, component);
    const auto w = random::normals<R>(stream, ids, draw, 1.0f / static_cast<float>(4 * draws));
    for (const R& step : w.z) store_lanes(&out(component, path), step);
  }
};

void draw_grid(const Batch& batch, int cells, bool back) {
  const Out out("increments", static_cast<std::size_t>(batch.components), block);
  Kokkos::parallel_for("grid", Kokkos::RangePolicy<Exec>(0, batch.paths / width_of<R>),
                       Grid{out, cells / 4, back});
  Kokkos::fence();
}

/// Normals alone, added up in registers: the floor.
struct Floor {
  Out out;
  int draws;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    std::uint64_t numbers[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) numbers[l] = static_cast<std::uint64_t>(l);
    const auto ids = Ids<R>::from(numbers);
    const random::Stream stream(1, random::Purpose::probe, static_cast<int>(item));
    R sum(0);
    for (int d = 0; d < draws; ++d) {
      const auto w = random::normals<R>(stream, ids, static_cast<std::uint64_t>(d), 1.0f);
      for (const R& z : w.z) sum = sum + z;
    }
    store_lanes(&out(item, 0), sum);
  }
};
constexpr int floor_items = 16;
constexpr int floor_draws = 20'000;
constexpr double floor_normals =
    floor_items * floor_draws * random::words_per_draw<R> * double{width_of<R>};

struct Case {
  std::string name;
  std::function<void()> run;
  double work;                  ///< increments, of all paths and components
  std::vector<double> ns{};     ///< per increment, one per round
  std::vector<double> ratio{};  ///< to the floor
  double bridges = 0;           ///< per query
};

void add_cases(const Batch& batch, std::vector<Case>& cases) {
  for (const int cells : {100, 1000}) {
    const double cell_work =
        static_cast<double>(batch.paths) * batch.components * static_cast<double>(cells);
    const auto name = [&](const char* what) {
      return fmt::format("{} x {}, {} cells, {}", batch.paths, batch.components, cells, what);
    };
    const auto interval = [&](const char* what, Order order) {
      const std::size_t at = cases.size();
      const double passes = order == Order::forward_and_backward ? 2 : 1;
      cases.push_back({name(what), [=, &cases] { ask(batch, cells, order, cases[at].bridges); },
                       passes * cell_work});
    };
    interval("interval forward", Order::forward);
    interval("interval both ways", Order::forward_and_backward);
    interval("interval random", Order::random);
    cases.push_back({name("grid forward"), [=] { draw_grid(batch, cells, false); }, cell_work});
    cases.push_back(
        {name("grid both ways"), [=] { draw_grid(batch, cells, true); }, 2 * cell_work});
  }
}

void measure(std::vector<Case>& cases, int rounds) {
  for (int round = -1; round < rounds; ++round) {  // the first one only warms up
    for (Case& c : cases) {
      const int repeats = c.work < 1e6 ? 10 : 1;
      const double seconds = processor_seconds_of([&] {
        for (int i = 0; i < repeats; ++i) c.run();
      });
      if (round >= 0) c.ns.push_back(seconds * 1e9 / (repeats * c.work));
    }
    if (round < 0) continue;
    for (Case& c : cases) c.ratio.push_back(c.ns.back() / cases.front().ns.back());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Kokkos::ScopeGuard kokkos;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  const int only = argc > 2 ? std::atoi(argv[2]) : -1;

  std::vector<Case> cases;
  const auto sums = [] {
    const Out out("sums", floor_items, width_of<R>);
    Kokkos::parallel_for("floor", Kokkos::RangePolicy<Exec>(0, floor_items),
                         Floor{out, floor_draws});
    Kokkos::fence();
  };
  cases.push_back({"normals alone (floor)", sums, floor_normals});
  for (int b = 0; b < 3; ++b) {
    if (only < 0 || only == b) add_cases(batches[b], cases);
  }
  const std::size_t cold = cases.size();
  const Batch few{block, 16};
  cases.push_back({"128 x 16, 1000 cells, interval forward",
                   [&cases, few, cold] { ask(few, 1000, Order::forward, cases[cold].bridges); },
                   1000.0 * block * few.components});
  cases.push_back({"128 x 16, 1000 cells, tree without memory",
                   [&cases, few, cold] { ask_without_memory(few, 1000, cases[cold + 1].bridges); },
                   1000.0 * block * few.components});
  measure(cases, rounds);

  fmt::print("{}; {} lanes; medians of {} rounds\n\n", Exec::name(), width_of<R>, rounds);
  fmt::print("{:<46} {:>9} {:>8} {:>14}\n", "case", "ns", "x floor", "bridges/query");
  for (const Case& c : cases) {
    fmt::print("{:<46} {:>9.3f} {:>8.2f} {:>14.3f}\n", c.name, median(c.ns), median(c.ratio),
               c.bridges);
  }
  std::vector<double> gain;
  for (std::size_t r = 0; r < cases[cold].ns.size(); ++r) {
    gain.push_back(cases[cold + 1].ns[r] / cases[cold].ns[r]);
  }
  fmt::print("\nPF-5: the interval is {:.1f} times as fast as a tree without memory\n",
             median(gain));
}
