// SPDX-License-Identifier: BSD-3-Clause
#include "pose/launch/box_bounds.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/narrow_lane.hpp"
#include "base/on_device.hpp"
#include "pose/bounds/clique.hpp"
#include "pose/bounds/ray_test.hpp"
#include "pose/launch/key_batch.hpp"

namespace driftwood::pose {
namespace {

using TeamPolicy = Kokkos::TeamPolicy<Exec>;
using Team = TeamPolicy::member_type;
using R = NarrowLane<float>;
constexpr int lanes = width_of<R>;
/// Where threads have a path each, a team has one thread for each column of a block.
constexpr bool by_threads = lanes == 1;
/// Boxes that a team takes together: tables of a block then stay in cache, while on a device there
/// must be many teams.
constexpr int tile_boxes = by_threads ? 2 : 8;

/// Where the numbers of the tests of a block are. Packs have those of a column of packs one after
/// the other, from the row on at which pairs of it begin; threads have their columns side by side.
template <int Words>
struct PairLayout {
  static constexpr int most = 64 * Words;
  static constexpr int columns = most / lanes;
  static constexpr int numbers = RayTest<float>::numbers;

  /// Of the pairs (i, j), j in the column, those of i from here on are tested. The rest is what
  /// symmetry says.
  KOKKOS_FORCEINLINE_FUNCTION static constexpr int first_row(int column) {
    return by_threads ? 0 : column * lanes;
  }
  KOKKOS_FORCEINLINE_FUNCTION static constexpr int at(int column, int row, int number) {
    if (by_threads) return (row * numbers + number) * most + column;
    const int rows_before = column * most - lanes * (column * (column - 1) / 2);
    return ((rows_before + row - first_row(column)) * numbers + number) * lanes;
  }
  static constexpr int per_block =
      numbers * (by_threads ? most * most : lanes * (columns * (most + lanes) / 2));
};

/// Bit j of word i becomes bit i of word j.
[[maybe_unused]] inline void transpose_bits(std::uint64_t (&word)[64]) {
  std::uint64_t low = 0x00000000ffffffff;  // the bits that stay, of the lower half of each group
  for (int half = 32; half > 0; half /= 2, low ^= low << half) {
    for (int group = 0; group < 64; group += 2 * half) {
      for (int i = group; i < group + half; ++i) {
        const std::uint64_t swapped = ((word[i] >> half) ^ word[i + half]) & low;
        word[i] ^= swapped << half;
        word[i + half] ^= swapped;
      }
    }
  }
}

/// The lower triangle of a graph completed to all of it.
template <int Words>
void complete(Graph<Words>& graph) {
  for (int a = 0; a < Words; ++a) {
    for (int b = 0; b <= a; ++b) {
      std::uint64_t tile[64];
      for (int i = 0; i < 64; ++i) tile[i] = graph.neighbours[64 * b + i].word[a];
      transpose_bits(tile);
      for (int i = 0; i < 64; ++i) graph.neighbours[64 * a + i].word[b] |= tile[i];
    }
  }
}

/// (quantity, correspondence) in scratch: rays of one block turned by the middle of a box.
template <int Words>
struct TurnedRays {
  static constexpr int most = 64 * Words;
  static constexpr int numbers = 10;  ///< bearing, point, moment, own product f Y

  float at[numbers][most];

  /// For the columns [first, first + width_of<Q>).
  template <class Q>
  KOKKOS_FORCEINLINE_FUNCTION void turn(const Rotation<float>& r, const float* f, const float* x,
                                        int first) {
    Rotation<Q> by;
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 3; ++b) by(a, b) = Q(r(a, b));
    }
    const auto take = [&](const float* from) {
      return Vec3<Q>{load<Q>(from + first), load<Q>(from + most + first),
                     load<Q>(from + 2 * most + first)};
    };
    const Ray<Q> ray(by, take(f), take(x));
    for (int a = 0; a < 3; ++a) {
      store_lanes(&at[a][first], ray.bearing[a]);
      store_lanes(&at[3 + a][first], ray.point[a]);
      store_lanes(&at[6 + a][first], ray.moment[a]);
    }
    store_lanes(&at[9][first], dot(ray.bearing, ray.point));
  }

