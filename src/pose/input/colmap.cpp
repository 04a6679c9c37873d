// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <unordered_map>

#include "base/error.hpp"
#include "base/suggest.hpp"
#include "io/text.hpp"
#include "pose/input/reconstruction.hpp"
#include "pose/input/words.hpp"

namespace driftwood::pose {
namespace {

struct Lens {
  PinholeCamera camera;
  std::array<double, 2> size;
};

/// Which parameters a camera model has, in this order.
struct Model {
  const char* name;
  int focals;
  int distortions;
};
constexpr std::array<Model, 4> models{
    {{"SIMPLE_PINHOLE", 1, 0}, {"PINHOLE", 2, 0}, {"SIMPLE_RADIAL", 1, 1}, {"RADIAL", 1, 2}}};

void expect_words(const Words& in, std::size_t least, const char* what, const char* form) {
  if (in.left() >= least) return;
  in.fail(fmt::format("the line of {} has {} words", what, in.left()), "",
          fmt::format("write {}", form));
}

const Model& model_of(const Words& in, std::string_view name) {
  std::vector<std::string> names;
  for (const Model& model : models) {
    if (name == model.name) return model;
    names.emplace_back(model.name);
  }
  const std::string meant = nearest(name, names);
  in.fail(fmt::format("the camera model {} is not one that can be read", io::shown(name)),
          "SIMPLE_PINHOLE, PINHOLE, SIMPLE_RADIAL and RADIAL are",
          meant.empty() ? "let COLMAP remove the distortion (image_undistorter)"
                        : "did you mean '" + meant + "'?");
}

std::map<std::int64_t, Lens> read_lenses(const std::string& file) {
  Words in(file);
  std::map<std::int64_t, Lens> out;
  while (in.next_line()) {
    expect_words(in, 5, "a camera", "CAMERA_ID MODEL WIDTH HEIGHT PARAMETERS");
    const std::int64_t number = in.whole("the number of a camera");
    const Model& model = model_of(in, in.word("the model of camera", number));
    Lens lens;
    for (double& side : lens.size) side = in.real("a side of camera", number);
    const auto expected = static_cast<std::size_t>(model.focals + 2 + model.distortions);
    if (in.left() != expected) {
      in.fail(fmt::format("camera {} has {} parameters", number, in.left()),
              fmt::format("the model {} has {}", model.name, expected));
    }
    PinholeCamera& camera = lens.camera;
    camera.focal[0] = in.real("the focal length of camera", number);
    camera.focal[1] =
        model.focals == 2 ? in.real("the focal length of camera", number) : camera.focal[0];
    for (double& c : camera.centre) c = in.real("the principal point of camera", number);
    if (model.distortions > 0) camera.k1 = in.real("k1 of camera", number);
    if (model.distortions > 1) camera.k2 = in.real("k2 of camera", number);
    if (!(camera.focal[0] > 0 && camera.focal[1] > 0 && lens.size[0] > 0 && lens.size[1] > 0)) {
      in.fail(fmt::format("camera {} has no extent", number),
              "focal lengths, width and height are positive");
    }
    if (!out.emplace(number, lens).second) {
      in.fail(fmt::format("there is another camera {}", number));
    }
  }
  return out;
}

using PointPlaces = std::unordered_map<std::int64_t, std::size_t>;

void read_points(const std::string& file, Reconstruction& out, PointPlaces& places) {
  Words in(file);
  while (in.next_line()) {
    expect_words(in, 8, "a point", "POINT3D_ID X Y Z R G B ERROR TRACK");
    const std::int64_t number = in.whole("the number of a point");
    Vec3<double> point;
    for (int a = 0; a < 3; ++a) point[a] = in.real("a coordinate of point", number);
    if (!places.emplace(number, out.points.size()).second) {
      in.fail(fmt::format("there is another point {}", number));
    }
    out.points.push_back(point);
    out.names.push_back(number);
  }
}

View read_view(Words& in, const std::map<std::int64_t, Lens>& lenses) {
  expect_words(in, 9, "an image", "IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME");
  View out{.number = in.whole("the number of an image"),
           .camera = {},
           .pose = {},
           .size = {},
           .observations = {}};
  Quaternion<double> q;
  for (int a = 0; a < 4; ++a) q[a] = in.real("the rotation of image", out.number);
  if (!(std::abs(norm(q) - 1) < 1e-3)) {
    in.fail(fmt::format("the rotation of image {} is none", out.number),
            fmt::format("its quaternion has length {:.4g}", norm(q)));
  }
  Vec3<double> shift;
  for (int a = 0; a < 3; ++a) shift[a] = in.real("the translation of image", out.number);
  const std::int64_t camera = in.whole("the camera of image", out.number);
  const auto lens = lenses.find(camera);
  if (lens == lenses.end()) {
    in.fail(fmt::format("image {} is of camera {}", out.number, camera),
            "cameras.txt has no such camera");
  }
  out.camera = lens->second.camera;
  out.size = lens->second.size;
  out.pose = pose_of_forward(rotation_of(q), shift);
  return out;
}

void read_observations(Words& in, const PointPlaces& places, View& view) {
  if (in.left() % 3 != 0) {
    in.fail(fmt::format("the points of image {} are {} words", view.number, in.left()), "",
            "write X Y POINT3D_ID of each");
  }
  while (in.left() > 0) {
    Vec<double, 2> pixel;
    for (int a = 0; a < 2; ++a) pixel[a] = in.real("a pixel of image", view.number);
    const std::int64_t point = in.whole("a point of image", view.number);
    if (point == -1) continue;
    const auto place = places.find(point);
    if (place == places.end()) {
      in.fail(fmt::format("image {} sees point {}", view.number, point),
              "points3D.txt has no such point");
    }
    view.observations.push_back({place->second, pixel});
  }
}

}  // namespace

Reconstruction read_colmap(const std::string& folder) {
  const std::filesystem::path base(folder);
  if (!std::filesystem::is_directory(base)) {
    throw UsageError("'" + folder + "' is no folder", "a model is three text files in one",
                     "name the folder of cameras.txt, images.txt and points3D.txt");
  }
  if (!std::filesystem::exists(base / "images.txt") &&
      std::filesystem::exists(base / "images.bin")) {
    throw UsageError("'" + folder + "' holds a model in binary", "models are read as text",
                     "convert it by 'colmap model_converter --output_type TXT'");
  }
  const auto lenses = read_lenses((base / "cameras.txt").string());
  Reconstruction out{.view_name = "image", .views = {}, .points = {}, .names = {}};
  PointPlaces places;
  read_points((base / "points3D.txt").string(), out, places);
  Words in((base / "images.txt").string());
  while (in.next_line()) {
    View view = read_view(in, lenses);
    // An image without points has an empty line, which the last one may lack.
    if (in.next_line_of_any()) read_observations(in, places, view);
    out.views.push_back(std::move(view));
  }
  if (out.views.empty()) throw UsageError("'" + in.file() + "' has no images");
  std::sort(out.views.begin(), out.views.end(),
            [](const View& a, const View& b) { return a.number < b.number; });
  for (std::size_t i = 1; i < out.views.size(); ++i) {
    if (out.views[i].number != out.views[i - 1].number) continue;
    throw UsageError(fmt::format("'{}' has two images {}", in.file(), out.views[i].number));
  }
  return out;
}

}  // namespace driftwood::pose
