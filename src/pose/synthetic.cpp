// SPDX-License-Identifier: BSD-3-Clause
#include "pose/synthetic.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.hpp"
#include "pose/draws.hpp"
#include "random/normal.hpp"

namespace driftwood::pose {
namespace {

struct Source {
  std::uint64_t seed;
  std::uint64_t problem;

  [[nodiscard]] random::Words<double> words(Draw what, std::uint64_t id) const {
    return drawn_words(seed, what, id, problem);
  }
  /// Two uniforms on (-1/2, 1/2).
  [[nodiscard]] Vec<double, 2> centred(Draw what, std::uint64_t id) const {
    const auto w = words(what, id);
    return {random::uniform(w.word[0]) - 0.5, random::uniform(w.word[1]) - 0.5};
  }
  /// Two standard normals.
  [[nodiscard]] Vec<double, 2> normals(Draw what, std::uint64_t id) const {
    const auto w = words(what, id);
    Vec<double, 2> out;
    random::normal_pair<double>(w.word[0], w.word[1], 1.0, out[0], out[1]);
    return out;
  }
  /// The rotation uniform, the centre uniform on [-1, 1]^3.
  [[nodiscard]] Pose<double> pose(std::uint64_t which) const {
    const auto a = normals(Draw::turn, 2 * which);
    const auto b = normals(Draw::turn, 2 * which + 1);
    const auto c = centred(Draw::centre, which);
    const auto d = centred(Draw::centre_rest, which);
    return {rotation_of(Quaternion<double>{a[0], a[1], b[0], b[1]}),
            {2 * c[0], 2 * c[1], 2 * d[0]}};
  }
};

void check(const SyntheticOptions& o) {
  if (o.points < 1) throw UsageError("a problem needs a point");
  if (!(o.outliers >= 0 && o.outliers <= 1)) {
    throw UsageError("the fraction of outliers is not between 0 and 1");
  }
  if (!(o.noise >= 0 && o.focal > 0 && o.width > 0 && o.height > 0 && std::isfinite(o.noise) &&
        std::isfinite(o.focal) && std::isfinite(o.width) && std::isfinite(o.height))) {
    throw UsageError("the noise is negative, or the camera has no extent");
  }
  if (!(o.nearest > 0 && o.farthest >= o.nearest && std::isfinite(o.farthest))) {
    throw UsageError("depths are not positive and in order");
  }
  if (o.candidates < 1) throw UsageError("a point needs a match");
}

Vec3<double> bearing_of(const Vec<double, 2>& pixel, double focal) {
  return normalised(Vec3<double>{pixel[0] / focal, pixel[1] / focal, 1.0});
}

/// A normal at most 45 degrees off the axis of the camera, so that its plane is in front of all of
/// an image that reaches less far from it.
Vec3<double> plane_normal(const Source& source) {
  const auto u = source.words(Draw::plane, 0);
  double sine;
  double cosine;
  math::sincos(2 * pi * random::uniform(u.word[0]), sine, cosine);
  const double z = 1 - random::uniform(u.word[1]) * (1 - std::sqrt(0.5));
  const double rest = std::sqrt((1 - z) * (1 + z));
  return {rest * cosine, rest * sine, z};
}

}  // namespace

SyntheticOptions SyntheticOptions::preset(std::string_view name) {
  SyntheticOptions out;
  if (name == "std") return out;
  if (name == "wide") {
    out.focal = 320;
  } else if (name == "posebench") {
    out.focal = out.width / 2 / std::tan(35 * pi / 180);  // 70 degrees across
    out.nearest = 0.1;
    out.farthest = 10;
  } else if (name == "planar") {
    out.scene = Scene::planar;
  } else if (name == "structured") {
    out.scene = Scene::structured;
  } else if (name == "dup") {
    out.scene = Scene::candidates;
    out.candidates = 3;
  } else {
    throw UsageError("there is no synthetic scene '" + std::string(name) + "'", {},
                     "choose std, wide, posebench, planar, structured or dup");
  }
  return out;
}

// A segment of length d in the image is seen under the widest angle where the axis meets its
// middle: twice atan(d / 2f), a little more than atan(d / f).
double SyntheticOptions::threshold() const {
  return 2 * std::atan(3 * std::sqrt(2.0) * noise / (2 * focal));
}

SyntheticProblem synthetic_problem(const SyntheticOptions& options, std::uint64_t seed,
                                   std::uint64_t problem) {
  check(options);
  const Source source{seed, problem};
  const auto points = static_cast<std::size_t>(options.points);
  const auto wrong = static_cast<std::size_t>(std::lround(options.outliers * options.points));
  SyntheticProblem out;
  out.truth = source.pose(0);

  // Of points that agree on a pose, 60 % agree on the true one.
  enum class Role { right, structured, none };
  std::vector<Role> roles(points, Role::right);
  std::size_t structured = 0;
  if (options.scene == Scene::structured) {
    out.second = source.pose(1);
    const auto share = std::lround(static_cast<double>(points - wrong) * 40 / 60);
    structured = std::min(wrong, static_cast<std::size_t>(share));
  }
  const std::vector<std::size_t> order = drawn_order(seed, Draw::order, points, problem);
  for (std::size_t k = 0; k < wrong; ++k) {
    roles[order[k]] = k < structured ? Role::structured : Role::none;
  }

  const Vec3<double> normal = plane_normal(source);
  const double middle_depth = (options.nearest + options.farthest) / 2;
  const auto in_image = [&](const Vec<double, 2>& u) {
    return Vec<double, 2>{options.width * u[0], options.height * u[1]};
  };
  const auto n_candidates = static_cast<std::uint64_t>(options.candidates);
  for (std::size_t i = 0; i < points; ++i) {
    const Vec<double, 2> seen = in_image(source.centred(Draw::pixel, i));
    const Vec3<double> ray = {seen[0] / options.focal, seen[1] / options.focal, 1.0};
    double depth = options.nearest + (options.farthest - options.nearest) *
                                         random::uniform(source.words(Draw::depth, i).word[0]);
    if (options.scene == Scene::planar) depth = middle_depth * normal[2] / dot(normal, ray);
    if (!(depth > 0)) {
      throw UsageError("the plane is not in front of all of the image", {},
                       "make the image narrower or the focal length longer");
    }
    // What agrees on a second pose is where the camera would see it from there.
    const Pose<double>& from = roles[i] == Role::structured ? *out.second : out.truth;
    const Vec3<double> point = rotated_back(from.rotation, depth * ray) + from.centre;

    // Which of the matches is the right one must not be told by their order.
    const std::uint64_t right = source.words(Draw::choice, i).word[0] % n_candidates;
    for (std::uint64_t j = 0; j < n_candidates; ++j) {
      const std::uint64_t match = i * n_candidates + j;
      const bool agrees = roles[i] != Role::none && j == right;
      Vec<double, 2> pixel;
      if (agrees) {
        const Vec<double, 2> z = source.normals(Draw::noise, match);
        for (int a = 0; a < 2; ++a) {
          pixel[a] = seen[a] + options.noise * std::clamp(z[a], -3.0, 3.0);
        }
      } else {
        pixel = in_image(source.centred(Draw::wrong_pixel, match));
      }
      out.correspondences.push_back({point, bearing_of(pixel, options.focal), options.threshold()});
      out.pixel.push_back(pixel);
      out.is_right.push_back(agrees && roles[i] == Role::right);
    }
  }
  return out;
}

}  // namespace driftwood::pose
