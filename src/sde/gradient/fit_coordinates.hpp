// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace driftwood::sde {

/// An interval that a parameter lies inside of; infinite where it is open-ended.
struct ParameterRange {
  double low;
  double high;
};

/// A coordinate on the whole line for a parameter inside a range:
///
///     no limit      parameter = scale u, the scale being |start|, or 1 for a start at 0
///     one limit     parameter = low + exp(u), or high - exp(u)
///     both          parameter = low + (high - low) / (1 + exp(-u))
class FitCoordinate {
 public:
  /// Throws `Error` for a start that is not inside the range.
  FitCoordinate(std::string name, double start, const ParameterRange& range);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] double start() const noexcept { return start_; }

  [[nodiscard]] double parameter(double u) const;
  [[nodiscard]] double coordinate(double parameter) const;
  /// Derivative of the parameter by the coordinate.
  [[nodiscard]] double slope(double u) const;

 private:
  std::string name_;
  double start_;
  ParameterRange range_;
  double scale_;
};

using FitCoordinates = std::vector<FitCoordinate>;

[[nodiscard]] std::vector<double> parameters_at(const FitCoordinates& coordinates,
                                                const std::vector<double>& u);

}  // namespace driftwood::sde
