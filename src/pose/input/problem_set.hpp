// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pose/geometry/residual.hpp"

namespace driftwood::pose {

struct CorrespondenceOptions;

/// The correspondences of one camera, and what is known of them. Lists have an entry for each
/// correspondence, or none where nothing is known.
struct PoseProblem {
  std::string name;  ///< "camera 12", "image 3", "problem 0", or the name of the file
  std::vector<Correspondence> correspondences{};
  std::vector<std::int64_t> point{};  ///< number of the point in the file
  /// Where it was seen [pixel]: to the right and downwards of where the axis of the camera meets
  /// the image, with the distortion that the lens has.
  std::vector<std::array<double, 2>> pixel{};
  double focal = 0;                             ///< [pixel]; 0: not known
  std::optional<std::array<double, 2>> size{};  ///< width and height of the image [pixel]
  std::optional<std::array<double, 2>> axis{};  ///< where the axis meets the image, from the upper
                                                ///< left corner [pixel]
  std::optional<Pose<double>> truth{};          ///< that of the file, or that was drawn
  bool is_estimate = false;      ///< whether `truth` is what somebody found from these observations
  std::vector<char> is_right{};  ///< whether the match is the file's own, or drawn
                                 ///< around the truth
  std::optional<Pose<double>> second{};  ///< that structured wrong matches agree on
  std::int64_t left_out = 0;  ///< observations whose sight lines distortion leaves undetermined
};

/// What the deck's table `[correspondences]` names, checked by `check_problem`; names of files
/// start from the folder of the deck. A pure function of the options and the files. Throws
/// `UsageError` "FILE:LINE: PROBLEM (WHY); SUGGESTION" for files that hold no such problems.
[[nodiscard]] std::vector<PoseProblem> read_problems(const CorrespondenceOptions& options,
                                                     const std::string& folder_of_deck);

}  // namespace driftwood::pose