  template <class Q>
  KOKKOS_FORCEINLINE_FUNCTION Vec3<Q> columns(int from, int first) const {
    return {load<Q>(&at[from][first]), load<Q>(&at[from + 1][first]),
            load<Q>(&at[from + 2][first])};
  }
  template <class Q>
  KOKKOS_FORCEINLINE_FUNCTION Vec3<Q> row(int from, int i) const {
    return {Q(at[from][i]), Q(at[from + 1][i]), Q(at[from + 2][i])};
  }
};

/// What a team shares.
template <int Words>
struct Scratch {
  TurnedRays<Words> rays;
  Graph<Words> graph;
  RotationBall<float> ball[tile_boxes];
  int bound[tile_boxes];  ///< over the blocks done, with the sizes of those left
};
constexpr std::size_t alignment = 64;

enum class By { h_index, core };

/// A team per tile of boxes, which takes block after block.
template <int Words>
struct EvaluateBoxes {
  using Layout = PairLayout<Words>;
  static constexpr int most = 64 * Words;

  const float* tests;     ///< (block, Layout)
  const float* bearings;  ///< (block, 3, most)
  const float* points;    ///< (block, 3, most)
  int size;               ///< of all blocks together
  const std::uint64_t* keys;
  int boxes;
  int* bounds;
  std::uint64_t* members;  ///< (block, Words), of the only box, or none
  int enough;
  By by;

  KOKKOS_FUNCTION void operator()(const Team& team) const {
    auto& shared = *static_cast<Scratch<Words>*>(
        team.team_shmem().get_shmem_aligned(sizeof(Scratch<Words>), alignment));
    const int first = team.league_rank() * tile_boxes;
    const int count = min(int{tile_boxes}, boxes - first);
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, count), [&](int t) {
      shared.ball[t] = RotationBall<float>(box_of<double>(BoxKey(keys[first + t])));
      shared.bound[t] = size;
    });
    team.team_barrier();
    for (int block = 0; block * most < size; ++block) {
      for (int t = 0; t < count; ++t) {
        if (shared.bound[t] > enough) evaluate(team, shared, block, t);
      }
    }
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, count),
                         [&](int t) { bounds[first + t] = shared.bound[t]; });
  }

  KOKKOS_FUNCTION void evaluate(const Team& team, Scratch<Words>& shared, int block, int t) const {
    const RotationBall<float>& ball = shared.ball[t];
    const int of_block = min(int{most}, size - block * most);
    if (!(ball.slack.cosine > 0)) {  // a quarter of a turn and more: tests are not made for that
      if (members != nullptr) {
        const auto all = VertexSet<Words>::first(of_block);
        for (int w = 0; w < Words; ++w) members[block * Words + w] = all.word[w];
      }
      return;
    }
    constexpr int columns = Layout::columns;  // all, so that padding has no neighbours
    const std::int64_t vectors = static_cast<std::int64_t>(block) * 3 * most;
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, columns), [&](int c) {
      shared.rays.template turn<R>(ball.middle, bearings + vectors, points + vectors, c * lanes);
    });
    team.team_barrier();
    const float* const of_pairs = tests + static_cast<std::int64_t>(block) * Layout::per_block;
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, columns),
                         [&](int c) { test_column(shared, ball.slack, of_pairs, of_block, c); });
    team.team_barrier();
    Kokkos::single(Kokkos::PerTeam(team), [&]() {
      shared.graph.size = of_block;
      if constexpr (!by_threads) complete(shared.graph);
      int bound;
      if (by == By::h_index) {
        bound = pose::h_index(shared.graph);
      } else {
        const Core<Words> found = last_core(shared.graph);
        bound = found.bound;
        if (members != nullptr) {
          for (int w = 0; w < Words; ++w) members[block * Words + w] = found.vertices.word[w];
        }
      }
      shared.bound[t] -= of_block - bound;
    });
    team.team_barrier();
  }

  /// The neighbours of the correspondences of a column among the rows that are tested.
  KOKKOS_FORCEINLINE_FUNCTION void test_column(Scratch<Words>& shared, const Angle<float>& slack,
                                               const float* of_pairs, int of_block, int c) const {
    using Error = Rounding<float>;
    const TurnedRays<Words>& rays = shared.rays;
    const int begun = c * lanes;
    const Vec3<R> bearing = rays.template columns<R>(0, begun);
    const Vec3<R> point = rays.template columns<R>(3, begun);
    const Vec3<R> moment = rays.template columns<R>(6, begun);
    const R own = load<R>(&rays.at[9][begun]) + R(Error::gap);
    const Angle<R> leaning = {R(slack.sine + Error::test), R(slack.cosine)};
    const auto from = [&](int i, int number) {
      return load<R>(of_pairs + Layout::at(c, i, number));
    };
    const int first = Layout::first_row(c);
    for (int w = 0; w < Words; ++w) {
      std::uint32_t half[2][lanes];
      for (int h = 0; h < 2; ++h) {
        word_of<R> found(0);
        const int low = 64 * w + 32 * h;
        const int start = max(first, low);
        word_of<R> bit(std::uint32_t{1} << ((start - low) & 31));
        for (int i = start; i < min(low + 32, of_block); ++i) {
          const Vec3<R> f = rays.template row<R>(0, i);
          const R product = dot(f, moment) + dot(bearing, rays.template row<R>(6, i));
          const R gap =
              (own + R(rays.at[9][i])) - (dot(f, point) + dot(bearing, rays.template row<R>(3, i)));
          const RayTest<R> test(from(i, 0), from(i, 1), from(i, 2), from(i, 3));
          const auto excluded = test.excludes(product, gap, leaning);
          found = found | bits_as<word_of<R>>(select(excluded, R(0), bits_as<R>(bit)));
          bit = bit << 1;
        }
        store_lanes(half[h], found);
      }
      for (int l = 0; l < lanes; ++l) {
        shared.graph.neighbours[begun + l].word[w] =
            half[0][l] | (static_cast<std::uint64_t>(half[1][l]) << 32);
      }
    }
  }
};

