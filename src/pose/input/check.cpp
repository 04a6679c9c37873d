// SPDX-License-Identifier: BSD-3-Clause
#include "pose/input/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "pose/geometry/inside.hpp"

namespace driftwood::pose {
namespace {

constexpr std::size_t least_points = 4;
constexpr double farthest_point = 1e100;

[[noreturn]] void refuse(const PoseProblem& problem, const std::string& what,
                         const std::string& why = "", const std::string& suggestion = "") {
  throw UsageError(problem.name + ": " + what, why, suggestion);
}

bool all_finite(const Vec3<double>& v) {
  return std::isfinite(v[0]) && std::isfinite(v[1]) && std::isfinite(v[2]);
}

/// The place of what is largest by `size(correspondence)`.
template <class Size>
std::size_t farthest(const PoseProblem& problem, const Size& size) {
  const auto& all = problem.correspondences;
  std::size_t out = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (size(all[i]) > size(all[out])) out = i;
  }
  return out;
}

std::size_t different_points(const PoseProblem& problem) {
  std::vector<Vec3<double>> points;
  for (const Correspondence& c : problem.correspondences) points.push_back(c.point);
  const auto less_than = [](const Vec3<double>& a, const Vec3<double>& b) {
    return std::lexicographical_compare(a.data, a.data + 3, b.data, b.data + 3);
  };
  std::sort(points.begin(), points.end(), less_than);
  const auto same = [](const Vec3<double>& a, const Vec3<double>& b) {
    return std::equal(a.data, a.data + 3, b.data);
  };
  return static_cast<std::size_t>(std::unique(points.begin(), points.end(), same) - points.begin());
}

/// Bounds are computed in the unit ball, where points that rounding makes one would be taken for
/// one.
void check_distances(const PoseProblem& problem) {
  struct Placed {
    Vec3<double> inside;
    Vec3<double> point;
  };
  const UnitBall ball = ball_of(problem.correspondences);
  std::vector<Placed> placed;
  for (const Correspondence& c : problem.correspondences) {
    placed.push_back({ball.into(c.point), c.point});
  }
  std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
    return std::lexicographical_compare(a.inside.data, a.inside.data + 3, b.inside.data,
                                        b.inside.data + 3);
  });
  for (std::size_t i = 1; i < placed.size(); ++i) {
    const Placed& a = placed[i - 1];
    const Placed& b = placed[i];
    if (std::equal(a.inside.data, a.inside.data + 3, b.inside.data) &&
        !std::equal(a.point.data, a.point.data + 3, b.point.data)) {
      refuse(problem,
             fmt::format("two points at ({:.17g}, {:.17g}, {:.17g}) differ by rounding alone",
                         a.point[0], a.point[1], a.point[2]),
             "the extent of all points is too large for that",
             "give both the same coordinates, or leave one out");
    }
  }
}

void check_numbers(const PoseProblem& problem) {
  const auto& all = problem.correspondences;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Correspondence& c = all[i];
    if (!all_finite(c.point)) refuse(problem, fmt::format("point {} is not finite", i));
    if (norm(c.point) > farthest_point) {
      refuse(problem, fmt::format("point {} is {:g} away", i, norm(c.point)), "",
             "give coordinates in other units");
    }
    if (!all_finite(c.bearing) || !(std::abs(norm(c.bearing) - 1) < 1e-9)) {
      refuse(problem, fmt::format("sight line {} is no unit vector", i));
    }
    if (!(c.threshold > 0)) {
      refuse(problem, fmt::format("threshold {} is {:g} radians", i, c.threshold),
             "even exact data are off by rounding", "give a positive threshold");
    }
    if (!(c.threshold < pi / 2)) {
      refuse(problem, fmt::format("threshold {} is {:g} radians", i, c.threshold),
             "inliers would be anywhere before the camera",
             "give an angle in radians, much smaller than 1");
    }
  }
}

/// Whether all bearings are within their thresholds of the direction of `middle`.
bool explains_all(const PoseProblem& problem, const Vec3<double>& middle) {
  if (!(norm(middle) > 1e-6)) return false;
  const Vec3<double> axis = normalised(middle);
  return std::all_of(
      problem.correspondences.begin(), problem.correspondences.end(),
      [&](const Correspondence& c) { return angle_between(axis, c.bearing) <= c.threshold; });
}

/// From so far away that all points are in one direction.
void check_far_camera(const PoseProblem& problem) {
  Vec3<double> sum = {0, 0, 0};
  for (const Correspondence& c : problem.correspondences) sum = sum + c.bearing;
  // The middle of two sight lines that are far apart is near that of the smallest cap.
  const auto& all = problem.correspondences;
  const auto opposite = [&](const Vec3<double>& from) {
    return all[farthest(problem, [&](const Correspondence& c) { return -dot(from, c.bearing); })]
        .bearing;
  };
  const Vec3<double> one = opposite(all[0].bearing);
  const Vec3<double> other = opposite(one);
  if (explains_all(problem, sum) || explains_all(problem, one + other)) {
    refuse(
        problem,
        fmt::format("all {} correspondences are inliers of a camera that is far away", all.size()),
        "all sight lines are within the threshold of one direction", "give a smaller threshold");
  }
}

}  // namespace

