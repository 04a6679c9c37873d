// SPDX-License-Identifier: BSD-3-Clause
#include "pose/estimate/alternatives.hpp"

#include <algorithm>
#include <cmath>

#include "pose/estimate/improve.hpp"
#include "pose/estimate/metrics.hpp"
#include "pose/estimate/p3p.hpp"
#include "pose/estimate/sampling.hpp"
#include "pose/estimate/seed.hpp"

namespace driftwood::pose {
namespace {

constexpr int triples = 300;
constexpr std::size_t most_tried = 8;
constexpr std::size_t most_to_rank_by = 512;
constexpr int most_seeds = 4;
constexpr int samples = 1000;

std::vector<Correspondence> split(std::span<const Correspondence> all, const Pose<double>& pose,
                                  bool explained) {
  std::vector<Correspondence> out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out),
               [&](const Correspondence& c) { return is_inlier(pose, c) == explained; });
  return out;
}

/// Those found, and what may be one more of them.
class Kept {
 public:
  Kept(std::span<const Correspondence> all, const Found& best, double share, double apart)
      : all_(all), best_(best), least_(share * best.inliers), apart_(apart) {}

  /// Turned, or explaining other correspondences for the most part.
  [[nodiscard]] bool is_other(const Pose<double>& pose, const Pose<double>& than) const {
    if (angle_between(pose.rotation, than.rotation) > apart_) return true;
    std::ptrdiff_t mine = 0;
    std::ptrdiff_t both = 0;
    for (const Correspondence& c : all_) {
      if (!is_inlier(pose, c)) continue;
      ++mine;
      both += is_inlier(than, c) ? 1 : 0;
    }
    return 2 * both < mine;
  }
  [[nodiscard]] bool is_new(const Pose<double>& pose) const {
    return is_other(pose, best_.pose) &&
           std::all_of(found_.begin(), found_.end(),
                       [&](const Found& f) { return is_other(pose, f.pose); });
  }

  /// Returns whether it explains enough. Of those that are not apart the better one stays.
  bool take(const Found& found) {
    if (found.inliers < least_ || !is_other(found.pose, best_.pose)) return false;
    const auto rival = [&](const Found& f) { return !is_other(found.pose, f.pose); };
    if (std::any_of(found_.begin(), found_.end(),
                    [&](const Found& f) { return rival(f) && !better(found, f); })) {
      return true;
    }
    found_.erase(std::remove_if(found_.begin(), found_.end(), rival), found_.end());
    found_.push_back(found);
    return true;
  }

  [[nodiscard]] std::vector<Found> sorted() && {
    std::sort(found_.begin(), found_.end(), better);
    return std::move(found_);
  }

 private:
  std::span<const Correspondence> all_;
  Found best_;
  double least_;
  double apart_;
  std::vector<Found> found_;
};

/// Poses from which triples of what the best one explains are seen as they are from it. Those tried
/// are the ones that explain most.
void mirrored(std::span<const Correspondence> all, const Found& best, std::uint64_t seed,
              Kept& kept) {
  const std::vector<Correspondence> members = split(all, best.pose, true);
  const std::size_t n = members.size();
  if (n < 3) return;
  const std::size_t stride = 1 + (n - 1) / most_to_rank_by;
  std::vector<Correspondence> some;
  for (std::size_t i = 0; i < n; i += stride) some.push_back(members[i]);

  std::vector<Found> ranked;
  for (int sample = 0; sample < triples; ++sample) {
    const auto [i, j, k] = drawn_triple(seed, Draw::inlier_triple, sample, n);
    for (const Pose<double>& pose : p3p(members[i], members[j], members[k])) {
      if (kept.is_other(pose, best.pose)) ranked.push_back(counted(pose, some));
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(), better);
  std::size_t tried = 0;
  for (const Found& candidate : ranked) {
    if (tried == most_tried) break;
    if (!kept.is_new(candidate.pose)) continue;
    kept.take(improved(all, candidate.pose));
    ++tried;
  }
}

/// What the rest agrees on.
void structured(std::span<const Correspondence> all, const Found& best, std::uint64_t seed,
                Kept& kept) {
  std::vector<Correspondence> rest = split(all, best.pose, false);
  for (int round = 0; round < most_seeds; ++round) {
    const auto found = seed_pose(rest, seed, samples);
    if (!found || !kept.take(improved(all, found->pose))) return;
    rest = split(rest, found->pose, false);
  }
}

}  // namespace

std::vector<Found> alternatives(std::span<const Correspondence> all, const Found& best,
                                double share, double apart, std::uint64_t seed) {
  Kept kept(all, best, share, apart);
  mirrored(all, best, seed, kept);
  structured(all, best, seed, kept);
  return std::move(kept).sorted();
}

}  // namespace driftwood::pose
