// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <string>

#include "pose/input/reconstruction.hpp"
#include "pose/input/words.hpp"

namespace driftwood::pose {
namespace {

View read_camera(Words& in, std::int64_t number) {
  const double focal = in.real("the focal length of camera", number);
  if (focal < 0) in.fail("a focal length is negative");
  View out{.number = number,
           .camera = {.focal = {focal, focal}},
           .pose = {},
           .size = {},
           .observations = {}};
  out.camera.k1 = in.real("k1 of camera", number);
  out.camera.k2 = in.real("k2 of camera", number);
  Rotation<double> r;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) r(i, j) = in.real("the rotation of camera", number);
  }
  const auto rotation = rotation_near(r);
  if (focal > 0 && !rotation) {
    in.fail("the rotation of camera " + std::to_string(number) + " is none",
            "its rows are not orthonormal");
  }
  Vec3<double> shift;
  for (int a = 0; a < 3; ++a) shift[a] = in.real("the translation of camera", number);
  if (focal > 0) out.pose = pose_of_backward(*rotation, shift);
  return out;
}

}  // namespace

Reconstruction read_bundler(const std::string& file) {
  Words in(file);
  const std::int64_t cameras = in.whole("the number of cameras");
  const std::int64_t points = in.whole("the number of points");
  if (cameras < 1 || points < 1) in.fail("the file has no cameras or no points");
  Reconstruction out{.view_name = "camera", .views = {}, .points = {}, .names = {}};
  for (std::int64_t i = 0; i < cameras; ++i) out.views.push_back(read_camera(in, i));
  for (std::int64_t i = 0; i < points; ++i) {
    Vec3<double> point;
    for (int a = 0; a < 3; ++a) point[a] = in.real("a coordinate of point", i);
    out.points.push_back(point);
    out.names.push_back(i);
    for (int a = 0; a < 3; ++a) in.real("the colour of point", i);
    const std::int64_t seen = in.whole("the number of views of point", i);
    if (seen < 0) in.fail("the number of views is negative");
    for (std::int64_t k = 0; k < seen; ++k) {
      const std::int64_t camera = in.index(cameras, "cameras", "a camera that sees point", i);
      in.whole("the key of a view of point", i);
      const double x = in.real("x of a view of point", i);
      const double y = in.real("y of a view of point", i);
      View& view = out.views[static_cast<std::size_t>(camera)];
      if (view.camera.focal[0] == 0) {
        in.fail("camera " + std::to_string(camera) + " sees a point",
                "its focal length is 0, so that it has no place");
      }
      view.observations.push_back({static_cast<std::size_t>(i), {x, -y}});
    }
  }
  in.expect_end();
  std::erase_if(out.views, [](const View& view) { return view.camera.focal[0] == 0; });
  return out;
}

}  // namespace driftwood::pose
