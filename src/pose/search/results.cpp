// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "io/pose_layout.hpp"
#include "pose/estimate/metrics.hpp"
#include "pose/verify/certificate.hpp"

namespace driftwood::pose {
namespace {

namespace layout = io::layout;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// Cameras whose centres a terminal shows, at most.
constexpr std::int64_t most_shown = 10;
/// Inliers that any pose may have by chance: three points always agree on one.
constexpr int few = 6;

/// Of the refined pose, where there is a reference.
PoseError error(const PoseProblem& problem, const Finding& found) {
  return error_of(found.refined, *found.reference,
                  median_distance(*found.reference, problem.correspondences));
}

class Writer {
 public:
  Writer(io::ResultFile& file, const std::vector<PoseProblem>& problems,
         const std::vector<Finding>& found)
      : file_(file), problems_(problems), found_(found) {}

  template <class T>
  void coordinate(std::string_view name, const std::string& what, const std::vector<T>& values) {
    file_.coordinate(name, {{}, "1", what, std::span<const T>(values)});
  }
  template <class T>
  void put(std::string_view name, std::vector<std::string_view> dimensions,
           const std::string& units, const std::string& what, const std::vector<T>& values) {
    file_.write(name,
                {{dimensions.begin(), dimensions.end()}, units, what, std::span<const T>(values)});
  }
  /// One value of each problem.
  template <class T, class Get>
  void each(std::string_view name, const std::string& units, const std::string& what,
            const Get& get) {
    std::vector<T> values;
    for (std::size_t p = 0; p < problems_.size(); ++p) {
      values.push_back(static_cast<T>(get(problems_[p], found_[p])));
    }
    put(name, {layout::pose::problem}, units, what, values);
  }
  /// A pose of each problem; not a number where there is none.
  template <class Get>
  void poses(std::string_view rotation, std::string_view centre, const std::string& what,
             const Get& get) {
    std::vector<double> r;
    std::vector<double> c;
    for (std::size_t p = 0; p < problems_.size(); ++p) {
      const std::optional<Pose<double>> pose = get(problems_[p], found_[p]);
      for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 3; ++j) r.push_back(pose ? pose->rotation(i, j) : unknown);
        c.push_back(pose ? pose->centre[i] : unknown);
      }
    }
    put(rotation, {layout::pose::problem, layout::pose::x, layout::pose::y}, "1",
        "R of " + what + ": a point X is seen in the direction R (X - C)", r);
    put(centre, {layout::pose::problem, layout::pose::x}, "unit of the points",
        "camera centre C of " + what, c);
  }

 private:
  io::ResultFile& file_;
  const std::vector<PoseProblem>& problems_;
  const std::vector<Finding>& found_;
};

void write_poses(Writer& out, const std::vector<PoseProblem>& problems,
                 const std::vector<Finding>& found, std::size_t most) {
  namespace names = layout::pose;
  using Problem = const PoseProblem&;
  using F = const Finding&;
  out.poses(names::rotation, names::centre, "the pose with the most inliers",
            [](Problem, F f) { return std::optional(f.best.pose); });
  out.each<std::int64_t>(names::consensus, "1", "correspondences within their thresholds of it",
                         [](Problem, F f) { return f.best.inliers; });
  out.each<std::int64_t>(names::upper_bound, "1", "inliers that no pose exceeds",
                         [](Problem, F f) { return f.upper_bound; });
  out.each<std::int64_t>(names::allowed_gap, "1", "inliers that were not worth searching for",
                         [](Problem, F f) { return f.gap; });
  out.each<std::int64_t>(names::count, "1", "correspondences of the problem",
                         [](Problem p, F) { return std::ssize(p.correspondences); });
  std::vector<std::string> statuses;
  std::vector<std::int64_t> inliers;
  for (std::size_t p = 0; p < problems.size(); ++p) {
    statuses.emplace_back(name_of(found[p].status));
    for (std::size_t i = 0; i < most; ++i) {
      inliers.push_back(i < found[p].is_inlier.size() ? found[p].is_inlier[i] : 0);
    }
  }
  out.put(names::status, {names::problem}, "1",
          "optimal: no pose has more inliers; gap: none has more than the upper bound; surrogate: "
          "nothing is proven; time_limit: its time or number of nodes ended the search",
          statuses);
  out.put(names::inliers, {names::problem, names::member}, "1",
          "1: an inlier, 0: none, or no correspondence", inliers);

  out.poses(names::refined_rotation, names::refined_centre, "least squares over inliers",
            [](Problem, F f) { return std::optional(f.refined); });
  out.each<std::int64_t>(names::refined_consensus, "1", "inliers of the refined pose",
                         [](Problem, F f) { return f.refined_inliers; });
  out.each<double>(names::refined_rms, "rad", "root mean square of the residuals of inliers",
                   [](Problem, F f) { return f.refined_rms; });
  std::vector<double> covariance;
  for (const Finding& f : found) {
    covariance.insert(covariance.end(), f.covariance.begin(), f.covariance.end());
  }
  out.put(names::refined_covariance, {names::problem, names::parameter, names::other_parameter},
          "rad, unit of the points",
          "covariance of (omega, c), the true pose being exp([omega]) R, C + c; infinite where the "
          "inliers do not determine the pose",
          covariance);
  out.poses(names::second_rotation, names::second_centre,
            "another pose that explains nearly as many",
            [](Problem, F f) { return f.second ? std::optional(f.second->pose) : std::nullopt; });
  out.each<std::int64_t>(names::second_consensus, "1", "inliers of that pose; 0: none was found",
                         [](Problem, F f) { return f.second ? f.second->inliers : 0; });
}

