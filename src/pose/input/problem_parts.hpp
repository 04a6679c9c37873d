// SPDX-License-Identifier: BSD-3-Clause
/// What problems are made of: each of what files or draws hold. All throw `UsageError`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "pose/input/match_list.hpp"
#include "pose/input/options.hpp"
#include "pose/input/problem_set.hpp"
#include "pose/input/reconstruction.hpp"
#include "pose/synthetic.hpp"

namespace driftwood::pose {

/// A camera of the deck's list that a file does not have.
class NoSuchCamera : public UsageError {
 public:
  NoSuchCamera(std::size_t entry, const std::string& problem, const std::string& why)
      : UsageError(problem, why), entry_(entry) {}
  [[nodiscard]] std::size_t entry() const noexcept { return entry_; }

 private:
  std::size_t entry_;
};

/// Of cameras by their numbers; none stands for all. A fraction of the observations of each is
/// exchanged.
[[nodiscard]] std::vector<PoseProblem> problems_of(
    const Reconstruction& from, const std::string& file,
    const std::vector<std::optional<std::int64_t>>& cameras,
    const std::optional<ThresholdOptions>& threshold, double outliers, std::uint64_t seed);

/// The threshold given takes the place of the file's.
[[nodiscard]] PoseProblem problem_of(MatchList from, const std::string& file,
                                     const std::optional<ThresholdOptions>& threshold);

[[nodiscard]] PoseProblem problem_of(const SyntheticProblem& from, const SyntheticOptions& options,
                                     std::uint64_t number);

/// The angle of each correspondence, that of a distance in pixels by where it was seen.
void set_thresholds(PoseProblem& problem, const ThresholdOptions& threshold);

/// Gives a fraction of the points, rounded to a whole number other than 1, each the observation of
/// another one of them; a pure function of the seed and the number of the camera.
void exchange(PoseProblem& problem, double fraction, std::uint64_t seed, std::uint64_t number);

}  // namespace driftwood::pose