/// (block, 3, most), padded with zeros.
std::vector<float> by_block(std::span<const Correspondence> all, int most,
                            Vec3<double> Correspondence::*which) {
  const auto width = static_cast<std::size_t>(most);
  std::vector<float> out((all.size() + width - 1) / width * 3 * width);
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t a = 0; a < 3; ++a) {
      out[(3 * (i / width) + a) * width + i % width] =
          static_cast<float>((all[i].*which)[static_cast<int>(a)]);
    }
  }
  return out;
}

template <int Words>
std::vector<float> tests_of(std::span<const Correspondence> all) {
  using Layout = PairLayout<Words>;
  constexpr auto most = static_cast<std::size_t>(Layout::most);
  const std::size_t blocks = (all.size() + most - 1) / most;
  std::vector<float> out(blocks * Layout::per_block);
  Pair never;
  never.kind = PairKind::never;
  for (std::size_t block = 0; block < blocks; ++block) {
    const auto members = all.subspan(block * most, min(most, all.size() - block * most));
    const int size = static_cast<int>(members.size());
    float* const to = out.data() + block * Layout::per_block;
    for (int j = 0; j < Layout::most; ++j) {
      const int column = j / lanes;
      for (int i = Layout::first_row(column); i < Layout::most; ++i) {
        const bool is_pair = i < size && j < size && i != j;
        const auto member = [&](int k) { return members[static_cast<std::size_t>(k)]; };
        // The later one first, whichever the row.
        const RayTest<float> test(is_pair ? Pair(member(max(i, j)), member(min(i, j))) : never);
        const float numbers[] = {test.slope, test.offset, test.least, test.lower};
        for (int n = 0; n < Layout::numbers; ++n) {
          to[Layout::at(column, i, n) + j % lanes] = numbers[n];
        }
      }
    }
  }
  return out;
}

