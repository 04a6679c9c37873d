// SPDX-License-Identifier: BSD-3-Clause
// Claims: drawn problems have the shares of wrong matches and the presets that decks name; right
// matches are within their threshold of the truth; each is a pure function of seed and number.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pose/input/check.hpp"
#include "unit/pose/input_support.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::pose;
using pose::testing::error_of;
using pose::testing::problems_of;

constexpr const char* presets[] = {"std", "wide", "posebench", "planar", "structured", "dup"};

std::string keys(const std::string& preset, const std::string& more = "") {
  return "kind = \"synthetic\"\npreset = \"" + preset + "\"\n" + more;
}

TEST(InputSynthetic, RightMatchesAreWithinTheThreshold) {
  for (const char* preset : presets) {
    for (const char* threshold : {"", "threshold = { pixels = 4.2426406871192852 }\n"}) {
      const auto all = problems_of(keys(preset, fmt::format("problems = 5\n{}", threshold)));
      ASSERT_EQ(all.size(), 5U);
      for (const PoseProblem& problem : all) {
        const bool has_three = std::string(preset) == "dup";
        const std::size_t n = problem.correspondences.size();
        EXPECT_EQ(n, has_three ? 1500U : 500U) << preset;
        ASSERT_EQ(problem.is_right.size(), n);
        EXPECT_EQ(std::count(problem.is_right.begin(), problem.is_right.end(), 1), 250) << preset;
        for (std::size_t i = 0; i < n; ++i) {
          if (problem.is_right[i] == 1) {
            EXPECT_TRUE(is_inlier(*problem.truth, problem.correspondences[i])) << preset << i;
          }
          const auto& f = problem.correspondences[i].bearing;
          EXPECT_NEAR(problem.focal * f[0] / f[2], problem.pixel[i][0], 1e-10);
          EXPECT_NEAR(problem.focal * f[1] / f[2], problem.pixel[i][1], 1e-10);
        }
        EXPECT_EQ(problem.point[n - 1], 499);
        EXPECT_EQ(flat_of(problem), std::string(preset) == "planar" ? Flat::plane : Flat::space);
      }
    }
  }
}

TEST(InputSynthetic, WrongMatchesAreAnywhere) {
  // An inlier by chance has probability near (2 eps)^2 pi / (field of view): 250 x 56 / 307200.
  const auto all = problems_of(keys("std", "problems = 40\n"));
  double chance = 0;
  for (const PoseProblem& problem : all) {
    chance += inliers(*problem.truth, problem.correspondences) - 250;
  }
  const double expected = 40 * 250 * 3.14159 * 18 / (640.0 * 480);
  // Poisson, five standard deviations: a false alarm in 10^6.
  EXPECT_NEAR(chance, expected, 5 * std::sqrt(expected) + 1);
}

TEST(InputSynthetic, StructuredOnesAgreeOnASecondPose) {
  const auto problem = problems_of(keys("structured", "outliers = 0.7\n"))[0];
  EXPECT_EQ(std::count(problem.is_right.begin(), problem.is_right.end(), 1), 150);
  ASSERT_TRUE(problem.second);
  int agree = 0;
  for (std::size_t i = 0; i < problem.correspondences.size(); ++i) {
    agree += problem.is_right[i] == 0 && is_inlier(*problem.second, problem.correspondences[i]);
  }
  EXPECT_GE(agree, 100);  // 60 : 40
  EXPECT_LE(agree, 105);
}

TEST(InputSynthetic, OfCandidatesOneAtMostIsRight) {
  const auto problem = problems_of(keys("dup", "points = 90\noutliers = 0.3\ncandidates = 4\n"))[0];
  ASSERT_EQ(problem.correspondences.size(), 360U);
  int places[4] = {};
  for (std::size_t i = 0; i < 360; i += 4) {
    int right = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      EXPECT_EQ(problem.point[i + j], static_cast<std::int64_t>(i / 4));
      EXPECT_EQ(norm(problem.correspondences[i + j].point - problem.correspondences[i].point), 0);
      right += problem.is_right[i + j];
      places[j] += problem.is_right[i + j];
    }
    EXPECT_LE(right, 1);
  }
  // 63 in four places, each within five standard deviations of 15.75.
  for (const int count : places) EXPECT_NEAR(count, 15.75, 5 * std::sqrt(63 * 0.25 * 0.75));
}

TEST(InputSynthetic, ProblemsAreTheSameHoweverManyThereAre) {
  const auto few = problems_of(keys("std", "problems = 2\npoints = 50\n"));
  const auto many = problems_of(keys("std", "problems = 4\npoints = 50\n"));
  const auto other = problems_of(keys("std", "problems = 2\npoints = 50\nseed = 2\n"));
  const auto same = [](const PoseProblem& a, const PoseProblem& b) {
    return std::equal(a.correspondences.begin(), a.correspondences.end(), b.correspondences.begin(),
                      [](const Correspondence& c, const Correspondence& d) {
                        return std::equal(c.point.data, c.point.data + 3, d.point.data) &&
                               std::equal(c.bearing.data, c.bearing.data + 3, d.bearing.data);
                      });
  };
  EXPECT_TRUE(same(few[0], many[0]));
  EXPECT_TRUE(same(few[1], many[1]));
  EXPECT_FALSE(same(few[0], few[1]));
  EXPECT_FALSE(same(few[0], other[0]));
  EXPECT_EQ(many[3].name, "problem 3");
}

