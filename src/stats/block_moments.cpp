// SPDX-License-Identifier: BSD-3-Clause
#include "stats/block_moments.hpp"

#include "base/lane.hpp"

namespace driftwood::stats {
namespace {

using Policy = Kokkos::TeamPolicy<Exec>;
using Team = Policy::member_type;
using R = Lane<double>;
constexpr int lanes = width_of<R>;
static_assert(block_paths % lanes == 0);

/// Sum over the lanes of a pack, halves first, then over the team.
KOKKOS_INLINE_FUNCTION double total(const Team& team, const R& partial) {
  double value[lanes];
  store_lanes(value, partial);
  for (int half = lanes / 2; half > 0; half /= 2) {
    for (int l = 0; l < half; ++l) value[l] += value[l + half];
  }
  team.team_reduce(Kokkos::Sum<double>(value[0]));
  return value[0];
}

/// A row of one block.
struct Row {
  const double* data;
  KOKKOS_INLINE_FUNCTION R operator()(int pack) const { return load<R>(data + pack * lanes); }
};

/// Count, mean and central sums of one channel of one block.
struct ChannelMoments {
  MomentLayout layout;
  std::int64_t offset;  ///< of this time in a record
  Channels channels;
  BlockRecords records;

  KOKKOS_INLINE_FUNCTION Row row(std::int64_t block, std::int64_t channel) const {
    return {&channels(channel, block * block_paths)};
  }

  KOKKOS_FUNCTION void operator()(const Team& team) const {
    const std::int64_t block = team.league_rank() / layout.channels();
    const std::int64_t channel = team.league_rank() % layout.channels();
    const Row x = row(block, channel);
    const Row weight = row(block, layout.channels());
    constexpr int packs = static_cast<int>(block_paths / lanes);

    R count(0);
    R sum(0);
    for (int p = team.team_rank(); p < packs; p += team.team_size()) {
      const R w = weight(p);
      count = count + w;
      sum = sum + select(equal(w, R(1)), x(p), R(0));
    }
    const double n = total(team, count);
    const double mean = n > 0 ? total(team, sum) / n : total(team, R(0));

    R m2(0);
    R m3(0);
    R m4(0);
    for (int p = team.team_rank(); p < packs; p += team.team_size()) {
      const R d = select(equal(weight(p), R(1)), x(p) - R(mean), R(0));
      const R square = d * d;
      m2 = m2 + square;
      m3 = fma(square, d, m3);
      m4 = fma(square, square, m4);
    }
    const double central[3] = {total(team, m2), total(team, m3), total(team, m4)};
    Kokkos::single(Kokkos::PerTeam(team), [&] {
      double* record = &records(block, offset);
      record[MomentLayout::count()] = n;  // the same from every channel
      record[MomentLayout::mean(channel)] = mean;
      for (int p = 2; p <= 4; ++p) record[layout.central(p, channel)] = central[p - 2];
    });
  }
};

/// The co-moment of one pair of components of one block; after the means are known.
struct PairMoments {
  ChannelMoments moments;

  KOKKOS_FUNCTION void operator()(const Team& team) const {
    const MomentLayout& layout = moments.layout;
    const std::int64_t block = team.league_rank() / layout.pairs();
    std::int64_t pair = team.league_rank() % layout.pairs();
    std::int64_t i = 0;
    for (; pair >= layout.components - 1 - i; ++i) pair -= layout.components - 1 - i;
    const std::int64_t j = i + 1 + pair;

    double* record = &moments.records(block, moments.offset);
    const Row x = moments.row(block, i);
    const Row y = moments.row(block, j);
    const Row weight = moments.row(block, layout.channels());
    const R mean_x(record[MomentLayout::mean(i)]);
    const R mean_y(record[MomentLayout::mean(j)]);
    R sum(0);
    for (int p = team.team_rank(); p < static_cast<int>(block_paths / lanes);
         p += team.team_size()) {
      const auto counts = equal(weight(p), R(1));
      sum = fma(select(counts, x(p) - mean_x, R(0)), select(counts, y(p) - mean_y, R(0)), sum);
    }
    const double comoment = total(team, sum);
    Kokkos::single(Kokkos::PerTeam(team), [&] { record[layout.comoment(i, j)] = comoment; });
  }
};

Policy teams(std::int64_t count) { return Policy(static_cast<int>(count), reduction_team_size); }

}  // namespace

void block_moments(const MomentLayout& layout, std::int64_t time, const Channels& channels,
                   std::int64_t blocks, const BlockRecords& records) {
  const ChannelMoments moments{layout, time * layout.stride(), channels, records};
  Kokkos::parallel_for("stats::channel_moments", teams(blocks * layout.channels()), moments);
  if (layout.pairs() == 0) return;
  Kokkos::parallel_for("stats::pair_moments", teams(blocks * layout.pairs()), PairMoments{moments});
}

}  // namespace driftwood::stats
