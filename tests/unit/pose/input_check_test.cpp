// SPDX-License-Identifier: BSD-3-Clause
// Claims: problems that no search could solve are refused with their reason; what makes one hard is
// said beforehand.
#include <cmath>
#include <limits>

#include "pose/input/check.hpp"
#include "unit/pose/draws.hpp"
#include "unit/pose/input_support.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using pose::testing::Draws;

PoseProblem problem_of(const std::vector<Vec3<double>>& points, double threshold = 0.01) {
  Draws draws(92);
  PoseProblem out{.name = "camera 4"};
  for (const auto& p : points) {
    const auto f = normalised(Vec3<double>{draws.uniform(-0.5, 0.5), draws.uniform(-0.5, 0.5), 1});
    out.correspondences.push_back({p, f, threshold});
  }
  return out;
}

std::vector<Vec3<double>> scattered(int n) {
  Draws draws(93);
  std::vector<Vec3<double>> out;
  for (int i = 0; i < n; ++i) {
    out.push_back({draws.normal(), draws.normal(), draws.normal()});
  }
  return out;
}

std::string error_of(const PoseProblem& problem) {
  try {
    check_problem(problem);
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(InputCheck, FewPointsTellNoPose) {
  const std::string why = " (three leave up to four poses, so that four are needed)";
  for (const int n : {0, 1, 3}) {
    EXPECT_EQ(error_of(problem_of(scattered(n))),
              "camera 4: there are " + std::to_string(n) + " correspondences" + why);
  }
  EXPECT_EQ(error_of(problem_of(scattered(4))), "");
  auto repeated = scattered(3);
  for (int k = 0; k < 5; ++k) repeated.push_back(repeated[1]);
  EXPECT_EQ(error_of(problem_of(repeated)), "camera 4: 8 matches are of 3 points" + why);
}

TEST(InputCheck, PointsOnALineTellNoPose) {
  for (const double far : {0.0, 1e6}) {
    for (const double size : {1e-3, 1.0, 1e4}) {
      const Vec3<double> start = {far, -far, far};
      std::vector<Vec3<double>> line;
      Draws draws(94);
      const Vec3<double> along = size * draws.direction();
      for (int i = 0; i < 20; ++i) line.push_back(start + draws.uniform() * along);
      EXPECT_EQ(flat_of(problem_of(line)), Flat::line) << far << ' ' << size;
      EXPECT_EQ(error_of(problem_of(line)),
                "camera 4: all points lie on a line (a camera may turn around it)");
      line.back() = line.back() + 1e-3 * size * orthogonal_to(normalised(along));
      EXPECT_EQ(flat_of(problem_of(line)), Flat::plane);
      EXPECT_EQ(error_of(problem_of(line)), "");
    }
  }
  EXPECT_EQ(error_of(problem_of(std::vector<Vec3<double>>(9, {1, 2, 3}))),
            "camera 4: all points coincide (a camera may turn around them)");
}

TEST(InputCheck, PlanesAreNoted) {
  Draws draws(95);
  const Vec3<double> u = draws.direction();
  const Vec3<double> v = orthogonal_to(u);
  std::vector<Vec3<double>> plane;
  for (int i = 0; i < 30; ++i) {
    plane.push_back(Vec3<double>{5, 6, 7} + draws.normal() * u + draws.normal() * v);
  }
  EXPECT_EQ(error_of(problem_of(plane)), "");
  EXPECT_EQ(
      remarks(problem_of(plane)),
      std::vector<std::string>{"camera 4: all points lie on a plane, so that a second pose may "
                               "explain nearly as much as the best"});
  plane[3] = plane[3] + 1e-6 * cross(u, v);
  EXPECT_EQ(flat_of(problem_of(plane)), Flat::space);
}

TEST(InputCheck, NumbersAreFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  auto problem = problem_of(scattered(6));
  problem.correspondences[2].point[1] = nan;
  EXPECT_EQ(error_of(problem), "camera 4: point 2 is not finite");
  problem = problem_of(scattered(6));
  problem.correspondences[3].bearing[1] = nan;
  EXPECT_EQ(error_of(problem), "camera 4: sight line 3 is no unit vector");
  problem.correspondences[3].bearing = {0, 0, 2};
  EXPECT_EQ(error_of(problem), "camera 4: sight line 3 is no unit vector");
  problem = problem_of(scattered(6));
  problem.correspondences[5].threshold = nan;
  EXPECT_NE(error_of(problem), "");
}

TEST(InputCheck, PointsDifferByMoreThanRounding) {
  auto problem = problem_of(scattered(6));
  problem.correspondences[1].point = {1e-20, 0, 0};
  EXPECT_EQ(error_of(problem), "");
  problem.correspondences[4].point = {1e-20, 0, 0};
  EXPECT_EQ(error_of(problem), "") << "one point";
  problem.correspondences[4].point = {-1e-20, 0, 0};
  const std::string text = error_of(problem);
  EXPECT_NE(text.find("0, 0) differ by rounding alone"), text.npos) << text;
  problem = problem_of(scattered(6));
  problem.correspondences[1].point[2] = -1e101;
  EXPECT_NE(error_of(problem).find("point 1 is 1e+101 away"), text.npos) << error_of(problem);
}

TEST(InputCheck, ThresholdsAreNeitherZeroNorEverything) {
  EXPECT_EQ(error_of(problem_of(scattered(6), 0)),
            "camera 4: threshold 0 is 0 radians (even exact data are off by rounding); give a "
            "positive threshold");
  EXPECT_NE(error_of(problem_of(scattered(6), -1)), "");
  EXPECT_EQ(error_of(problem_of(scattered(6), 1.6)),
            "camera 4: threshold 0 is 1.6 radians (inliers would be anywhere before the camera); "
            "give an angle in radians, much smaller than 1");
  EXPECT_EQ(error_of(problem_of(scattered(50), 0.7)),
            "camera 4: all 50 correspondences are inliers of a camera that is far away (all sight "
            "lines are within the threshold of one direction); give a smaller threshold");
  // A camera at the end of this axis would have them all.
  auto problem = problem_of(scattered(50), 0.7);
  Vec3<double> axis = {0, 0, 0};
  for (const auto& c : problem.correspondences) axis = axis + c.bearing;
  const auto onto = frame_onto(normalised(axis));
  const Vec3<double> back = {0, 0, -1e9};
  EXPECT_EQ(inliers({onto, back}, problem.correspondences), 50);
  EXPECT_EQ(error_of(problem_of(scattered(50), 0.2)), "");
}

TEST(InputCheck, RemarksTellWhatIsHard) {
  auto problem = problem_of(scattered(40), 0.2);
  problem.left_out = 2;
  for (int k = 0; k < 5; ++k) problem.correspondences.push_back(problem.correspondences[0]);
  problem.truth = Pose<double>{rotation_of(Quaternion<double>{1, 0, 0, 0}), {0, 0, 100}};
  problem.is_right.assign(45, 1);
  for (std::size_t i = 0; i < 10; ++i) problem.is_right[i] = 0;
  const auto said = remarks(problem);
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0],
            "camera 4: 2 observations are left out, whose sight lines the distortion of the lens "
            "leaves undetermined");
  EXPECT_TRUE(said[1].find("agree by chance with a rotation") != std::string::npos) << said[1];
  EXPECT_EQ(
      said[2],
      "camera 4: the pose that came with it explains 0 of 35 right matches; the threshold may "
      "be too small");
  EXPECT_EQ(facts(problem),
            (std::vector<std::string>{
                "camera 4: 45 matches are of 40 points; of those of one point that are more than "
                "twice the threshold apart one at most is an inlier",
                "camera 4: the pose that came with it explains 0 of 45 correspondences; 45 points "
                "are behind its camera"}));
}