TEST(InputSynthetic, KeysTakeThePlaceOfThePreset) {
  const auto problem = problems_of(
      keys("std",
           "points = 2000\noutliers = 0\nnoise = 0.5\nfocal = 400\nwidth = 200\nheight = 100\n"
           "nearest = 1\nfarthest = 2\n"))[0];
  double low = 1e9;
  double high = 0;
  double square = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    const auto& c = problem.correspondences[i];
    const auto p = rotated(problem.truth->rotation, c.point - problem.truth->centre);
    low = std::min(low, p[2]);
    high = std::max(high, p[2]);
    square += std::pow(400 * p[0] / p[2] - problem.pixel[i][0], 2) / 2000;
    EXPECT_LE(std::abs(400 * p[0] / p[2]), 100 + 1e-9);
    EXPECT_LE(std::abs(400 * p[1] / p[2]), 50 + 1e-9);
  }
  EXPECT_GE(low, 1);
  EXPECT_LE(high, 2);
  EXPECT_LT(low, 1.01);
  EXPECT_GT(high, 1.99);
  // Cut off at three its variance is 0.99; five standard errors of a variance of 2000.
  EXPECT_NEAR(square, 0.25 * 0.99, 5 * 0.25 * std::sqrt(2.0 / 2000));
  EXPECT_EQ(problem.focal, 400);
  EXPECT_EQ((*problem.size)[0], 200);
}

TEST(InputSynthetic, MistakesInDecks) {
  const std::string at = "deck.toml:";
  EXPECT_EQ(
      error_of("kind = \"sinthetic\"\n"),
      at + "2:8: error: 'correspondences.kind' cannot be \"sinthetic\" (one of \"synthetic\", "
           "\"bal\", \"bundler\", \"colmap\", \"text\", \"hdf5\"); did you mean \"synthetic\"?");
  EXPECT_EQ(error_of(keys("standard")),
            at + "3:10: error: 'correspondences.preset' cannot be \"standard\" (one of \"std\", "
                 "\"wide\", \"posebench\", \"planar\", \"structured\", \"dup\"); see --help-deck");
  EXPECT_EQ(error_of("kind = \"synthetic\"\nfile = \"a\"\n"),
            at +
                "3:1: error: unknown key 'correspondences.file' ([correspondences] has: kind, "
                "preset, problems, points, outliers, noise, focal, width, height, nearest, "
                "farthest, candidates, threshold, seed); it belongs in [correspondences] with kind "
                "= \"bal\"");
  EXPECT_EQ(error_of("kind = \"bal\"\nthreshold = { pixels = 4 }\n"),
            at + "1:1: error: 'correspondences.file' is missing (text, also compressed by gzip; "
                 "relative names start from the folder of the deck); add file = \"...\" in "
                 "[correspondences]");
  EXPECT_EQ(error_of("kind = \"bal\"\nfile = \"a.txt\"\n"),
            at + "1:1: error: 'correspondences.threshold' is missing (nothing says how far off an "
                 "inlier may be); add threshold = { pixels = 4.0 } or { radians = 0.01 }");
  EXPECT_EQ(error_of(keys("std", "threshold = {}\n")),
            at + "4:13: error: 'correspondences.threshold' is empty; give threshold = { pixels = "
                 "4.0 } or { radians = 0.01 }");
  EXPECT_EQ(error_of(keys("std", "threshold = { pixels = 1, radians = 0.1 }\n")),
            at + "4:37: error: 'correspondences.threshold' has both 'pixels' and 'radians'; remove "
                 "one of them");
  EXPECT_EQ(error_of(keys("std", "threshold = { pixels = 0 }\n")),
            at + "4:24: error: 'correspondences.threshold.pixels' must be > 0 (found 0); choose a "
                 "larger value");
  EXPECT_EQ(error_of(keys("std", "threshold = { pixels = nan }\n")),
            at + "4:24: error: 'correspondences.threshold.pixels' must be a number (found nan); "
                 "write pixels = 1.0");
  EXPECT_EQ(error_of(keys("std", "noise = 0\n")),
            at + "1:1: error: 'correspondences.threshold' is missing (nothing says how far off an "
                 "inlier may be); add threshold = { pixels = 4.0 } or { radians = 0.01 }");
  EXPECT_EQ(error_of(keys("std", "threshold = { pixels = 900 }\n")),
            at + "3:10: error: problem 0: all 500 correspondences are inliers of a camera that is "
                 "far away (all sight lines are within the threshold of one direction); give a "
                 "smaller threshold");
  EXPECT_EQ(error_of(keys("std", "nearest = 9\n")),
            at + "3:10: error: depths are not positive and in order");
  EXPECT_EQ(error_of(keys("planar", "focal = 100\n")),
            at + "3:10: error: the plane is not in front of all of the image; make the image "
                 "narrower or the focal length longer");
  EXPECT_EQ(
      error_of(keys("std", "points = 3\n")),
      at +
          "4:10: error: 'correspondences.points' must be from 4 to 10000000 (found 3); the nearest "
          "allowed value is 4");
}

TEST(InputSynthetic, TheEffectiveDeckSaysTheSame) {
  const auto text = "format = 1\n[correspondences]\n" + keys("dup", "points = 20\nseed = 9\n");
  pose::testing::Deck first;
  static_cast<void>(deck::load(first, {"a.toml", text}));
  const std::string effective = deck::effective(first);
  pose::testing::Deck second;
  static_cast<void>(deck::load(second, {"b.toml", effective}));
  EXPECT_EQ(deck::effective(second), effective);
  const auto a = read_problems(first.correspondences, ".");
  const auto b = read_problems(second.correspondences, ".");
  ASSERT_EQ(a[0].correspondences.size(), 60U);
  EXPECT_EQ(a[0].pixel, b[0].pixel);
}

}  // namespace
