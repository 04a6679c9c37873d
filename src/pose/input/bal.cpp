// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <map>
#include <utility>

#include "pose/input/reconstruction.hpp"
#include "pose/input/words.hpp"

namespace driftwood::pose {
namespace {

/// Of an axis times an angle [radian].
Rotation<double> rotation_of_axis(const Vec3<double>& turn) {
  const double half = norm(turn) / 2;
  // sin(h) / h near 0.
  const double sine = half < 1e-6 ? 1 - half * half / 6 : std::sin(half) / half;
  const Vec3<double> axis = sine / 2 * turn;
  return rotation_of(Quaternion<double>{std::cos(half), axis[0], axis[1], axis[2]});
}

Vec3<double> read_triple(Words& in, const char* what, std::int64_t number) {
  Vec3<double> out;
  for (int a = 0; a < 3; ++a) out[a] = in.real(what, number);
  return out;
}

}  // namespace

Reconstruction read_bal(const std::string& file) {
  Words in(file);
  const std::int64_t cameras = in.whole("the number of cameras");
  const std::int64_t points = in.whole("the number of points");
  const std::int64_t observations = in.whole("the number of observations");
  if (cameras < 1 || points < 1 || observations < 1) {
    in.fail("the file has no cameras, no points or no observations", "",
            "the first line is to say how many there are of each");
  }
  // Nothing is set aside for what a first line may claim.
  std::map<std::int64_t, std::vector<Observation>> seen;
  for (std::int64_t i = 0; i < observations; ++i) {
    const std::int64_t camera = in.index(cameras, "cameras", "the camera of observation", i);
    const std::int64_t point = in.index(points, "points", "the point of observation", i);
    const double x = in.real("x of observation", i);
    const double y = in.real("y of observation", i);
    seen[camera].push_back({static_cast<std::size_t>(point), {x, -y}});
  }
  Reconstruction out{.view_name = "camera", .views = {}, .points = {}, .names = {}};
  for (std::int64_t i = 0; i < cameras; ++i) {
    const Vec3<double> turn = read_triple(in, "the rotation of camera", i);
    const Vec3<double> shift = read_triple(in, "the translation of camera", i);
    const double focal = in.real("the focal length of camera", i);
    if (!(focal > 0)) in.fail("a focal length is not positive");
    View view{.number = i,
              .camera = {.focal = {focal, focal}},
              .pose = pose_of_backward(rotation_of_axis(turn), shift),
              .size = {},
              .observations = {}};
    view.camera.k1 = in.real("k1 of camera", i);
    view.camera.k2 = in.real("k2 of camera", i);
    view.observations = std::move(seen[i]);
    out.views.push_back(std::move(view));
  }
  for (std::int64_t i = 0; i < points; ++i) {
    out.points.push_back(read_triple(in, "a coordinate of point", i));
    out.names.push_back(i);
  }
  in.expect_end();
  return out;
}

}  // namespace driftwood::pose
