// SPDX-License-Identifier: BSD-3-Clause
// Claims: real files are read with their conventions: the poses in them explain what they show, as
// far off as was measured by other programs. Files are looked for in the folder that
// DRIFTWOOD_DATA names, and beside the sources.
#include <algorithm>
#include <cmath>

#include "pose/input/check.hpp"
#include "unit/pose/input_support.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using pose::testing::found;

/// The quantile, between two values in proportion, of how far off the images of points are [pixel
/// without distortion]; also of those behind the camera, which have images by the same formula.
double error_at(const PoseProblem& problem, double quantile) {
  std::vector<double> errors;
  for (const Correspondence& c : problem.correspondences) {
    const Vec3<double> p = rotated(problem.truth->rotation, c.point - problem.truth->centre);
    const Vec3<double>& f = c.bearing;
    errors.push_back(problem.focal *
                     std::hypot(p[0] / p[2] - f[0] / f[2], p[1] / p[2] - f[1] / f[2]));
  }
  std::sort(errors.begin(), errors.end());
  const double place = quantile * static_cast<double>(errors.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  return std::lerp(errors[below], errors[below + 1], place - std::floor(place));
}

std::vector<PoseProblem> problems_of_file(const std::string& kind, const std::string& file,
                                          const std::string& more) {
  return pose::testing::problems_of("kind = \"" + kind + "\"\nfile = \"" + file + "\"\n" + more);
}

TEST(InputData, LadybugIsExplainedByItsCameras) {
  const std::string file = found("problem-49-7776-pre.txt");
  if (file.empty()) GTEST_SKIP() << "problem-49-7776-pre.txt is nowhere";
  const auto all = problems_of_file("bal", file, "threshold = { pixels = 12 }\n");
  ASSERT_EQ(all.size(), 49U);
  std::vector<std::size_t> sizes;
  for (const PoseProblem& problem : all) {
    sizes.push_back(problem.correspondences.size());
    EXPECT_EQ(problem.left_out, 0) << problem.name;
  }
  std::sort(sizes.begin(), sizes.end());
  EXPECT_EQ(sizes.front(), 361U);
  EXPECT_EQ(sizes[24], 630U);
  EXPECT_EQ(sizes.back(), 906U);
  EXPECT_EQ(all[12].name, "camera 12");
  // By numpy, in pixels with the distortion, which is less than 1e-6 of them.
  struct Row {
    std::size_t camera;
    double median;
    double ninth_tenth;
  };
  for (const Row& row : {Row{0, 4.480541, 14.15042}, Row{10, 2.618303, 11.12903},
                         Row{24, 0.3614796, 1.317711}, Row{48, 0.6076300, 2.186208}}) {
    EXPECT_NEAR(error_at(all[row.camera], 0.5), row.median, 1e-4 * row.median);
    EXPECT_NEAR(error_at(all[row.camera], 0.9), row.ninth_tenth, 1e-4 * row.ninth_tenth);
  }
  const auto behind = [](const PoseProblem& problem) {
    return std::count_if(problem.correspondences.begin(), problem.correspondences.end(),
                         [&](const Correspondence& c) {
                           const Vec3<double> there = c.point - problem.truth->centre;
                           return rotated(problem.truth->rotation, there)[2] < 0;
                         });
  };
  EXPECT_EQ(behind(all[0]), 10);
  EXPECT_EQ(behind(all[10]), 0);
  EXPECT_EQ(remarks(all[24]), std::vector<std::string>{});
  const auto narrow = problems_of_file("bal", file, "threshold = { pixels = 2 }\ncameras = [0]\n");
  ASSERT_EQ(remarks(narrow[0]).size(), 1U);
  EXPECT_TRUE(remarks(narrow[0])[0].ends_with("right matches; the threshold may be too small"));
}

TEST(InputData, BalbianelloIsExplainedByItsCameras) {
  const std::string file = found("Balbianello.out");
  if (file.empty()) GTEST_SKIP() << "Balbianello.out is nowhere";
  const auto all = problems_of_file("bundler", file, "threshold = { pixels = 3 }\n");
  ASSERT_EQ(all.size(), 5U);
  constexpr std::size_t seen[] = {279, 389, 376, 273, 100};
  constexpr double medians[] = {0.1085628, 0.1135042, 0.1504298, 0.1500364, 0.2140010};  // numpy
  constexpr int explained[] = {279, 388, 375, 272, 100};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(all[i].correspondences.size(), seen[i]);
    EXPECT_NEAR(error_at(all[i], 0.5), medians[i], 1e-6) << all[i].name;
    EXPECT_EQ(inliers(*all[i].truth, all[i].correspondences), explained[i]) << all[i].name;
  }
}

TEST(InputData, DubrovnikHasThreeCameras) {
  const std::string file = found("dubrovnik-3-7-pre.txt");
  if (file.empty()) GTEST_SKIP() << "dubrovnik-3-7-pre.txt is nowhere";
  const auto all = problems_of_file("bal", file, "threshold = { pixels = 30 }\n");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].correspondences.size(), 7U);
  EXPECT_EQ(all[1].correspondences.size(), 7U);
  EXPECT_EQ(all[2].correspondences.size(), 5U);
  for (const PoseProblem& problem : all) EXPECT_LT(error_at(problem, 0.5), 16) << problem.name;
}

}  // namespace
