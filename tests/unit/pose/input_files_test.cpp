// SPDX-License-Identifier: BSD-3-Clause
// Claims: of a known scene every format gives back points, sight lines and pose; what is wrong with
// a file is said with its line and what to do.
#include <fmt/format.h>
#include <hdf5.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "pose/input/camera.hpp"
#include "unit/pose/draws.hpp"
#include "unit/pose/input_support.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using pose::testing::Draws;
using pose::testing::error_of;
using pose::testing::problems_of;

constexpr double tau = 2;  ///< threshold [pixel]

/// Points before a camera with distortion, and where it sees them.
struct Scene {
  PinholeCamera camera{.focal = {500, 500}, .centre = {0, 0}, .k1 = -0.11, .k2 = 0.02};
  Quaternion<double> turn;
  Pose<double> pose;
  std::vector<Vec3<double>> points;

  explicit Scene(int n = 12) {
    Draws draws(90);
    turn = normalised(draws.quaternion());
    pose = {rotation_of(turn), {0.3, -2, 5}};
    for (int i = 0; i < n; ++i) {
      const double z = draws.uniform(3, 9);
      const Vec3<double> there = {z * draws.uniform(-0.6, 0.6), z * draws.uniform(-0.5, 0.5), z};
      points.push_back(rotated_back(pose.rotation, there) + pose.centre);
    }
  }
  [[nodiscard]] Vec3<double> in_camera(std::size_t i) const {
    return rotated(pose.rotation, points[i] - pose.centre);
  }
  [[nodiscard]] Vec<double, 2> pixel(std::size_t i) const { return camera.pixel_of(in_camera(i)); }
  [[nodiscard]] Vec3<double> shift() const { return -1.0 * rotated(pose.rotation, pose.centre); }

  void expect_same(const PoseProblem& problem, const std::string& what, double tolerance) const {
    ASSERT_EQ(problem.correspondences.size(), points.size()) << what;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const Correspondence& c = problem.correspondences[i];
      EXPECT_LT(norm(c.point - points[i]), 1e-12) << what << i;
      EXPECT_LT(angle_between(c.bearing, in_camera(i)), tolerance) << what << i;
      EXPECT_LT(residual(*problem.truth, c), tolerance) << what << i;
    }
    EXPECT_LT(norm(problem.truth->centre - pose.centre), tolerance) << what;
  }
};

/// The rotation and translation of a camera that looks along -z, y upwards.
struct Backward {
  Vec3<double> axis;  ///< times the angle
  Rotation<double> rotation;
  Vec3<double> shift;

  explicit Backward(const Scene& scene) {
    const Quaternion<double> q = product(Quaternion<double>{0, 1, 0, 0}, scene.turn);
    rotation = rotation_of(q);
    shift = -1.0 * rotated(rotation, scene.pose.centre);
    const Vec3<double> rest = {q[1], q[2], q[3]};
    axis = 2 * std::atan2(norm(rest), q[0]) * normalised(rest);
  }
};

std::string bal_text(const Scene& scene) {
  const Backward back(scene);
  std::string out = fmt::format("1 {} {}\n", scene.points.size(), scene.points.size());
  for (std::size_t i = 0; i < scene.points.size(); ++i) {
    const auto u = scene.pixel(i);
    out += fmt::format("0 {} {} {}\n", i, u[0], -u[1]);
  }
  for (int a = 0; a < 3; ++a) out += fmt::format("{}\n", back.axis[a]);
  for (int a = 0; a < 3; ++a) out += fmt::format("{}\n", back.shift[a]);
  out += fmt::format("500\n{}\n{}\n", scene.camera.k1, scene.camera.k2);
  for (const auto& p : scene.points) out += fmt::format("{}\n{}\n{}\n", p[0], p[1], p[2]);
  return out;
}

