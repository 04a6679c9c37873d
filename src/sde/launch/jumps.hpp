// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <vector>

#include "formula/uploaded_program.hpp"
#include "sde/jumps.hpp"
#include "sde/parameters.hpp"
#include "sde/propagator.hpp"

namespace driftwood::sde {

/// What there is to know of the paths of a propagator.
struct PathData {
  int components;
  std::int64_t columns;  ///< of the largest wave, padded
  DrawnParameters parameters;
  States<double> drawn;  ///< values of these, a row each
};

/// The jumps of a plan in memory that kernels can read, and what paths remember of them.
class UploadedJumps {
 public:
  UploadedJumps() = default;  ///< of no jumps
  /// Of no jumps where the plan is null.
  UploadedJumps(const std::shared_ptr<const JumpPlan>& plan, const PathData& paths);

  /// The paths of a wave have not jumped yet.
  void start(const PathRange& paths);

  [[nodiscard]] const Jumps& jumps() const { return jumps_; }
  /// Copies how often paths jumped to the rows of `to` from `first` on, a kind each.
  void read(const Channels& to, std::int64_t first) const;
  /// What the paths in the first `columns` remember.
  void save(stats::ByteWriter& out, std::int64_t columns) const;
  void restore(stats::ByteReader& in, std::int64_t columns) const;
  /// As `Propagator::rates_above_bounds`.
  [[nodiscard]] std::vector<double> above_bounds() const;

 private:
  std::vector<formula::UploadedProgram> programs_;  ///< two of each kind
  Jumps jumps_;
  std::int64_t columns_ = 0;  ///< of the wave, padded
};

}  // namespace driftwood::sde
