// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pose/input/camera.hpp"

namespace driftwood::pose {

/// Where a picture shows a point of the scene.
struct Observation {
  std::size_t point;     ///< its place in `Reconstruction::points`
  Vec<double, 2> pixel;  ///< x to the right, y downwards, as `camera` has it
};

struct View {
  std::int64_t number;  ///< by which the file calls it
  PinholeCamera camera;
  Pose<double> pose;
  std::optional<std::array<double, 2>> size;  ///< width and height [pixel]
  std::vector<Observation> observations;
};

/// A scene and pictures of it, as structure from motion leaves them.
struct Reconstruction {
  std::string view_name;    ///< "camera" or "image"
  std::vector<View> views;  ///< in the order of their numbers
  std::vector<Vec3<double>> points;
  std::vector<std::int64_t> names;  ///< of the points, in the file
};

// Each throws `UsageError` "FILE:LINE: PROBLEM (WHY); SUGGESTION" for what is no such file. Text
// may be compressed by gzip.

/// Bundle adjustment in the large: "cameras points observations"; "camera point x y" of each
/// observation; then one number a line, of each camera an axis and angle, a translation, the focal
/// length, k1 and k2, and of each point three. Agarwal, Snavely, Seitz and Szeliski (2010).
[[nodiscard]] Reconstruction read_bal(const std::string& file);
/// Bundler's "Bundle file v0.3". Cameras of focal length 0 were not placed; they are left out.
[[nodiscard]] Reconstruction read_bundler(const std::string& file);
/// COLMAP's model as text: a folder of cameras.txt, images.txt and points3D.txt.
[[nodiscard]] Reconstruction read_colmap(const std::string& folder);

}  // namespace driftwood::pose