std::string bundler_text(const Scene& scene) {
  const Backward back(scene);
  std::string out = fmt::format("# Bundle file v0.3\n2 {}\n", scene.points.size());
  out += "0 0 0\n0 0 0\n0 0 0\n0 0 0\n0 0 0\n";  // was not placed
  out += fmt::format("500 {} {}\n", scene.camera.k1, scene.camera.k2);
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) out += fmt::format("{:.10e} ", back.rotation(i, j));
    out += '\n';
  }
  out += fmt::format("{} {} {}\n", back.shift[0], back.shift[1], back.shift[2]);
  for (std::size_t i = 0; i < scene.points.size(); ++i) {
    const auto& p = scene.points[i];
    const auto u = scene.pixel(i);
    out += fmt::format("{} {} {}\n0 255 0\n1 1 {} {} {}\n", p[0], p[1], p[2], i, u[0], -u[1]);
  }
  return out;
}

void write_colmap(const Scene& scene, const std::string& lens) {
  std::filesystem::create_directory(test::data_folder() / "model");
  test::write_data("model/cameras.txt", "# CAMERA_ID MODEL WIDTH HEIGHT PARAMS\n3 " + lens + "\n");
  const auto& q = scene.turn;
  const auto t = scene.shift();
  std::string images = fmt::format("# two lines each\n7 {} {} {} {} {} {} {} 3 a b.jpg\n", q[0],
                                   q[1], q[2], q[3], t[0], t[1], t[2]);
  std::string points = "# POINT3D_ID X Y Z R G B ERROR TRACK\n";
  images += "1 1 -1";
  for (std::size_t i = 0; i < scene.points.size(); ++i) {
    const auto u = scene.pixel(i);
    const auto& p = scene.points[i];
    images += fmt::format(" {} {} {}", u[0], u[1], 100 + i);
    points += fmt::format("{} {} {} {} 0 0 0 0.5 7 {}\n", 100 + i, p[0], p[1], p[2], i + 1);
  }
  images += "\n5 1 0 0 0 0 0 0 3 without_points.jpg\n\n";
  test::write_data("model/images.txt", images);
  test::write_data("model/points3D.txt", points);
}

void write_dataset(hid_t file, const std::string& name, std::vector<hsize_t> shape,
                   const std::vector<double>& values) {
  const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  const hid_t data =
      H5Dcreate2(file, name.c_str(), H5T_NATIVE_DOUBLE, space, links, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  H5Dclose(data);
  H5Pclose(links);
  H5Sclose(space);
}

/// An HDF5 file with these datasets.
struct Stored {
  std::string name;
  std::vector<hsize_t> shape;
  std::vector<double> values;
};
void write_file(const std::string& name, const std::vector<Stored>& datasets) {
  const auto path = (test::data_folder() / name).string();
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  for (const Stored& one : datasets) write_dataset(file, one.name, one.shape, one.values);
  H5Fclose(file);
}
std::vector<double> rows(const std::vector<Vec3<double>>& points) {
  std::vector<double> out;
  for (const auto& p : points) out.insert(out.end(), p.data, p.data + 3);
  return out;
}
std::vector<double> entries(const Rotation<double>& r) {
  std::vector<double> out;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) out.push_back(r(i, j));
  }
  return out;
}

std::string deck(const std::string& kind, const std::string& file) {
  return fmt::format("kind = \"{}\"\nfile = \"{}\"\nthreshold = {{ pixels = {} }}\n", kind, file,
                     tau);
}

TEST(InputFiles, BalTurnsCamerasToLookForwards) {
  const Scene scene;
  test::write_data("scene.txt", bal_text(scene));
  const auto all = problems_of(deck("bal", "scene.txt"));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].name, "camera 0");
  scene.expect_same(all[0], "bal ", 1e-12);
  for (std::size_t i = 0; i < scene.points.size(); ++i) {
    EXPECT_EQ(all[0].pixel[i][1], scene.pixel(i)[1]);
    EXPECT_EQ(all[0].point[i], static_cast<std::int64_t>(i));
    EXPECT_EQ(all[0].is_right[i], 1);
  }
}