void write_truth(Writer& out) {
  namespace names = layout::truth;
  using Problem = const PoseProblem&;
  using F = const Finding&;
  out.poses(names::rotation, names::centre,
            "the truth; of a reconstruction that of the file, refined over the right matches",
            [](Problem, F f) { return f.reference; });
  out.each<double>(names::rotation_error, "degree", "angle between the refined pose and the truth",
                   [](Problem p, F f) { return f.reference ? error(p, f).degrees : unknown; });
  out.each<double>(names::centre_error, "1",
                   "distance of the refined centre from the true one by the median distance",
                   [](Problem p, F f) { return f.reference ? error(p, f).relative : unknown; });
}

void write_effort(Writer& out) {
  namespace names = layout::pose_search;
  const auto count = [&](std::string_view name, const std::string& what,
                         std::int64_t Effort::*member) {
    out.each<std::int64_t>(name, "1", what,
                           [&](const PoseProblem&, const Finding& f) { return f.effort.*member; });
  };
  const auto number = [&](std::string_view name, const std::string& units, const std::string& what,
                          double Effort::*member) {
    out.each<double>(name, units, what,
                     [&](const PoseProblem&, const Finding& f) { return f.effort.*member; });
  };
  count(names::nodes, "boxes of rotations that were bounded", &Effort::nodes);
  count(names::critical_nodes, "boxes that any search must branch", &Effort::critical);
  number(names::seconds, "s", "time of the search", &Effort::seconds);
  number(names::seed_seconds, "s", "of this for a first pose", &Effort::seed_seconds);
  count(names::block, "correspondences of a block", &Effort::block);
  count(names::h_index, "boxes bounded by degrees", &Effort::h_index);
  count(names::core, "boxes bounded by cores", &Effort::core);
  count(names::nested, "boxes searched over camera centres", &Effort::nested);
  count(names::cells, "cells of camera centres that were bounded", &Effort::cells);
  count(names::steals, "messages with boxes between ranks", &Effort::steals);
  count(names::moved, "boxes in them", &Effort::moved);
  number(names::idle, "1", "share of the ranks' time without work", &Effort::idle);
  number(names::imbalance, "1", "most boxes of a rank by their mean", &Effort::imbalance);
}

void write_trace(Writer& out, const std::vector<Finding>& found) {
  namespace names = layout::trace;
  std::vector<std::int64_t> number;
  std::vector<std::int64_t> problem;
  std::vector<Look> looks;
  for (std::size_t p = 0; p < found.size(); ++p) {
    for (const Look& look : found[p].trace) {
      number.push_back(std::ssize(number));
      problem.push_back(static_cast<std::int64_t>(p));
      looks.push_back(look);
    }
  }
  const auto each = [&](auto Look::*member) {
    std::vector<std::decay_t<decltype(looks.front().*member)>> values;
    for (const Look& look : looks) values.push_back(look.*member);
    return values;
  };
  out.coordinate(names::look, "looks at searches, problem by problem", number);
  out.put(names::problem, {names::look}, "1", "number of the problem", problem);
  out.put(names::seconds, {names::look}, "s", "since its search began", each(&Look::seconds));
  out.put(names::consensus, {names::look}, "1", "most inliers found", each(&Look::consensus));
  out.put(names::upper_bound, {names::look}, "1", "most inliers possible",
          each(&Look::upper_bound));
  out.put(names::nodes, {names::look}, "1", "boxes bounded until then", each(&Look::nodes));
  out.put(names::open, {names::look}, "1", "boxes that were open", each(&Look::open));
}

