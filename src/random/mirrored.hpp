// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "random/bridge.hpp"

namespace driftwood::random {

/// A path run backwards, R(s, t) = B(-t, -s), as solvers that step backwards in time ask for it:
/// their times are the path's, negated. A view: the path must outlive it.
///
/// Increments are those of the path. Seen from its other end, a path is below the straight line
/// between both ends by as much as it was above it: areas change their sign.
template <class Path>
class Mirrored {
 public:
  explicit Mirrored(Path& path) : path_(&path) {}

  /// As `Path::over`, with its errors.
  template <class Time>
  [[nodiscard]] Segment<double> over(Time s, Time t) const {
    const Segment<double> forward = path_->over(-t, -s);
    return {forward.w, -forward.h};
  }

 private:
  Path* path_;
};

}  // namespace driftwood::random