TEST(InputFiles, BundlerHasPlacedCamerasOnly) {
  const Scene scene;
  test::write_data("scene.out", bundler_text(scene));
  const auto all = problems_of(deck("bundler", "scene.out"));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].name, "camera 1");
  scene.expect_same(all[0], "bundler ", 1e-9);  // ten digits
}

TEST(InputFiles, ColmapHasFourLenses) {
  struct Lens {
    std::string line;
    PinholeCamera camera;
  };
  for (const Lens& lens :
       {Lens{"SIMPLE_PINHOLE 640 480 500 320 240", {{500, 500}, {320, 240}, 0, 0}},
        Lens{"PINHOLE 640 480 500 510 320 240", {{500, 510}, {320, 240}, 0, 0}},
        Lens{"SIMPLE_RADIAL 640 480 500 320 240 -0.1", {{500, 500}, {320, 240}, -0.1, 0}},
        Lens{"RADIAL 640 480 500 320 240 -0.1 0.02", {{500, 500}, {320, 240}, -0.1, 0.02}}}) {
    Scene scene;
    scene.camera = lens.camera;
    write_colmap(scene, lens.line);
    const auto all = problems_of(deck("colmap", "model") + "cameras = [7]\n");
    ASSERT_EQ(all.size(), 1U);
    scene.expect_same(all[0], lens.line, 1e-12);
    EXPECT_EQ(all[0].name, "image 7");
    EXPECT_EQ(all[0].point[3], 103);
    EXPECT_EQ((*all[0].size)[0], 640);
    EXPECT_EQ((*all[0].axis)[1], 240);
    EXPECT_EQ(all[0].pixel[2][0], scene.pixel(2)[0] - 320);
    EXPECT_EQ(all[0].focal, 500);
  }
}