void write_correspondences(Writer& out, const std::vector<PoseProblem>& problems,
                           const std::vector<Finding>& found) {
  namespace names = layout::correspondences;
  std::vector<std::int64_t> row;
  std::vector<std::int64_t> problem;
  std::vector<double> points;
  std::vector<double> bearings;
  std::vector<double> thresholds;
  std::vector<std::int64_t> ids;
  std::vector<double> pixels;
  std::vector<std::int64_t> right;
  std::vector<std::int64_t> order;
  for (std::size_t p = 0; p < problems.size(); ++p) {
    const PoseProblem& from = problems[p];
    for (std::size_t i = 0; i < from.correspondences.size(); ++i) {
      const Correspondence& c = from.correspondences[i];
      row.push_back(std::ssize(row));
      problem.push_back(static_cast<std::int64_t>(p));
      points.insert(points.end(), c.point.data, c.point.data + 3);
      bearings.insert(bearings.end(), c.bearing.data, c.bearing.data + 3);
      thresholds.push_back(c.threshold);
      ids.push_back(from.point.empty() ? static_cast<std::int64_t>(i) : from.point[i]);
      for (const std::size_t a : {0, 1}) {
        pixels.push_back(from.pixel.empty() ? unknown : from.pixel[i][a]);
      }
      right.push_back(from.is_right.empty() ? -1 : from.is_right[i]);
      order.push_back(i < found[p].order.size() ? found[p].order[i] : static_cast<std::int64_t>(i));
    }
  }
  const std::vector<std::string_view> rows{names::row};
  out.coordinate(names::row, "correspondences, problem by problem", row);
  out.put(names::problem, rows, "1", "number of the problem", problem);
  out.put(names::point, {names::row, layout::pose::x}, "unit of the points", "points of the world",
          points);
  out.put(names::bearing, {names::row, layout::pose::x}, "1",
          "unit vectors in the frame of the camera", bearings);
  out.put(names::threshold, rows, "rad", "largest residual of an inlier", thresholds);
  out.put(names::id, rows, "1", "number of the point in its file", ids);
  out.put(names::pixel, {names::row, names::image_axis}, "pixel",
          "where it was seen, from where the axis of the camera meets the image", pixels);
  out.put(names::is_right, rows, "1", "1: right, 0: wrong, -1: not known", right);
  out.put(layout::certificate::order, rows, "1",
          "correspondences of each problem in the order of blocks", order);
}

void write_leaves(io::ResultFile& file, const comm::Communicator& comm,
                  const std::vector<LeavesOfProblem>& mine) {
  namespace names = layout::certificate;
  std::vector<std::int64_t> problem;
  std::vector<std::uint64_t> keys;
  std::vector<std::int64_t> bounds;
  std::vector<std::int64_t> by;
  for (const LeavesOfProblem& of : mine) {
    for (const Leaf& leaf : of.leaves) {
      problem.push_back(of.problem);
      keys.push_back(leaf.key);
      bounds.push_back(leaf.bound);
      by.push_back(leaf.rule);
    }
  }
  // Ranks one after the other.
  std::vector<std::int64_t> counts(static_cast<std::size_t>(comm.size()), 0);
  counts[static_cast<std::size_t>(comm.rank())] = std::ssize(keys);
  comm.all_reduce_sum(counts);
  io::Rows rows{0, std::ssize(keys)};
  std::int64_t all = 0;
  for (std::size_t r = 0; r < counts.size(); ++r) {
    if (r < static_cast<std::size_t>(comm.rank())) rows.first += counts[r];
    all += counts[r];
  }
  file.dimension(names::leaf, all);
  const auto put = [&](std::string_view name, const std::string& what, const auto& values) {
    using T = typename std::decay_t<decltype(values)>::value_type;
    file.write_rows(name, {{std::string(names::leaf)}, "1", what, std::span<const T>(values)},
                    std::span(&rows, 1));
  };
  put(names::problem, "number of the problem", problem);
  put(names::key, "boxes of rotations that were not searched further: chart, level, path", keys);
  put(names::bound, "inliers that no pose in the box exceeds", bounds);
  put(names::rule, "by: 0 nothing, 1 degrees, 2 cores, 3 a search over camera centres", by);
}

}  // namespace

