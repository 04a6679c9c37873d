// SPDX-License-Identifier: BSD-3-Clause
#include "pose/launch/centre_counts.hpp"

#include <algorithm>

namespace driftwood::pose {
namespace {

using R = Lane<float>;
constexpr int lanes = width_of<R>;
using Policy = Kokkos::TeamPolicy<Exec>;
using Team = Policy::member_type;

/// Rows: the point, the direction, the half angle, and whether there is one at all.
enum Row : int { point = 0, towards = 3, reach_sine = 6, reach_cosine = 7, weight = 8, rows = 9 };

struct CountPossible {
  Kokkos::View<const float**, Kokkos::LayoutRight, Memory> data;
  Kokkos::View<const CentreCell<float>*, Memory> cells;
  Kokkos::View<int*, Memory> counts;
  int packs;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R at(int row, int pack) const {
    return load<R>(&data(row, pack * lanes));
  }

  KOKKOS_FUNCTION void operator()(const Team& team) const {
    const int k = team.league_rank();
    const CentreCell<float> cell = cells(k);
    int count = 0;
    Kokkos::parallel_reduce(
        Kokkos::TeamThreadRange(team, team.team_size()),
        [&](int thread, int& sum) {
          R found(0.0F);
          for (int p = thread; p < packs; p += team.team_size()) {
            const Sight<R> sight = {{at(point, p), at(point + 1, p), at(point + 2, p)},
                                    {at(towards, p), at(towards + 1, p), at(towards + 2, p)},
                                    {at(reach_sine, p), at(reach_cosine, p)}};
            const auto impossible = less(sight_margin(sight, cell), R(0.0F));
            found = found + select(impossible, R(0.0F), at(weight, p));
          }
          float each[lanes];
          store_lanes(each, found);
          for (const float f : each) sum += static_cast<int>(f);
        },
        count);
    Kokkos::single(Kokkos::PerTeam(team), [&]() { counts(k) = count; });
  }
};

}  // namespace

CentreCounts::CentreCounts(std::span<const Correspondence> all, std::span<const int> members)
    : size_(static_cast<int>(members.size())) {
  const int packs = (size_ + lanes - 1) / lanes;
  rows_ = Rows("sights", rows, static_cast<std::size_t>(std::max(packs, 1) * lanes));
  host_rows_ = Kokkos::create_mirror_view(rows_);
  Kokkos::deep_copy(host_rows_, 0.0F);
  for (int i = 0; i < size_; ++i) {
    const Correspondence& c = all[static_cast<std::size_t>(members[static_cast<std::size_t>(i)])];
    members_.push_back({c.bearing, angle_of(c.threshold), {c.point, {}, {}}});
    for (int a = 0; a < 3; ++a) host_rows_(point + a, i) = static_cast<float>(c.point[a]);
    host_rows_(weight, i) = 1;
  }
}

void CentreCounts::turn(const Rotation<double>& rotation, const Angle<double>& slack) {
  for (int i = 0; i < size_; ++i) {
    Member& member = members_[static_cast<std::size_t>(i)];
    member.sight.towards = rotated_back(rotation, member.bearing);
    member.sight.reach = sum_up_to_pi(member.threshold, slack);
    const Angle<float> reach = rounded_up<float>(member.sight.reach);
    for (int a = 0; a < 3; ++a) {
      host_rows_(towards + a, i) = static_cast<float>(member.sight.towards[a]);
    }
    host_rows_(reach_sine, i) = reach.sine;
    host_rows_(reach_cosine, i) = reach.cosine;
  }
  Kokkos::deep_copy(rows_, host_rows_);
}

int CentreCounts::exactly(const Centre<double>& centre) const {
  int count = 0;
  for (const Member& m : members_) {
    const Vec3<double> y = centre.w * m.sight.point - centre.c;
    const double along = dot(m.sight.towards, y);
    const double across = norm(cross(m.sight.towards, y));
    // Reach is below pi/2.
    count += along > 0 && m.sight.reach.sine * along >= m.sight.reach.cosine * across ? 1 : 0;
  }
  return count;
}

void CentreCounts::operator()(std::span<const CentreCell<double>> cells, std::span<int> counts) {
  const std::size_t n = cells.size();
  if (n > cells_.extent(0)) {
    cells_ = Cells("cells", n);
    counts_ = Kokkos::View<int*, Memory>("counts", n);
  }
  const auto host = Kokkos::create_mirror_view(cells_);
  for (std::size_t k = 0; k < n; ++k) host(k) = widened<float>(cells[k]);
  Kokkos::deep_copy(cells_, host);
  const int packs = (size_ + lanes - 1) / lanes;
  Kokkos::parallel_for("pose::centre_counts", Policy(static_cast<int>(n), Kokkos::AUTO),
                       CountPossible{rows_, cells_, counts_, packs});
  const auto found = Kokkos::create_mirror_view(counts_);
  Kokkos::deep_copy(found, counts_);
  std::copy_n(found.data(), n, counts.begin());
}

}  // namespace driftwood::pose