TEST(InputFiles, TextHasSightLinesOfAnyLength) {
  const Scene scene;
  std::string text = "# X Y Z fx fy fz\n\n";
  for (std::size_t i = 0; i < scene.points.size(); ++i) {
    const auto& p = scene.points[i];
    const auto f = 7.5 * scene.in_camera(i);
    text += fmt::format("{} {} {}  {} {} {}\n", p[0], p[1], p[2], f[0], f[1], f[2]);
  }
  test::write_data("scene.xyz", text);
  const std::string keys = "kind = \"text\"\nfile = \"scene.xyz\"\n";
  const auto all = problems_of(keys + "threshold = { radians = 0.01 }\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].name, "scene");
  EXPECT_FALSE(all[0].truth);
  EXPECT_TRUE(all[0].is_right.empty());
  ASSERT_EQ(all[0].correspondences.size(), scene.points.size());
  for (std::size_t i = 0; i < scene.points.size(); ++i) {
    EXPECT_LT(residual(scene.pose, all[0].correspondences[i]), 1e-14);
    EXPECT_EQ(all[0].correspondences[i].threshold, 0.01);
  }
  const auto by_focal = problems_of(keys + "focal = 500\nthreshold = { pixels = 2 }\n");
  const auto& f = all[0].correspondences[4].bearing;
  EXPECT_NEAR(by_focal[0].correspondences[4].threshold,
              widest_angle({f[0] / f[2], f[1] / f[2]}, 2.0 / 500), 1e-12);
  EXPECT_EQ(
      error_of(keys + "threshold = { pixels = 2 }\n"),
      "deck.toml:3:8: error: scene: a threshold in pixels needs a focal length (the file has "
      "none); give it, by 'focal' or by K of an HDF5 file, or threshold = { radians = 0.01 }");
}

TEST(InputFiles, Hdf5HasSightLinesOrPixels) {
  Scene scene;
  scene.camera = {{500, 510}, {320, 240}, 0, 0};
  const hsize_t n = scene.points.size();
  std::vector<double> uv;
  std::vector<Vec3<double>> f;
  for (std::size_t i = 0; i < n; ++i) {
    const auto u = scene.pixel(i);
    uv.insert(uv.end(), {u[0], u[1]});
    f.push_back(3.0 * scene.in_camera(i));
  }
  std::vector<double> right(n, 1);
  right[5] = 0;
  const std::vector<Stored> truth = {{"X", {n, 3}, rows(scene.points)},
                                     {"gt/R", {3, 3}, entries(scene.pose.rotation)},
                                     {"gt/C", {3}, rows({scene.pose.centre})},
                                     {"gt/inlier", {n}, right}};
  auto pixels = truth;
  pixels.push_back({"uv", {n, 2}, uv});
  pixels.push_back({"K", {3, 3}, {500, 0, 320, 0, 510, 240, 0, 0, 1}});
  pixels.push_back({"size", {2}, {640, 480}});
  write_file("pixels.h5", pixels);
  const auto by_pixels = problems_of(deck("hdf5", "pixels.h5"));
  scene.expect_same(by_pixels[0], "uv ", 1e-12);
  EXPECT_EQ(by_pixels[0].is_right[5], 0);
  EXPECT_EQ(by_pixels[0].is_right[6], 1);
  EXPECT_EQ(by_pixels[0].focal, 500);
  EXPECT_EQ((*by_pixels[0].size)[1], 480);

  auto lines = truth;
  lines.push_back({"f", {n, 3}, rows(f)});
  lines.push_back({"eps", {1}, {0.02}});
  lines.push_back({"point", {n}, right});
  write_file("lines.h5", lines);
  const std::string keys = "kind = \"hdf5\"\nfile = \"lines.h5\"\n";
  const auto by_lines = problems_of(keys);
  scene.expect_same(by_lines[0], "f ", 1e-12);
  EXPECT_EQ(by_lines[0].correspondences[0].threshold, 0.02);
  EXPECT_EQ(by_lines[0].point[5], 0);
  // The deck's threshold wins.
  const auto wins = problems_of(keys + "threshold = { radians = 0.03 }\n");
  EXPECT_EQ(wins[0].correspondences[0].threshold, 0.03);
}

TEST(InputFiles, ThresholdsHoldAllThatIsSoManyPixelsAway) {
  Draws draws(91);
  const double distance = 0.02;
  double widest = 0;
  for (int i = 0; i < 20000; ++i) {
    const Vec<double, 2> seen = {draws.uniform(-1, 1) * draws.scale(1e-3, 2),
                                 draws.uniform(-1, 1) * draws.scale(1e-3, 2)};
    const double around = draws.uniform(0, 2 * pi);
    const Vec<double, 2> other = {seen[0] + distance * std::cos(around),
                                  seen[1] + distance * std::sin(around)};
    const double angle = angle_between(sight_line(seen), sight_line(other));
    ASSERT_LE(angle, widest_angle(seen, distance) * (1 + 1e-12));
    widest = std::max(widest, angle / widest_angle(seen, distance));
  }
  EXPECT_GT(widest, 0.9999);  // and no more than that
  // The widest of the image is around its middle.
  EXPECT_NEAR(widest_angle({distance / 2, 0}, distance), 2 * std::atan(distance / 2), 1e-15);
}

TEST(InputFiles, WhatALensFoldsIsLeftOut) {
  const PinholeCamera lens{.focal = {100, 100}, .centre = {0, 0}, .k1 = -0.2, .k2 = 0};
  // r (1 - 0.2 r^2) turns at r = 1.29, where it is 0.861.
  EXPECT_TRUE(lens.without_distortion({80, 0}));
  EXPECT_FALSE(lens.without_distortion({90, 0}));
  Scene scene;
  std::string text = bal_text(scene);
  const auto line = text.find("0 3 ");
  text.replace(line, text.find('\n', line) - line, "0 3 100000 100000");
  test::write_data("folded.txt", text);
  const auto all = problems_of(deck("bal", "folded.txt"));
  EXPECT_EQ(all[0].correspondences.size(), scene.points.size() - 1);
  EXPECT_EQ(all[0].left_out, 1);
}

TEST(InputFiles, AFractionIsExchanged) {
  const Scene scene(200);
  test::write_data("many.txt", bal_text(scene));
  const auto right = problems_of(deck("bal", "many.txt"))[0];
  std::vector<Vec3<double>> before;
  for (const auto& c : right.correspondences) before.push_back(c.bearing);
  for (const double fraction : {0.0, 0.005, 0.3, 1.0}) {
    const auto keys = deck("bal", "many.txt") + fmt::format("outliers = {}\n", fraction);
    const auto drawn = problems_of(keys)[0];
    const auto again = problems_of(keys)[0];
    const auto other = problems_of(keys + "seed = 2\n")[0];
    std::size_t wrong = 0;
    std::size_t same_as_other = 0;
    std::vector<std::array<double, 2>> pixels = drawn.pixel;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const auto is_kept = norm(drawn.correspondences[i].bearing - before[i]) == 0;
      EXPECT_EQ(is_kept, drawn.is_right[i] == 1);
      wrong += is_kept ? 0U : 1U;
      EXPECT_EQ(norm(drawn.correspondences[i].bearing - again.correspondences[i].bearing), 0);
      same_as_other += drawn.is_right[i] == other.is_right[i] ? 1U : 0U;
      EXPECT_EQ(norm(drawn.correspondences[i].point - right.correspondences[i].point), 0);
    }
    // One alone has nothing to be exchanged for.
    EXPECT_EQ(wrong, fraction == 0.005 ? 2U : static_cast<std::size_t>(200 * fraction));
    if (fraction == 0.3) {
      EXPECT_LT(same_as_other, 160U);  // 116 are expected, 80 wrong ones being others
    }
    auto wanted = right.pixel;
    std::sort(pixels.begin(), pixels.end());
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(pixels, wanted);
  }
}