/// f<words>().
template <class F>
auto with_words(int words, const F& f) {
  switch (words) {
    case 1:
      return f.template operator()<1>();
    case 2:
      return f.template operator()<2>();
    case 3:
      return f.template operator()<3>();
    default:
      return f.template operator()<4>();
  }
}

}  // namespace

struct BoxBounds::Launches {
  int size;
  int words;
  Kokkos::View<float*, Memory> tests;
  Kokkos::View<float*, Memory> bearings;
  Kokkos::View<float*, Memory> points;
  KeyBatch batch{};
  Kokkos::View<std::uint64_t*, Memory> members{};

  Launches(std::span<const Correspondence> all, int block)
      : size(static_cast<int>(all.size())), words(block / 64) {
    tests = on_device("pose::tests",
                      with_words(words, [&]<int Words>() { return tests_of<Words>(all); }));
    bearings = on_device("pose::bearings", by_block(all, block, &Correspondence::bearing));
    points = on_device("pose::points", by_block(all, block, &Correspondence::point));
  }

  /// The words of the last cores of the only box, too, where `into` has place for them.
  template <int Words>
  void launch(By by, std::span<const BoxKey> boxes, int enough, std::span<int> found,
              bool of_members) {
    batch.send(boxes);
    const int n = static_cast<int>(boxes.size());
    if (of_members) {
      members = Kokkos::View<std::uint64_t*, Memory>(
          "pose::members",
          static_cast<std::size_t>((size + 64 * Words - 1) / (64 * Words) * Words));
    }
    constexpr int team_size = by_threads ? 64 * Words : 1;
    TeamPolicy policy((n + tile_boxes - 1) / tile_boxes, team_size);
    policy.set_scratch_size(0,
                            Kokkos::PerTeam(static_cast<int>(sizeof(Scratch<Words>) + alignment)));
    Kokkos::parallel_for(
        "pose::box_bounds", policy,
        EvaluateBoxes<Words>{tests.data(), bearings.data(), points.data(), size, batch.keys(), n,
                             batch.results(), of_members ? members.data() : nullptr, enough, by});
    batch.receive(found);
  }

  void evaluate(By by, std::span<const BoxKey> boxes, int enough, std::span<int> found) {
    if (boxes.size() != found.size()) throw Error("boxes and their bounds differ in number");
    if (boxes.empty()) return;
    with_words(words, [&]<int Words>() { launch<Words>(by, boxes, enough, found, false); });
  }
};

BoxBounds::BoxBounds(std::span<const Correspondence> all, int block) {
  if (block % 64 != 0 || block < 64 || block > 256) {
    throw UsageError("there are no blocks of " + std::to_string(block) + " correspondences", {},
                     "choose 64, 128, 192 or 256");
  }
  if (all.empty()) throw UsageError("there is no correspondence");
  launches_ = std::make_unique<Launches>(all, block);
}
BoxBounds::BoxBounds(BoxBounds&&) noexcept = default;
BoxBounds& BoxBounds::operator=(BoxBounds&&) noexcept = default;
BoxBounds::~BoxBounds() = default;

void BoxBounds::h_index(std::span<const BoxKey> boxes, int enough, std::span<int> bounds) {
  launches_->evaluate(By::h_index, boxes, enough, bounds);
}
void BoxBounds::core(std::span<const BoxKey> boxes, int enough, std::span<int> bounds) {
  launches_->evaluate(By::core, boxes, enough, bounds);
}

std::vector<char> BoxBounds::core_members(BoxKey box) {
  int bound = 0;
  with_words(launches_->words, [&]<int Words>() {
    launches_->launch<Words>(By::core, {&box, 1}, -1, {&bound, 1}, true);
  });
  const auto words = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), launches_->members);
  std::vector<char> out(static_cast<std::size_t>(size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<char>((words(i / 64) >> (i % 64)) & 1);
  }
  return out;
}

int BoxBounds::size() const { return launches_->size; }
int BoxBounds::block() const { return 64 * launches_->words; }
std::size_t BoxBounds::bytes() const {
  return sizeof(float) *
         (launches_->tests.extent(0) + launches_->bearings.extent(0) + launches_->points.extent(0));
}

}  // namespace driftwood::pose
