// SPDX-License-Identifier: BSD-3-Clause
#include "pose/launch/pair_counts.hpp"

#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/narrow_lane.hpp"
#include "base/on_device.hpp"
#include "pose/launch/key_batch.hpp"

namespace driftwood::pose {
namespace {

using TeamPolicy = Kokkos::TeamPolicy<Exec>;
using Team = TeamPolicy::member_type;
constexpr bool by_threads = width_of<Lane<float>> == 1;
/// Boxes that a team takes together, and bytes of pairs that it takes at once: what stays in the
/// first cache while all boxes of the tile pass.
constexpr int tile_boxes = by_threads ? 1 : 16;
constexpr int chunk_bytes = 1 << 15;

/// What of a pair is counted.
struct Bound {
  using Number = float;
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static mask_of<R> excludes(const DirectPair<R>& pair,
                                                         const Vec3<R>& v, const Angle<R>& slack) {
    return less(pair.margin(v, slack), R(0));
  }
};
struct Reached {
  using Number = double;
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static mask_of<R> excludes(const DirectPair<R>& pair,
                                                         const Vec3<R>& v, const Angle<R>&) {
    return pair.excludes(v);
  }
};

template <class T>
struct SharedCounts {
  RotationBall<T> ball[tile_boxes];
  int count[tile_boxes];
};

template <class Rule>
struct CountPairs {
  using T = typename Rule::Number;
  using R = NarrowLane<T>;
  static constexpr int lanes = width_of<R>;

  const T* pairs;  ///< (DirectPair::numbers, packs lanes), padded with pairs that are excluded
  int packs;
  const std::uint64_t* keys;
  int boxes;
  int always;
  int* counts;

  KOKKOS_FUNCTION void operator()(const Team& team) const {
    auto& shared = *static_cast<SharedCounts<T>*>(
        team.team_shmem().get_shmem_aligned(sizeof(SharedCounts<T>), 64));
    const int first = team.league_rank() * tile_boxes;
    const int tile = min(int{tile_boxes}, boxes - first);
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, tile), [&](int t) {
      shared.ball[t] = RotationBall<T>(box_of<double>(BoxKey(keys[first + t])));
      shared.count[t] = always;
    });
    team.team_barrier();
    constexpr int chunk =
        chunk_bytes / (DirectPair<R>::numbers * lanes * static_cast<int>(sizeof(T)));
    const int stride = by_threads ? packs : chunk;
    for (int begun = 0; begun < packs; begun += stride) {
      const int end = min(begun + stride, packs);
      for (int t = 0; t < tile; ++t) {
        int sum = 0;
        Kokkos::parallel_reduce(
            Kokkos::TeamThreadRange(team, team.team_size()),
            [&](int thread, int& to) {
              to += consistent(shared.ball[t], begun + thread, end, team.team_size());
            },
            sum);
        Kokkos::single(Kokkos::PerTeam(team), [&]() { shared.count[t] += sum; });
      }
    }
    team.team_barrier();
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, tile),
                         [&](int t) { counts[first + t] = shared.count[t]; });
  }

  /// Of the packs begun, begun + step, ... before `end`.
  KOKKOS_FUNCTION int consistent(const RotationBall<T>& ball, int begun, int end, int step) const {
    Rotation<R> rotation;
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 3; ++b) rotation(a, b) = R(ball.middle(a, b));
    }
    const Angle<R> slack = {R(ball.slack.sine), R(ball.slack.cosine)};
    R sum(T(0));
    for (int p = begun; p < end; p += step) {
      const DirectPair<R> pair = load_pair(p);
      const Vec3<R> v = rotated(rotation, pair.direction);
      sum = sum + select(Rule::template excludes<R>(pair, v, slack), R(T(0)), R(T(1)));
    }
    T by_lane[lanes];
    store_lanes(by_lane, sum);
    int out = 0;
    for (const T n : by_lane) out += static_cast<int>(n);
    return out;
  }

  KOKKOS_FORCEINLINE_FUNCTION DirectPair<R> load_pair(int p) const {
    const auto number = [&](int k) {
      return load<R>(pairs + (static_cast<std::int64_t>(k) * packs + p) * lanes);
    };
    DirectPair<R> out;
    for (int a = 0; a < 3; ++a) {
      out.normal[a] = number(a);
      out.middle[a] = number(3 + a);
      out.direction[a] = number(6 + a);
    }
    out.tilt = {number(9), number(10)};
    out.radius = {number(11), number(12)};
    return out;
  }
};

