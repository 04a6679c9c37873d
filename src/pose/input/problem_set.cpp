// SPDX-License-Identifier: BSD-3-Clause
#include "pose/input/problem_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "base/error.hpp"
#include "pose/draws.hpp"
#include "pose/input/camera.hpp"
#include "pose/input/check.hpp"
#include "pose/input/options.hpp"
#include "pose/input/problem_parts.hpp"

namespace driftwood::pose {
namespace {

/// Thresholds lean outwards, so that rounding puts no match of the edge outside.
constexpr double outwards = 1 + 1e-12;

const ThresholdOptions& needed(const std::optional<ThresholdOptions>& threshold) {
  if (threshold && (threshold->pixels || threshold->radians)) return *threshold;
  throw UsageError("there is no threshold", "nothing says how far off an inlier may be",
                   "give threshold = { pixels = 4.0 } or { radians = 0.01 }");
}

/// Where a sight line meets an image of focal length 1.
Vec<double, 2> met_by(const Vec3<double>& bearing) {
  return {bearing[0] / bearing[2], bearing[1] / bearing[2]};
}

PoseProblem problem_of(const Reconstruction& from, const View& view,
                       const ThresholdOptions& threshold) {
  PoseProblem out{.name = fmt::format("{} {}", from.view_name, view.number)};
  out.focal = view.camera.least_focal();
  out.size = view.size;
  if (view.size) out.axis = view.camera.centre;
  out.truth = view.pose;
  out.is_estimate = true;
  for (const Observation& o : view.observations) {
    const auto seen = view.camera.without_distortion(o.pixel);
    if (!seen) {
      ++out.left_out;
      continue;
    }
    const double angle = threshold.pixels
                             ? outwards * widest_angle(*seen, *threshold.pixels / out.focal)
                             : *threshold.radians;
    out.correspondences.push_back({from.points[o.point], sight_line(*seen), angle});
    out.point.push_back(from.names[o.point]);
    out.pixel.push_back({o.pixel[0] - view.camera.centre[0], o.pixel[1] - view.camera.centre[1]});
  }
  out.is_right.assign(out.correspondences.size(), 1);
  return out;
}

}  // namespace

void set_thresholds(PoseProblem& problem, const ThresholdOptions& threshold) {
  for (Correspondence& c : problem.correspondences) {
    if (threshold.radians) {
      c.threshold = *threshold.radians;
      continue;
    }
    if (!(problem.focal > 0)) {
      throw UsageError(problem.name + ": a threshold in pixels needs a focal length",
                       "the file has none",
                       "give it, by 'focal' or by K of an HDF5 file, or threshold = { radians = "
                       "0.01 }");
    }
    // What is seen sideways or behind has no pixel; the middle of an image has the widest angle.
    const double distance = *threshold.pixels / problem.focal;
    c.threshold = outwards * (c.bearing[2] > 0 ? widest_angle(met_by(c.bearing), distance)
                                               : 2 * std::atan(distance / 2));
  }
}

void exchange(PoseProblem& problem, double fraction, std::uint64_t seed, std::uint64_t number) {
  const std::size_t n = problem.correspondences.size();
  auto count = static_cast<std::size_t>(std::llround(fraction * static_cast<double>(n)));
  if (count == 1) count = 2;  // one alone has nothing to be exchanged for
  if (count == 0 || count > n) return;
  // Each gets what the next has in a random order, so that none keeps its own.
  const std::vector<std::size_t> order = drawn_order(seed, Draw::exchange, n, number);
  const PoseProblem before = problem;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t to = order[k];
    const std::size_t from = order[(k + 1) % count];
    problem.correspondences[to].bearing = before.correspondences[from].bearing;
    problem.correspondences[to].threshold = before.correspondences[from].threshold;
    if (!problem.pixel.empty()) problem.pixel[to] = before.pixel[from];
    if (!problem.is_right.empty()) problem.is_right[to] = 0;
  }
}

std::vector<PoseProblem> problems_of(const Reconstruction& from, const std::string& file,
                                     const std::vector<std::optional<std::int64_t>>& cameras,
                                     const std::optional<ThresholdOptions>& threshold,
                                     double outliers, std::uint64_t seed) {
  std::vector<const View*> chosen;
  for (std::size_t i = 0; i < cameras.size(); ++i) {
    if (!cameras[i]) {
      for (const View& view : from.views) chosen.push_back(&view);
      continue;
    }
    const auto view = std::find_if(from.views.begin(), from.views.end(),
                                   [&](const View& v) { return v.number == *cameras[i]; });
    if (view == from.views.end()) {
      throw NoSuchCamera(i, fmt::format("'{}' has no {} {}", file, from.view_name, *cameras[i]),
                         fmt::format("it has {}, numbered from {} to {}", from.views.size(),
                                     from.views.front().number, from.views.back().number));
    }
    chosen.push_back(&*view);
  }
  std::vector<PoseProblem> out;
  for (const View* view : chosen) {
    out.push_back(problem_of(from, *view, needed(threshold)));
    exchange(out.back(), outliers, seed, static_cast<std::uint64_t>(view->number));
  }
  return out;
}

PoseProblem problem_of(MatchList from, const std::string& file,
                       const std::optional<ThresholdOptions>& threshold) {
  PoseProblem out{.name = std::filesystem::path(file).stem().string()};
  const std::size_t n = from.points.size();
  for (std::size_t i = 0; i < n; ++i) {
    const double angle = from.thresholds.empty() ? 0 : from.thresholds[i];
    out.correspondences.push_back({from.points[i], from.bearings[i], angle});
    out.point.push_back(from.names.empty() ? static_cast<std::int64_t>(i) : from.names[i]);
  }
  out.pixel = std::move(from.pixels);
  out.focal = from.focal;
  out.size = from.size;
  out.axis = from.axis;
  out.truth = from.truth;
  out.is_right = std::move(from.is_right);
  if (threshold || from.thresholds.empty()) set_thresholds(out, needed(threshold));
  return out;
}

PoseProblem problem_of(const SyntheticProblem& from, const SyntheticOptions& options,
                       std::uint64_t number) {
  PoseProblem out{.name = fmt::format("problem {}", number)};
  out.correspondences = from.correspondences;
  for (std::size_t i = 0; i < from.correspondences.size(); ++i) {
    out.point.push_back(static_cast<std::int64_t>(i) / options.candidates);
    out.pixel.push_back({from.pixel[i][0], from.pixel[i][1]});
    out.is_right.push_back(from.is_right[i] ? 1 : 0);
  }
  out.focal = options.focal;
  out.size = {options.width, options.height};
  out.axis = {options.width / 2, options.height / 2};
  out.truth = from.truth;
  out.second = from.second;
  return out;
}

std::vector<PoseProblem> read_problems(const CorrespondenceOptions& options,
                                       const std::string& folder_of_deck) {
  auto out = options.source->read({folder_of_deck, options.threshold, options.seed});
  for (const PoseProblem& problem : out) check_problem(problem);
  return out;
}

}  // namespace driftwood::pose
