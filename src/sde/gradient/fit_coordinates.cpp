// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/fit_coordinates.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/error.hpp"

namespace driftwood::sde {
namespace {

/// 1 / (1 + exp(-u)), whatever the sign of a large u.
double logistic(double u) {
  if (u >= 0) return 1 / (1 + std::exp(-u));
  const double e = std::exp(u);
  return e / (1 + e);
}

}  // namespace

FitCoordinate::FitCoordinate(std::string name, double start, const ParameterRange& range)
    : name_(std::move(name)),
      start_(start),
      range_(range),
      scale_(start == 0 ? 1 : std::abs(start)) {
  if (start > range.low && start < range.high) return;
  throw Error(fmt::format("the fit of '{}' cannot start at {}", name_, start),
              fmt::format("it is to stay between {} and {}", range.low, range.high),
              "start inside, off the edge");
}

double FitCoordinate::parameter(double u) const {
  const bool below = std::isfinite(range_.low);
  const bool above = std::isfinite(range_.high);
  if (below && above) return range_.low + (range_.high - range_.low) * logistic(u);
  if (below) return range_.low + std::exp(u);
  return above ? range_.high - std::exp(u) : scale_ * u;
}

double FitCoordinate::coordinate(double parameter) const {
  const bool below = std::isfinite(range_.low);
  const bool above = std::isfinite(range_.high);
  if (below && above) return std::log((parameter - range_.low) / (range_.high - parameter));
  if (below) return std::log(parameter - range_.low);
  return above ? std::log(range_.high - parameter) : parameter / scale_;
}

double FitCoordinate::slope(double u) const {
  const bool below = std::isfinite(range_.low);
  const bool above = std::isfinite(range_.high);
  if (below && above) return (range_.high - range_.low) * logistic(u) * logistic(-u);
  if (below) return std::exp(u);
  return above ? -std::exp(u) : scale_;
}

std::vector<double> parameters_at(const FitCoordinates& coordinates, const std::vector<double>& u) {
  std::vector<double> out;
  out.reserve(u.size());
  for (std::size_t i = 0; i < u.size(); ++i) out.push_back(coordinates[i].parameter(u[i]));
  return out;
}

}  // namespace driftwood::sde