struct Mistake {
  std::string text;
  std::string error;
};

/// The text with the line of this number, from 1, replaced; an empty one ends the text there.
std::string with_line(const std::string& text, int number, const std::string& line) {
  std::size_t at = 0;
  for (int i = 1; i < number; ++i) at = text.find('\n', at) + 1;
  const std::size_t end = text.find('\n', at);
  return line.empty() ? text.substr(0, at) : text.substr(0, at) + line + text.substr(end);
}

TEST(InputFiles, MistakesInBal) {
  const std::string good = bal_text(Scene(5));
  for (const Mistake& m : {
           Mistake{with_line(good, 1, "0 5 5"),
                   "bad.txt:1: the file has no cameras, no points or no observations; the first "
                   "line is to say how many there are of each"},
           Mistake{with_line(good, 1, "1 five 5"),
                   "bad.txt:1: 'five' is no whole number (the number of points)"},
           Mistake{
               with_line(good, 3, "1 1 0 0"),
               "bad.txt:3: the camera of observation 1 is 1 (there are 1 cameras, numbered from "
               "0)"},
           Mistake{with_line(good, 3, "0 5 0 0"),
                   "bad.txt:3: the point of observation 1 is 5 (there are 5 points, numbered from "
                   "0)"},
           Mistake{with_line(good, 4, "0 2 nan 0"),
                   "bad.txt:4: 'nan' is no finite number (x of observation 2); write numbers, "
                   "decimals with a point"},
           Mistake{with_line(good, 13, "-500"), "bad.txt:13: a focal length is not positive"},
           Mistake{with_line(good, 20, ""),
                   "bad.txt:19: the file ends where a coordinate of point 1 should be; it may have "
                   "been cut off: copy it again"},
           Mistake{good + "1.5\n",
                   "bad.txt:31: '1.5' follows the end of what the file should hold; the numbers in "
                   "its first lines may be wrong"},
           Mistake{with_line(with_line(good, 1, "1 5 3"), 5, ""),
                   "bad.txt:4: the file ends where the rotation of camera 0 should be; it may have "
                   "been cut off: copy it again"},
       }) {
    test::write_data("bad.txt", m.text);
    EXPECT_EQ(error_of(deck("bal", "bad.txt")), "deck.toml:3:8: error: " + m.error);
  }
  EXPECT_EQ(
      error_of(deck("bal", "nowhere.txt")),
      "deck.toml:3:8: error: there is no file 'nowhere.txt'; relative names start from the folder "
      "of the deck");
}