Flat flat_of(const PoseProblem& problem) {
  constexpr double digits = 1e-9;
  const auto& all = problem.correspondences;
  if (all.empty()) return Flat::point;
  const Vec3<double> origin = all[0].point;
  const auto offset = [&](const Correspondence& c) { return c.point - origin; };
  const auto length = [&](const Correspondence& c) { return norm(offset(c)); };
  const auto& end = all[farthest(problem, length)];
  const double extent = length(end);
  // Coordinates far from 0 have fewer digits of what is between points.
  const double least = std::max(digits * extent, 1e-15 * norm(origin));
  if (!(extent > least)) return Flat::point;
  const Vec3<double> along = normalised(offset(end));
  const auto beside = [&](const Correspondence& c) { return norm(cross(along, offset(c))); };
  const auto& side = all[farthest(problem, beside)];
  if (!(beside(side) > least)) return Flat::line;
  const Vec3<double> normal = normalised(cross(along, offset(side)));
  const auto above = [&](const Correspondence& c) { return std::abs(dot(normal, offset(c))); };
  return above(all[farthest(problem, above)]) > least ? Flat::space : Flat::plane;
}

double chance_of_pairs(const PoseProblem& problem) {
  constexpr std::size_t most = 4096;
  const auto& all = problem.correspondences;
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t shift = 1; shift < all.size() && count < most; ++shift) {
    for (std::size_t i = 0; i + shift < all.size() && count < most; ++i, ++count) {
      const Correspondence& a = all[i];
      const Correspondence& b = all[i + shift];
      const double theta = angle_between(a.bearing, b.bearing);
      const double eps = std::max(a.threshold, b.threshold);
      if (theta <= 2 * eps) {
        sum += 1;
      } else if (norm(a.point - b.point) > 0) {
        const double delta = std::asin(std::min(1.0, std::sin(eps) / std::sin(theta / 2)));
        sum += delta / pi * std::cos(theta / 2 - eps);
      }
    }
  }
  return count == 0 ? 1 : sum / static_cast<double>(count);
}

void check_problem(const PoseProblem& problem) {
  const std::size_t matches = problem.correspondences.size();
  if (matches < least_points) {
    refuse(problem, fmt::format("there are {} correspondences", matches),
           "three leave up to four poses, so that four are needed");
  }
  check_numbers(problem);
  const Flat flat = flat_of(problem);
  if (flat == Flat::point) {
    refuse(problem, "all points coincide", "a camera may turn around them");
  }
  if (flat == Flat::line) {
    refuse(problem, "all points lie on a line", "a camera may turn around it");
  }
  check_distances(problem);
  const std::size_t points = different_points(problem);
  if (points < least_points) {
    refuse(problem, fmt::format("{} matches are of {} points", matches, points),
           "three leave up to four poses, so that four are needed");
  }
  check_far_camera(problem);
}

std::vector<std::string> remarks(const PoseProblem& problem) {
  std::vector<std::string> out;
  const auto say = [&](const std::string& text) { out.push_back(problem.name + ": " + text); };
  if (problem.left_out > 0) {
    say(
        fmt::format("{} observations are left out, whose sight lines the distortion of the lens "
                    "leaves undetermined",
                    problem.left_out));
  }
  if (flat_of(problem) == Flat::plane) {
    say("all points lie on a plane, so that a second pose may explain nearly as much as the best");
  }
  if (const double chance = chance_of_pairs(problem); chance > 0.25) {
    say(
        fmt::format("{:.0f} % of pairs of wrong matches agree by chance with a rotation; bounds "
                    "are loose, and a smaller threshold makes the search faster",
                    100 * chance));
  }
  if (problem.truth && !problem.is_right.empty()) {
    std::int64_t right = 0;
    std::int64_t explained = 0;
    for (std::size_t i = 0; i < problem.is_right.size(); ++i) {
      if (problem.is_right[i] == 0) continue;
      ++right;
      explained += is_inlier(*problem.truth, problem.correspondences[i]) ? 1 : 0;
    }
    if (2 * explained < right) {
      say(
          fmt::format("the pose that came with it explains {} of {} right matches; the threshold "
                      "may be too small",
                      explained, right));
    }
  }
  return out;
}

std::vector<std::string> facts(const PoseProblem& problem) {
  std::vector<std::string> out;
  const auto& all = problem.correspondences;
  const auto say = [&](const std::string& text) { out.push_back(problem.name + ": " + text); };
  if (const std::size_t points = different_points(problem); points < all.size()) {
    say(
        fmt::format("{} matches are of {} points; of those of one point that are more than twice "
                    "the threshold apart one at most is an inlier",
                    all.size(), points));
  }
  if (problem.truth) {
    const auto behind = std::count_if(all.begin(), all.end(), [&](const Correspondence& c) {
      return rotated(problem.truth->rotation, c.point - problem.truth->centre)[2] <= 0;
    });
    say(fmt::format("the pose that came with it explains {} of {} correspondences",
                    inliers(*problem.truth, all), all.size()) +
        (behind > 0 ? fmt::format("; {} points are behind its camera", behind) : ""));
  }
  return out;
}

}  // namespace driftwood::pose