void write(io::ResultFile& file, const comm::Communicator& comm,
           const std::vector<PoseProblem>& problems, const std::vector<Finding>& found,
           const std::vector<LeavesOfProblem>& mine) {
  namespace names = layout::pose;
  std::size_t most = 0;
  std::vector<std::string> names_of_problems;
  for (const PoseProblem& p : problems) {
    names_of_problems.push_back(p.name);
    most = std::max(most, p.correspondences.size());
  }
  Writer out(file, problems, found);
  out.coordinate(names::problem, "cameras whose pose is sought", names_of_problems);
  out.coordinate<std::string>(names::x, "coordinates", {"x", "y", "z"});
  out.coordinate<std::string>(names::y, "coordinates of columns", {"x", "y", "z"});
  out.coordinate<std::string>(layout::correspondences::image_axis, "axes of the image",
                              {"right", "down"});
  const std::vector<std::string> parameters{"omega_x", "omega_y", "omega_z", "c_x", "c_y", "c_z"};
  out.coordinate(names::parameter, "small changes of a pose", parameters);
  out.coordinate(names::other_parameter, "the same, of columns", parameters);
  file.dimension(names::member, static_cast<std::int64_t>(most));
  write_poses(out, problems, found, most);
  write_truth(out);
  write_effort(out);
  write_trace(out, found);
  write_correspondences(out, problems, found);
  out.each<std::uint64_t>(layout::certificate::checksum, "1", "of all that is proven",
                          [](const PoseProblem&, const Finding& f) { return f.checksum; });
  write_leaves(file, comm, mine);
}

std::uint64_t checksum_of(const std::vector<PoseProblem>& problems) {
  std::uint64_t sum = 0;
  for (const PoseProblem& problem : problems) {
    Certificate only{};
    only.correspondences = problem.correspondences;
    sum = checksum_of(only, sum);
  }
  return sum;
}

std::string table_text(const std::vector<PoseProblem>& problems,
                       const std::vector<Finding>& found) {
  std::size_t width = 7;
  bool has_truth = false;
  for (const PoseProblem& p : problems) width = std::max(width, p.name.size());
  for (const Finding& f : found) has_truth = has_truth || f.reference.has_value();
  std::string text = fmt::format("{:<{}}  {:>6}  {:>7}  {:>5}  {:<10}  {:>9}  {:>9}{}\n", "problem",
                                 width, "points", "inliers", "bound", "status", "boxes", "seconds",
                                 has_truth ? "  rotation [deg]  centre [% distance]" : "");
  std::array<std::int64_t, 4> ended{};
  for (std::size_t p = 0; p < problems.size(); ++p) {
    const Finding& f = found[p];
    text += fmt::format("{:<{}}  {:>6}  {:>7}  {:>5}  {:<10}  {:>9}  {:>9.3f}", problems[p].name,
                        width, problems[p].correspondences.size(), f.best.inliers, f.upper_bound,
                        name_of(f.status), f.effort.nodes, f.effort.seconds);
    if (f.reference) {
      const PoseError off = error(problems[p], f);
      text += fmt::format("  {:>15.4f}  {:>19.4f}", off.degrees, 100 * off.relative);
    }
    text += '\n';
    ++ended[static_cast<std::size_t>(f.status)];
  }
  const auto of = [&](Status s) { return ended[static_cast<std::size_t>(s)]; };
  const auto all = std::ssize(problems);
  if (of(Status::optimal) > 0) {
    text +=
        fmt::format("{} of {}: proven that no pose has more inliers\n", of(Status::optimal), all);
  }
  if (of(Status::gap) > 0) {
    text += fmt::format("{} of {}: proven that no pose has more than the bound\n", of(Status::gap),
                        all);
  }
  if (of(Status::limit) > 0) {
    text += fmt::format(
        "! {} of {}: time or nodes were up; the pose is the best found, and the bound holds\n",
        of(Status::limit), all);
  }
  if (of(Status::surrogate) > 0) {
    text += fmt::format(
        "! {} of {}: the best pose for a surrogate, consistent pairs; nothing is proven of "
        "inliers\n",
        of(Status::surrogate), all);
  }
  if (all <= most_shown) {
    for (std::size_t p = 0; p < problems.size(); ++p) {
      const Vec3<double>& c = found[p].refined.centre;
      text += fmt::format("{}: refined camera centre ({:.6g}, {:.6g}, {:.6g})\n", problems[p].name,
                          c[0], c[1], c[2]);
    }
  }
  for (std::size_t p = 0; p < problems.size(); ++p) {
    const auto points = std::ssize(problems[p].correspondences);
    if (found[p].best.inliers >= few && 20 * found[p].best.inliers >= points) continue;
    text += fmt::format(
        "! {}: {} inliers of {} may be chance; does the frame have x to the right, y downwards and "
        "z "
        "forwards, and is the threshold right?\n",
        problems[p].name, found[p].best.inliers, points);
  }
  for (std::size_t p = 0; p < problems.size(); ++p) {
    if (!found[p].second) continue;
    text += fmt::format("! {}: another pose explains {} of {}, to be told apart by other means\n",
                        problems[p].name, found[p].second->inliers, found[p].best.inliers);
  }
  return text;
}

}  // namespace driftwood::pose