TEST(InputFiles, MistakesInCameras) {
  test::write_data("scene.txt", bal_text(Scene()));
  const std::string keys = deck("bal", "scene.txt");
  EXPECT_EQ(error_of(keys + "cameras = [0, 1]\n"),
            "deck.toml:5:15: error: 'scene.txt' has no camera 1 (it has 1, numbered from 0 to 0)");
  EXPECT_EQ(error_of(keys + "cameras = [0, \"all\"]\n"),
            "deck.toml:5:15: error: 'all' is no number of a camera (cameras = \"all\" stands "
            "alone)");
  EXPECT_EQ(error_of(keys + "cameras = \"al\"\n"),
            "deck.toml:5:11: error: 'al' is no number of a camera (cameras = \"all\" stands "
            "alone)");
  EXPECT_EQ(
      error_of(keys + "cameras = 1\n"),
      "deck.toml:5:11: error: 'correspondences.cameras' must be a list (found 1); write [0, 1] "
      "or \"all\"");
  EXPECT_EQ(
      error_of(keys + "cameras = [true]\n"),
      "deck.toml:5:12: error: 'correspondences.cameras[0]' must be a number, or \"all\" (found "
      "true); write [0, 1] or \"all\"");
  EXPECT_EQ(error_of(keys + "cameras = [0]\n"), "");
  EXPECT_EQ(error_of(keys + "cameras = \"all\"\n"), "");
}

TEST(InputFiles, MistakesInBundler) {
  const std::string good = bundler_text(Scene(4));
  for (const Mistake& m : {
           Mistake{with_line(good, 2, "2 0"), "bad.out:2: the file has no cameras or no points"},
           Mistake{with_line(good, 9, "1 1 1"),
                   "bad.out:11: the rotation of camera 1 is none (its rows are not orthonormal)"},
           Mistake{with_line(good, 15, "1 0 0 1 1"),
                   "bad.out:15: camera 0 sees a point (its focal length is 0, so that it has no "
                   "place)"},
           Mistake{
               with_line(good, 15, "1 2 0 1 1"),
               "bad.out:15: a camera that sees point 0 is 2 (there are 2 cameras, numbered from "
               "0)"},
           Mistake{with_line(good, 15, "-1 1 0 1 1"),
                   "bad.out:15: the number of views is negative"},
           Mistake{
               with_line(good, 24, ""),
               "bad.out:23: the file ends where the number of views of point 3 should be; it may "
               "have been cut off: copy it again"},
       }) {
    test::write_data("bad.out", m.text);
    EXPECT_EQ(error_of(deck("bundler", "bad.out")), "deck.toml:3:8: error: " + m.error);
  }
}

