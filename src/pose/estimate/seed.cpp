// SPDX-License-Identifier: BSD-3-Clause
#include "pose/estimate/seed.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pose/estimate/improve.hpp"
#include "pose/estimate/p3p.hpp"
#include "pose/estimate/sampling.hpp"
#include "pose/estimate/screen.hpp"

namespace driftwood::pose {
namespace {

constexpr std::size_t most_to_choose_by = 4096;

/// Some of all, in a random order.
std::vector<Correspondence> drawn(std::span<const Correspondence> all, std::uint64_t seed) {
  const std::vector<std::size_t> order = drawn_order(seed, Draw::sample_order, all.size(), 0);
  const std::size_t taken = std::min(all.size(), most_to_choose_by);
  std::vector<Correspondence> out;
  out.reserve(taken);
  for (std::size_t i = 0; i < taken; ++i) out.push_back(all[order[i]]);
  return out;
}

/// Samples after which a consensus as large has been missed with probability 1e-6, where triples
/// of it are as good as any: twice as many as those of which one is such a triple.
double enough_samples(int inliers, std::size_t n) {
  const double share = static_cast<double>(inliers) / static_cast<double>(n);
  const double miss = std::log1p(-std::min(share * share * share, 1 - 1e-12));
  return std::max(32.0, 2 * std::log(1e-6) / miss);
}

}  // namespace

std::optional<Found> seed_pose(std::span<const Correspondence> all, std::uint64_t seed,
                               int samples) {
  if (all.size() < 3) return std::nullopt;
  const std::vector<Correspondence> chosen = drawn(all, seed);
  const std::size_t n = chosen.size();
  const Screen screen(chosen);
  const std::size_t glance = std::min(n, std::max<std::size_t>(128, n / 8));
  const double glanced = static_cast<double>(glance) / static_cast<double>(n);

  std::optional<Found> best;
  int most = 0;  // of a pose of a triple itself
  double enough = samples;
  for (int sample = 0; sample < samples && sample < enough; ++sample) {
    const auto [i, j, k] = drawn_triple(seed, Draw::triple, sample, n);
    for (const Pose<double>& pose : p3p(chosen[i], chosen[j], chosen[k])) {
      int count = screen.inliers(pose, 0, glance);
      const double expected = most * glanced;
      if (count < expected - 3 * std::sqrt(expected)) continue;
      count += screen.inliers(pose, glance, n);
      if (count <= most) continue;
      most = count;
      const Found found = fitted(chosen, pose);
      if (!best || better(found, *best)) {
        best = found;
        enough = enough_samples(found.inliers, n);
      }
    }
  }
  if (!best) return best;
  return improved(all, best->pose);
}

}  // namespace driftwood::pose