TEST(InputCheck, ChanceOfPairsIsThatOfRandomDirections) {
  // Pairs of wrong matches: directions of points are anywhere.
  const auto problem = problem_of(scattered(60), 0.01);
  Draws draws(96);
  std::int64_t passed = 0;
  std::int64_t tried = 0;
  const auto& all = problem.correspondences;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double half = angle_between(all[i].bearing, all[j].bearing) / 2;
      if (half <= 0.01) {
        passed += 1000;
        tried += 1000;
        continue;
      }
      const double tilt = std::sin(0.01) / std::sin(half);
      const auto n = normalised(cross(all[i].bearing, all[j].bearing));
      const auto m = normalised(all[i].bearing - all[j].bearing);
      for (int k = 0; k < 1000; ++k, ++tried) {
        const auto v = draws.direction();
        const bool is_wedge = std::sqrt(1 - tilt * tilt) * std::abs(dot(n, v)) <= tilt * dot(m, v);
        const bool is_sector = angle_between(v, m) <= pi / 2 - half + 0.01;
        passed += is_wedge && is_sector ? 1 : 0;
      }
    }
  }
  const double share = static_cast<double>(passed) / static_cast<double>(tried);
  // Five standard errors, a false alarm in 10^6, and what sectors are not bands.
  const double chance = chance_of_pairs(problem);
  EXPECT_NEAR(share, chance, 5 * std::sqrt(chance / static_cast<double>(tried)) + 0.01 * chance);
}

}  // namespace
