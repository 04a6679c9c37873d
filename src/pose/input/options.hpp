// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace driftwood::deck {
class Schema;
class Source;
}  // namespace driftwood::deck

namespace driftwood::pose {

struct PoseProblem;

/// The deck's table `[correspondences.threshold]`: one of both.
struct ThresholdOptions {
  std::optional<double> pixels;   ///< distance in an image without distortion
  std::optional<double> radians;  ///< angle between sight lines

  void describe(deck::Schema& s);
};

/// What a source of correspondences is told beside its own keys.
struct CorrespondenceRequest {
  std::string folder;  ///< from which relative names start
  std::optional<ThresholdOptions> threshold;
  std::uint64_t seed;
};

/// Where correspondences come from.
class CorrespondenceSource {
 public:
  virtual ~CorrespondenceSource() = default;

  virtual void describe(deck::Schema& s) = 0;
  /// The key, of those described, that errors of what was read belong to.
  [[nodiscard]] virtual std::string key() const = 0;
  /// Whether thresholds may be left to the source.
  [[nodiscard]] virtual bool has_thresholds() const { return false; }
  /// Throws `UsageError` as `read_problems`.
  [[nodiscard]] virtual std::vector<PoseProblem> read(
      const CorrespondenceRequest& request) const = 0;
};

/// The deck's table `[correspondences]`.
struct CorrespondenceOptions {
  std::shared_ptr<CorrespondenceSource> source;
  std::optional<ThresholdOptions> threshold;
  std::uint64_t seed = 1;

  void describe(deck::Schema& s);
  /// Reads all that the table names. Throws `UsageError` at the key that is to blame.
  void validate(const deck::Source& deck) const;
};

}  // namespace driftwood::pose
