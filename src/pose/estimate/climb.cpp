// SPDX-License-Identifier: BSD-3-Clause
#include "pose/estimate/climb.hpp"

#include <cmath>
#include <vector>

#include "pose/draws.hpp"
#include "pose/estimate/linearised.hpp"
#include "pose/estimate/screen.hpp"
#include "random/normal.hpp"

namespace driftwood::pose {
namespace {

/// Moves with the covariance that least squares would have if residuals were as large as
/// thresholds: S L^-T z, where S A S = L L^T is the scaled normal matrix.
class Moves {
 public:
  Moves(const Pose<double>& pose, std::span<const Correspondence> all) {
    NormalEquations equations;
    for (const Correspondence& c : all) {
      if (is_inlier(pose, c)) {
        equations.add(Linearised(pose, c), weight_of(c));
      }
    }
    for (int i = 0; i < 6; ++i) {
      scale_[i] = equations.scale(i);
      for (int j = 0; j <= i; ++j) {
        double rest = equations.scaled(i, j);
        for (int k = 0; k < j; ++k) rest -= factor_(i, k) * factor_(j, k);
        factor_(i, j) = i == j ? std::sqrt(rest) : rest / factor_(j, j);
      }
    }
  }

  [[nodiscard]] PoseStep of(PoseStep z) const {
    for (int i = 5; i >= 0; --i) {
      for (int j = i + 1; j < 6; ++j) z[i] -= factor_(j, i) * z[j];
      z[i] /= factor_(i, i);
    }
    return generate(z, [&](int i) { return scale_[i] * z[i]; });
  }

 private:
  Lower<double, 6> factor_;
  PoseStep scale_;
};

PoseStep normals(std::uint64_t seed, std::uint64_t id) {
  PoseStep out;
  for (int k = 0; k < 3; ++k) {
    const auto w = drawn_words(seed, Draw::move, id, static_cast<std::uint64_t>(k));
    random::normal_pair<double>(w.word[0], w.word[1], 1.0, out[2 * k], out[2 * k + 1]);
  }
  return out;
}

}  // namespace

Found climbed(std::span<const Correspondence> all, const Found& start, std::uint64_t seed,
              int tries) {
  // What is far from an inlier now does not become one by such moves.
  std::vector<Correspondence> close;
  for (const Correspondence& c : all) {
    if (residual(start.pose, c) <= 4 * c.threshold) close.push_back(c);
  }
  const Moves moves(start.pose, close);
  const Screen screen(close);
  Found best = counted(start.pose, close);
  for (int k = 0; k < tries; ++k) {
    const auto id = static_cast<std::uint64_t>(k);
    // Log-uniform between 1/50 and 1.
    const double size =
        std::pow(50.0, -random::uniform(drawn_words(seed, Draw::move, id, 3).word[0]));
    const PoseStep step = size * moves.of(normals(seed, id));
    if (!std::isfinite(dot(step, step))) break;
    const Pose<double> there = moved(best.pose, step);
    if (screen.inliers(there, 0, close.size()) < best.inliers) continue;
    const Found found = counted(there, close);
    if (better(found, best)) best = found;
  }
  best = counted(best.pose, all);
  return better(best, start) ? best : start;
}

}  // namespace driftwood::pose