TEST(InputFiles, MistakesInColmap) {
  const Scene scene;
  const std::string lens = "SIMPLE_PINHOLE 640 480 500 320 240";
  const auto error = [&] { return error_of(deck("colmap", "model") + "cameras = [7]\n"); };
  const std::string at = "deck.toml:3:8: error: ";
  write_colmap(scene, "OPENCV 640 480 500 500 320 240 0 0 0 0");
  EXPECT_EQ(error(), at +
                         "model/cameras.txt:2: the camera model 'OPENCV' is not one that can be "
                         "read (SIMPLE_PINHOLE, PINHOLE, SIMPLE_RADIAL and RADIAL are); let COLMAP "
                         "remove the distortion (image_undistorter)");
  write_colmap(scene, "PINHOLE 640 480 500 320 240");
  EXPECT_EQ(error(),
            at + "model/cameras.txt:2: camera 3 has 3 parameters (the model PINHOLE has 4)");
  write_colmap(scene, "SIMPLE_PINHOLE 640 480 0 320 240");
  EXPECT_EQ(error(), at + "model/cameras.txt:2: camera 3 has no extent (focal lengths, width and "
                          "height are positive)");
  write_colmap(scene, lens);
  test::write_data("model/points3D.txt", "100 1 2 3 0 0 0 1\n");
  EXPECT_EQ(error(), at + "model/images.txt:3: image 7 sees point 101 (points3D.txt has no such "
                          "point)");
  test::write_data("model/points3D.txt", "100 1 2 3\n");
  EXPECT_EQ(error(),
            at + "model/points3D.txt:1: the line of a point has 4 words; write POINT3D_ID X "
                 "Y Z R G B ERROR TRACK");
  write_colmap(scene, lens);
  test::write_data("model/images.txt", "7 1 0 0 0 0 0 0 4 a.jpg\n\n");
  EXPECT_EQ(error(), at + "model/images.txt:1: image 7 is of camera 4 (cameras.txt has no such "
                          "camera)");
  test::write_data("model/images.txt", "7 1 1 0 0 0 0 0 3 a.jpg\n\n");
  EXPECT_EQ(error(), at + "model/images.txt:1: the rotation of image 7 is none (its quaternion has "
                          "length 1.414)");
  test::write_data("model/images.txt", "7 1 0 0 0 0 0 0 3 a.jpg\n1 2\n");
  EXPECT_EQ(error(), at + "model/images.txt:2: the points of image 7 are 2 words; write X Y "
                          "POINT3D_ID of each");
  test::write_data("model/images.txt", "7 1 0 0 0 0 0 0 3 a.jpg\n\n");
  EXPECT_EQ(error(), at + "image 7: there are 0 correspondences (three leave up to four poses, so "
                          "that four are needed)");
  std::filesystem::remove(test::data_folder() / "model/images.txt");
  test::write_data("model/images.bin", "");
  EXPECT_EQ(error(), at +
                         "'model' holds a model in binary (models are read as text); convert it by "
                         "'colmap model_converter --output_type TXT'");
  std::filesystem::remove(test::data_folder() / "model/images.bin");
  EXPECT_EQ(error_of(deck("colmap", "model/cameras.txt")),
            at + "'model/cameras.txt' is no folder (a model is three text files in one); name the "
                 "folder of cameras.txt, images.txt and points3D.txt");
}

TEST(InputFiles, MistakesInText) {
  for (const Mistake& m : {
           Mistake{"1 2 3 0 0 1\n1 2 3 0 0\n",
                   "bad.xyz:2: the line has 5 words; write X Y Z fx fy fz, six numbers between "
                   "blanks"},
           Mistake{"1 2 3 0 0 0\n",
                   "bad.xyz:1: the sight line has no direction (fx, fy and fz are "
                   "0)"},
           Mistake{"1 2 3 0 inf 1\n",
                   "bad.xyz:1: 'inf' is no finite number (a coordinate of a sight line); write "
                   "numbers, decimals with a point"},
           Mistake{"# nothing\n", "'bad.xyz' has no correspondences"},
       }) {
    test::write_data("bad.xyz", m.text);
    EXPECT_EQ(error_of(deck("text", "bad.xyz")), "deck.toml:3:8: error: " + m.error);
  }
}