/// Pairs that are tested, as `CountPairs` reads them.
template <class T>
struct PairTable {
  int packs;
  Kokkos::View<T*, Memory> numbers;

  explicit PairTable(const std::vector<Pair>& pairs) {
    constexpr auto lanes = static_cast<std::size_t>(width_of<NarrowLane<T>>);
    const std::size_t n = (pairs.size() + lanes - 1) / lanes;
    packs = static_cast<int>(n);
    // Padding: directions of length 0 in caps that no box reaches, of slacks up to 2 pi / 3.
    std::vector<T> held(DirectPair<T>::numbers * n * lanes);
    for (std::size_t k = 0; k < n * lanes; ++k) {
      Pair padding;
      padding.radius = {-9, 3};
      const DirectPair<T> pair(k < pairs.size() ? pairs[k] : padding);
      const auto put = [&](int number, T value) {
        held[static_cast<std::size_t>(number) * n * lanes + k] = value;
      };
      for (int a = 0; a < 3; ++a) {
        put(a, pair.normal[a]);
        put(3 + a, pair.middle[a]);
        put(6 + a, pair.direction[a]);
      }
      put(9, pair.tilt.sine);
      put(10, pair.tilt.cosine);
      put(11, pair.radius.sine);
      put(12, pair.radius.cosine);
    }
    numbers = on_device("pose::pairs", held);
  }
};

std::vector<Pair> tested(std::span<const Pair> pairs) {
  std::vector<Pair> out;
  for (const Pair& pair : pairs) {
    if (pair.kind == PairKind::tested) out.push_back(pair);
  }
  return out;
}

}  // namespace

struct PairCounts::Launches {
  int size;
  int always = 0;
  PairTable<float> single;
  PairTable<double> twice;
  KeyBatch batch{};

  explicit Launches(std::span<const Pair> pairs)
      : size(static_cast<int>(pairs.size())), single(tested(pairs)), twice(tested(pairs)) {
    for (const Pair& pair : pairs) always += pair.kind == PairKind::always ? 1 : 0;
  }

  template <class Rule>
  void count(const PairTable<typename Rule::Number>& table, std::span<const BoxKey> boxes,
             std::span<int> counts) {
    if (boxes.size() != counts.size()) throw Error("boxes and their counts differ in number");
    if (boxes.empty()) return;
    batch.send(boxes);
    const int n = static_cast<int>(boxes.size());
    TeamPolicy policy((n + tile_boxes - 1) / tile_boxes, reduction_team_size);
    policy.set_scratch_size(
        0, Kokkos::PerTeam(static_cast<int>(sizeof(SharedCounts<typename Rule::Number>)) + 64));
    Kokkos::parallel_for("pose::pair_counts", policy,
                         CountPairs<Rule>{table.numbers.data(), table.packs, batch.keys(), n,
                                          always, batch.results()});
    batch.receive(counts);
  }
};

PairCounts::PairCounts(std::span<const Pair> pairs)
    : launches_(std::make_unique<Launches>(pairs)) {}
PairCounts::PairCounts(PairCounts&&) noexcept = default;
PairCounts& PairCounts::operator=(PairCounts&&) noexcept = default;
PairCounts::~PairCounts() = default;

void PairCounts::most(std::span<const BoxKey> boxes, std::span<int> upper) {
  launches_->count<Bound>(launches_->single, boxes, upper);
}
void PairCounts::at_middles(std::span<const BoxKey> boxes, std::span<int> reached) {
  launches_->count<Reached>(launches_->twice, boxes, reached);
}
int PairCounts::size() const { return launches_->size; }

}  // namespace driftwood::pose