TEST(InputFiles, MistakesInHdf5) {
  const std::string at = "deck.toml:3:8: error: ";
  const Stored x = {"X", {4, 3}, {0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 1}};
  const auto error = [&](const std::vector<Stored>& datasets) {
    write_file("bad.h5", datasets);
    return error_of("kind = \"hdf5\"\nfile = \"bad.h5\"\n");
  };
  EXPECT_EQ(error({x}), at + "bad.h5: there is neither 'f' nor 'uv'; store sight lines (N, 3) or "
                             "pixels (N, 2)");
  EXPECT_EQ(error({x, {"uv", {4, 2}, {0, 0, 1, 1, 2, 2, 3, 5}}}),
            at + "bad.h5: there is 'uv' without 'K' (pixels need a calibration to be sight lines)");
  EXPECT_EQ(error({x, {"f", {3, 3}, {0, 0, 1, 0, 0, 1, 0, 1, 1}}}),
            at + "bad.h5: 'f' has shape (3, 3) (it should have (4, 3))");
  EXPECT_EQ(error({{"X", {12}, x.values}}), at + "bad.h5: 'X' has shape (12) (it should have (N, "
                                                 "3))");
  auto hole = x;
  hole.values[7] = NAN;
  EXPECT_EQ(error({hole}), at + "bad.h5: row 2 of 'X' is not finite");
  const Stored f = {"f", {4, 3}, {0, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1}};
  EXPECT_EQ(error({x, f}), at +
                               "there is no threshold (nothing says how far off an inlier may be); "
                               "give threshold = { pixels = 4.0 } or { radians = 0.01 }");
  EXPECT_EQ(error({x, f, {"eps", {1}, {0}}}),
            at + "bad: threshold 0 is 0 radians (even exact data are off by rounding); give a "
                 "positive threshold");
  auto zero = f;
  zero.values[2] = 0;
  EXPECT_EQ(error({x, zero}), at + "bad.h5: row 0 of 'f' has no direction");
  EXPECT_EQ(error({x,
                   f,
                   {"eps", {1}, {0.01}},
                   {"gt/R", {3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, -1}},
                   {"gt/C", {3}, {0, 0, 0}}}),
            at + "bad.h5: 'gt/R' is no rotation (its rows are not orthonormal)");
  EXPECT_EQ(error({x, f, {"eps", {1}, {0.01}}}), "");
  EXPECT_EQ(error({{"Y", {1}, {0}}}), at + "'bad.h5' has no dataset 'X'");
  test::write_data("text.h5", "1 2 3 0 0 1\n");
  EXPECT_EQ(error_of("kind = \"hdf5\"\nfile = \"text.h5\"\n"),
            at + "'text.h5' is not in the format HDF5; text has kind = \"text\"");
}

/// The text with one thing changed.
std::string damaged(const std::string& text, Draws& draws) {
  const auto place = [&] {
    return static_cast<std::size_t>(draws.below(static_cast<int>(text.size())));
  };
  std::string out = text;
  switch (draws.below(4)) {
    case 0:
      return out.substr(0, place());
    case 1:
      out[place()] = static_cast<char>(draws.below(256));
      return out;
    case 2:
      return out.erase(place(), static_cast<std::size_t>(draws.below(20)));
    default:
      return out.insert(place(), draws.below(2) == 0 ? "9999999999" : "-1 ");
  }
}

TEST(InputFiles, NoDamageIsMoreThanAnError) {
  Draws draws(97);
  const Scene scene(6);
  write_colmap(scene, "SIMPLE_RADIAL 640 480 500 320 240 -0.1");
  const auto read = [](const char* name) {
    std::ifstream in(test::data_folder() / name);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  struct Format {
    std::string kind;
    std::string file;   ///< that is named
    std::string which;  ///< that is damaged
    std::string text;
  };
  const std::vector<Format> formats = {
      {"bal", "any.txt", "any.txt", bal_text(scene)},
      {"bundler", "any.txt", "any.txt", bundler_text(scene)},
      {"text", "any.txt", "any.txt", "1 2 3 0 0 1\n4 1 6 0.1 0 1\n7 8 2 0 0.3 1\n3 2 1 1 1 1\n"},
      {"colmap", "model", "model/cameras.txt", read("model/cameras.txt")},
      {"colmap", "model", "model/images.txt", read("model/images.txt")},
      {"colmap", "model", "model/points3D.txt", read("model/points3D.txt")}};
  for (const Format& format : formats) {
    const std::string keys =
        fmt::format("kind = \"{}\"\nfile = \"{}\"\nthreshold = {{ radians = 0.01 }}\n", format.kind,
                    format.file);
    int refused = 0;
    for (int i = 0; i < 150; ++i) {
      test::write_data(format.which, damaged(format.text, draws));
      refused += error_of(keys).empty() ? 0 : 1;  // which also checks what kind of error it is
    }
    EXPECT_GT(refused, 25) << format.which;
    test::write_data(format.which, format.text);
  }
}

}  // namespace
